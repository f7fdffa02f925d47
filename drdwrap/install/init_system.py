"""Tell the running init system what was installed, or what will be removed."""

import os
from collections.abc import Collection, Sequence

from drdwrap.errors import DrdwrapError
from drdwrap.install.parts import SHUTDOWN, TIMER
from drdwrap.install.places import RC_SCRIPT, SYSTEMD, SYSV, UNIT, running_init
from drdwrap.install.places import TIMER as TIMER_UNIT
from drdwrap.linux import process

_NAME = "drdwrap"
_NOT_LOADED = 5
"""systemctl's exit status if there is no such unit to stop."""


def after_install(part: str, inits: Sequence[str], removed: Sequence[str]) -> None:
    """Make the written files take effect, and forget those `removed` with them.

    ProgramError; DrdwrapError if the script cannot be linked into the run levels.
    """
    if part == SHUTDOWN and SYSV in inits:
        _link_run_levels()
    if RC_SCRIPT in removed:
        _unlink_run_levels()
    if running_init() != SYSTEMD:
        return
    _systemctl("daemon-reload")
    if part == SHUTDOWN and SYSTEMD in inits:
        _systemctl("start", UNIT)  # only a unit that is active is stopped at the next shutdown
    elif part == TIMER:
        _systemctl("restart", TIMER_UNIT)


def before_removal(part: str, files: Sequence[str]) -> None:
    """Stop what will be removed. `files` are the part's files that will go. ProgramError."""
    if running_init() == SYSTEMD:
        for unit in (UNIT, TIMER_UNIT):
            if any(os.path.basename(path) == unit for path in files):
                _systemctl("stop", unit, ok=(0, _NOT_LOADED))
    if RC_SCRIPT in files and _has("chkconfig") and not _has("update-rc.d"):
        process.run("chkconfig", ["--del", _NAME], ok=range(256))


def after_uninstall(removed: Sequence[str]) -> None:
    """Forget what was removed. ProgramError."""
    if RC_SCRIPT in removed:
        _unlink_run_levels()
    if running_init() == SYSTEMD:
        _systemctl("daemon-reload")


def _unlink_run_levels() -> None:
    if _has("update-rc.d"):
        process.run("update-rc.d", ["-f", _NAME, "remove"])


def _link_run_levels() -> None:
    if _has("update-rc.d"):
        process.run("update-rc.d", [_NAME, "defaults"])
    elif _has("chkconfig"):
        process.run("chkconfig", ["--add", _NAME])
    elif running_init() == SYSV:
        raise DrdwrapError(
            "neither update-rc.d nor chkconfig is installed, so the script is not linked into run"
            " levels 0 and 6",
            "link /etc/init.d/drdwrap there yourself: after services are stopped, before file"
            " systems are unmounted",
        )


def _systemctl(*words: str, ok: Collection[int] = (0,)) -> None:
    process.run("systemctl", ["--quiet", *words], ok=ok)


def _has(name: str) -> bool:
    try:
        process.find_program(name)
    except DrdwrapError:
        return False
    return True
