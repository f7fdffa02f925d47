"""The booted system and its clone: find both, check them, mount them. Each layout (a way to find
them) is one file: `lvm`, `directories`."""
