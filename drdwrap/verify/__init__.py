"""Is the clone what the record says, and does it boot?"""
