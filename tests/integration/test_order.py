"""The order that makes a run survive anything: the intent made durable, the copy, `syncfs` on the
clone, the record made durable, and only then no intent."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

import pytest

from drdwrap import plan
from drdwrap.linux import process, syscalls

from .lab.files import put
from .lab.moments import Prepare
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.rsync import interpose


def noting(pair: Pair) -> Prepare:
    """Have a run note what of this it does, a line each, in the pair's `events`."""
    descriptor = os.open(pair.home / "events", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def wrap(module: Any, name: str, told: Callable[..., str]) -> None:
        function = getattr(module, name)

        def noted(*arguments: Any, **options: Any) -> Any:
            result = function(*arguments, **options)
            os.write(descriptor, told(*arguments).encode() + b"\n")
            return result

        setattr(module, name, noted)

    def prepare() -> None:
        wrap(os, "fsync", lambda file: "fsync " + _name(os.readlink(f"/proc/self/fd/{file}")))
        wrap(os, "rename", lambda _, to: "rename " + _name(to))
        wrap(os, "unlink", lambda path, **_: "unlink " + _name(path))
        wrap(syscalls, "syncfs", lambda path: "syncfs " + _name(path))
        wrap(process.Running, "wait", lambda program: f"ended {program._name}")

    return prepare


def _name(path: str | bytes) -> str:
    return os.path.basename(os.fsdecode(path))


def events(pair: Pair) -> list[str]:
    return (pair.home / "events").read_text().splitlines()


def test_each_step_is_on_the_disk_before_the_next(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    assert filled.start("sync", prepare=noting(filled)).wait().returncode == 0
    steps = [
        "fsync intent.new",
        "rename intent",
        "fsync state",
        "ended rsync",
        "syncfs clone",
        "rename record",
        "fsync state",
        "unlink intent",
    ]
    told = events(filled)
    at = -1
    for step in steps:
        assert step in told[at + 1 :], (step, told)
        at = told.index(step, at + 1)
    # The record's contents before its name, in the time that the clone takes to its disk.
    copied = len(told) - 1 - told[::-1].index("ended rsync")
    assert copied < told.index("fsync record.new") < told.index("rename record")
    assert copied < told.index("syncfs clone") < told.index("rename record")


def test_every_volume_of_the_clone_is_brought_to_its_disk(filled: Pair, mounts: Mounts) -> None:
    for root, name in ((filled.booted, "booted-var"), (filled.clone, "clone-var")):
        mounts.image_at(name, root / "var")
    filled.configure(booted={"volumes": ["/", "/var"]})
    filled.run("clone", "--overwrite")
    put(filled.booted, "var/new", b"booted\n")
    assert filled.start("sync", prepare=noting(filled)).wait().returncode == 0
    told = events(filled)
    copied, recorded = told.index("ended rsync"), told.index("rename record")
    assert {"syncfs clone", "syncfs var"} <= set(told[copied:recorded])


@pytest.mark.parametrize("call", [1, 2])
def test_a_clone_that_cannot_be_brought_to_its_disk_is_not_recorded(
    filled: Pair, call: int
) -> None:
    """The kernel tells of a write that failed once, to whichever call comes next."""
    put(filled.booted, "etc/motd", b"booted\n")
    record = (filled.state / "record").read_bytes()

    def prepare() -> None:
        syncfs, calls = syscalls.syncfs, []

        def failing(path: bytes) -> None:
            if path.endswith(b"/clone"):
                calls.append(path)
                if len(calls) == call:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
            syncfs(path)

        syscalls.syncfs = failing

    done = filled.start("sync", prepare=prepare).wait()
    assert done.returncode == 1
    assert b"Input/output error" in done.stderr
    assert (filled.state / "record").read_bytes() == record
    assert (filled.state / "intent").exists()
    filled.sync()
    # A failure before anything was moved leaves all to the next run.
    assert filled.reports() == ({"to_be_copied": [b"/etc/motd"]} if call == 1 else {})
    assert filled.differences() == []


def test_very_large_files_go_last(filled: Pair) -> None:
    """So that a limit of time cuts off the fewest."""
    put(filled.booted, "etc/large", os.urandom(200_000))
    put(filled.booted, "srv/new/small", b"booted\n")
    listed = f"find {filled.clone}/.drdwrap.tmp -printf '%f\\n' >{filled.home}/after-first"
    interpose(filled, after=listed)

    def prepare() -> None:
        plan.LARGE = 100_000

    assert filled.start("sync", prepare=prepare).wait().returncode == 0
    first = (filled.home / "after-first").read_text().split()
    assert "small" in first and "large" not in first
    assert filled.differences() == []
