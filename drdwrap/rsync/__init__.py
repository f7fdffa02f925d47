"""Everything about rsync: what it is given, how it is run, what its end means."""
