"""File systems that the kernel has made read-only after an error, and disks that answer nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from drdwrap.rsync import stalls

from .lab.files import populate, put
from .lab.images import MIB, Image, command
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.rsync import interpose, interposed

FORMAT = ("mkfs.ext4", "-q", "-F", "-b", "4096", "-I", "256", "-e", "remount-ro")


def device_of(point: Path) -> str:
    return command("findmnt", "-n", "-o", "SOURCE", "--mountpoint", point).decode().strip()


def trigger_of(point: Path) -> Path:
    """The file that has ext4 meet an error."""
    file = Path("/sys/fs/ext4", Path(device_of(point)).name, "trigger_fs_error")
    if not file.exists():
        pytest.skip("this kernel's ext4 meets no error when it is told to")
    return file


def fail(point: Path) -> None:
    trigger_of(point).write_text("drdwrap's tests\n")


@pytest.fixture
def failing(pair: Pair, mounts: Mounts) -> Pair:
    """Both sides become read-only when they meet an error."""
    pair.booted = mounts.formatted("failing-booted", 64 * MIB, *FORMAT)
    pair.clone = mounts.formatted("failing-clone", 64 * MIB, *FORMAT)
    pair.configure(booted={"root": str(pair.booted)}, clone={"root": str(pair.clone)})
    populate(pair.booted)
    pair.clone_fill()
    put(pair.booted, "etc/motd", b"booted\n")
    return pair


def repaired(pair: Pair, point: Path) -> None:
    """Unmount, fsck, mount: what the messages say."""
    device = device_of(point)
    backing = Path(command("losetup", "-n", "-O", "BACK-FILE", device).decode().strip())
    command("umount", point)
    subprocess.run(["e2fsck", "-fy", backing], capture_output=True, check=False)
    command("mount", "-o", "loop", backing, point)


def checks(pair: Pair) -> dict[str, dict[str, str]]:
    """What `check` has to say, of a pair that is not in order, by its name."""
    return {one["name"]: one for one in pair.json("check", ok=1)["checks"]}


ALWAYS = {
    "rsync is installed",
    "state directory can be written",
    "record is whole",
    "no other run is going",
}


def test_a_booted_system_with_errors_is_not_synced_and_the_message_says_what_to_do(
    failing: Pair,
) -> None:
    fail(failing.booted)
    told = checks(failing)
    assert told.keys() >= ALWAYS
    found = told[f"booted {failing.booted} has no errors"]
    assert found["found"] == "the kernel has made it read-only after an error"
    assert "fsck.mode=force" in found["remedy"]
    before = failing.both()
    done = failing.run("sync", ok=1)
    assert b"has no errors" in done.stderr and b"fsck.mode=force" in done.stderr
    assert failing.both() == before


def test_kernels_before_6_15_say_it_in_another_way(failing: Pair, mounts: Mounts) -> None:
    """The file system is read-only, though it was mounted for writing."""
    again = failing.home / "again"
    again.mkdir()
    mounts.bind(failing.booted, again)
    command("mount", "-o", "remount,ro", failing.booted)
    failing.configure(booted={"root": str(again)})
    found = checks(failing)[f"booted {again} has no errors"]
    assert found["found"] == "the kernel has made it read-only after an error"


def test_a_clone_with_errors_is_no_matter_of_owners_and_attributes(failing: Pair) -> None:
    device = device_of(failing.clone)
    fail(failing.clone)
    found = checks(failing)[f"clone {failing.clone} is writable"]
    assert found["found"] == "the kernel has made it read-only after an error"
    assert f"fsck {device}" in found["remedy"]
    done = failing.run("sync", ok=1)
    assert f"fsck {device}".encode() in done.stderr
    assert b"lsattr" not in done.stderr


def short_patience() -> None:
    """rsync can deadlock when it has much to complain of, and is ended after five minutes."""
    stalls.NOTHING = 3


@pytest.mark.parametrize("command_", ["sync", "clone --overwrite"])
def test_one_that_fails_in_the_middle_of_a_run_is_named(failing: Pair, command_: str) -> None:
    device = device_of(failing.clone)
    interpose(failing, before=f"echo tests >{trigger_of(failing.clone)}")
    done = failing.start(*command_.split(), prepare=short_patience).wait()
    assert interposed(failing)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert b"%s has become read-only" % os.fsencode(failing.clone) in line
    assert f"fsck {device}".encode() in line
    assert b"lsattr" not in line and b".drdwrap.tmp" not in line
    repaired(failing, failing.clone)
    failing.run(*command_.split())
    assert failing.differences() == []
    assert failing.temporary_files() == []


def test_a_state_directory_with_errors_is_named(failing: Pair, mounts: Mounts) -> None:
    point = mounts.formatted("failing-state", 16 * MIB, *FORMAT)
    state = point / "state"
    failing.configure(state_dir=str(state))
    (failing.state).rename(failing.home / "former")
    failing.sync()
    fail(point)
    told = checks(failing)
    assert "Read-only file system" in told["state directory can be written"]["found"]
    assert "fsck" in told["state directory can be written"]["remedy"]
    assert told.keys() >= ALWAYS - {"no other run is going"}
    done = failing.run("sync", ok=1)
    assert b"Read-only file system" in done.stderr and b"fsck" in done.stderr


@pytest.fixture
def dead(pair: Pair, mounts: Mounts) -> Path:
    """A file system of which nothing can be read any more: XFS, shut down."""
    point = mounts.formatted("dead", 320 * MIB, "mkfs.xfs", "-q", "-f")
    populate(point)
    return point


def shut_down(point: Path) -> None:
    done = subprocess.run(
        ["xfs_io", "-x", "-c", "shutdown", point], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("XFS cannot be shut down here")


@pytest.mark.parametrize("side", ["booted", "clone"])
def test_every_check_is_answered_though_a_disk_is_not(pair: Pair, dead: Path, side: str) -> None:
    if side == "booted":
        pair.booted = dead
    else:
        populate(pair.booted)
        pair.clone = dead
    pair.configure(booted={"root": str(pair.booted)}, clone={"root": str(pair.clone)})
    pair.run("clone", "--overwrite")
    shut_down(dead)
    told = checks(pair)
    assert told.keys() >= ALWAYS
    failed = [one for one in told.values() if not one["ok"]]
    assert failed
    for one in failed:
        assert "Input/output error" in one["found"]
        assert "fsck" in one["remedy"]
    assert b"fsck" in pair.run("sync", ok=1).stderr


def test_a_root_directory_that_cannot_be_listed_is_a_check_that_failed(
    pair: Pair, mounts: Mounts
) -> None:
    image: Image = mounts.image("fragile")
    pair.booted = image.point
    pair.configure(booted={"root": str(image.point)})
    populate(pair.booted)
    pair.clone_fill()
    try:
        image.unmount()
        behind = 50 * MIB // 4096
        command("debugfs", "-w", "-R", f"set_inode_field <2> block[5] {behind}", image.file)
        image.mount()
        command("blkid", "-p", device_of(image.point))  # what it reads at the end stays in memory
        os.truncate(image.file, 40 * MIB)
        with pytest.raises(OSError, match=r"Structure needs cleaning|Input/output error"):
            os.listdir(pair.booted)
        told = checks(pair)
        assert told.keys() >= ALWAYS
        failed = [one for one in told.values() if not one["ok"]]
        assert failed and all("fsck" in one["remedy"] for one in failed)
        assert b"fsck" in pair.run("sync", ok=1).stderr
    finally:
        mounts.drop("fragile")
