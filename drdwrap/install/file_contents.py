"""Render the files to install from the templates in `shutdown/`."""

import shlex
import signal

from drdwrap import exit_status
from drdwrap.install import limits, quoting
from drdwrap.install.places import SETTINGS
from drdwrap.linux import process
from drdwrap.templates import environment


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
    grace: int = limits.GRACE,
    patience: int = limits.PATIENCE,
) -> bytes:
    """The shutdown script, which runs `command`. Only tests need other places and times (seconds).

    The script gives `command` the further options --time-limit, -p, -q and -v.
    """
    return _render(
        "script.j2",
        command=quoting.for_shell(command),
        state=shlex.quote(state_dir),
        run=shlex.quote(run),
        settings=[shlex.quote(name) for name in settings],
        path=shlex.quote(path),
        subsys_directory=shlex.quote(subsys),
        subsys=shlex.quote(f"{subsys}/drdwrap"),
        usual=limits.USUAL,
        longest=limits.LONGEST,
        grace=grace,
        patience=patience,
        keeping=limits.KEEPING,
        answer=limits.ANSWER,
        at_limit=exit_status.of_signal(signal.SIGALRM),
    )


def settings() -> bytes:
    """The settings file with its defaults."""
    return _render("settings.j2", usual=limits.USUAL, longest=limits.LONGEST)


def shutdown_unit(script_path: str, needed: list[str]) -> bytes:
    """The unit that calls the script. `needed` are paths that must be mounted for it."""
    return _render(
        "shutdown.service.j2",
        script=quoting.for_systemd([script_path]),
        needed=quoting.for_systemd_paths(needed),
        timeout=limits.UNIT,
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
