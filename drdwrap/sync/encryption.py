"""What stays out of a copy because its file system encrypts it (fscrypt), and why.

On the booted system it is readable while its key is there, and would arrive readable on the clone:
it is copied only if the administrator allows that (`Run.unencrypted`). Without its key it shows
other names and no error, as if all had been erased. So it also stays out if its key was missing
before or after it was read.

Nothing is copied into what is encrypted on the clone: the kernel moves nothing there from outside.
"""

from collections.abc import Iterable, Mapping

from drdwrap.inventory import encrypted
from drdwrap.inventory.scan import Inventory, scan
from drdwrap.linux import fscrypt
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.sync.begin import Run

Directories = Mapping[bytes, bool]
"""Encrypted directories (relative, the outermost), and whether each is locked."""

Reasons = dict[bytes, str]
"""By path (relative): why it, or what is below it, stays out; for a screen."""

_READABLE = "would be readable on the clone; exclude it, or allow that with --unencrypted"


def possible_on_booted(run: Run) -> bool:
    """Whether the booted system may hold anything encrypted."""
    return encrypted.can_be(run.trees.booted.root, run.pair.volumes)


def directories_on_booted(run: Run, booted: Inventory) -> Directories:
    """The booted system's encrypted directories."""
    return encrypted.directories(booted, run.trees.booted.root) if possible_on_booted(run) else {}


def with_keys(run: Run) -> frozenset[bytes]:
    """The booted directories that may be copied if their keys are still there afterwards."""
    if not run.unencrypted or not possible_on_booted(run):
        return frozenset()
    (booted,) = scan([run.trees.booted], run.excluded)
    found = directories_on_booted(run, booted)
    return frozenset(path for path, locked in found.items() if not locked)


def sealed_on_booted(
    run: Run, found: Directories, had_keys: frozenset[bytes] | None = None
) -> Reasons:
    """Those of these booted directories whose contents stay out. `had_keys`: as `with_keys` said
    before; None where nothing has been read yet."""
    out = {}
    for path, locked in found.items():
        name = f"/{for_screen(path)} on the booted system is encrypted"
        if run.locations.cover_transient(path):
            continue
        if not run.unencrypted:
            out[path] = f"{name}: what is below it {_READABLE}"
        elif locked or (had_keys is not None and path not in had_keys):
            out[path] = f"{name} and locked: nothing below it was compared"
    return out


def sealed_on_clone(run: Run, clone: Inventory) -> Reasons:
    """The clone's directories whose contents stay as they are."""
    root = run.trees.clone.root
    if not encrypted.can_be(root, run.pair.volumes):
        return {}
    return {
        path: f"/{for_screen(path)} on the clone is encrypted: nothing below it is compared"
        for path in encrypted.directories(clone, root)
    }


def single_files(run: Run, paths: Iterable[bytes], found: Directories) -> Reasons:
    """Those of these booted paths that stay out because they are encrypted themselves, outside the
    directories `found`: a file that is moved out of such a directory keeps its encryption."""
    if not possible_on_booted(run):
        return {}
    inside = tuple(path + b"/" if path else b"" for path in found)
    root, out = run.trees.booted.root, {}
    for path in encrypted.among((p for p in paths if not p.startswith(inside)), root):
        name = f"/{for_screen(path)} on the booted system is encrypted"
        if not run.unencrypted:
            out[path] = f"{name}: it {_READABLE}"
        elif fscrypt.is_locked(absolute(root, path)):
            out[path] = f"{name} and locked: it was not compared"
    return out
