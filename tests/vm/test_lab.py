"""The lab itself: what the stories rely on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab import machine as machines
from .lab import place
from .lab.machine import SECOND, SYSTEM, Machine
from .lab.namespaces import Namespaces
from .lab.processes import run
from .lab.qemu import QemuMachine
from .lab.supply import SYSTEMD, SYSVINIT, NewMachine, Supply
from .lab.times import TIMES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def make(supply: Supply) -> Iterator[NewMachine]:
    """Makes machines for one test."""
    with NewMachine(supply) as own:
        yield own


@pytest.fixture
def other(make: NewMachine) -> QemuMachine:
    """A machine that is not started yet, beside the module's own."""
    return make("other")


def test_two_machines_at_once_are_two(machine: Machine, other: QemuMachine) -> None:
    started = time.monotonic()
    other.start()
    assert time.monotonic() - started < 45  # a boot under emulation takes longer
    machines.write_file(machine, "/root/name", "machine")
    machines.write_file(other, "/root/name", "other")
    assert machines.execute(machine, "cat /root/name") == "machine"
    assert machines.execute(other, "cat /root/name") == "other"


def test_the_machine_is_as_the_recipe_says(machine: Machine) -> None:
    host = machines.host(machine)
    for path, device in (("/", "root"), ("/var", "var"), ("/home", "home")):
        assert host.mount_point(path).device == f"/dev/mapper/vg00-{device}"
    assert host.mount_point("/boot").device.startswith("/dev/vda")
    assert "vg00-swap" in host.file("/proc/swaps").content_string or host.run("swapon").stdout
    assert host.run("blkid /dev/vdb").stdout == ""
    assert host.run("systemctl is-system-running").stdout.strip() == "running"
    assert host.run("systemctl --failed --quiet").stdout == ""


def test_a_power_cut_loses_what_was_not_on_the_disk_and_nothing_else(other: QemuMachine) -> None:
    other.start()
    other.add_disk("third", "300M")
    third = "/dev/disk/by-id/virtio-third"
    machines.execute(other, f"mkfs.ext4 -q -L third {third}")
    machines.execute(other, "echo on the disk > /root/synced; sync; echo lost > /root/written")
    other.power_off()
    other.start((SYSTEM, SECOND, "third"))
    host = machines.host(other)
    assert host.file("/root/synced").content_string == "on the disk\n"
    assert host.file("/root/written").size == 0 if host.file("/root/written").exists else True
    assert "EXT4-fs" in other.console.read_text(errors="replace")
    assert int(machines.execute(other, f"blockdev --getsize64 {third}")) == 300 << 20
    assert machines.execute(other, f"blkid -s LABEL -o value {third}") == "third\n"


def test_the_sysvinit_machine_is_as_the_recipe_says(make: NewMachine) -> None:
    own = make.started("sysvinit", SYSVINIT)
    assert machines.execute(own, "readlink /proc/1/exe").strip() == "/usr/sbin/init"
    assert machines.execute(own, "runlevel").split() == ["N", "2"]
    assert machines.host(own).mount_point("/var").device == "/dev/mapper/vg00-var"
    machines.execute(own, "poweroff")
    own.wait_until_off()


def test_the_uefi_machine_is_as_the_recipe_says(uefi_machine: Machine) -> None:
    host = machines.host(uefi_machine)
    assert host.file("/sys/firmware/efi").is_directory
    for path, device, kind in (
        ("/", "/dev/mapper/vg00-root", "ext4"),
        ("/var", "/dev/mapper/vg00-var", "xfs"),
        ("/home", "/dev/mapper/vg00-home", "ext4"),
        ("/boot", "/dev/vda2", "ext4"),
        ("/boot/efi", "/dev/vda1", "vfat"),
    ):
        mounted = host.mount_point(path)
        assert (mounted.device, mounted.filesystem) == (device, kind)
    assert host.file("/boot/efi/EFI/BOOT/BOOTX64.EFI").size > 0
    assert machines.execute(uefi_machine, "blkid -p -s PTTYPE -o value /dev/vda") == "gpt\n"
    assert host.run("systemctl is-system-running").stdout.strip() == "running"
    assert host.run("systemctl --failed --quiet").stdout == ""


def test_a_thin_volume_made_without_a_device_mapper_is_one(uefi_machine: Machine) -> None:
    fields = "lv_name,segtype,pool_lv"
    listed = machines.execute(uefi_machine, f"lvs --noheadings -o {fields} vg00/home")
    assert listed.split() == ["home", "thin", "home_pool"]
    machines.execute(
        uefi_machine,
        """
        head -c 20000000 /dev/urandom > /home/data && sync
        lvcreate -q --yes --snapshot --name old -kn vg00/home
        rm /home/data && sync
        mount -o ro,noload /dev/vg00/old /mnt && [ "$(stat -c %s /mnt/data)" = 20000000 ]
        umount /mnt && lvremove -q --yes vg00/old
        [ -z "$(lvs --noheadings -o lv_health_status vg00/home_pool | tr -d ' ')" ]
        umount /home && lvchange -an vg00/home vg00/home_pool
        lvchange -ay vg00/home && fsck.ext4 -fn /dev/vg00/home && mount /home
        """,
    )


@pytest.mark.slow
def test_what_the_firmware_is_told_stays_over_a_power_cut(uefi_machine: Machine) -> None:
    machines.execute(
        uefi_machine,
        r"""
        efibootmgr -q --create --label remembered --disk /dev/vda --part 1 \
            --loader '\EFI\BOOT\BOOTX64.EFI'
        efibootmgr -q --bootnext "$(efibootmgr | sed -n 's/^Boot\(....\)\*\? remembered.*/\1/p')"
        sync
        """,
    )
    uefi_machine.power_off()
    with TIMES.step("uefi: boot"):
        uefi_machine.start()
    entries = machines.execute(uefi_machine, "efibootmgr")
    current = entries.partition("BootCurrent: ")[2][:4]
    assert f"Boot{current}* remembered" in entries


_SESSION = """
import sys, time
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from vagrant.box.package import Box
from vagrant.box.recipe import RECIPES
from vm.lab import place
from vm.lab.qemu import QemuMachine, State
with place.session() as directory:
    box = Box(RECIPES[0], Path({box!r}))
    machine = QemuMachine("killed", box, directory / "killed", {accelerator!r},
                          State(Path({state!r})))
    machine.start()
    print(directory, machine._process.pid, flush=True)
    time.sleep(600)
"""


def test_a_killed_session_leaves_what_the_next_one_removes(supply: Supply) -> None:
    code = _SESSION.format(
        root=str(ROOT),
        tests=str(ROOT / "tests"),
        box=str(supply.box(SYSTEMD).directory),
        accelerator=supply.accelerator,
        state=str(supply.booted(SYSTEMD).directory),
    )
    session = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert session.stdout is not None
    directory, pid = session.stdout.readline().split()
    session.kill()
    session.wait()
    session.stdout.close()
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}/exe").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}/exe").exists()
    assert Path(directory).is_dir()
    assert Path(directory) in place.remove_leftovers()
    assert not Path(directory).exists()


def test_two_libvirts_at_once_are_two(namespaces: Namespaces, tmp_path: Path) -> None:
    other = Namespaces(tmp_path)
    try:
        define = ("virsh", "-q", "-c", "qemu:///system", "pool-define-as")
        for one, name in ((namespaces, "one"), (other, "two")):
            one.run(*define, name, "dir", "--target", "/tmp")
        pools = ("virsh", "-q", "-c", "qemu:///system", "pool-list", "--all", "--name")
        assert "two" not in namespaces.run(*pools).split()
        assert other.run(*pools).split() == ["two"]
    finally:
        other.close()


_NAMESPACES = """
import sys, time
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from vm.lab.namespaces import Namespaces
print(Namespaces(Path({directory!r})).pid, flush=True)
time.sleep(600)
"""


def test_a_killed_session_takes_its_libvirt_along(namespaces: Namespaces, tmp_path: Path) -> None:
    code = _NAMESPACES.format(root=str(ROOT), tests=str(ROOT / "tests"), directory=str(tmp_path))
    session = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert session.stdout is not None
    pid = session.stdout.readline().strip()
    assert Path(f"/proc/{pid}/exe").exists()
    session.kill()
    session.wait()
    session.stdout.close()
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}/exe").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}/exe").exists()


def test_what_is_not_the_labs_is_never_removed(lab: Path, tmp_path: Path) -> None:
    foreign = place.base() / f"{place.PREFIX}someone-elses-{os.getpid()}"
    foreign.mkdir()
    try:
        assert place.remove_leftovers() == []  # it has no lock of the lab's
        assert foreign.is_dir()
        assert lab.is_dir()
    finally:
        foreign.rmdir()


@pytest.mark.parametrize("moment", [0.5, 2.0])
def test_a_killed_build_leaves_no_loop_device_and_no_directory(
    lab: Path, tmp_path: Path, moment: float
) -> None:
    """Killed while its (pretended) packages are being unpacked, and at once after."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "mmdebstrap").write_text("#!/bin/sh\nexec sleep 60\n")
    (fake / "mmdebstrap").chmod(0o755)
    build = subprocess.Popen(
        [sys.executable, "-c", _BUILD.format(fake=str(fake))],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(moment)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait()
    code = (
        "from vagrant.box import cache, loop;"
        "cache.remove_leftovers(before=loop.detach);"
        "assert not list(cache.directory().glob('work-*'))"
    )
    run(sys.executable, "-c", code, cwd=ROOT, env=environment)
    assert str(tmp_path) not in run("losetup", "--list")


_BUILD = """
import vagrant.box.run as run
run._environment = lambda: {{"PATH": {fake!r} + ":/usr/sbin:/usr/bin:/sbin:/bin"}}
import sys; sys.argv = ["box", "debian12-systemd"]
import runpy; runpy.run_module("vagrant.box", run_name="__main__")
"""
