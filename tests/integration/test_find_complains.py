"""A find that complains: what it did not read is neither compared nor erased, and all else is done.

A program on PATH plays its part: find says such things when directories are moved while it reads
them, at moments that no test can choose.
"""

from __future__ import annotations

import shutil

import pytest

from .lab.files import put
from .lab.pair import Pair

LOOP = "File system loop detected; './srv/data' is part of the same file system loop as './srv'."
LOST = "failed to read file names from file system at or below '.': No such file or directory"


def disturb(pair: Pair, side: str, complaint: str, without: str, times: int = 99) -> None:
    """For that many runs of find on one side, it leaves out a path and complains at the end."""
    folder = pair.home / "find"
    folder.mkdir()
    real = shutil.which("find", path=pair.env["PATH"])
    script = folder / "find"
    script.write_text(f"""#!/bin/sh
case $PWD in */{side}) ;; *) exec {real} "$@" ;; esac
mkdir {folder}/{side} 2>/dev/null
number=$(ls {folder}/{side} | wc -l)
[ $number -lt {times} ] || exec {real} "$@"
: >{folder}/{side}/$number
{real} "$@" | sed -z '\\:^{without}:d'
printf '%s\\n' "find: {complaint}" >&2
exit 1
""")
    script.chmod(0o755)
    pair.env["PATH"] = f"{folder}:{pair.env['PATH']}"


@pytest.mark.parametrize("side", ["booted", "clone"])
def test_a_loop_in_one_directory_leaves_that_alone(filled: Pair, side: str) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    disturb(filled, side, LOOP, "srv/data/")
    done = filled.run("sync", ok=2)
    assert b"/srv/data on the" in done.stderr
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"
    assert len(list((filled.clone / "srv/data").iterdir())) == 20
    shutil.rmtree(filled.home / "find")
    assert filled.sync()["copied"] == filled.sync()["deleted"] == 0


@pytest.mark.parametrize("side", ["booted", "clone"])
def test_a_find_that_lost_its_way_reads_again(filled: Pair, side: str) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    disturb(filled, side, LOST, "srv/", times=2)
    filled.sync()
    assert filled.differences() == []


@pytest.mark.parametrize("side", ["booted", "clone"])
def test_if_it_never_finds_it_nothing_is_done_and_nothing_erased(filled: Pair, side: str) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    before = filled.both()
    disturb(filled, side, LOST, "srv/data/")
    done = filled.run("sync", ok=2)
    assert b"not all of the" in done.stderr
    assert filled.both() == before
    shutil.rmtree(filled.home / "find")
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_a_find_that_cannot_begin_ends_the_run(filled: Pair) -> None:
    disturb(filled, "booted", "unknown predicate", "")
    assert b"find could not read the tree" in filled.run("sync", ok=1).stderr
