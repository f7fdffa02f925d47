"""Making the clone's disk: what is to be on it, whether it may be used, and the making itself."""
