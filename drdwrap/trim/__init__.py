"""Which of the paths that differ are copied, and which are held back. Each criterion is a file in
`criteria`; their order is in `decide`.

All of it is pure: what was seen on both sides goes in, one verdict for each path comes out.
"""
