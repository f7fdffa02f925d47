"""What can be said about a path without looking at a file: arithmetic, escaping, patterns."""
