"""References to disks and volume groups in a text, and the clone's names for them. Pure."""
