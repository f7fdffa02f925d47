"""The machine as the kernel and its own tools show it: processes, mounts, devices, LVM, locks."""
