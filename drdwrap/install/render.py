"""Render what is installed from the templates in `shutdown/`."""

import shlex

from drdwrap.install import quoting
from drdwrap.install.places import SETTINGS
from drdwrap.linux import process
from drdwrap.rendering import environment

LONGEST, GRACE, PATIENCE = 1200, 30, 5
"""Seconds: the most that a sync at shutdown may take, what it then has to end cleanly, and what a
kill has to end it. Half an hour after it was asked, systemd forces the machine down."""


def _render(template: str, **values: object) -> bytes:
    text = environment("shutdown", lines=True).get_template(template).render(**values)
    return text.encode("utf-8", "surrogateescape")


def script(
    command: list[str],
    state_dir: str,
    *,
    run: str = "/run",
    settings: tuple[str, ...] = SETTINGS,
    path: str = process.PATH,
    subsys: str = "/var/lock/subsys",
    grace: int = GRACE,
    patience: int = PATIENCE,
) -> bytes:
    """The shutdown script, which runs `command`. The rest are places and times (seconds) in it."""
    return _render(
        "script.j2",
        command=quoting.for_shell(command),
        state=shlex.quote(state_dir),
        run=shlex.quote(run),
        settings=[shlex.quote(name) for name in settings],
        path=shlex.quote(path),
        subsys_directory=shlex.quote(subsys),
        subsys=shlex.quote(f"{subsys}/drdwrap"),
        longest=LONGEST,
        grace=grace,
        patience=patience,
    )


def settings() -> bytes:
    """The settings file with its defaults."""
    return _render("settings.j2", longest=LONGEST)


def shutdown_unit(script_path: str, needed: list[str]) -> bytes:
    """The unit that calls the script. `needed` are paths that have to be mounted for it."""
    return _render(
        "shutdown.service.j2",
        script=quoting.for_systemd([script_path]),
        needed=quoting.for_systemd_paths(needed),
        timeout=LONGEST + GRACE + PATIENCE + 60,
    )


def periodic_unit(command: list[str]) -> bytes:
    """The unit that the timer starts."""
    return _render("sync.service.j2", command=quoting.for_systemd(command), path=process.PATH)


def timer(on_calendar: str) -> bytes:
    """The timer."""
    return _render("sync.timer.j2", on_calendar=on_calendar)


def cron(schedule: str, command: list[str]) -> bytes:
    """The file for /etc/cron.d."""
    return _render(
        "cron.j2", schedule=schedule, command=quoting.for_cron(command), path=process.PATH
    )


def logrotate(log_file: str) -> bytes:
    """The file for /etc/logrotate.d."""
    return _render("logrotate.j2", log_file='"' + log_file.replace('"', '\\"') + '"')
