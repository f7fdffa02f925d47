"""A machine that went down in the middle of a sync and has booted since.

The power cut itself is played: the run is killed after its copy and before its record, some of
what it wrote is taken away again, as a file system does that had not written it back yet, and the
next run is shown another boot's id.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from drdwrap.linux import mount_namespace

from .lab.files import put, rewrite_unnoticed
from .lab.images import command
from .lab.moments import after_the_copy, kill
from .lab.pair import Pair

BOOT_ID = "/proc/sys/kernel/random/boot_id"


def another_boot(pair: Pair) -> Callable[[], None]:
    """Has the program see another boot's id, in a mount namespace of its own."""
    fake = pair.home / "boot_id"
    fake.write_text(f"{uuid.uuid4()}\n")

    def prepare() -> None:
        mount_namespace.unshare_mounts()
        command("mount", "--bind", fake, BOOT_ID)
        assert Path(BOOT_ID).read_text() == fake.read_text()

    return prepare


@pytest.fixture
def cut(filled: Pair) -> Pair:
    """A run has copied everything and recorded nothing."""
    for number in range(6):
        put(filled.booted, f"srv/new/{number}", b"%d" % number * 10_000)
    put(filled.booted, "etc/motd", b"booted\n")
    program = filled.start("sync", prepare=after_the_copy(kill))
    program.wait()
    filled.wait_for_lock()
    program.kill_all()
    assert (filled.clone / "srv/new/5").exists()
    return filled


def put_right(pair: Pair) -> None:
    done = pair.start("sync", prepare=another_boot(pair)).wait()
    assert done.returncode == 0, done.stderr
    assert pair.report("target_changed") == []
    assert pair.differences() == []
    assert pair.temporary_files() == []
    again = pair.sync()
    assert again["copied"] == again["deleted"] == 0


def test_a_file_whose_contents_never_reached_the_disk_is_copied_again(cut: Pair) -> None:
    """Its size and time did reach it: they tell nothing of what is in it."""
    rewrite_unnoticed(cut.clone / "srv/new/3", bytes(10_000))
    put_right(cut)


def test_a_file_that_ends_too_early_is_copied_again(cut: Pair) -> None:
    path = cut.clone / "srv/new/3"
    times = path.stat().st_mtime_ns
    os.truncate(path, 0)
    os.utime(path, ns=(times, times))
    put_right(cut)


def test_a_file_that_never_reached_the_disk_is_copied_again(cut: Pair) -> None:
    (cut.clone / "srv/new/3").unlink()
    put_right(cut)


def test_all_that_reached_the_disk_is_put_right_as_well(cut: Pair) -> None:
    put_right(cut)


def test_a_file_that_ends_too_early_is_copied_again_without_a_boot(cut: Pair) -> None:
    """Without a power cut, somebody else has done that."""
    path = cut.clone / "srv/new/3"
    times = path.stat().st_mtime_ns
    os.truncate(path, 5_000)
    os.utime(path, ns=(times, times))
    cut.sync()
    assert cut.report("target_changed") == []
    assert cut.differences() == []
