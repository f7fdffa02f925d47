"""Mending: what names the booted system's disks on the clone is made to name the clone's own."""
