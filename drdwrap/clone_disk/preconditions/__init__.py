"""What must hold before a clone is made or filled, checked before anything is written."""
