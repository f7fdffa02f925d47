"""What differs between the two sides, and who changed it: pure but for the closer look."""
