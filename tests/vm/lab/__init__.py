"""Machines for the tests: plain QEMU, or Vagrant where it is installed."""
