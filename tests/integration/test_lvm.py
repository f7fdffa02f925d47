"""`layout: lvm` as far as a machine without a device mapper goes: LVM's own reports, mounting below
the clone's root, and the refusals on a machine whose root is on no volume group.

The rest is told on virtual machines: tests/vm/test_clone.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from drdwrap.boot.grub_and_initramfs.command_types import BootCommands
from drdwrap.boot.grub_and_initramfs.run_in_clone import run_in_clone
from drdwrap.errors import DrdwrapError, ProgramError
from drdwrap.linux import lvm, process, syscalls
from drdwrap.log import Log
from drdwrap.pair import chroot_mounts, mounting
from drdwrap.pair.mounting import FileSystem

from .lab.files import put
from .lab.images import command, is_mounted, mount_points
from .lab.mounts import UNSHARE, Mounts
from .lab.pair import Pair

_CONFIGURATION = """
devices {{ use_devicesfile = 0 filter = [ "a|^{device}$|", "r|.*|" ] cache_file_prefix = "" }}
global {{ locking_dir = "{directory}" use_lvmlockd = 0 }}
activation {{ udev_sync = 0 udev_rules = 0 monitoring = 0 }}
backup {{ backup = 0 archive = 0 }}
"""


def test_lvms_own_reports_are_understood(tmp_path: Path) -> None:
    if subprocess.run(["which", "lvm"], capture_output=True, check=False).returncode:
        pytest.skip("lvm2 is not installed")
    image = tmp_path / "pv.img"
    with image.open("wb") as file:
        file.truncate(128 << 20)
    device = command("losetup", "--find", "--show", image).decode().strip()
    try:
        configuration = _CONFIGURATION.format(device=device, directory=tmp_path)
        (tmp_path / "lvm.conf").write_text(configuration)

        def ask(*arguments: str) -> bytes:
            name, *rest = arguments
            done = subprocess.run(
                ["lvm", name, "--driverloaded", "n", *rest],
                env={**os.environ, "LVM_SYSTEM_DIR": str(tmp_path)},
                capture_output=True,
                check=True,
            )
            return done.stdout

        ask("pvcreate", device)
        ask("vgcreate", "--physicalextentsize", "1m", "vg-a", device)
        for name, size in (("root", "20m"), ("with-hyphen", "8m")):
            ask("lvcreate", "-an", "-Zn", "-Wn", "--name", name, "--size", size, "vg-a")
        (group,) = lvm.parse(*(ask(*lvm.report(kind)) for kind in ("vgs", "lvs", "pvs")))
    finally:
        command("losetup", "--detach", device)
    assert (group.name, group.extent_size, group.free) == ("vg-a", 1 << 20, 99 << 20)
    assert [(one.device, one.missing) for one in group.physical] == [(device, False)]
    found = {lv.name: lv for lv in group.lvs}
    assert found["root"].size == 20 << 20
    assert found["with-hyphen"].mapper_path == "/dev/mapper/vg--a-with--hyphen"
    assert all(lv.holds_data and not lv.is_active for lv in group.lvs)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("[ ]", []), ('"vg00"', ["vg00"]), ('[ "vg00", "@a",\n"b/c-d" ]', ["vg00", "@a", "b/c-d"])],
)
def test_lvms_own_lists_are_understood(tmp_path: Path, setting: str, expected: list[str]) -> None:
    if subprocess.run(["which", "lvmconfig"], capture_output=True, check=False).returncode:
        pytest.skip("lvm2 is not installed")
    (tmp_path / "lvm.conf").write_text(f"activation {{ volume_list = {setting} }}\n")
    done = subprocess.run(
        ["lvmconfig", "activation/volume_list"],
        env={**os.environ, "LVM_SYSTEM_DIR": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    assert lvm.listed(done.stdout) == expected


def test_a_machine_without_a_root_volume_group_is_told_so(pair: Pair) -> None:
    pair.configure(layout="lvm")
    for words in (("sync",), ("preview",), ("clone", "--disk", "/dev/null"), ("mount",)):
        told = pair.run(*words, ok=1).stderr.decode()
        assert "layout: directories" in told or "LVM" in told, told
    assert pair.run("check", ok=1).stdout
    assert pair.json("status")["booted"]["volume_group"] is None


def test_a_machine_without_lvm_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(process, "search_path", lambda: str(tmp_path))
    with pytest.raises(ProgramError, match="LVM is not installed") as raised:
        lvm.groups()
    assert "layout: directories" in raised.value.hint


def test_directories_have_no_disk_to_make_and_nothing_to_mount(filled: Pair) -> None:
    assert b"layout: lvm" in filled.run("clone", "--disk", "/dev/null", ok=1).stderr
    assert b"by hand" in filled.run("mount", ok=1).stderr
    assert b"by hand" in filled.run("umount", ok=1).stderr
    assert is_mounted(filled.clone)


def test_a_half_made_disk_is_told_and_nothing_done(filled: Pair) -> None:
    put(filled.state.parent, "state/cloning", b"/dev/disk/by-id/x")
    for words in ("sync", "preview"):
        told = filled.run(words, ok=1).stderr.decode()
        assert "cut off" in told and "clone --disk /dev/disk/by-id/x --overwrite" in told


@pytest.fixture
def systems(mounts: Mounts, tmp_path: Path) -> tuple[list[FileSystem], bytes]:
    """Two file systems, one to be mounted in the other, and where."""
    found = []
    for name, point in (("outer", b""), ("inner", b"var/lib")):
        image = tmp_path / name
        with image.open("wb") as file:
            file.truncate(4 << 20)
        command("mkfs.ext4", "-q", "-F", image)
        found.append(FileSystem(str(image), point))
    return found, os.fsencode(tmp_path / "below" / "root")


def test_file_systems_are_mounted_in_order_below_a_directory_of_roots_own(
    systems: tuple[list[FileSystem], bytes],
) -> None:
    found, root = systems
    mounting.mount(found, root, mounting.GUARDED, make_directories=True)
    try:
        place = os.fsdecode(root)
        assert [p for p in mount_points() if p.startswith(place)] == [place, f"{place}/var/lib"]
        assert os.stat(os.path.dirname(root)).st_mode & 0o777 == 0o700
        flags = os.statvfs(f"{place}/var/lib").f_flag
        assert flags & os.ST_NOSUID and flags & os.ST_NODEV and flags & os.ST_NOEXEC
    finally:
        mounting.unmount(root)
    assert not [p for p in mount_points() if p.startswith(place)]


def test_nothing_stays_mounted_where_one_cannot_be(
    systems: tuple[list[FileSystem], bytes],
) -> None:
    found, root = systems
    with pytest.raises(DrdwrapError, match="no directory to mount"):
        mounting.mount(found, root, mounting.GUARDED)
    assert not is_mounted(Path(os.fsdecode(root)))


def test_a_link_is_no_place_to_mount_at(
    systems: tuple[list[FileSystem], bytes], tmp_path: Path
) -> None:
    """Through it, something of the booted system would be hidden."""
    found, root = systems
    mounting.mount(found[:1], root, mounting.GUARDED)
    os.symlink(tmp_path, os.fsdecode(root) + "/var")
    mounting.unmount(root)
    with pytest.raises(DrdwrapError, match="no directory to mount"):
        mounting.mount(found, root, mounting.GUARDED, make_directories=True)
    assert not is_mounted(Path(os.fsdecode(root)))


def test_who_keeps_it_busy_is_named_and_the_rest_stays_mounted(
    systems: tuple[list[FileSystem], bytes],
) -> None:
    found, root = systems
    mounting.mount(found, root, mounting.GUARDED, make_directories=True)
    with subprocess.Popen(["sleep", "60"], cwd=os.fsdecode(root)) as busy:
        try:
            with pytest.raises(DrdwrapError) as refused:
                mounting.unmount(root)
        finally:
            busy.kill()
    assert f"sleep (PID {busy.pid})" in refused.value.hint
    assert is_mounted(Path(os.fsdecode(root)))
    mounting.unmount(root)


def test_what_is_mounted_privately_no_other_process_sees(
    systems: tuple[list[FileSystem], bytes],
) -> None:
    found, root = systems
    place = os.fsdecode(root)
    with mounting.mounted_privately(found, root, mounting.GUARDED, make_directories=True):
        assert is_mounted(Path(place))
        with open(f"/proc/{os.getppid()}/mountinfo", encoding="ascii") as file:
            assert place not in file.read()
    assert not is_mounted(Path(place))


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[None]:
    """Mounting below `tmp_path` reaches other mount namespaces, as it does under systemd."""
    command("mount", "--bind", tmp_path, tmp_path)
    command("mount", "--make-shared", tmp_path)
    yield
    command("umount", tmp_path)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("begun", ["before", "after"])
def test_a_service_with_mounts_of_its_own_keeps_nothing_mounted(
    systems: tuple[list[FileSystem], bytes], tmp_path: Path, begun: str
) -> None:
    """Else the device could be neither deactivated nor mounted with other options."""
    found, root = systems
    begin = f"mount --make-rslave {tmp_path} && echo begun && exec sleep 60"
    aside = ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", begin]
    if begun == "after":
        mounting.mount(found, root, mounting.FOR_PROGRAMS, make_directories=True)
        make_directories(root)
        chroot_mounts.mount_kernel(root)
    with subprocess.Popen(aside, stdout=subprocess.PIPE) as service:
        try:
            assert service.stdout is not None and service.stdout.readline() == b"begun\n"
            if begun == "before":
                mounting.mount(found, root, mounting.FOR_PROGRAMS, make_directories=True)
                make_directories(root)
                chroot_mounts.mount_kernel(root)
            mountinfo = Path(f"/proc/{service.pid}/mountinfo")
            assert os.fsdecode(root) in mountinfo.read_text()
            mounting.unmount(root)
            assert os.fsdecode(root) not in mountinfo.read_text()
        finally:
            service.kill()


def test_who_has_it_mounted_in_a_namespace_of_its_own_is_named(
    systems: tuple[list[FileSystem], bytes], tmp_path: Path
) -> None:
    (system, _), root = systems
    device = command("losetup", "--find", "--show", system.device).decode().strip()
    inside = f"mount -o ro {device} {tmp_path} && echo mounted && exec sleep 60"
    try:
        assert mounting.shown_elsewhere(device) == ""
        aside: list[str | Path] = [sys.executable, UNSHARE, "sh", "-c", inside]
        with subprocess.Popen(aside, stdout=subprocess.PIPE) as holder:
            try:
                assert holder.stdout is not None and holder.stdout.readline() == b"mounted\n"
                with pytest.raises(DrdwrapError, match="already mounted") as refused:
                    mounting.mount([FileSystem(device, b"")], root, mounting.GUARDED)
            finally:
                holder.kill()
        assert f"sleep (PID {holder.pid})" in refused.value.hint
    finally:
        command("losetup", "--detach", device)


def make_directories(root: bytes) -> None:
    for name in (b"dev", b"proc", b"sys", b"run"):
        os.makedirs(os.path.join(root, name), exist_ok=True)


def test_programs_find_what_they_need_of_the_kernel(
    systems: tuple[list[FileSystem], bytes],
) -> None:
    found, root = systems
    before = mount_points()
    mounting.mount(found, root, mounting.FOR_PROGRAMS, make_directories=True)
    make_directories(root)
    chroot_mounts.mount_kernel(root)
    try:
        place = Path(os.fsdecode(root))
        for name in ("dev/null", "dev/pts/ptmx", "dev/shm", "proc/1/comm", "sys/block", "run"):
            assert (place / name).exists(), name
    finally:
        mounting.unmount(root)
    assert mount_points() == before


def test_programs_do_not_reach_what_the_firmware_boots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine with UEFI is made up here: all that the kernel can have mounted is."""
    made = []
    monkeypatch.setattr(chroot_mounts, "is_mount_point", lambda *_: True)
    monkeypatch.setattr(syscalls, "mount", lambda _, target, kind, *__: made.append((target, kind)))
    make_directories(bytes(tmp_path))
    chroot_mounts.mount_kernel(bytes(tmp_path))
    assert (bytes(tmp_path / "sys"), b"sysfs") in made
    assert not [target for target, kind in made if b"efi" in target or kind == b"efivarfs"]


def test_os_prober_does_not_run_while_the_clone_is_made_bootable(
    systems: tuple[list[FileSystem], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chroot is made up here, since there is nothing in this root to run."""
    found, root = systems
    mounting.mount(found[:1], root, mounting.FOR_PROGRAMS, make_directories=True)
    place = Path(os.fsdecode(root))
    make_directories(root)
    prober = put(place, "usr/bin/os-prober", b"#!/bin/sh\n", mode=0o755)
    (place / "bin").symlink_to("usr/bin")
    runs, really = [], process.run

    def run(name: str, arguments: Sequence[bytes | str], **options: Any) -> process.Finished:
        if name != "chroot":
            return really(name, arguments, **options)
        runs.append((arguments[1:], os.access(prober, os.X_OK)))
        return process.Finished(0, b"", b"")

    monkeypatch.setattr(process, "run", run)
    try:
        run_in_clone(root, BootCommands("any", ((b"update-grub",),)), Log(verbosity=0))
        assert runs == [([b"update-grub"], False)]
        assert os.access(prober, os.X_OK)
    finally:
        mounting.unmount(root)


@pytest.mark.usefixtures("shared")
def test_unmounting_an_administrators_bind_takes_nothing_from_the_system(
    systems: tuple[list[FileSystem], bytes], tmp_path: Path
) -> None:
    """What is mounted in a bind of /dev is the original's too, where its mounts are shared."""
    found, root = systems
    system = tmp_path / "system"
    (system / "dev").mkdir(parents=True)
    command("mount", "-t", "tmpfs", "none", system / "dev")
    (system / "dev/pts").mkdir()
    command("mount", "-t", "tmpfs", "none", system / "dev/pts")
    try:
        mounting.mount(found, root, mounting.FOR_PROGRAMS, make_directories=True)
        make_directories(root)
        command("mount", "--rbind", system / "dev", os.fsdecode(root) + "/dev")
        mounting.unmount(root)
        assert is_mounted(system / "dev/pts")
        assert not is_mounted(Path(os.fsdecode(root)))
    finally:
        command("umount", system / "dev/pts", system / "dev")
