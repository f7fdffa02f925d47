"""A fill goes on where single files cannot be copied, and names them: with attributes that the
clone cannot hold, with more names than it allows, or in places that no sync looks at."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab.files import populate, put, rewrite_unnoticed
from .lab.images import MIB, command
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.rsync import interpose, interposed

KEPT_BY_RSYNC = ("user.rsync.%stat", "user.rsync.%aacl", "user.rsync.plain")
"""What rsync keeps for itself (--fake-super): a tree of backups has it on every file."""


def backups(root: Path) -> list[Path]:
    """A tree of backups that rsync has made with --fake-super."""
    made = [put(root, "srv/backup/etc/shadow"), root / "srv/backup", root / "srv/backup/etc"]
    for path in made:
        for name in KEPT_BY_RSYNC:
            os.setxattr(path, name, b"100640 0,0 0:42")
    return made


def test_attributes_that_rsync_keeps_for_itself_arrive(pair: Pair, rsync: str) -> None:
    populate(pair.booted)
    backups(pair.booted)
    pair.clone_fill()
    assert pair.differences() == []
    assert pair.sync()["copied"] == 0


def test_and_a_sync_brings_and_removes_them(filled: Pair, rsync: str) -> None:
    made = backups(filled.booted)
    filled.sync()
    assert filled.differences() == []
    os.setxattr(made[0], KEPT_BY_RSYNC[0], b"100600 0,0 0:42")
    os.removexattr(made[1], KEPT_BY_RSYNC[1])
    filled.sync()
    assert filled.differences() == []
    assert filled.sync()["copied"] == 0


def test_and_one_that_the_booted_system_has_no_more_goes_with_overwrite(
    filled: Pair, rsync: str
) -> None:
    backups(filled.clone)
    filled.run("clone", "--overwrite")
    assert filled.differences() == []


def test_attributes_that_are_left_out_without_a_word_are_found(pair: Pair) -> None:
    populate(pair.booted)
    for name in ("boot/vmlinuz", "etc/motd"):
        os.setxattr(put(pair.booted, name), "user.note", b"1")
    root = f"{pair.state}/trees/clone"
    interpose(pair, after=f"setfattr -x user.note '{root}/etc/motd' '{root}/boot/vmlinuz'")
    warnings = pair.json("clone", ok=2)["warnings"]
    other = "its extended attributes are not those of the booted system"
    assert f"/etc/motd: {other}; the next sync copies them" in warnings
    (boot,) = [line for line in warnings if line.startswith("/boot/vmlinuz")]
    assert boot.startswith(f"/boot/vmlinuz: {other} (no sync copies it: it is in /boot/*: ")
    assert len(warnings) == 2
    pair.sync()
    assert pair.differences("boot/vmlinuz") == []
    assert pair.sync()["copied"] == 0


@pytest.fixture
def narrow(pair: Pair, mounts: Mounts) -> Pair:
    """The clone's file system has no room for large attributes."""
    small_blocks = ("mkfs.ext4", "-q", "-F", "-b", "1024", "-I", "256")
    pair.clone = mounts.formatted("narrow", 16 * MIB, *small_blocks)
    pair.configure(clone={"root": str(pair.clone)})
    populate(pair.booted)
    for name in ("boot/vmlinuz", "srv/image"):
        os.setxattr(put(pair.booted, name), "user.large", b"x" * 3000)
    return pair


def test_a_file_that_has_failed_is_named_by_its_own_name(narrow: Pair, rsync: str) -> None:
    boot, image = narrow.json("clone", ok=2)["warnings"]
    assert boot.startswith("/boot/vmlinuz could not be copied as it is: ")
    assert "user.large" in boot
    assert boot.endswith("(no sync copies it: it is in /boot/*: kernel and boot files: each side"
                         " boots by its own)")  # fmt: skip
    assert image.startswith("/srv/image could not be copied as it is: ")
    assert "no sync" not in image


def fail_silently(pair: Pair, *paths: str) -> None:
    """Have rsync leave these paths with another mode."""
    wrong = " ".join(f"'{pair.state}/trees/clone/{path}'" for path in paths)
    interpose(pair, after=f"chmod 600 {wrong}")


def test_what_differs_in_a_location_is_named_since_no_sync_looks_there(pair: Pair) -> None:
    populate(pair.booted)
    for name in ("boot/vmlinuz", "boot/config", "var/lib/dpkg/status"):
        put(pair.booted, name)
    fail_silently(pair, "boot/vmlinuz", "var/lib/dpkg/status", "etc/motd")
    warnings = pair.json("clone", ok=2)["warnings"]
    assert interposed(pair)
    assert [line.partition(" (")[0] for line in warnings] == [
        "/boot/vmlinuz is not as on the booted system",
        "/var/lib/dpkg/status is not as on the booted system",
    ]
    assert all("no sync copies it: it is in /" in line for line in warnings)
    pair.sync()
    assert (pair.clone / "etc/motd").stat().st_mode & 0o777 == 0o644


def test_what_changes_there_while_the_clone_is_filled_is_noted(pair: Pair) -> None:
    populate(pair.booted)
    put(pair.booted, "boot/vmlinuz")
    interpose(pair, after=f"echo changed > '{pair.booted}/boot/vmlinuz'")
    done = pair.run("-v", "clone")
    assert interposed(pair)
    told = (done.stdout + done.stderr).decode()
    assert "/boot/vmlinuz changed while the clone was filled (no sync copies it" in told


@pytest.fixture
def held(filled: Pair) -> Iterator[Pair]:
    """The directory of the first name of a linked file is immutable on the clone."""
    for name in ("a/first", "b/second", "c/third"):
        (filled.booted / name).parent.mkdir()
    put(filled.booted, "a/first", b"linked\n")
    for name in ("b/second", "c/third"):
        os.link(filled.booted / "a/first", filled.booted / name)
    filled.sync()
    rewrite_unnoticed(filled.booted / "a/first")
    if subprocess.run(["chattr", "+i", filled.clone / "a"], check=False).returncode:
        pytest.skip("chattr +i does not work here")
    yield filled
    command("chattr", "-i", filled.clone / "a")


def test_a_name_that_cannot_be_replaced_keeps_no_fill_waiting(held: Pair, rsync: str) -> None:
    put(held.booted, "etc/motd", b"booted\n")
    warnings = held.json("clone", "--overwrite", ok=2)["warnings"]
    assert any("/a/first" in line for line in warnings)
    assert (held.clone / "etc/motd").read_bytes() == b"booted\n"
    assert held.differences("a", "a/first", "b/second", "c/third") == []


def test_nor_does_one_that_cannot_be_read(pair: Pair, rsync: str) -> None:
    """Of three names that are on the clone as well."""
    pair.booted.chmod(0o755)
    populate(pair.booted)
    put(pair.booted, "srv/a", b"linked\n")
    for name in ("b", "c"):
        os.link(pair.booted / "srv/a", pair.booted / "srv" / name)
    pair.clone_fill()
    hidden = "rm -f " + " ".join(f"'{pair.booted}/srv/{name}'" for name in "abc")
    slow = pair.home / "slow"
    slow.mkdir()
    real = shutil.which("rsync", path=pair.env["PATH"])
    (slow / "rsync").write_text(f'#!/bin/sh\ncase "$*" in *--version*) exec {real} "$@";; esac\n'
                                f'(sleep 1; {hidden}) >/dev/null 2>&1 &\n'
                                f'exec {real} --bwlimit=2000 "$@"\n')  # fmt: skip
    (slow / "rsync").chmod(0o755)
    put(pair.booted, "bin/first", os.urandom(4 * MIB))
    pair.env["PATH"] = f"{slow}:{pair.env['PATH']}"
    done = pair.run("clone", "--overwrite")
    assert b"/srv/a vanished" in done.stdout + done.stderr or not (pair.clone / "srv/a").exists()
    assert (pair.clone / "etc/motd").exists()


def test_what_overwrite_replaces_is_removed_first(filled: Pair, rsync: str) -> None:
    """All of it, of any type, except what is excluded or transient."""
    put(filled.clone, "own/deep/er/file")
    put(filled.clone, "own/kept.iso")
    put(filled.clone, "tmp/kept")
    (filled.clone / "own/link").symlink_to("/etc")
    os.mkfifo(filled.clone / "own/fifo")
    (filled.clone / "etc/motd").unlink()
    (filled.clone / "etc/motd").mkdir()
    put(filled.clone, "etc/motd/file")
    filled.configure(exclude_list=["*.iso"])
    filled.run("clone", "--overwrite")
    kept = ["own", "own/kept.iso", "tmp", "tmp/kept"]
    assert filled.differences(*kept) == []
    assert (filled.clone / "own/kept.iso").exists()
    assert not (filled.clone / "own/deep").exists()
    assert filled.sync()["copied"] == 0


def test_holes_of_a_million_terabytes_are_not_read(pair: Pair, mounts: Mounts) -> None:
    """Anyone can make one on XFS; to read it takes ages. ext4 has none that large."""
    largest = (1 << 63) - 1
    pair.booted = mounts.formatted("xfs", 320 * MIB, "mkfs.xfs", "-q")
    pair.configure(booted={"root": str(pair.booted)})
    populate(pair.booted)
    for name, size in (("largest", largest), ("large", 1 << 43)):
        path = put(pair.booted, f"srv/holes/{name}", b"at the beginning")
        os.truncate(path, size)
        path.chmod(0o640)
        os.utime(path, ns=(5, 5_000_000_005))
    os.link(path, path.with_name("name"))
    os.utime(path.parent, ns=(7, 7_000_000_007))
    (warning,) = pair.json("clone", ok=2)["warnings"]
    assert warning == "/srv/holes/largest could not be copied: File too large"
    there = pair.clone / "srv/holes"
    assert sorted(path.name for path in there.iterdir()) == ["large", "name"]
    assert (there / "large").samefile(there / "name")
    for name in ("", "large"):
        here, now = (pair.booted / "srv/holes" / name).stat(), (there / name).stat()
        assert (now.st_mode, now.st_mtime_ns) == (here.st_mode, here.st_mtime_ns)
    assert (there / "large").stat().st_size == 1 << 43
    with (there / "large").open("rb") as file:
        assert file.read(16) == b"at the beginning"
    assert (there / "large").stat().st_blocks * 512 < MIB


def with_many_names(pair: Pair, mounts: Mounts) -> bytes:
    """A file with 65,010 names on XFS, and an empty ext4 for the clone. Returns its first name."""
    pair.booted = mounts.formatted("xfs", 320 * MIB, "mkfs.xfs", "-q")
    pair.configure(booted={"root": str(pair.booted)})
    pair.clone = mounts.formatted("many", 64 * MIB, "mkfs.ext4", "-q", "-F")
    pair.configure(clone={"root": str(pair.clone)})
    populate(pair.booted)
    first = os.fsencode(put(pair.booted, "srv/many/00000"))
    for number in range(1, 65_010):
        os.link(first, first[:-5] + b"%05d" % number)
    return first


def test_more_names_than_the_clone_allows_are_named_once(pair: Pair, mounts: Mounts) -> None:
    with_many_names(pair, mounts)
    (warning,) = pair.json("clone", ok=2)["warnings"]
    assert warning.startswith("/srv/many/")
    assert warning.endswith(
        " and 9 more could not be made: they are among the 65,010 names of one file, and the"
        " clone's file system allows no more"
    )
    assert len(os.listdir(pair.clone / "srv/many")) == 65_000


@pytest.mark.slow
def test_a_sync_names_them_once_as_well(pair: Pair, mounts: Mounts) -> None:
    """A minute: all names of the file are made anew."""
    first = with_many_names(pair, mounts)
    pair.run("clone", ok=2)
    os.utime(first)
    told = json.loads(pair.run("--json", "sync", ok=2, timeout=300).stdout)
    (warning,) = told["warnings"]
    assert warning.startswith("/srv/many/")
    assert " and 9 more could not be made: they are among the 65,010 names of one file" in warning
    assert len(os.listdir(pair.clone / "srv/many")) == 65_000
