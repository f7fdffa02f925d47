r"""A path as the administrator names it, made relative to the root."""

import os

from drdwrap.linux.links_in_root import Resolver
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_report, for_screen, unescaped
from drdwrap.paths.utf8 import encoded
from drdwrap.sync.begin import Run
from drdwrap.sync.determine import Determined


def named(path: bytes, run: Run, seen: Determined) -> bytes:
    r"""A path as on the booted system, or one below either root, relative to the root.

    Links on the way are followed: `/bin/sh` is `/usr/bin/sh` where `/bin` is one. A path that is
    nowhere is read as a report prints it, with its `\ooo`.
    """
    found, meant = _relative(path, run, seen), unescaped(path)
    # Only what a report does print so: not `\057..`, which no name holds.
    printed = path in (for_report(meant), encoded(for_screen(meant))) and b"\0" not in meant
    if meant == path or not printed or _is_there(found, run, seen):
        return found
    return _relative(meant, run, seen)


def _is_there(path: bytes, run: Run, seen: Determined) -> bool:
    roots = (run.trees.booted.root, run.trees.clone.root)
    return path in seen.verdicts or any(os.path.lexists(absolute(root, path)) for root in roots)


def _relative(path: bytes, run: Run, seen: Determined) -> bytes:
    path = os.path.normpath(path)
    for root in (run.pair.booted_root, run.pair.clone_root):
        if root != b"/" and (path == root or path.startswith(root + b"/")):
            path = path[len(root) :]
            break
    path = path.strip(b"/")
    return path if path in seen.verdicts else Resolver(run.trees.booted.root).file(path)
