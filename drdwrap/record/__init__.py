"""What drdwrap last put on the clone, kept so that it survives anything."""
