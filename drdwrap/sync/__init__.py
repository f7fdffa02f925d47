"""The copy: what it needs, what it may touch, what became of it, and how the clone is left."""
