"""The files of each side: scanned with find, kept as lines, and for some a closer look."""
