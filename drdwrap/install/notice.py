"""The message that a sync at shutdown failed. It stands until a sync succeeds.

The shutdown script writes it, and shows it at boot (`shutdown/script.j2`).
"""

import os

from drdwrap.linux import durable
from drdwrap.record.state_directory import StateDirectory

MOTD = b"/run/motd.d/drdwrap"
"""What every login shows: pam_motd(8)."""


def clear(state: StateDirectory) -> None:
    """Remove the message, since a sync has succeeded. OSError."""
    if os.path.exists(state.shutdown_failed):
        durable.remove(state.shutdown_failed)
        hide()


def hide() -> None:
    """Do not show the message at logins any longer. OSError."""
    durable.remove(MOTD)
