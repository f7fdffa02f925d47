"""`install` and `uninstall`: what runs drdwrap by itself, put into the system or a tree."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from drdwrap.config.model import Config
from drdwrap.errors import RefusedError
from drdwrap.install import calendar, cron_schedule, init_system, notice, parts, reachable
from drdwrap.install.apply import Done, Tree
from drdwrap.install.parts import Part
from drdwrap.install.places import SYSTEMD, SYSV, Places, running_init
from drdwrap.install.program import Call
from drdwrap.linux.process import search_path


@dataclass(frozen=True)
class Request:
    """Where to, and whether over files that were edited. `root` is a packager's tree."""

    root: str = "/"
    force: bool = False

    @property
    def places(self) -> Places:
        return Places(Path(os.path.realpath(self.root)))

    def tree(self) -> Tree:
        """RefusedError without the rights for it."""
        if not self.root:
            raise RefusedError("--root names no directory", "name one, or leave it out")
        if self.places.is_running and os.geteuid() != 0:
            raise RefusedError("this changes the system", "run it as root")
        if not self.places.root.is_dir():
            raise RefusedError(f"{self.root} is no directory", "make it first")
        return Tree(self.places)


def shutdown(config: Config, request: Request, call: Call, init: str | None) -> Done:
    """Install the sync at shutdown, for the init system `init`, for both, or what runs."""
    inits = request.places.inits(init)
    part = parts.shutdown(request.places, config, call, inits)
    if request.places.is_running:
        reachable.at_shutdown([*call.program[:1], config.state_dir])
    done = _install(request, part, inits)
    if request.places.is_running and running_init() not in inits:
        done.notes.append(
            f"{running_init()} is the init system that runs, and is not served:"
            " --init both serves it too."
        )
    if not request.places.is_running and SYSV in inits:
        done.notes.append(
            "For SysV init the package links the script: 'update-rc.d drdwrap defaults', or"
            " 'chkconfig --add drdwrap'."
        )
    return done


def cron(config: Config, request: Request, call: Call, when: str) -> Done:
    """Install the periodic sync by cron. RefusedError for a schedule that is none."""
    done = _install(request, parts.cron(config, call, cron_schedule.parse(when).text))
    if request.places.is_running and not _any_of("cron", "crond"):
        done.notes.append("No cron is installed: nothing runs it until one is.")
    return done


def timer(config: Config, request: Request, call: Call, when: str) -> Done:
    """Install the periodic sync by a systemd timer. RefusedError for a time that is none."""
    if request.places.is_running and running_init() != SYSTEMD:
        raise RefusedError("systemd does not run here", "use 'drdwrap install cron'")
    part = parts.timer(request.places, config, call, calendar.checked(when))
    return _install(request, part)


def _install(request: Request, part: Part, inits: Sequence[str] = ()) -> Done:
    running = request.places.is_running
    before = init_system.before_removal if running else _nothing
    done = request.tree().install(part, force=request.force, before=before)
    if running:
        init_system.after_install(part.name, inits, done.removed)
    return done


def uninstall(request: Request, names: Sequence[str]) -> Done:
    """Remove these parts, those of them that are installed."""
    running = request.places.is_running
    before = init_system.before_removal if running else _nothing
    told = Done()
    for name, done in request.tree().uninstall(names, force=request.force, before=before):
        if running:
            init_system.after_uninstall(done.removed)
        if running and name == parts.SHUTDOWN:
            notice.hide()
        told.removed += done.removed
        told.kept += done.kept
    return told


def _nothing(_part: str, _files: Sequence[str]) -> None:
    """In a tree there is nothing to stop."""


def _any_of(*programs: str) -> bool:
    return any(shutil.which(program, path=search_path()) for program in programs)
