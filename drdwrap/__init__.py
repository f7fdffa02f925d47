"""drdwrap keeps an inactive, bootable clone of the booted root volume group in step."""

__version__ = "0.1.0"
