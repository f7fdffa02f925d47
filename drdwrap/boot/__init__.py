"""What makes a filled clone boot by itself.

`references` finds in a text what names the booted disks, and gives the clone's names for them;
`mend` puts these names into the clone's files, which `file_kinds` adapts to files that need more
than that; `grub_and_initramfs` builds the initramfs and installs GRUB; `leftovers` lists what still
names the booted disks.
"""
