"""Block devices as the machine's own tools report them: LVM, lsblk, and the kernel's sysfs."""
