"""What both sides have alike is compared by its contents, from the clone's disk."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import signal
import struct
from pathlib import Path

import pytest

from .lab.debian_tree import NoTree, unpack
from .lab.files import put, rewrite_unnoticed
from .lab.images import MIB
from .lab.mounts import Mounts
from .lab.pair import Pair

REPORT = "contents_that_differ"


def flip(pair: Pair, name: str, at: int) -> None:
    """Change one byte of the clone's file behind the kernel's back: on the disk alone."""
    path = pair.clone / name
    offset = physical_offset(path) + at
    image = pair.clone.with_name(pair.clone.name + ".img")
    with image.open("r+b") as disk:
        disk.seek(offset)
        (byte,) = disk.read(1)
        disk.seek(offset)
        disk.write(bytes([byte ^ 1]))
        os.fsync(disk.fileno())


def physical_offset(path: Path) -> int:
    """Where the first block of the file lies on its file system's device."""
    fibmap = 1
    with path.open("rb") as file:
        os.fsync(file.fileno())
        block = fcntl.ioctl(file.fileno(), fibmap, struct.pack("I", 0))
    return int(struct.unpack("I", block)[0]) * os.statvfs(path).f_bsize


def test_one_flipped_byte_is_found_and_named(filled: Pair) -> None:
    put(filled.booted, "srv/large", os.urandom(100_000))
    put(filled.booted, "srv/changing", b"old\n")
    filled.sync()
    assert filled.json("verify", "--contents")["differing"] == {}
    flip(filled, "srv/large", 3000)
    # What an administrator changes is no fault of a disk, on neither side.
    put(filled.booted, "srv/changing", b"new\n")
    put(filled.clone, "etc/motd", b"clone\n")
    told = filled.json("verify", "--contents", ok=2)
    assert told["differing"] == {"/srv/large": "differs from byte 3,000 on"}
    assert told["files"] > 20
    assert filled.run("report", REPORT).stdout == b"/srv/large\n"
    assert filled.json("report")[REPORT] == 1
    status = filled.json("status")
    assert status["last_verify_contents"]["exit_status"] == 2
    checks = {check["name"]: check["ok"] for check in filled.json("check", ok=1)["checks"]}
    assert [name for name, ok in checks.items() if not ok] == [
        "'verify --contents' has succeeded lately"
    ]
    # Nothing was copied or changed, and the next sync says nothing of it.
    assert filled.sync()["target_changed"] == 0
    rewrite_unnoticed(filled.clone / "srv/large", (filled.booted / "srv/large").read_bytes())
    filled.json("verify", "--contents")
    assert filled.run("report", REPORT).stdout == b""
    filled.run("check")
    results = filled.state / "outcome.json"
    kept = json.loads(results.read_text())
    kept["verify-contents"]["ended"] = "2020-01-01 00:00:00"
    results.write_text(json.dumps(kept))
    assert b"over 35 days ago" in filled.run("check", ok=1).stdout


def test_it_needs_a_record_that_is_complete(twins: Pair) -> None:
    told = twins.run("verify", "--contents", ok=1).stderr
    assert b"there is no record to go by (run 'drdwrap sync' first)" in told
    assert b"say either --contents or --boot" in twins.run("verify", ok=1).stderr


def terminate_at_the_300th_file() -> None:
    """Called in the program's process, before it begins."""
    from drdwrap.verify import compare_contents, contents

    compare, files = compare_contents.first_difference, itertools.count(1)

    def comparing(booted: bytes, clone: bytes) -> int | None:
        if next(files) == 300:
            os.kill(os.getpid(), signal.SIGTERM)
        return compare(booted, clone)

    contents.__dict__["first_difference"] = comparing


def test_an_interrupted_one_goes_on_where_it_was(filled: Pair) -> None:
    for number in range(1000):
        put(filled.booted, f"srv/many/{number:04}", b"%d" % number * 50)
    filled.sync()
    program = filled.start("verify", "--contents", fresh=False, prepare=terminate_at_the_300th_file)
    assert program.wait().returncode == 128 + signal.SIGTERM
    done = json.loads((filled.state / "contents-verified").read_text())["files"]
    assert 256 <= done < 1000
    told = filled.run("verify", "--contents", "-v")
    assert f": {done:,} files are done.".encode() in told.stderr
    assert not (filled.state / "contents-verified").exists()
    # What was kept is of another record: it begins anew.
    kept = {"record_id": "x", "generation": 1, "started": "", "files": 999, "compared": 0}
    kept |= {"size": 0, "differing": {}}
    (filled.state / "contents-verified").write_text(json.dumps(kept))
    assert filled.json("verify", "--contents")["files"] > 1000


def test_the_clones_package_manager_is_asked(on_disk: Path, mounts: Mounts) -> None:
    booted = mounts.image("debian", 700 * MIB).point
    clone = mounts.image("debian-clone", 700 * MIB).point
    try:
        unpack(booted)
    except NoTree as reason:
        pytest.skip(f"no Debian system: {reason}")
    put(booted, "usr/bin/less", b"replaced by hand, on both sides\n")
    pair = Pair(on_disk, booted, clone)
    pair.configure(packages="auto")
    pair.clone_fill()
    assert pair.json("verify", "--contents")["of_packages"] == []
    put(clone, "usr/bin/ucf", b"replaced by hand, on the clone\n")
    (clone / "usr/bin/nano").unlink()
    put(clone, "etc/nanorc", b"# set here\n")
    told = pair.json("verify", "--contents", ok=2)
    assert sorted(told["of_packages"]) == ["/bin/nano", "/usr/bin/ucf"]
    assert told["differing"] == {}
