"""The clone's disk: made, and finished once it is filled.

`source` says what of the booted system goes on it, `disk_plan` how large and where; `preconditions`
has every reason against it, before anything is written; `make_disk` makes the disk, and `finish`
the filled clone ready to boot. `existing_disk` and `counterparts` tell which device of the clone
stands for which of the booted system.
"""
