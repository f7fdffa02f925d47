"""Where what is slow to make is kept: under the user's cache, by a key of what it is made of."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_WORK = "work-"


def directory() -> Path:
    """The lab's own directory in the user's cache, made if need be; only its owner may enter."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(base) / "drdwrap" / "lab"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def key(parts: Iterable[str | bytes]) -> str:
    """16 hexadecimal digits that change when any part does."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()[:16]


@contextmanager
def being_made() -> Iterator[Path]:
    """A directory to make something in; it is gone at the end, and after a kill by the next one.

    What is finished is renamed out of it, so nothing half done is ever found in the cache.
    """
    path = Path(tempfile.mkdtemp(prefix=_WORK, dir=directory()))
    with (path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield path
        finally:
            shutil.rmtree(path)


def remove_leftovers(before: Callable[[Path], object]) -> None:
    """Remove the work directories whose makers are no more; `before` is called with each."""
    for path in directory().glob(f"{_WORK}*"):
        try:
            with (path / "lock").open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                before(path)
                shutil.rmtree(path)
        except (FileNotFoundError, BlockingIOError):
            continue  # its maker is at work, just beginning, or ending


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Let one process at a time make `name`; the others wait, and then find it made."""
    with (directory() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
