"""A run is killed while the booted system goes on changing: what it left is its own work."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from .lab.files import put
from .lab.moments import after_the_copy
from .lab.moments import kill as kill_now
from .lab.pair import Pair

FILES = 1200


def write_some(pair: Pair, start: int, turn: int) -> None:
    for number in range(start, FILES, 4):
        (pair.booted / f"srv/many/{number}").write_bytes(b"%d in turn %d\n" % (number, turn))


@pytest.fixture
def many(filled: Pair) -> Pair:
    put(filled.booted, "srv/many/0")
    write_some(filled, 0, 0)
    write_some(filled, 1, 0)
    filled.sync()
    return filled


def test_what_changes_at_once_after_a_kill_is_copied(many: Pair) -> None:
    for turn in range(1, 7):
        write_some(many, 0, turn)
        program = many.start("sync")
        time.sleep(0.15 + turn * 0.05)
        program.signal(signal.SIGKILL)
        write_some(many, 1, turn)
        program.wait()
        many.wait_for_lock()
        many.sync()
        assert many.report("target_changed") == []
    many.sync()
    assert many.differences() == []


def test_what_grows_while_all_is_killed_is_copied(many: Pair) -> None:
    logs = [put(many.booted, f"var/log/{number}", b"begun\n") for number in range(40)]
    many.sync()
    ended = threading.Event()

    def grow() -> None:
        while not ended.is_set():
            for log in logs:
                with log.open("ab") as file:
                    file.write(b"one more line\n")

    for turn in range(1, 6):
        write_some(many, 0, turn)
        ended.clear()
        growing = threading.Thread(target=grow)
        growing.start()
        program = many.start("sync")
        time.sleep(0.2 + turn * 0.06)
        program.kill_all()
        program.wait()
        ended.set()
        growing.join()
        many.wait_for_lock()
    many.sync()
    assert many.report("target_changed") == []
    many.sync()
    assert many.differences() == []


def test_rights_that_are_taken_after_a_kill_stay_taken(filled: Pair) -> None:
    """All attributes were set before the move: what differs since is the administrator's doing."""
    for name in ("mode", "owner", "attribute"):
        put(filled.booted, f"srv/{name}", b"of the booted system\n")
    filled.start("sync", prepare=after_the_copy(kill_now)).wait()
    filled.wait_for_lock()
    (filled.clone / "srv/mode").chmod(0o600)
    os.chown(filled.clone / "srv/owner", 12, 34)
    os.setxattr(filled.clone / "srv/attribute", "user.note", b"of the clone")
    filled.sync()
    assert (filled.clone / "srv/mode").stat().st_mode & 0o7777 == 0o600
    assert (filled.clone / "srv/owner").stat().st_uid == 12
    assert os.getxattr(filled.clone / "srv/attribute", "user.note") == b"of the clone"
    told = filled.report("target_changed") + filled.report("clone_only")
    assert sorted(told) == [b"/srv/attribute", b"/srv/mode", b"/srv/owner"]


def test_what_is_born_below_a_directory_that_gives_its_group_is_finished(filled: Pair) -> None:
    for root in (filled.booted, filled.clone):
        shared = root / "srv/shared"
        shared.mkdir()
        os.chown(shared, 0, 50)
        shared.chmod(0o2775)
    filled.sync()
    for name in ("file", "directory/inside"):
        put(filled.booted, f"srv/shared/{name}", b"new\n")
        os.chown(filled.booted / "srv/shared" / name, 7, 8)
    os.mkfifo(filled.booted / "srv/shared/fifo")
    (filled.booted / "srv/shared/fifo").chmod(0o622)
    filled.start("sync", prepare=after_the_copy(kill_now)).wait()
    filled.wait_for_lock()
    filled.sync()
    filled.sync()
    assert filled.report("target_changed") == []
    assert filled.differences() == []


def test_attributes_of_fake_super_are_copied(filled: Pair) -> None:
    path = put(filled.booted, "srv/backup/one", b"1\n")
    os.setxattr(path, "user.rsync.%stat", b"100644 0,0 1000:1000")
    filled.sync()
    put(filled.booted, "srv/backup/one", b"2\n")
    filled.sync()
    assert (filled.clone / "srv/backup/one").read_bytes() == b"2\n"
    there = os.getxattr(filled.clone / "srv/backup/one", "user.rsync.%stat")
    assert there == b"100644 0,0 1000:1000"
    assert filled.report("target_changed") == []
