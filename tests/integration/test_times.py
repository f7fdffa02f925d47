"""Modification times to the nanosecond, of any year, going either way."""

from __future__ import annotations

import calendar

from .lab.files import LONG_AGO, put, set_mtime
from .lab.pair import Pair

SECOND = 10**9
YEAR_2100 = calendar.timegm((2100, 7, 1, 12, 0, 0)) * SECOND

MOMENTS = {
    "the epoch": 0,
    "a nanosecond after the epoch": 1,
    "in 1970": 86_400 * SECOND + 999_999_999,
    "before the epoch": -3 * SECOND,
    "before the epoch with nanoseconds": -3 * SECOND + 123_456_789,
    "before 2038": (2**31 - 1) * SECOND + 1,
    "after 2038": 2**31 * SECOND + 5,
    "in 2100": YEAR_2100 + 7,
    "in 2100 at the end of a second": YEAR_2100 + 999_999_999,
    "with nanoseconds": LONG_AGO,
}


def test_any_time_arrives_to_the_nanosecond(filled: Pair, rsync: str) -> None:
    for number, moment in enumerate(MOMENTS.values()):
        put(filled.booted, f"srv/times/{number}", mtime_ns=moment)
        (filled.booted / f"srv/times/link{number}").symlink_to("x")
        set_mtime(filled.booted / f"srv/times/link{number}", moment)
        (filled.booted / f"srv/times/directory{number}").mkdir()
        set_mtime(filled.booted / f"srv/times/directory{number}", moment)
    filled.sync()
    assert filled.differences(directory_times=True) == []
    assert filled.sync()["copied"] == 0


def test_any_time_is_filled(pair: Pair, rsync: str) -> None:
    for number, moment in enumerate(MOMENTS.values()):
        put(pair.booted, f"times/{number}", mtime_ns=moment)
    pair.clone_fill()
    assert pair.differences() == []
    assert pair.sync()["copied"] == 0


def test_a_time_alone_is_a_change(filled: Pair) -> None:
    for number, moment in enumerate(MOMENTS.values()):
        set_mtime(filled.booted / f"srv/data/{number + 5:02}", moment)
    assert filled.sync()["copied"] == len(MOMENTS)
    assert filled.differences() == []
    assert filled.sync()["copied"] == 0


def test_a_single_nanosecond_is_a_change(filled: Pair, rsync: str) -> None:
    put(filled.booted, "etc/motd", mtime_ns=LONG_AGO)
    filled.sync()
    set_mtime(filled.booted / "etc/motd", LONG_AGO + 1)
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_a_single_nanosecond_changed_on_the_clone_is_kept(filled: Pair) -> None:
    put(filled.booted, "etc/motd", mtime_ns=LONG_AGO)
    filled.sync()
    set_mtime(filled.clone / "etc/motd", LONG_AGO + 1)
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    assert filled.report("target_changed") == [b"/etc/motd"]
    assert (filled.clone / "etc/motd").stat().st_mtime_ns == LONG_AGO + 1


def test_an_older_file_from_a_backup_is_copied_when_the_clone_is_untouched(
    filled: Pair, rsync: str
) -> None:
    put(filled.booted, "etc/motd", b"from a backup\n", mtime_ns=LONG_AGO)
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_a_file_renamed_over_another_is_copied(filled: Pair, rsync: str) -> None:
    """Same size, same time, another file: the contents are what differs."""
    times = (filled.booted / "etc/motd").stat().st_mtime_ns
    put(filled.booted, "etc/motd.new", b"WELCOME\n", mtime_ns=times)
    (filled.booted / "etc/motd.new").rename(filled.booted / "etc/motd")
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_a_change_right_after_the_scan_of_a_run_is_seen_by_the_next(filled: Pair) -> None:
    """Many runs in quick succession: no change falls between two of them."""
    for number in range(5):
        put(filled.booted, "etc/motd", b"%07d\n" % number, mtime_ns=LONG_AGO)
        filled.run("sync")
        put(filled.booted, "etc/motd", b"%07d\n" % (number + 100), mtime_ns=LONG_AGO)
        filled.run("sync")
        assert (filled.clone / "etc/motd").read_bytes() == b"%07d\n" % (number + 100)
