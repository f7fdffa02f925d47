"""Side-by-side measurement of drdwrap, rsync, find and cp over one pair of file systems."""
