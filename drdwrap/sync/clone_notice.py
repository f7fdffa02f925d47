"""What a machine says at a login if it is booted from the clone.

The text lies in the clone's own state directory, and the shutdown script shows it at boot. The
booted system has no such file.
"""

from drdwrap.linux import directories, durable
from drdwrap.record.state_directory import StateDirectory

MOTD = b"/run/motd.d/drdwrap-clone"
"""Where the shutdown script copies the text at boot: what every login shows, pam_motd(8)."""

TEXT = (
    "drdwrap: this machine is booted from the clone, and nothing is synchronized."
    " 'drdwrap reverse' keeps the other image in step with this one from now on;"
    " 'drdwrap activate' makes the next boot start the other image;"
    " 'drdwrap status' shows both.\n"
)


def leave(on_clone: StateDirectory) -> None:
    """Put the text on the clone, whose state directory this is. OSError."""
    directories.make(on_clone.directory)
    durable.write(on_clone.clone_notice, [TEXT.encode()])


def take_away(state: StateDirectory) -> None:
    """Remove it from an image that is no clone any more, and from the next logins. OSError."""
    durable.remove(state.clone_notice)
    durable.remove(MOTD)
