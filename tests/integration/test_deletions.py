"""What was erased on the booted system is removed from the clone, within limits."""

from __future__ import annotations

import os
import shutil

import pytest

from .lab.files import put
from .lab.pair import Pair


def erase(pair: Pair, count: int) -> None:
    for number in range(count):
        (pair.booted / f"srv/data/{number:02}").unlink()


def left(pair: Pair) -> int:
    return len(os.listdir(pair.clone / "srv/data"))


def test_reporting_alone_keeps_what_was_erased(filled: Pair) -> None:
    filled.configure(deletions="report")
    erase(filled, 3)
    for _ in range(2):
        counts = filled.sync()
        assert counts["deleted"] == 0
        assert counts["erased_on_booted_system"] == 3
        assert filled.report("erased") == [b"/srv/data/00", b"/srv/data/01", b"/srv/data/02"]
        assert left(filled) == 20
    filled.configure(deletions="propagate")
    assert filled.sync()["deleted"] == 3
    assert left(filled) == 17


def test_a_preview_removes_nothing(filled: Pair) -> None:
    erase(filled, 3)
    counts = filled.preview()
    assert (counts["erased_on_booted_system"], counts["deleted"]) == (3, 0)
    assert left(filled) == 20


def test_a_number_limits_the_deletions_of_a_run(filled: Pair) -> None:
    filled.configure(max_deletions=3)
    erase(filled, 4)
    put(filled.booted, "etc/motd", b"booted\n")
    counts = filled.sync(ok=2)
    assert (counts["copied"], counts["deleted"]) == (1, 0)
    assert left(filled) == 20
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"
    assert len(filled.report("erased")) == 4
    filled.configure(max_deletions=4)
    assert filled.sync()["deleted"] == 4
    assert left(filled) == 16


def test_a_share_of_the_record_limits_the_deletions_of_a_run(filled: Pair) -> None:
    filled.configure(max_deletions="10%")
    erase(filled, 3)
    assert filled.sync()["deleted"] == 3
    for number in range(3, 15):
        (filled.booted / f"srv/data/{number:02}").unlink()
    assert filled.sync(ok=2)["deleted"] == 0
    assert left(filled) == 17


def test_the_limit_is_named_in_the_message(filled: Pair) -> None:
    filled.configure(max_deletions=3)
    erase(filled, 4)
    done = filled.run("sync", ok=2)
    assert b"max_deletions" in done.stderr


def test_no_limit_is_passed_by_what_is_erased_on_both_sides(filled: Pair) -> None:
    filled.configure(max_deletions=3)
    erase(filled, 10)
    for number in range(10):
        (filled.clone / f"srv/data/{number:02}").unlink()
    assert filled.sync()["deleted"] == 0


@pytest.mark.parametrize("name", ["boot/vmlinuz", "var/lib/dpkg/info/x.list", "etc/fstab"])
def test_nothing_in_a_location_is_removed(filled: Pair, name: str) -> None:
    put(filled.booted, name)
    put(filled.clone, name)
    filled.sync()
    (filled.booted / name).unlink()
    assert filled.sync()["deleted"] == 0
    assert (filled.clone / name).exists()


def test_nothing_excluded_later_is_removed(filled: Pair) -> None:
    filled.configure(exclude_list=["/srv/data"])
    shutil.rmtree(filled.booted / "srv/data")
    assert filled.sync()["deleted"] == 0
    assert left(filled) == 20


def test_nothing_excluded_below_an_erased_directory_is_removed(filled: Pair) -> None:
    filled.configure(exclude_list=["*5"])
    shutil.rmtree(filled.booted / "srv/data")
    filled.sync()
    assert sorted(os.listdir(filled.clone / "srv/data")) == ["05", "15"]


def test_what_was_erased_and_came_back_is_copied(filled: Pair) -> None:
    erase(filled, 1)
    filled.sync()
    put(filled.booted, "srv/data/00", b"back\n")
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_what_came_back_before_the_sync_is_copied_or_in_step(filled: Pair) -> None:
    name = filled.booted / "srv/data/07"
    content, times = name.read_bytes(), name.stat().st_mtime_ns
    name.unlink()
    put(filled.booted, "srv/data/07", content, mtime_ns=times)
    assert filled.sync()["deleted"] == 0
    assert filled.differences() == []


def test_a_clone_only_file_where_a_removed_one_was_is_the_clones_own(filled: Pair) -> None:
    erase(filled, 1)
    filled.sync()
    put(filled.clone, "srv/data/00", b"clone\n")
    for _ in range(2):
        assert filled.sync()["deleted"] == 0
    assert (filled.clone / "srv/data/00").read_bytes() == b"clone\n"
