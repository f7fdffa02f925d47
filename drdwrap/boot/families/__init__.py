"""What makes the clone boot by itself, one file for each family of distributions."""
