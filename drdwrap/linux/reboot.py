"""Reboot the machine in order."""

from drdwrap.linux import process


def reboot() -> None:
    """Ask init to reboot: shutdown(8) knows systemd and SysV init. ProgramError."""
    process.run("shutdown", ["-r", "now"], hold_lock=False)
