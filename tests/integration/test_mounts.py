"""Other file systems below the booted tree are neither entered nor waited for."""

from __future__ import annotations

import mmap
import os
import time

from .lab.files import LONG_AGO, put
from .lab.images import command
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.rsync import interpose


def test_another_file_system_stays_an_empty_directory(
    filled: Pair, mounts: Mounts, rsync: str
) -> None:
    (filled.booted / "mnt/usb").mkdir(parents=True)
    mounts.tmpfs(filled.booted / "mnt/usb")
    put(filled.booted, "mnt/usb/file")
    filled.sync()
    assert filled.report("to_be_copied") == [b"/mnt", b"/mnt/usb"]
    assert list((filled.clone / "mnt/usb").iterdir()) == []
    assert filled.sync()["copied"] == 0


def test_another_file_system_stays_an_empty_directory_in_the_fill(
    pair: Pair, mounts: Mounts, rsync: str
) -> None:
    put(pair.booted, "etc/motd")
    (pair.booted / "mnt/usb").mkdir(parents=True)
    mounts.tmpfs(pair.booted / "mnt/usb")
    put(pair.booted, "mnt/usb/file")
    pair.clone_fill()
    assert list((pair.clone / "mnt/usb").iterdir()) == []
    assert (pair.clone / "etc/motd").exists()


def test_a_bind_mount_of_the_same_file_system_is_not_entered(
    filled: Pair, mounts: Mounts, rsync: str
) -> None:
    (filled.booted / "mnt/again").mkdir(parents=True)
    mounts.bind(filled.booted / "srv", filled.booted / "mnt/again")
    filled.sync()
    assert list((filled.clone / "mnt/again").iterdir()) == []
    assert filled.sync()["copied"] == 0


def test_a_bind_mount_of_the_root_itself_is_not_entered(filled: Pair, mounts: Mounts) -> None:
    (filled.booted / "mnt/again").mkdir(parents=True)
    mounts.bind(filled.booted, filled.booted / "mnt/again")
    filled.sync()
    assert list((filled.clone / "mnt/again").iterdir()) == []


def test_a_bind_mount_of_a_single_file_does_not_hide_the_file(filled: Pair, mounts: Mounts) -> None:
    mounts.bind(put(filled.home, "other-hosts", b"another\n"), filled.booted / "etc/hosts")
    filled.sync()
    assert filled.reports() == {}
    assert (filled.clone / "etc/hosts").read_bytes() == b"127.0.0.1 localhost\n"


def test_what_is_hidden_under_a_mount_point_belongs_to_its_file_system(
    filled: Pair, mounts: Mounts, rsync: str
) -> None:
    put(filled.booted, "srv/hidden/below", b"hidden\n")
    mounts.tmpfs(filled.booted / "srv/hidden")
    put(filled.booted, "srv/hidden/above", b"in the tmpfs\n")
    filled.sync()
    assert os.listdir(filled.clone / "srv/hidden") == ["below"]
    assert filled.sync()["copied"] == 0


def test_a_mount_over_known_files_does_not_erase_them(filled: Pair, mounts: Mounts) -> None:
    mounts.tmpfs(filled.booted / "srv/data")
    counts = filled.sync()
    assert counts["copied"] == counts["deleted"] == 0
    assert filled.reports() == {}
    assert len(os.listdir(filled.clone / "srv/data")) == 20


def test_a_mount_on_the_clone_is_not_written_into(filled: Pair, mounts: Mounts) -> None:
    (filled.booted / "srv/later").mkdir()
    filled.sync()
    mounts.tmpfs(filled.clone / "srv/later")
    put(filled.booted, "srv/later/file", b"new\n")
    filled.start("sync").wait()  # to refuse is as good as to write below the mount
    assert os.listdir(filled.clone / "srv/later") == []


def test_a_dead_fuse_mount_is_not_waited_for(filled: Pair, mounts: Mounts, rsync: str) -> None:
    (filled.booted / "mnt/dead").mkdir(parents=True)
    mounts.dead_fuse(filled.booted / "mnt/dead")
    put(filled.booted, "etc/motd", b"booted\n")
    started = time.monotonic()
    filled.run("preview", timeout=20)
    filled.run("sync", timeout=20)
    filled.run("explain", "/etc/motd", timeout=20)
    filled.run("status", timeout=20)
    assert time.monotonic() - started < 15
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"
    assert list((filled.clone / "mnt/dead").iterdir()) == []


def test_a_dead_fuse_mount_is_not_waited_for_in_the_fill(
    pair: Pair, mounts: Mounts, rsync: str
) -> None:
    put(pair.booted, "etc/motd")
    (pair.booted / "mnt/dead").mkdir(parents=True)
    mounts.dead_fuse(pair.booted / "mnt/dead")
    pair.run("clone", timeout=20)
    assert list((pair.clone / "mnt/dead").iterdir()) == []


def test_a_write_through_a_shared_mapping_is_seen(filled: Pair) -> None:
    """A store into a page that is dirty already moves no time until it is written back."""
    path = put(filled.booted, "srv/mapped", bytes(8192))
    filled.sync()
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 8192) as mapping:
        for number in range(1, 4):
            mapping[number] = number
            filled.sync()
            mapping[100 + number] = number
            filled.sync()
            assert (filled.clone / "srv/mapped").read_bytes() == bytes(mapping)


def test_a_volume_mounted_read_only_on_the_booted_side_is_read(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n", mtime_ns=LONG_AGO)
    command("mount", "-o", "remount,ro", filled.booted)
    filled.sync()
    assert filled.differences() == []


def test_the_booted_side_cannot_be_written_nor_is_its_reading_noted(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    os.utime(filled.booted / "etc/motd", (0, 1_600_000_000))
    interpose(filled, before=f"touch {filled.state}/trees/booted/written; echo tried")
    filled.sync()
    assert (filled.home / "interposed/log").read_text().endswith("tried\n")
    assert not (filled.booted / "written").exists()
    assert (filled.booted / "etc/motd").stat().st_atime == 0
    assert filled.differences() == []


def test_no_mount_of_a_run_is_left(filled: Pair) -> None:
    with open("/proc/self/mountinfo") as table:
        before = table.read()
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    filled.run("sync", fresh=True)
    with open("/proc/self/mountinfo") as table:
        assert table.read() == before
