"""Whatever a file has beside its contents arrives as it is, and a change of it alone is seen."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .lab.files import put, rewrite_unnoticed, setfacl
from .lab.images import MIB, command
from .lab.pair import Pair

Change = Callable[[Path], object]

CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")
"""cap_net_bind_service=ep, as the kernel keeps it."""

CHANGES: dict[str, Change] = {
    "mode": lambda path: path.chmod(0o600),
    "set-user-ID": lambda path: path.chmod(0o4755),
    "owner": lambda path: os.chown(path, 1001, -1),
    "group": lambda path: os.chown(path, -1, 1002),
    "large ids": lambda path: os.chown(path, 2**31 + 5, 4_000_000_000),
    "ACL": lambda path: setfacl(path, "-m", "u:1001:rw,g:1002:-"),
    "user attribute": lambda path: os.setxattr(path, "user.note", b"\x00binary\xff"),
    "empty attribute": lambda path: os.setxattr(path, "user.empty", b""),
    "trusted attribute": lambda path: os.setxattr(path, "trusted.note", b"trusted"),
    "security attribute": lambda path: os.setxattr(path, "security.note", b"label"),
    "SELinux label": lambda path: os.setxattr(path, "security.selinux", b"system_u:object_r:x:s0"),
    "capability": lambda path: os.setxattr(path, "security.capability", CAPABILITY),
}


@pytest.mark.parametrize(
    ("before", "after"), [(0o4755, 0o755), (0o2755, 0o700), (0o755, 0o4755), (0o4750, 0o2755)]
)
def test_a_set_id_bit_that_changes_together_with_the_acl(
    filled: Pair, rsync: str, before: int, after: int
) -> None:
    tool = filled.booted / "usr/bin/tool"
    tool.chmod(before)
    filled.sync()
    tool.chmod(after)
    setfacl(tool, "-m", "u:1001:r")
    filled.sync()
    assert filled.differences() == []


@pytest.mark.parametrize(("before", "after"), [(0o755, 0o1775), (0o1777, 0o755), (0o700, 0o3770)])
def test_a_sticky_bit_that_changes_together_with_the_acl(
    filled: Pair, rsync: str, before: int, after: int
) -> None:
    data = filled.booted / "srv/data"
    data.chmod(before)
    filled.sync()
    data.chmod(after)
    setfacl(data, "-m", "u:1001:r,d:u:1001:r")
    filled.sync()
    assert filled.differences() == []


def test_every_attribute_arrives_with_a_new_file(filled: Pair, rsync: str) -> None:
    for number, change in enumerate(CHANGES.values()):
        change(put(filled.booted, f"opt/new/{number}"))
    filled.sync()
    assert filled.differences() == []


def test_a_change_of_any_attribute_alone_is_copied(filled: Pair, rsync: str) -> None:
    for number, change in enumerate(CHANGES.values()):
        change(filled.booted / f"srv/data/{number + 5:02}")
    filled.sync()
    assert filled.report("to_be_copied") == [
        b"/srv/data/%02d" % (number + 5) for number in range(len(CHANGES))
    ]
    assert filled.differences() == []
    assert filled.sync()["copied"] == 0


def test_a_change_of_any_attribute_on_the_clone_is_kept(filled: Pair) -> None:
    for number, change in enumerate(CHANGES.values()):
        change(filled.clone / f"srv/data/{number + 5:02}")
        put(filled.booted, f"srv/data/{number + 5:02}", b"changed\n")
    kept = filled.both()[1]
    filled.sync()
    assert filled.report("target_changed") == [
        b"/srv/data/%02d" % (number + 5) for number in range(len(CHANGES))
    ]
    assert filled.both()[1] == kept


def test_attributes_taken_away_are_taken_away_on_the_clone(filled: Pair, rsync: str) -> None:
    names = [filled.booted / f"srv/data/{number:02}" for number in range(10, 14)]
    setfacl(names[0], "-m", "u:1001:rw")
    os.setxattr(names[1], "user.note", b"x")
    os.setxattr(names[2], "security.capability", CAPABILITY)
    os.setxattr(names[3], "trusted.note", b"x" * 200)
    filled.sync()
    assert filled.differences() == []
    setfacl(names[0], "-b")
    os.removexattr(names[1], "user.note")
    os.removexattr(names[2], "security.capability")
    os.removexattr(names[3], "trusted.note")
    filled.sync()
    assert filled.differences() == []
    assert len(filled.report("to_be_copied")) == 4


def test_an_attribute_with_another_value_is_copied(filled: Pair) -> None:
    os.setxattr(filled.booted / "etc/motd", "user.note", b"one")
    filled.sync()
    os.setxattr(filled.booted / "etc/motd", "user.note", b"two")
    filled.sync()
    assert filled.report("to_be_copied") == [b"/etc/motd"]
    assert filled.differences() == []


def test_a_change_time_alone_copies_nothing(filled: Pair) -> None:
    motd = filled.booted / "etc/motd"
    motd.chmod(0o600)
    motd.chmod(0o644)
    assert filled.sync()["copied"] == 0
    assert filled.reports() == {}


def test_contents_changed_with_size_and_time_put_back_are_copied(filled: Pair, rsync: str) -> None:
    rewrite_unnoticed(filled.booted / "etc/motd")
    rewrite_unnoticed(filled.booted / "srv/data/07")
    assert filled.sync()["copied"] == 2
    assert filled.differences() == []
    assert filled.sync()["copied"] == 0


def test_contents_changed_unnoticed_on_the_clone_are_kept(filled: Pair) -> None:
    new = rewrite_unnoticed(filled.clone / "etc/motd")
    filled.sync()
    assert filled.reports() == {"clone_only": [b"/etc/motd"]}
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    assert filled.reports() == {"target_changed": [b"/etc/motd"]}
    assert (filled.clone / "etc/motd").read_bytes() == new


def test_contents_changed_unnoticed_on_both_sides_are_target_changed(filled: Pair) -> None:
    rewrite_unnoticed(filled.booted / "etc/motd", b"booted\n!")
    new = rewrite_unnoticed(filled.clone / "etc/motd", b"clone!\n!")
    filled.sync()
    assert filled.reports() == {"target_changed": [b"/etc/motd"]}
    assert (filled.clone / "etc/motd").read_bytes() == new


def test_holes_stay_holes(filled: Pair, rsync: str) -> None:
    with put(filled.booted, "srv/sparse", b"").open("r+b") as file:
        file.truncate(40 * MIB)
        file.seek(20 * MIB)
        file.write(b"in the middle")
    filled.sync()
    assert filled.differences() == []
    assert (filled.clone / "srv/sparse").stat().st_blocks * 512 < MIB
    filled.run("sync")
    with (filled.booted / "srv/sparse").open("r+b") as file:
        file.seek(30 * MIB)
        file.write(b"and later")
    filled.sync()
    assert filled.differences() == []
    assert (filled.clone / "srv/sparse").stat().st_blocks * 512 < MIB


def test_special_files_arrive(filled: Pair, rsync: str) -> None:
    special = filled.booted / "srv/special"
    special.mkdir()
    os.mkfifo(special / "fifo", 0o620)
    os.mknod(special / "null", 0o20666, os.makedev(1, 3))
    os.mknod(special / "disk", 0o60660, os.makedev(259, 1_000_000))
    here = os.getcwd()
    os.chdir(special)  # a socket's path has no room for a longer one
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket")
    finally:
        os.chdir(here)
    os.chown(special / "fifo", 1001, 1002)
    filled.sync()
    assert filled.differences() == []
    assert len(filled.report("to_be_copied")) == 5
    (special / "null").unlink()
    os.mknod(special / "null", 0o20666, os.makedev(1, 5))
    (special / "fifo").chmod(0o600)
    filled.sync()
    assert filled.differences() == []
    assert filled.sync()["copied"] == 0


def test_a_fifo_is_never_opened(filled: Pair) -> None:
    """Whoever opens it waits for a writer that never comes."""
    os.mkfifo(filled.booted / "srv/fifo")
    filled.sync()
    (filled.booted / "srv/fifo").chmod(0o600)
    (filled.clone / "srv/fifo").chmod(0o640)
    filled.run("sync", timeout=20)
    assert filled.report("target_changed") == [b"/srv/fifo"]


def test_links_arrive_as_they_are(filled: Pair, rsync: str) -> None:
    for name, target in {
        "dangling": "/nowhere",
        "escaping": "../../../../../../../../etc/passwd",
        "absolute": "/etc/motd",
        "itself": "itself",
        "long": "x" * 4000,
    }.items():
        (filled.booted / "srv" / name).symlink_to(target)
    os.symlink(b"\xff\n#", os.fsencode(filled.booted / "srv/odd"))
    os.chown(filled.booted / "srv/dangling", 1001, 1002, follow_symlinks=False)
    os.setxattr(filled.booted / "srv/absolute", "trusted.x", b"x", follow_symlinks=False)
    filled.sync()
    assert filled.differences() == []
    (filled.booted / "srv/absolute").unlink()
    (filled.booted / "srv/absolute").symlink_to("/etc/host")
    filled.sync()
    assert filled.report("to_be_copied") == [b"/srv/absolute"]
    assert filled.differences() == []


@pytest.fixture
def immutable(filled: Pair) -> Path:
    path = filled.clone / "etc/motd"
    if subprocess.run(["chattr", "+i", path], capture_output=True, check=False).returncode:
        pytest.skip("chattr +i does not work here")
    # Making it immutable moved its change time: what that leaves open is settled by a look at the
    # contents, as long as the booted side has not changed as well.
    filled.sync()
    assert filled.reports() == {}
    return path


def allow(pair: Pair, path: Path) -> None:
    """Make it mutable again. That moves its change time, too, and the booted side has changed by
    now: nothing tells this from an ACL set on the clone, but the administrator."""
    command("chattr", "-i", path)
    pair.run("accept", "/etc/motd")


def test_an_immutable_file_on_the_clone_is_named_and_the_rest_is_copied(
    filled: Pair, immutable: Path, rsync: str
) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.booted, "etc/hosts", b"booted\n")
    done = filled.run("sync", ok=2)
    assert b"/etc/motd could not be copied" in done.stderr and b"drdwrap accept" in done.stderr
    assert immutable.read_bytes() == b"welcome\n"
    assert (filled.clone / "etc/hosts").read_bytes() == b"booted\n"
    assert filled.temporary_files() == []
    allow(filled, immutable)
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_an_immutable_file_that_was_erased_is_named(filled: Pair, immutable: Path) -> None:
    (filled.booted / "etc/motd").unlink()
    (filled.booted / "etc/hosts").unlink()
    done = filled.run("sync", ok=2)
    assert b"/etc/motd" in done.stdout + done.stderr
    assert not (filled.clone / "etc/hosts").exists()
    allow(filled, immutable)
    assert filled.sync()["deleted"] == 1
    assert filled.differences() == []
