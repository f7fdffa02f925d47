"""The reasons to hold a path back, one file each. Their order is in `trim.decide`."""
