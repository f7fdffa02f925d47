"""Many files: two runs of rsync copy them at the same time, and it makes no difference."""

from __future__ import annotations

import os
import signal

from drdwrap.plan import WORTH_TWO

from .lab.files import put
from .lab.pair import Pair
from .lab.processes import wait_until

MANY = WORTH_TWO + 200


def many(pair: Pair, turn: int) -> None:
    for number in range(MANY):
        put(pair.booted, f"srv/many/{number % 7}/{number}", b"%d %d\n" % (number, turn))


def test_all_arrive_with_what_belongs_to_them(filled: Pair, rsync: str) -> None:
    many(filled, 0)
    filled.sync()
    many(filled, 1)
    os.link(filled.booted / "srv/many/0/0", filled.booted / "srv/many/1/linked")
    put(filled.booted, "srv/new/directory/file", b"new\n")
    (filled.booted / "srv/many/2/2").chmod(0o4711)
    counts = filled.sync()
    assert counts["copied"] >= MANY
    assert filled.differences() == []
    assert filled.sync()["copied"] == 0


def test_a_signal_ends_both(filled: Pair) -> None:
    many(filled, 0)
    filled.sync()
    many(filled, 1)
    filled.configure(rsync={"options": ["--bwlimit=1"]})
    program = filled.start("sync")
    wait_until(lambda: len(program.rsyncs()) >= 4, "both have begun")
    program.signal(signal.SIGTERM)
    assert program.wait(timeout=20).returncode == 128 + signal.SIGTERM
    assert program.rsyncs() == []
    assert filled.temporary_files() == []
    filled.configure(rsync={"options": []})
    filled.sync()
    assert filled.report("target_changed") == []
    assert filled.differences() == []
