"""Which of the paths that differ are copied, and which are held back: one criterion a file.

All of it is pure: what was seen on both sides goes in, one verdict for each path comes out.
"""
