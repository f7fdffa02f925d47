"""The message that stands after a shutdown sync that failed, until a sync succeeds.

The shutdown script writes it, and at boot shows it (`shutdown/script.j2`).
"""

import os

from drdwrap.linux import durable
from drdwrap.record.state_directory import State

MOTD = b"/run/motd.d/drdwrap"
"""Where it is shown at a login: pam_motd(8)."""


def clear(state: State) -> None:
    """A sync has succeeded: the message is no longer true. OSError."""
    if os.path.exists(state.shutdown_failed):
        durable.remove(state.shutdown_failed)
        hide()


def hide() -> None:
    """It is no longer shown at a login. OSError."""
    durable.remove(MOTD)
