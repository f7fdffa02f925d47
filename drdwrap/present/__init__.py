"""What the commands print: results on stdout, for a person or as one JSON object.

A file for each command, named after it; `sync`, `preview` and `clone` share `run_result`.
"""
