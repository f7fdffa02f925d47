"""What differs between the two sides, and who changed it: pure except for the closer look."""
