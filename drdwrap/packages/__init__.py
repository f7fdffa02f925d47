"""What package databases say of a tree: one file for each package manager, named in `sides.py`.

Databases are read as they stand in the root given. Nothing of that root is run.
"""
