"""The initramfs and GRUB on the clone, one module for each family of distributions."""
