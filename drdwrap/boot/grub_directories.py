"""Where GRUB keeps its files on an image (relative to its root)."""

DIRECTORIES = (b"boot/grub", b"boot/grub2")
"""Debian's and the RHEL family's."""

MENUS = tuple(directory + b"/grub.cfg" for directory in DIRECTORIES)
