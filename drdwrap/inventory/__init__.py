"""What is on each side: scan it with find, compare it with the record, look closer at some."""
