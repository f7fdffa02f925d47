"""Move what lies in the staging directory to its place on the clone, one path at a time.

renameat2(2) does it so that no change of the administrator's is lost. Where there was nothing,
nothing may be there now (RENAME_NOREPLACE). Where there was something, the two change places
(RENAME_EXCHANGE), and what comes out is compared with what was there: if it is something else, they
change back.
"""

import errno
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress

from drdwrap.changes.candidate import Candidate
from drdwrap.errors import NO_ROOM
from drdwrap.inventory.entry import Entry, entry_at
from drdwrap.inventory.finder import Finder
from drdwrap.inventory.storage import EMPTY, Storage
from drdwrap.linux import deep_tree, directories, syscalls
from drdwrap.linux.syscalls import RENAME_EXCHANGE, RENAME_NOREPLACE
from drdwrap.paths.arithmetic import absolute, parent
from drdwrap.paths.escaping import for_screen
from drdwrap.record.intent import Move
from drdwrap.sync.ledger import PathState
from drdwrap.sync.staging import Staging, is_staging_directory, remove_tree

_CANNOT_EXCHANGE = (errno.EINVAL, errno.ENOSYS)
"""What a file system says that has no such rename."""

_BESIDE = b".drdwrap-kept"

CHANGED = PathState.CHANGED.value


def move_in(
    staging: Staging, path: bytes, replaced: Entry | None, below: Mapping[bytes, Candidate]
) -> str:
    """Move the new `path` to its place. Returns why it was not moved, or the empty string.

    `replaced` is what the clone has there, as it was right before, or None. `below` are the paths
    that go with it, if that is a directory and the new path is none. OSError.
    """
    new, place = staging.new(path), absolute(staging.trees.clone.root, path)
    if replaced is None:
        try:
            rename_new(new, place)
        except FileExistsError:
            return CHANGED
        return ""
    if not _exchange(new, place):
        os.replace(new, place)
        return ""
    out = staging.entry(path)
    if out is not None and is_same(out, replaced) and _is_all_there(staging, path, out, below):
        with suppress(OSError):  # the new one is in its place; the end of the run tries it again
            remove_tree(new)
        return ""
    _exchange(new, place)
    return CHANGED


def is_same(out: Entry, before: Entry) -> bool:
    """Whether what came out is what was there before. (The rename moves its change time.)"""
    return out.inode == before.inode and out.visible == before.visible


def rename_new(old: bytes, new: bytes) -> None:
    """Rename to where nothing is. FileExistsError; OSError.

    A directory that its owner must not write to can be moved to another one by root alone: it is
    made writable for that moment.
    """
    try:
        _no_replace(old, new)
    except PermissionError:
        mode = os.lstat(old).st_mode & 0o7777
        os.chmod(old, mode | 0o200)
        try:
            _no_replace(old, new)
        except OSError:
            os.chmod(old, mode)
            raise
        os.chmod(new, mode)


def _no_replace(old: bytes, new: bytes) -> None:
    try:
        syscalls.rename(old, new, RENAME_NOREPLACE)
    except OSError as error:
        if error.errno not in _CANNOT_EXCHANGE:
            raise
        if os.path.lexists(new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new) from None
        os.rename(old, new)


def _exchange(new: bytes, place: bytes) -> bool:
    """Let the two change places; whether the file system can do that. OSError."""
    try:
        syscalls.rename(new, place, RENAME_EXCHANGE)
    except OSError as error:
        if error.errno in _CANNOT_EXCHANGE:
            return False
        raise
    return True


def _is_all_there(
    staging: Staging, path: bytes, out: Entry, below: Mapping[bytes, Candidate]
) -> bool:
    """Whether all in a directory that came out is as the scan saw it, and there is nothing else."""
    if not out.is_directory:
        return True
    root = staging.new_root(staging.pair.volume_of(path))
    for found in deep_tree.paths_below(absolute(root, path)):
        inside = found[len(root) :].strip(b"/")
        planned = below[inside].clone if inside in below else None
        now = entry_at(root, inside)
        if planned is None or now is None or not is_same(now, planned):
            return False
    return True


def take_out(staging: Staging, path: bytes, before: Entry) -> str:
    """Remove the clone's `path`, no directory, if it still is what it was `before`. Returns why it
    was not removed, or the empty string. OSError."""
    place, out = absolute(staging.trees.clone.root, path), staging.old(path)
    root = staging.old_root(staging.pair.volume_of(path))
    try:
        for directory in (os.path.dirname(root), root, os.path.dirname(out)):  # none for others
            directories.make(directory)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        out = place + _BESIDE  # in the same directory it takes no room
        rename_new(place, out)
    else:
        os.rename(place, out)
    now = entry_at(os.path.dirname(out), os.path.basename(out))
    if now is not None and is_same(now._replace(path=path), before):
        os.unlink(out)
        return ""
    try:
        rename_new(out, place)
    except FileExistsError:  # somebody has made another one there meanwhile
        beside = place + _BESIDE
        if out != beside:
            rename_new(out, beside)
        return (
            f"{CHANGED}, twice; the first change is kept as {for_screen(os.path.basename(beside))}"
        )
    return CHANGED


def put_back(staging: Staging, moves: Sequence[Move], recorded: Storage = EMPTY) -> list[bytes]:
    """After a run that was cut off: put back what it had taken out and not looked at yet.

    `moves` are what that run was about to move (not those of runs before it, whose staging
    directory it has emptied), `recorded` is the clone's side of the record. Returns the paths that
    were put back. OSError.
    """
    back = []
    by_path: dict[bytes, list[Move]] = {}
    for move in moves:
        by_path.setdefault(move.staged.path, []).append(move)
    for path, known in by_path.items():
        out, now = staging.entry(path), entry_at(staging.trees.clone.root, path)
        if out is None or now is None:
            continue
        if any(move.is_at(out) for move in known) or not any(move.is_at(now) for move in known):
            continue  # not moved yet, or the clone's has changed since
        if is_staging_directory(out):
            continue  # made to lead to what was copied: the real one had been moved already
        expected = any(move.replaced and is_same(out, move.replaced) for move in known)
        if out.is_directory or not expected:
            _exchange(staging.new(path), absolute(staging.trees.clone.root, path))
            back.append(path)
    return back + _put_back_erased(staging, Finder(recorded))


def _put_back_erased(staging: Staging, recorded: Finder) -> list[bytes]:
    """What is as the record has it stays where it is, and goes with the staging directory: put
    back, it would have a new change time, which looks like a change of the clone's own."""
    back = []
    for volume in staging.pair.volumes:
        root = staging.old_root(volume)
        for out in deep_tree.paths_below(root):
            path = out[len(root) :].strip(b"/")
            place = absolute(staging.trees.clone.root, path)
            taken, then = entry_at(root, path), recorded.select([path]).get(path)
            if taken is None or taken.is_directory:
                continue
            if then and is_same(taken, Entry.parse(then)):
                continue
            if os.path.isdir(absolute(staging.trees.clone.root, parent(path))):
                try:
                    rename_new(out, place)
                except FileExistsError:
                    continue
                back.append(path)
    return back
