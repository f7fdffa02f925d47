"""`install` and `uninstall`: what runs drdwrap by itself, put into the system or a tree."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from drdwrap.config.model import Config
from drdwrap.errors import RefusedError
from drdwrap.install import activate, calendar, parts, schedule
from drdwrap.install.apply import Done, Tree
from drdwrap.install.parts import Part
from drdwrap.install.places import SYSTEMD, SYSV, Places, running_init
from drdwrap.install.program import Call
from drdwrap.process import search_path
from drdwrap.state import State


@dataclass(frozen=True)
class Request:
    """Where to, and whether over files that were edited. `root` is a packager's tree."""

    root: str = "/"
    force: bool = False

    @property
    def places(self) -> Places:
        return Places(Path(os.path.realpath(self.root)))

    def tree(self, config: Config) -> Tree:
        """RefusedError without the rights for it."""
        if self.places.is_running and os.geteuid() != 0:
            raise RefusedError("this changes the system", "run it as root")
        if not self.places.root.is_dir():
            raise RefusedError(f"{self.root} is no directory", "make it first")
        return Tree(self.places, os.fsdecode(State.of(config).installed))


def shutdown(config: Config, request: Request, call: Call, init: str | None) -> Done:
    """Install the sync at shutdown, for the init system `init`, for both, or what runs."""
    inits = request.places.inits(init)
    part = parts.shutdown(request.places, config, call, inits)
    done = _install(config, request, part, inits)
    if not request.places.is_running and SYSV in inits:
        done.notes.append(
            "For SysV init the package links the script: 'update-rc.d drdwrap defaults', or"
            " 'chkconfig --add drdwrap'."
        )
    return done


def cron(config: Config, request: Request, call: Call, when: str) -> Done:
    """Install the periodic sync by cron. RefusedError for a schedule that is none."""
    done = _install(config, request, parts.cron(config, call, schedule.parse(when).text))
    if request.places.is_running and not _any_of("cron", "crond"):
        done.notes.append("No cron is installed: nothing runs it until one is.")
    return done


def timer(config: Config, request: Request, call: Call, when: str) -> Done:
    """Install the periodic sync by a systemd timer. RefusedError for a time that is none."""
    if request.places.is_running and running_init() != SYSTEMD:
        raise RefusedError("systemd does not run here", "use 'drdwrap install cron'")
    part = parts.timer(request.places, config, call, calendar.checked(when))
    return _install(config, request, part)


def _install(config: Config, request: Request, part: Part, inits: Sequence[str] = ()) -> Done:
    tree = request.tree(config)
    done = tree.install(part, force=request.force)
    if request.places.is_running:
        activate.after_install(part.name, inits)
    return done


def uninstall(config: Config, request: Request, names: Sequence[str]) -> Done:
    """Remove these parts, those of them that are installed."""
    tree = request.tree(config)
    told = Done()
    for name in names:
        installed = tree.known().parts.get(name)
        if installed is None:
            continue
        if request.places.is_running:
            activate.before_uninstall(name, list(installed.files))
        done = tree.uninstall(name, force=request.force)
        if request.places.is_running:
            activate.after_uninstall(name)
        told.removed += done.removed
        told.kept += done.kept
    return told


def _any_of(*programs: str) -> bool:
    return any(shutil.which(program, path=search_path()) for program in programs)
