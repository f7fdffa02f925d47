"""What is installed, whether it is enabled, how it last ended and when it runs next."""

import os
import re
import shlex
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from drdwrap.errors import DrdwrapError
from drdwrap.install import cron_schedule
from drdwrap.install import places as where
from drdwrap.install.places import SYSTEMD, SYSV, Places, running_init
from drdwrap.linux import clock, process, safe_file
from drdwrap.paths.utf8 import decoded
from drdwrap.record import shutdown_note
from drdwrap.record.results import Results
from drdwrap.record.state_directory import StateDirectory

_UNIT_DIRECTORIES = (where.OWN_UNITS, where.PACKAGED_UNITS, "/lib/systemd/system")
_RUN_LEVELS = ("/etc", "/etc/rc.d")
_LONGEST = 1 << 20


def shutdown(places: Places, state: StateDirectory) -> dict[str, Any]:
    """The sync at shutdown.

    Keys: `installed` (the init systems), `enabled` (whether the next shutdown syncs: it is
    installed for the running init system, it is not switched off, and there are no `problems`),
    `last_run` (`started`, `ended`, `result`, `message`; None before the first), `failed` (the last
    run failed, and no sync has succeeded since), `problems` (sentences).
    """
    linked = []
    unit = _unit(places, where.UNIT)
    if unit and _wanted(places, "multi-user.target", where.UNIT):
        linked.append(SYSTEMD)
    if places.inside(where.RC_SCRIPT).exists() and all(_links(places, level) for level in (0, 6)):
        linked.append(SYSV)
    script = next((p for p in map(places.inside, where.SCRIPTS) if p.exists()), None)
    problems = _problems(places, unit, script, state) if linked else []
    return {
        "installed": linked,
        "enabled": running_init() in linked and not problems and _is_on(places, script),
        "last_run": shutdown_note.read(state.shutdown)[0],
        "failed": os.path.exists(state.shutdown_failed),
        "problems": problems,
    }


def _problems(
    places: Places, unit: Path | None, script: Path | None, state: StateDirectory
) -> list[str]:
    """Why the next shutdown will not sync, and what to do."""
    found = []
    if unit and places.is_running and running_init() == SYSTEMD and not _is_active(where.UNIT):
        found.append(
            f"{where.UNIT} is not active, so the next shutdown does not stop it: run 'systemctl"
            f" start {where.UNIT}'"
        )
    if script is None:
        found.append("the shutdown script is gone: run 'drdwrap install shutdown'")
    elif not os.access(script, os.X_OK):
        found.append(f"{script} is not executable: run 'drdwrap install shutdown'")
    elif f"\nstate={shlex.quote(decoded(state.directory))}\n" not in _text(script):
        found.append(
            "the shutdown script was installed for another state_dir: run 'drdwrap install"
            " shutdown'"
        )
    return found


def _is_active(unit: str) -> bool:
    """Whether systemd says so. True if it does not answer."""
    return _property(unit, "ActiveState") in ("active", None)


def _property(unit: str, name: str) -> str | None:
    """A property of a unit, or None if systemd does not answer."""
    try:
        told = process.run("systemctl", ["show", unit, "--value", f"--property={name}"])
    except DrdwrapError:
        return None
    return told.stdout.decode("utf-8", "replace").strip()


def periodic(places: Places, results: Results) -> dict[str, Any]:
    """The periodic sync.

    Keys: `cron` and `timer` (when each runs, or None), `enabled`, `last_run` (as the state
    directory keeps it in `results`), `next_run` (a date, or None if it is not known).
    """
    cron, timer = _cron(places), _timer(places)
    ticking = timer is not None and _wanted(places, "timers.target", where.TIMER)
    runs = [_next_of_cron(cron)] if cron else []
    if ticking and places.is_running and running_init() == SYSTEMD:
        runs.append(_next_of_timer())
    return {
        "cron": cron,
        "timer": timer,
        "enabled": cron is not None or ticking,
        "last_run": results.get("periodic"),
        "next_run": min((run for run in runs if run), default=None),
    }


def _unit(places: Places, name: str) -> Path | None:
    """The unit's file that systemd uses, or None if there is none or it masks the unit."""
    paths = (places.inside(f"{directory}/{name}") for directory in _UNIT_DIRECTORIES)
    found = next((path for path in paths if os.path.lexists(path)), None)
    return None if found and os.path.realpath(found) == os.devnull else found


def _wanted(places: Places, target: str, name: str) -> bool:
    return any(
        places.inside(f"{directory}/{target}.wants/{name}").is_symlink()
        for directory in _UNIT_DIRECTORIES
    )


def _links(places: Places, level: int) -> list[Path]:
    """The links that stop the script in a run level."""
    return [
        link
        for directory in _RUN_LEVELS
        for link in places.inside(f"{directory}/rc{level}.d").glob("K[0-9][0-9]drdwrap")
    ]


def _is_on(places: Places, script: Path | None) -> bool:
    """Whether the settings switch the sync on. Only the script of the running system is asked."""
    if places.is_running and script is not None:
        switched_off = 3
        with suppress(DrdwrapError):
            return process.run(str(script), ["status"], ok=range(256)).status != switched_off
    text = "\n".join(_text(places.inside(name)) for name in where.SETTINGS)
    answers = re.findall(r"^\s*(?:export\s+)?ENABLED=[\"']?(\w*)", text, re.MULTILINE)
    return not answers or answers[-1].lower() not in ("no", "false", "off", "0")


def _cron(places: Places) -> str | None:
    found = re.search(
        r"^[ \t]*(@\w+|[^#\s]\S*(?:[ \t]+\S+){4})[ \t]+root\s",
        _text(places.inside(where.CRON)),
        re.MULTILINE,
    )
    return found[1] if found else None


def _timer(places: Places) -> str | None:
    unit = _unit(places, where.TIMER)
    found = re.search(r"^OnCalendar=(.*)$", _text(unit), re.MULTILINE) if unit else None
    return found[1] if found else None


def _next_of_cron(text: str) -> str | None:
    try:
        found = cron_schedule.parse(text).next_after(datetime.now())
    except DrdwrapError:
        return None
    return found.strftime(clock.DATE) if found else None


def _next_of_timer() -> str | None:
    said = (_property(where.TIMER, "NextElapseUSecRealtime") or "").split()
    return " ".join(said[1:3]) if len(said) >= 3 else None


def _text(path: Path) -> str:
    """The contents of a small file; empty if it cannot be read."""
    try:
        return decoded(safe_file.contents(os.fsencode(path), most=_LONGEST, follow=True))
    except OSError:
        return ""
