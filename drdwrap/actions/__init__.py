"""What each command does: an action says what happens, in order, and leaves the doing to others."""
