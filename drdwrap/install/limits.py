"""How long the sync at shutdown may take. All values are seconds.

`LIMIT` of the settings is between 1 and LONGEST, and USUAL if it is not set. drdwrap ends by itself
at the limit. Only what does not end then needs the other values: the script kills it GRACE after
the limit, and no longer waits for it after PATIENCE.
"""

USUAL = 300
"""Enough for a machine that is synced every day, and short enough for someone who waits."""

LONGEST = 1200
"""systemd forces the machine down half an hour after it was asked to."""

GRACE = 30
"""For drdwrap to end cleanly: rsync has 15 to end after SIGTERM, and the record is written."""

PATIENCE = 5
"""For the kernel to end processes that were killed. One that waits for a disk may never end."""

KEEPING = 15
"""To keep how the run ended, in a state directory that may no longer answer."""

ANSWER = 10
"""For systemd to say whether the machine goes down. It may not answer while it goes down."""

_MARGIN = 20

UNIT = 2 * ANSWER + LONGEST + GRACE + PATIENCE + KEEPING + PATIENCE + _MARGIN
"""For the script, all in all. Then systemd kills it."""
