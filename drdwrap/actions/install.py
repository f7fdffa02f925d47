"""`install` and `uninstall`: make drdwrap run by itself, or stop that."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from drdwrap.config.model import Config
from drdwrap.errors import RefusedError
from drdwrap.install import cron_schedule, init_system, notice, parts, reachable, timer_schedule
from drdwrap.install.apply import Done, Installer
from drdwrap.install.parts import Part
from drdwrap.install.places import SYSTEMD, SYSV, Places, running_init
from drdwrap.install.program import Call
from drdwrap.linux.process import search_path
from drdwrap.paths.utf8 import encoded


@dataclass(frozen=True)
class InstallTarget:
    """The root directory to install into. `force`: overwrite or remove files that were edited."""

    root: str = "/"
    force: bool = False

    @property
    def places(self) -> Places:
        return Places(Path(os.path.realpath(self.root)))

    def installer(self) -> Installer:
        """What writes into it. RefusedError if it is no directory, or without the rights."""
        if not self.root:
            raise RefusedError("--root names no directory", "name one or leave it out")
        if self.places.is_running and os.geteuid() != 0:
            raise RefusedError("this changes the system", "run it as root")
        if not self.places.root.is_dir():
            raise RefusedError(f"{self.root} is not a directory", "make it first")
        return Installer(self.places)


def shutdown(config: Config, target: InstallTarget, call: Call, init: str | None) -> Done:
    """Install the sync at shutdown for `init` (systemd, sysv, both, or None for the default)."""
    inits = target.places.inits(init)
    part = parts.shutdown(target.places, config, call, inits)
    if target.places.is_running:
        reachable.at_shutdown([*map(encoded, call.program[:1]), config.state_dir])
    done = _install(target, part, inits)
    if target.places.is_running and running_init() not in inits:
        done.notes.append(
            f"The running init system is {running_init()}, and nothing was installed for it:"
            " --init both installs for both."
        )
    if not target.places.is_running and SYSV in inits:
        done.notes.append(
            "For SysV init the package has to link the script: 'update-rc.d drdwrap defaults' or"
            " 'chkconfig --add drdwrap'."
        )
    return done


def cron(config: Config, target: InstallTarget, call: Call, when: str) -> Done:
    """Install the periodic sync by cron. RefusedError for a wrong schedule."""
    done = _install(target, parts.cron(target.places, config, call, cron_schedule.parse(when).text))
    if target.places.is_running and not _any_of("cron", "crond"):
        done.notes.append("No cron is installed, so nothing runs the sync yet.")
    return done


def timer(config: Config, target: InstallTarget, call: Call, when: str) -> Done:
    """Install the periodic sync by a systemd timer. RefusedError for a wrong time."""
    if target.places.is_running and running_init() != SYSTEMD:
        raise RefusedError("systemd does not run here", "use 'drdwrap install cron'")
    part = parts.timer(target.places, config, call, timer_schedule.checked(when))
    return _install(target, part)


def _install(target: InstallTarget, part: Part, inits: Sequence[str] = ()) -> Done:
    running = target.places.is_running
    before = init_system.before_removal if running else _nothing
    done = target.installer().install(part, force=target.force, before=before)
    if running:
        init_system.after_install(part.name, inits, done.removed)
    return done


def uninstall(target: InstallTarget, names: Sequence[str]) -> Done:
    """Remove those of these parts that are installed."""
    running = target.places.is_running
    before = init_system.before_removal if running else _nothing
    told = Done()
    for name, done in target.installer().uninstall(names, force=target.force, before=before):
        if running:
            init_system.after_uninstall(done.removed)
        if running and name == parts.SHUTDOWN:
            notice.hide()
        told.removed += done.removed
        told.kept += done.kept
    return told


def _nothing(_part: str, _files: Sequence[str]) -> None:
    """Nothing runs in a packager's root directory."""


def _any_of(*programs: str) -> bool:
    return any(shutil.which(program, path=search_path()) for program in programs)
