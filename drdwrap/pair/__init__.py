"""What is booted and where the clone is. A layout (a way to find both) is one file here."""
