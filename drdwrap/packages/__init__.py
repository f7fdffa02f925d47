"""Which packages own a tree's files: one file for each package manager, listed in `sides.py`.

The databases are read in the root given. No program of that root is run.
"""
