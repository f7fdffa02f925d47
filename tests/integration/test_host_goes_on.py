"""While drdwrap runs, the machine goes on as if it did not: what is unmounted is unmounted."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drdwrap.pair import private_trees

from .lab.files import put
from .lab.host import Host, NoHost
from .lab.images import MIB, command
from .lab.moments import before
from .lab.pair import Pair
from .lab.processes import wait_until
from .lab.program import Program
from .lab.rsync import interpose, interposed


@contextmanager
def a_host() -> Iterator[Host]:
    """A machine with all that is mounted here, and its mounts are shared."""
    try:
        machine = Host()
    except NoHost as reason:
        pytest.skip(f"mounts cannot be shared here: {reason}")
    try:
        yield machine
    finally:
        machine.close()


@pytest.fixture
def host(filled: Pair) -> Iterator[Host]:
    with a_host() as machine:
        yield machine


@contextmanager
def standing_still(pair: Pair, host: Host) -> Iterator[Program]:
    """A sync on that machine that waits in its copy for the length of the context."""
    hold = pair.home / "hold"
    interpose(pair, before=f"while [ -d {hold} ]; do sleep 0.01; done")
    hold.mkdir()
    put(pair.booted, "etc/motd", b"booted\n")
    program = pair.start("sync", fresh=True, prepare=host.enter)
    try:
        wait_until(lambda: interposed(pair), "the copy starts")
        yield program
        hold.rmdir()
        assert program.wait().returncode == 0
    finally:
        program.kill_all()
        program.wait()


def disk(path: Path) -> Path:
    """An image with a file system, to plug in."""
    with path.open("wb") as file:
        file.truncate(16 * MIB)
    command("mkfs.ext4", "-q", "-F", path)
    return path


def assert_let_go(image: Path) -> None:
    """The kernel uses the disk no more, and has written all that was on it."""

    def free() -> bool:
        return not command("losetup", "--noheadings", "--associated", image).strip()

    wait_until(free, "the disk is free", patience=3.0)
    told = command("dumpe2fs", "-h", image).decode()
    assert "Filesystem state:         clean" in told
    assert "needs_recovery" not in told
    command("mkfs.ext4", "-q", "-F", image)


def test_a_disk_mounted_before_the_run_can_be_taken_out_in_it(
    filled: Pair, host: Host, tmp_path: Path
) -> None:
    usb, point = disk(tmp_path / "usb.img"), tmp_path / "u"
    point.mkdir()
    host.command("mount", "-o", "loop", usb, point)
    with standing_still(filled, host):
        host.command("sh", "-c", f"echo written >{point}/file")
        host.command("umount", point)
        saved = command("debugfs", "-R", "cat file", usb)
        assert_let_go(usb)
    assert saved == b"written\n"
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"


def test_so_can_one_mounted_below_the_booted_tree(filled: Pair, host: Host, tmp_path: Path) -> None:
    """There the run has bind mounts of its own, above which nothing appears."""
    usb, point = disk(tmp_path / "usb.img"), filled.booted / "mnt"
    point.mkdir()
    host.command("mount", "-o", "loop", usb, point)
    with standing_still(filled, host):
        host.command("umount", point)
        assert_let_go(usb)
        host.command("mount", "-o", "loop", usb, point)
        host.command("touch", point / "file")
    assert filled.sync()["copied"] == 0
    host.command("umount", point)
    assert_let_go(usb)
    assert os.listdir(filled.clone / "mnt") == []


@pytest.fixture
def changed(volumes: Pair) -> Pair:
    """One file of the second volume is to be copied."""
    put(volumes.booted, "var/lib/app/state", b"8\n")
    return volumes


def test_a_volume_of_the_pair_stays_whole_for_the_run(changed: Pair) -> None:
    """It is in use until the run has ended."""
    with a_host() as host, standing_still(changed, host):
        host.command("umount", changed.booted / "var")
        host.command("umount", changed.clone / "var")
    assert (changed.clone / "var/lib/app/state").read_bytes() == b"8\n"
    assert changed.sync()["copied"] == changed.sync()["deleted"] == 0


@pytest.mark.parametrize("side", ["booted", "clone"])
def test_a_volume_that_is_unmounted_as_the_run_begins_is_not_an_empty_one(
    changed: Pair, side: str
) -> None:
    """Between the checks and the run's own mounts: nothing of it has been erased."""
    var = (changed.booted if side == "booted" else changed.clone) / "var"
    unmount = before(private_trees, "_assembled", lambda: _unmount(var))
    done = changed.start("sync", prepare=unmount).wait()
    assert done.returncode == 1
    assert f"{var} was unmounted while the run began".encode() in done.stderr
    # It was unmounted in the run's namespace alone: here the clone's volume is still to be seen.
    assert (changed.clone / "var/lib/app/state").read_bytes() == b"7\n"


def _unmount(point: Path) -> None:
    subprocess.run(["umount", point], capture_output=True, check=False)


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_a_hook_starts_sees_the_mounts_of_all(filled: Pair, host: Host, when: str) -> None:
    """A daemon in the run's own namespace would keep all mounts of the run."""
    told = filled.home / "namespace"
    note = ["/bin/sh", "-c", f"readlink /proc/self/ns/mnt >{told}"]
    filled.configure(hooks={when: [note]})
    put(filled.booted, "etc/motd", b"booted\n")
    program = filled.start("sync", fresh=True, prepare=host.enter)
    assert program.wait().returncode == 0
    assert told.read_text().strip() == os.readlink(host.namespace)
