"""What drdwrap last put on the clone, kept so that it survives a kill or a power cut."""
