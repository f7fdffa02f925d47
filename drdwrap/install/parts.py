"""The parts that can be installed, each with its files and links. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass

from drdwrap.config.model import Config
from drdwrap.install import file_contents
from drdwrap.install import places as where
from drdwrap.install.places import SYSTEMD, SYSV, Places
from drdwrap.install.program import Call
from drdwrap.paths.utf8 import decoded
from drdwrap.record.state_directory import StateDirectory

SHUTDOWN, CRON, TIMER = PARTS = ("shutdown", "cron", "timer")


@dataclass(frozen=True)
class File:
    """A file to write. `settings`: the administrator may edit it."""

    path: str
    content: bytes
    mode: int = 0o644
    settings: bool = False


@dataclass(frozen=True)
class Part:
    """What is installed together. `links` are symbolic links: path and target."""

    name: str
    files: tuple[File, ...]
    links: tuple[tuple[str, str], ...] = ()


def shutdown(places: Places, config: Config, call: Call, inits: Sequence[str]) -> Part:
    """The script, its settings, and the unit under systemd.

    The links of SysV init are not among them: its own tools choose their numbers (`init_system`).
    """
    script = where.RC_SCRIPT if SYSV in inits else where.SCRIPT
    command = call.words("sync", "--occasion", "shutdown")
    settings = File(places.settings, file_contents.settings(), settings=True)
    state = decoded(StateDirectory.of(config).directory)
    files = [File(script, file_contents.script(command, state), 0o755), settings]
    links = []
    if SYSTEMD in inits:
        needed = [state, *call.program[:1]]
        unit = f"{places.units}/{where.UNIT}"
        files.append(File(unit, file_contents.shutdown_unit(script, needed)))
        links.append((f"{where.OWN_UNITS}/multi-user.target.wants/{where.UNIT}", unit))
    return Part(SHUTDOWN, (*files, *_rotation(places, config)), tuple(links))


def cron(places: Places, config: Config, call: Call, schedule: str) -> Part:
    """The file for cron. `schedule` has been checked."""
    content = file_contents.cron(schedule, _periodic(call))
    return Part(CRON, (File(where.CRON, content), *_rotation(places, config)))


def timer(places: Places, config: Config, call: Call, on_calendar: str) -> Part:
    """The timer and the unit that it starts. `on_calendar` has been checked."""
    unit = f"{places.units}/{where.TIMER}"
    return Part(
        TIMER,
        (
            File(unit, file_contents.timer(on_calendar)),
            File(
                f"{places.units}/{where.PERIODIC_UNIT}",
                file_contents.periodic_unit(_periodic(call)),
            ),
            *_rotation(places, config),
        ),
        ((f"{where.OWN_UNITS}/timers.target.wants/{where.TIMER}", unit),),
    )


def _periodic(call: Call) -> list[str]:
    return call.words("sync", "--occasion", "periodic", "--skip-if-running")


def _rotation(places: Places, config: Config) -> list[File]:
    """What keeps the log short. Every part has it, since every part makes the log grow."""
    log = decoded(config.log_file)
    path = None if log.startswith("/dev/") else places.rotation_of(log)
    return [File(path, file_contents.logrotate(log))] if path else []
