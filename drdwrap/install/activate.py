"""Tell the running init system of what was installed, or is to be removed."""

import os
from collections.abc import Sequence

from drdwrap import process
from drdwrap.errors import DrdwrapError
from drdwrap.install.parts import SHUTDOWN, TIMER
from drdwrap.install.places import SYSTEMD, SYSV, UNIT, running_init
from drdwrap.install.places import TIMER as TIMER_UNIT

_NAME = "drdwrap"


def after_install(part: str, inits: Sequence[str]) -> None:
    """What was written takes effect. ProgramError; DrdwrapError where nothing can be told."""
    if part == SHUTDOWN and SYSV in inits:
        _link_run_levels()
    if running_init() != SYSTEMD or (part == SHUTDOWN and SYSTEMD not in inits):
        return
    _systemctl("daemon-reload")
    if part == SHUTDOWN:
        _systemctl("start", UNIT)  # or it would not be stopped at the next shutdown
    elif part == TIMER:
        _systemctl("restart", TIMER_UNIT)


def before_uninstall(part: str, files: Sequence[str]) -> None:
    """What is to be removed stops. `files` are the part's. ProgramError."""
    if running_init() == SYSTEMD:
        for unit in (UNIT, TIMER_UNIT):
            if any(os.path.basename(path) == unit for path in files):
                _systemctl("stop", unit)
    if part == SHUTDOWN and _has("chkconfig") and not _has("update-rc.d"):
        process.run("chkconfig", ["--del", _NAME], ok=range(256))


def after_uninstall(part: str) -> None:
    """What was removed is forgotten. ProgramError."""
    if part == SHUTDOWN and _has("update-rc.d"):
        process.run("update-rc.d", ["-f", _NAME, "remove"])
    if running_init() == SYSTEMD:
        _systemctl("daemon-reload")


def _link_run_levels() -> None:
    if _has("update-rc.d"):
        process.run("update-rc.d", [_NAME, "defaults"])
    elif _has("chkconfig"):
        process.run("chkconfig", ["--add", _NAME])
    elif running_init() == SYSV:
        raise DrdwrapError(
            "neither update-rc.d nor chkconfig is here to link the script into run levels 0 and 6",
            "link /etc/init.d/drdwrap there yourself: after services have stopped, before file"
            " systems and LVM go",
        )


def _systemctl(*words: str) -> None:
    process.run("systemctl", ["--quiet", *words])


def _has(name: str) -> bool:
    try:
        process.find_program(name)
    except DrdwrapError:
        return False
    return True
