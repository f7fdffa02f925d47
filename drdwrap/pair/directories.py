"""`layout: directories`: the configuration names the two roots."""

import os
import stat
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from drdwrap.checks import Check, unanswered
from drdwrap.config.model import Config
from drdwrap.errors import in_words, remedy_for
from drdwrap.linux.mountinfo import Mount, is_mount_point, mount_of, mounts, place
from drdwrap.linux.real_path import real_path
from drdwrap.pair.identity import identity
from drdwrap.pair.pair import Pair
from drdwrap.pair.volume_checks import exact_times, sound, writable
from drdwrap.paths.arithmetic import absolute, is_below
from drdwrap.paths.escaping import for_screen


def find_pair(config: Config) -> tuple[Pair | None, list[Check]]:
    """The pair that the configuration names, and every check. None if a check failed."""
    booted = real_path(config.booted.root)
    clone = real_path(config.clone.root)
    names = {name.strip(b"/") for name in config.booted.volumes}
    volumes = tuple(sorted(names | {b""}, key=lambda name: (name.count(b"/"), name)))
    table = mounts()
    checks = [_directory("booted root", booted), _directory("clone root", clone)]
    if not all(check.ok for check in checks):
        return None, checks
    checks.append(_apart(booted, clone, table))
    checks.append(_mounted_clone(clone, table, config.clone.require_mount))
    for volume in volumes[1:]:
        checks.append(_volume("booted", absolute(booted, volume), table))
        if config.clone.require_mount:
            checks.append(_volume("clone", absolute(clone, volume), table))
    for volume in volumes:
        checks.append(sound(absolute(booted, volume), table))
        checks.append(writable(absolute(clone, volume), table))
        checks.append(exact_times(absolute(booted, volume), absolute(clone, volume), table))
    if not all(check.ok for check in checks):
        return None, checks
    plain = frozenset(v for v in volumes[1:] if not is_mount_point(absolute(clone, v), table))
    try:
        identities = _identity(booted, volumes, table), _identity(clone, volumes, table)
    except OSError as error:
        return None, [*checks, unanswered("both sides can be told from others", error)]
    return Pair(booted, clone, volumes, *identities, plain), checks


def present(_: Config) -> AbstractContextManager[Sequence[Check]]:
    """Nothing to do: the administrator mounts the two trees."""
    return nullcontext(())


def booted_from_clone(_: Config) -> bool:
    """False: this layout does not know where the two trees come from."""
    return False


def describe(config: Config) -> tuple[dict[str, Any], list[Check]]:
    """See `layout.Layout`."""
    sides = {"booted": _side(config.booted.root), "clone": _side(config.clone.root)}
    return sides, find_pair(config)[1]


def _side(root: bytes) -> dict[str, Any]:
    path = real_path(root)
    table = mounts()
    mounted = is_mount_point(path, table)
    device = for_screen(mount_of(path, table).source) if os.path.isdir(path) else None
    return {"root": for_screen(root), "device": device, "mounted": mounted}


def _directory(name: str, path: bytes) -> Check:
    name, remedy = f"{name} is a directory", "mount it, or correct the configuration"
    try:
        is_directory = stat.S_ISDIR(os.stat(path).st_mode)
    except OSError as error:
        return Check(name, False, in_words(error), remedy_for(error) or remedy)
    return Check(name, is_directory, for_screen(path), remedy)


def _apart(booted: bytes, clone: bytes, table: list[Mount]) -> Check:
    """Whether neither tree lies in the other, seen through bind mounts."""
    booted_device, booted_inside = place(booted, table)
    clone_device, clone_inside = place(clone, table)
    here, there = booted_inside.strip(b"/"), clone_inside.strip(b"/")
    nested = booted_device == clone_device and (is_below(here, there) or is_below(there, here))
    # A clone below the running system's own root is normal: as a mount point it is not entered from
    # there. Below any other tree it is a mistake.
    here, there = booted.strip(b"/"), clone.strip(b"/")
    nested = nested or not there or is_below(here, there) or bool(here and is_below(there, here))
    return Check(
        "booted tree and clone are apart",
        not nested,
        f"{for_screen(booted)} and {for_screen(clone)}",
        "the clone must be a file system of its own, outside the booted tree",
    )


def _mounted_clone(clone: bytes, table: list[Mount], required: bool) -> Check:
    mounted = is_mount_point(clone, table)
    return Check(
        "clone root is a mount point",
        mounted or not required,
        for_screen(mount_of(clone, table).source) if mounted else "nothing is mounted there",
        f"mount the clone at {for_screen(clone)}; or, for a plain directory, set"
        " clone.require_mount to false",
    )


def _volume(side: str, path: bytes, table: list[Mount]) -> Check:
    return Check(
        f"{side} volume {for_screen(path)} is mounted",
        is_mount_point(path, table),
        "" if is_mount_point(path, table) else "nothing is mounted there",
        "mount it, or remove it from booted.volumes",
    )


def _identity(root: bytes, volumes: tuple[bytes, ...], table: list[Mount]) -> str:
    return " ".join(identity(absolute(root, volume), table) for volume in volumes)
