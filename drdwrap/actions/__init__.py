"""What each command does, a file each: an action says what happens in order, and delegates."""
