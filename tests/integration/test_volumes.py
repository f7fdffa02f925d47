"""Booted systems of several file systems, each with its twin on the clone."""

from __future__ import annotations

import os
import shutil

from .lab.files import populate, put
from .lab.images import command
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.snapshot import differences, snapshot


def assert_in_step(pair: Pair) -> None:
    assert pair.differences() == []
    assert differences(snapshot(pair.booted / "var"), snapshot(pair.clone / "var")) == []


def test_all_of_them_are_filled(volumes: Pair) -> None:
    assert_in_step(volumes)
    assert os.path.ismount(volumes.clone / "var")
    assert (volumes.clone / "var/lib/app/state").read_bytes() == b"7\n"
    assert volumes.sync()["copied"] == 0


def test_changes_in_each_are_copied_and_removed(volumes: Pair, rsync: str) -> None:
    put(volumes.booted, "etc/motd", b"booted\n")
    put(volumes.booted, "var/lib/app/state", b"8\n")
    put(volumes.booted, "var/lib/new/file", b"new\n")
    (volumes.booted / "var/spool/app/queue/job").unlink()
    put(volumes.clone, "var/own", b"clone\n")
    volumes.sync()
    assert volumes.report("to_be_copied") == [
        b"/etc/motd",
        b"/var/lib/app/state",
        b"/var/lib/new",
        b"/var/lib/new/file",
    ]
    assert volumes.report("erased") == [b"/var/spool/app/queue/job"]
    assert (volumes.clone / "var/own").exists()
    (volumes.clone / "var/own").unlink()
    assert_in_step(volumes)
    assert volumes.sync()["copied"] == 0


def test_no_temporary_directory_stays_on_any(volumes: Pair) -> None:
    put(volumes.booted, "etc/motd", b"booted\n")
    put(volumes.booted, "var/lib/app/state", b"8\n")
    volumes.sync()
    for root in (volumes.clone, volumes.clone / "var"):
        assert not (root / ".drdwrap.tmp").exists()


def test_a_file_that_moves_to_another_volume_is_followed(volumes: Pair, rsync: str) -> None:
    shutil.move(volumes.booted / "srv/data", volumes.booted / "var/data")
    volumes.sync()
    assert_in_step(volumes)


def test_the_mode_of_a_volumes_root_directory_is_followed(volumes: Pair, rsync: str) -> None:
    """The mount point's name is on the list of the root volume; the list of /var has no name."""
    (volumes.booted / "var").chmod(0o2775)
    put(volumes.booted, "var/lib/app/state", b"8\n")
    volumes.sync()
    assert (volumes.clone / "var").stat().st_mode & 0o7777 == 0o2775
    assert_in_step(volumes)


def test_a_volume_of_the_booted_system_that_is_not_mounted_is_refused(volumes: Pair) -> None:
    command("umount", volumes.booted / "var")
    before = volumes.both(ctimes=True), snapshot(volumes.clone / "var", ctimes=True)
    assert b"/var" in volumes.run("sync", ok=1).stderr
    assert (volumes.both(ctimes=True), snapshot(volumes.clone / "var", ctimes=True)) == before


def test_a_volume_of_the_clone_that_is_not_mounted_is_refused(volumes: Pair) -> None:
    put(volumes.booted, "var/lib/app/state", b"8\n")
    command("umount", volumes.clone / "var")
    assert b"/var" in volumes.run("sync", ok=1).stderr
    assert list((volumes.clone / "var").iterdir()) == []


def test_a_volume_mounted_from_another_file_system_is_refused(
    volumes: Pair, mounts: Mounts
) -> None:
    command("umount", volumes.clone / "var")
    mounts.image_at("other", volumes.clone / "var")
    volumes.run("sync", ok=1)
    assert list((volumes.clone / "var").iterdir()) == [volumes.clone / "var/lost+found"]


def test_a_volume_left_out_of_the_configuration_is_another_file_system(
    pair: Pair, mounts: Mounts
) -> None:
    (pair.booted / "var").mkdir()
    mounts.image_at("booted-var", pair.booted / "var")
    populate(pair.booted)
    pair.clone_fill()
    assert list((pair.clone / "var").iterdir()) == []
    assert pair.sync()["copied"] == 0
