"""Both trees as the run sees them: the pair's file systems, without anything mounted over them.

As root, each file system of the pair is bind mounted in a private mount namespace, without the
mounts below it. There a dead network mount cannot block the run, files that a mount hides are seen,
and everything disappears with the process. A volume of the pair that is unmounted elsewhere during
the run stays in use, and whole for the run, until the run has ended.

Without root's rights the trees are used as they are, and mount points that are not volumes are
listed but not entered.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from drdwrap.errors import RefusedError
from drdwrap.linux import directories, mount_namespace, mountinfo, syscalls
from drdwrap.pair.pair import Pair
from drdwrap.pair.side import PATH_MAX, Side
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

_STAGED = len(b"/.drdwrap.tmp/new/") + len(b"..XXXXXX")
"""Bytes that the staging directory, and the name of a temporary file in it, add to a path."""

_GUARDED = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC


@dataclass(frozen=True)
class Trees:
    """The two trees to read and write, for the length of the context.

    `without_links`: the kernel follows no symbolic link in either, for any process. `roots`: where
    the other processes see them, booted and clone.
    """

    booted: Side
    clone: Side
    without_links: bool
    roots: tuple[bytes, bytes]

    def as_seen_by_all(self, error: OSError) -> OSError:
        """`error` itself, with the paths changed to those that other processes see."""
        for name in ("filename", "filename2"):
            path = getattr(error, name)
            if isinstance(path, str | bytes):
                setattr(error, name, self._seen_by_all(os.fsencode(path)))
        return error

    def message_for_all(self, text: bytes) -> bytes:
        """A program's message, with the paths changed to those that other processes see."""
        for side, root in zip((self.booted, self.clone), self.roots, strict=True):
            text = text.replace(side.root.rstrip(b"/") + b"/", root.rstrip(b"/") + b"/")
        return text

    def _seen_by_all(self, path: bytes) -> bytes:
        for side, root in zip((self.booted, self.clone), self.roots, strict=True):
            if path == side.root or path.startswith(side.root.rstrip(b"/") + b"/"):
                return absolute(root, path[len(side.root) :].lstrip(b"/"))
        return path


@contextmanager
def private_trees(pair: Pair, at: bytes) -> Iterator[Trees]:
    """Both trees, for the length of the context. `at` is a directory to mount on, made if needed.

    OSError if a file system cannot be bind mounted; RefusedError if a volume has no directory, or
    is no longer mounted.
    """
    directories.make(at)
    with ExitStack() as stack:
        try:
            stack.enter_context(mount_namespace.private_mounts())
        except PermissionError:
            yield _as_they_are(pair)
            return
        trees = _assembled(pair, at)
        try:
            yield trees
        except OSError as error:
            trees.as_seen_by_all(error)
            raise


@contextmanager
def private_tree(root: bytes, volumes: Sequence[bytes], at: bytes) -> Iterator[bytes]:
    """A read-only tree of these volumes alone (relative to `root`, outermost first), for the length
    of the context: its root. OSError, PermissionError; RefusedError for a volume that has no
    directory in the others."""
    directories.make(at)
    with mount_namespace.private_mounts():
        for volume in volumes:
            target = absolute(at, volume)
            if not os.path.isdir(target):
                raise RefusedError(
                    f"/{for_screen(volume)} is mounted below a file system that is not part of what"
                    " is cloned",
                    "unmount it, or mount it elsewhere",
                )
            mount_namespace.bind_privately(absolute(root, volume), target)
            _restrict(target, syscalls.MS_RDONLY)
        yield at


def _assembled(pair: Pair, at: bytes) -> Trees:
    table = mountinfo.mounts()
    syscalls.mount(b"none", at, b"tmpfs", _GUARDED, b"mode=0700,size=64k")
    without_links = True
    for side, root in ((b"booted", pair.booted_root), (b"clone", pair.clone_root)):
        os.mkdir(absolute(at, side))
        for volume in pair.volumes:
            source, target = absolute(root, volume), absolute(absolute(at, side), volume)
            if side == b"clone" and volume in pair.plain:
                continue
            wanted = mountinfo.mount_at(source, table)
            if not os.path.isdir(target):
                raise RefusedError(f"there is no directory for the volume {for_screen(source)}")
            mount_namespace.bind_privately(source, target)
            if (volume or wanted) and not _shows(target, wanted):
                raise RefusedError(
                    f"{for_screen(source)} was unmounted while the run began", "mount it again"
                )
            without_links &= _restrict(target, _GUARDED if side == b"clone" else syscalls.MS_RDONLY)
    roots = absolute(at, b"booted"), absolute(at, b"clone")
    longest = _longest(roots, pair.volumes)
    return Trees(
        Side(roots[0], longest=longest),
        Side(roots[1], longest=longest),
        without_links=without_links,
        roots=(pair.booted_root, pair.clone_root),
    )


def _shows(target: bytes, wanted: mountinfo.Mount | None) -> bool:
    """Whether the bind mount at `target` shows the same files as the mount `wanted`."""
    bound = mountinfo.mount_at(target, mountinfo.mounts())
    if bound is None or wanted is None:
        return False
    return (bound.device, bound.root) == (wanted.device, wanted.root)


def _restrict(target: bytes, flags: int) -> bool:
    """Set flags of a bind mount, and MS_NOSYMFOLLOW. Returns whether the kernel knows that one.

    The booted side is mounted read-only, so nothing can be written there, not even access times.
    With MS_NOSYMFOLLOW nothing is read or written elsewhere if somebody replaces a directory by a
    link during the run. Kernels before 5.10 do not have it: there the run checks before and after
    the copy.
    """
    change = syscalls.MS_REMOUNT | syscalls.MS_BIND | syscalls.MS_NOSYMFOLLOW
    syscalls.mount(b"none", target, b"none", change | flags)
    return syscalls.follows_no_links(target)


def _as_they_are(pair: Pair) -> Trees:
    table = mountinfo.mounts()

    def foreign(root: bytes) -> tuple[bytes, ...]:
        return tuple(p for p in mountinfo.below(root, table) if p not in pair.volumes)

    roots = pair.booted_root, pair.clone_root
    longest = _longest(roots, pair.volumes)
    return Trees(
        Side(roots[0], foreign(roots[0]), longest=longest),
        Side(roots[1], foreign(roots[1]), longest=longest),
        without_links=False,
        roots=roots,
    )


def _longest(roots: Sequence[bytes], volumes: Sequence[bytes]) -> int:
    """The longest path below these roots that can be copied: rsync copies it to a directory of that
    name in a staging directory of its volume, under a temporary name."""
    above = max(map(len, roots)) + max(map(len, volumes)) + len(b"//")
    return PATH_MAX - above - _STAGED
