"""Who competes, and with which command lines."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

DRDWRAP, RSYNC, FIND, CP = "drdwrap", "rsync", "find", "cp"
WITHOUT_PACKAGES = "packages: none"
NAMES = (DRDWRAP, RSYNC, FIND, CP)

RSYNC_OPTIONS = "-aAXHS"
# The same fields drdwrap needs: type mode uid gid size mtime ctime inode nlink path.
FIND_FORMAT = r"%y %m %U %G %s %T@ %C@ %i %n %P\0"
TWO_FINDS = f"""
look() {{ cd "$1" && exec find . -xdev -mindepth 1 -printf '{FIND_FORMAT}'; }}
look "$1" > "$3/booted.list" & first=$!
look "$2" > "$3/clone.list" & second=$!
wait $first && wait $second
"""


@dataclass(frozen=True)
class Place:
    """Where a bench has its things."""

    work_dir: Path

    @property
    def scratch(self) -> Path:
        """A tmpfs: the lists of find, the output of all."""
        return self.work_dir / "scratch"

    @property
    def booted(self) -> Path:
        """Mount point of the source of all."""
        return self.work_dir / "booted"

    @property
    def clone(self) -> Path:
        """Mount point of drdwrap's clone."""
        return self.work_dir / "clone"

    @property
    def plain(self) -> Path:
        """Mount point of the clone of rsync and cp.

        On its own clone, drdwrap would take their copies for changes of the administrator's.
        """
        return self.work_dir / "plain"

    @property
    def config(self) -> Path:
        """drdwrap's configuration."""
        return self.work_dir / "drdwrap.yaml"

    @property
    def state_dir(self) -> Path:
        """drdwrap's state."""
        return self.work_dir / "state"

    @property
    def log_file(self) -> Path:
        """drdwrap's log."""
        return self.work_dir / "drdwrap.log"


def write_config(place: Place) -> None:
    """drdwrap's configuration for the pair, for root's eyes alone."""
    settings = {
        "layout": "directories",
        "booted": {"root": str(place.booted)},
        "clone": {"root": str(place.clone), "require_mount": True},
        "packages": "none",
        "max_deletions": "100%",
        "state_dir": str(place.state_dir),
        "log_file": str(place.log_file),
    }
    place.config.touch(0o600)
    place.config.write_text(yaml.safe_dump(settings, sort_keys=False))


def looks(place: Place) -> dict[str, list[str]]:
    """What shows what a sync would do, by contender."""
    dry_run = ["rsync", RSYNC_OPTIONS, "-n", "--delete", *_from_to(place.booted, place.plain)]
    return {
        DRDWRAP: _drdwrap(place, "preview"),
        RSYNC: dry_run,
        FIND: two_finds(place, place.clone),
    }


def two_finds(place: Place, clone: Path) -> list[str]:
    """The floor: both sides listed at the same time."""
    return ["sh", "-c", TWO_FINDS, "sh", str(place.booted), str(clone), str(place.scratch)]


def syncs(place: Place) -> dict[str, list[str]]:
    """What brings a clone up to date, by contender."""
    return {
        DRDWRAP: _drdwrap(place, "sync"),
        RSYNC: ["rsync", RSYNC_OPTIONS, "--delete", *_from_to(place.booted, place.plain)],
    }


def fills(place: Place) -> dict[str, list[str]]:
    """What fills an empty clone, by contender."""
    return {
        DRDWRAP: _drdwrap(place, "clone", "--overwrite"),
        RSYNC: ["rsync", RSYNC_OPTIONS, *_from_to(place.booted, place.plain)],
        CP: ["cp", "-a", f"{place.booted}/.", f"{place.plain}/"],
    }


def packages(place: Place) -> dict[str, list[str]]:
    """What the package databases add to a preview."""
    return {
        DRDWRAP: _drdwrap(place, "preview", "-x", "packages=dpkg"),
        WITHOUT_PACKAGES: _drdwrap(place, "preview", "-x", "packages=none"),
    }


def differences(place: Place, clone: Path) -> list[str]:
    """Itemizes what differs after the work: the proof that a contender did it."""
    what = [RSYNC_OPTIONS, "-n", "-i", "--omit-dir-times", "--delete"]
    return ["rsync", *what, *_from_to(place.booted, clone)]


def _drdwrap(place: Place, *words: str) -> list[str]:
    return [sys.executable, "-m", "drdwrap", "--config", str(place.config), *words]


def _from_to(source: Path, target: Path) -> tuple[str, str]:
    return f"{source}/", f"{target}/"
