"""A clone on another kind of file system than the booted system's, and what cannot be one."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from .lab.files import populate, put, rewrite_unnoticed, set_mtime, setfacl
from .lab.images import MIB, command
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.rsync import interpose

IN_2100 = 4_102_444_800_000_000_000
IN_THE_PAST = 1_577_836_800_000_000_000


def whole_seconds(mounts: Mounts, name: str) -> Path:
    return mounts.formatted(name, 16 * MIB, "mkfs.ext4", "-q", "-F", "-I", "128")


@pytest.fixture(params=["xfs", "tmpfs"])
def other(request: pytest.FixtureRequest, pair: Pair, mounts: Mounts) -> Pair:
    """The clone is an XFS that ends in 2038, or a tmpfs."""
    if request.param == "xfs":
        xfs = ("mkfs.xfs", "-q", "-m", "bigtime=0")
        point = mounts.formatted("xfs", 320 * MIB, *xfs)
    else:
        point = pair.home / "tmpfs"
        point.mkdir()
        mounts.tmpfs(point)
    pair.clone = point
    pair.configure(clone={"root": str(point)})
    populate(pair.booted)
    return pair


def test_what_files_have_arrives_and_stays_in_step(other: Pair) -> None:
    motd, data = other.booted / "etc/motd", other.booted / "srv/data"
    setfacl(motd, "-m", "u:1000:rw")
    setfacl(data, "-d", "-m", "u:1000:rwx")
    os.setxattr(data / "01", "trusted.note", b"1")
    other.clone_fill()
    assert other.differences() == []
    assert other.sync()["copied"] == 0
    put(data, "new", b"inherits the default ACL\n")
    put(other.booted, "etc/motd", b"changed\n")
    setfacl(data, "-d", "-m", "u:1001:r")
    other.sync()
    assert other.differences() == []
    assert (other.reports(), other.sync()["copied"]) == ({"to_be_copied": TAKEN}, 0)
    os.chmod(data / "new", 0o600)
    other.sync()
    assert other.report("target_changed") == other.report("clone_only") == []
    assert other.differences() == []


TAKEN = [b"/etc/motd", b"/srv/data", b"/srv/data/new"]


@pytest.mark.parametrize("other", ["xfs"], indirect=True)
def test_a_time_that_the_clone_cannot_keep_is_named_and_no_change_of_the_clones(
    other: Pair,
) -> None:
    other.clone_fill()
    set_mtime(put(other.booted, "srv/data/far", b"far\n"), IN_2100)
    put(other.booted, "etc/motd", b"changed\n")
    for _ in range(2):
        warnings = other.json("sync", ok=2)["warnings"]
        assert ["/srv/data/far" in line and "time" in line for line in warnings] == [True]
        assert other.report("target_changed") == other.report("clone_only") == []
    assert (other.clone / "srv/data/far").read_bytes() == b"far\n"
    set_mtime(other.booted / "srv/data/far", IN_THE_PAST)
    assert other.sync()["copied"] == 1
    assert other.differences() == []


@pytest.fixture
def blunt(pair: Pair, mounts: Mounts) -> Pair:
    """The clone keeps whole seconds alone, as small ext4 file systems once did."""
    pair.clone = whole_seconds(mounts, "blunt")
    pair.configure(clone={"root": str(pair.clone)})
    populate(pair.booted)
    return pair


@pytest.mark.parametrize("command", ["clone", "sync", "preview", "check"])
def test_a_clone_that_keeps_whole_seconds_is_refused(blunt: Pair, command: str) -> None:
    """Every file on it would look changed there, and would never be copied again."""
    put(blunt.clone, "etc/motd")
    done = blunt.run(command, ok=1)
    assert b"whole seconds" in done.stdout + done.stderr
    assert b"mkfs.ext4 -I 256" in done.stdout + done.stderr
    assert list(blunt.clone.glob("srv*")) == []


def test_it_is_good_enough_for_a_booted_system_that_keeps_no_more(
    blunt: Pair, mounts: Mounts
) -> None:
    blunt.booted = whole_seconds(mounts, "blunt-booted")
    blunt.configure(booted={"root": str(blunt.booted)})
    populate(blunt.booted)
    blunt.clone_fill()
    put(blunt.booted, "etc/motd", b"changed\n")
    put(blunt.booted, "srv/data/new", b"new\n")
    blunt.sync()
    assert blunt.differences() == []
    assert blunt.sync()["copied"] == 0
    assert blunt.report("clone_only") == blunt.report("target_changed") == []


def test_a_change_within_the_second_of_the_last_sync_is_seen(blunt: Pair, mounts: Mounts) -> None:
    """All that such a file system keeps of its time is the second, which stays the same."""
    blunt.booted = whole_seconds(mounts, "blunt-booted")
    blunt.configure(booted={"root": str(blunt.booted)})
    populate(blunt.booted)
    blunt.clone_fill()
    for _ in range(3):
        until = int(time.time()) + 1
        while time.time() < until:
            time.sleep(0.01)
        motd = put(blunt.booted, "etc/motd", b"first\n")
        blunt.sync()
        rewrite_unnoticed(motd)
        if int(time.time()) == until:
            break
    else:
        pytest.skip("a sync takes longer than a second here")
    blunt.sync()
    assert blunt.differences() == []


def test_a_clone_whose_root_directory_cannot_be_written_is_refused(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"changed\n")
    if subprocess.run(["chattr", "+i", filled.clone], check=False).returncode:
        pytest.skip("chattr +i does not work here")
    try:
        for command in ("sync", "preview", "check"):
            done = filled.run(command, ok=1)
            assert b"lsattr" in done.stdout + done.stderr
    finally:
        subprocess.run(["chattr", "-i", filled.clone], check=True)
    assert filled.sync()["copied"] == 1


def test_a_sync_reads_no_large_holes(pair: Pair, mounts: Mounts, rsync: str) -> None:
    """In preview, copy, and the comparison of what only got other attributes."""
    for side in ("booted", "clone"):
        setattr(pair, side, mounts.formatted(f"xfs-{side}", 320 * MIB, "mkfs.xfs", "-q"))
        pair.configure(**{side: {"root": str(getattr(pair, side))}})
    populate(pair.booted)
    pair.clone_fill()
    path = put(pair.booted, "srv/holes/largest", b"at the beginning")
    os.truncate(path, (1 << 63) - 1)
    os.setxattr(path, "user.note", b"1")
    path.chmod(0o4710)
    os.link(path, path.with_name("name"))
    there = pair.clone / "srv/holes"

    def assert_the_same() -> None:
        assert (there / "name").samefile(there / "largest")
        here, now = path.stat(), (there / "name").stat()
        fields = ("st_size", "st_mtime_ns", "st_mode", "st_uid")
        assert [getattr(now, name) for name in fields] == [getattr(here, name) for name in fields]
        assert now.st_blocks * 512 < MIB
        with path.open("rb") as one, (there / "name").open("rb") as other:
            assert one.read(MIB) == other.read(MIB)
            for file in (one, other):
                file.seek(1 << 50)
            assert one.read(MIB) == other.read(MIB)

    assert pair.preview()["files_to_be_copied"] == 3
    assert pair.sync()["copied"] == 3
    assert_the_same()
    with path.open("r+b") as file:
        file.seek(1 << 50)
        file.write(b"in the middle")
    put(pair.booted, "etc/motd", b"beside it\n")
    assert pair.sync()["copied"] == 3
    assert_the_same()
    path.chmod(0o600)
    assert "|srv/holes/largest\n" in pair.run("-v", "preview").stdout.decode()
    assert pair.sync()["copied"] == 2
    assert_the_same()
    assert pair.sync()["copied"] == 0


@pytest.mark.parametrize("late", [False, True])
def test_a_file_that_gets_a_large_hole_while_it_is_copied_is_named(
    pair: Pair, mounts: Mounts, rsync: str, late: bool
) -> None:
    """Right before rsync looks at it, or when rsync has its list already."""
    pair.booted = mounts.formatted("xfs-booted", 320 * MIB, "mkfs.xfs", "-q")
    pair.configure(booted={"root": str(pair.booted)})
    populate(pair.booted)
    pair.clone_fill()
    for number in range(5):
        put(pair.booted, f"srv/many/{number}", os.urandom(MIB))
    path = put(pair.booted, "srv/many/z", b"small")
    enlarge = f"truncate -s 8E {path} || truncate -s 9223372036854775807 {path}"
    if late:
        begun = f"ls {pair.clone}/.drdwrap.tmp/new/srv/many/0 >/dev/null 2>&1"
        enlarge = f"(while ! {begun}; do :; done; {enlarge}) &"
    interpose(pair, before=enlarge)
    (warning,) = pair.json("sync", ok=2)["warnings"]
    assert warning == (
        "/srv/many/z could not be copied: it got a large hole while it was copied, and rsync was"
        " ended"
    )
    assert len(os.listdir(pair.clone / "srv/many")) == 5
    path.write_bytes(b"small again")
    pair.sync()
    assert pair.differences() == []


def test_files_that_share_their_blocks_need_room_each(pair: Pair, mounts: Mounts) -> None:
    """rsync copies each of them whole: a fill has to know it before it begins."""
    pair.booted = mounts.formatted("reflinks", 320 * MIB, "mkfs.xfs", "-q", "-m", "reflink=1")
    pair.configure(booted={"root": str(pair.booted)})
    populate(pair.booted)
    first = put(pair.booted, "srv/images/0", os.urandom(10 * MIB))
    for number in range(1, 10):
        command("cp", "--reflink=always", first, first.with_name(str(number)))
    for number in range(20):
        os.link(first, first.with_name(f"link-{number}"))
    (first.parent / "hole").touch()
    os.truncate(first.parent / "hole", 300 * MIB)
    before = sorted(path.name for path in pair.clone.iterdir())
    told = pair.run("clone", ok=1).stderr.decode()
    needed = re.search(r"there is no room: the clone's / has .* and up to (\d+)\.\d MB", told)
    assert needed, told
    assert 104 < int(needed[1]) < 110
    assert sorted(path.name for path in pair.clone.iterdir()) == before
    for number in range(2, 10):
        first.with_name(str(number)).unlink()
    pair.clone_fill()
    assert pair.differences() == []


def test_an_attribute_that_the_clone_has_no_room_for_is_named(pair: Pair, mounts: Mounts) -> None:
    small_blocks = ("mkfs.ext4", "-q", "-F", "-b", "1024", "-I", "256")
    pair.clone = mounts.formatted("small-blocks", 16 * MIB, *small_blocks)
    pair.configure(clone={"root": str(pair.clone)})
    populate(pair.booted)
    pair.clone_fill()
    os.setxattr(pair.booted / "etc/motd", "user.large", b"x" * 3000)
    put(pair.booted, "etc/hosts", b"changed\n")
    (warning,) = pair.json("sync", ok=2)["warnings"]
    assert warning == "/etc/motd could not be copied: user.large: No space left on device"
    assert (pair.clone / "etc/hosts").read_bytes() == b"changed\n"
    assert pair.report("target_changed") == []


def test_what_rsync_says_of_an_odd_name_is_told_of_that_path_and_once(
    pair: Pair, mounts: Mounts, rsync: str
) -> None:
    small_blocks = ("mkfs.ext4", "-q", "-F", "-b", "1024", "-I", "256")
    pair.clone = mounts.formatted("small-blocks", 16 * MIB, *small_blocks)
    pair.configure(clone={"root": str(pair.clone)})
    populate(pair.booted)
    pair.clone_fill()
    names = ['a"b', 'x","user.a', '" failed: y', '"', "\u00e4" * 127, "n" * 250]
    for name in names:
        put(pair.booted, f"srv/odd/{name}")
        os.setxattr(pair.booted / "srv/odd" / name, "user.large", b"x" * 3000)
    warnings = pair.json("sync", ok=2)["warnings"]
    assert sorted(warnings) == sorted(
        f"/srv/odd/{name} could not be copied: user.large: No space left on device (28)"
        for name in names
    )
    assert pair.sync(ok=2)["files_to_be_copied"] == len(names)


def test_an_attribute_that_the_clone_cannot_hold_is_never_in_step(
    pair: Pair, mounts: Mounts, rsync: str
) -> None:
    """rsync complains of the temporary file that it fills."""
    point = mounts.formatted("ea-inode", 16 * MIB, "mkfs.ext4", "-q", "-F", "-O", "ea_inode")
    pair.booted = point
    pair.configure(booted={"root": str(point)})
    populate(point)
    long = "n" * 253
    paths = ["etc/motd", "home/.hidden", f"srv/{long}"]
    for path in paths:
        put(point, path, b"contents\n")
        os.setxattr(point / path, "user.large", bytes(20_000))
    pair.run("clone", ok=2)
    for _ in range(2):
        pair.run("sync", ok=2)
        assert {f"/{path}".encode() for path in paths} <= set(pair.report("to_be_copied"))
    for path in paths:
        os.removexattr(point / path, "user.large")
    pair.sync()
    assert pair.differences() == []
    assert pair.sync()["copied"] == 0
