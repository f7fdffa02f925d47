"""A clone of a running machine's volume group, made, kept in step, and booted by itself.

One story: each test goes on where the one before it ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab import machine as machines
from .lab.boots import CLONE as FROM_CLONE
from .lab.boots import ORIGINAL, reboot_until, trial_ended
from .lab.drdwrap import CLONE, answer, booted_from, run, shut_down
from .lab.drdwrap import SECOND_BY_ID as DISK
from .lab.install import install
from .lab.machine import SECOND, SYSTEM, Machine
from .lab.qemu import QemuMachine
from .lab.shutdown import console_since, power_off
from .lab.times import TIMES

IDENTITY = "sha256sum /etc/machine-id /etc/ssh/ssh_host_*_key /etc/passwd /etc/shadow /etc/hostname"


@pytest.fixture(scope="module")
def cloning(machine: Machine, wheels: list[Path]) -> Machine:
    """A machine with drdwrap installed, its second disk empty."""
    install(machine, wheels)
    return machine


@pytest.fixture
def untouched(cloning: Machine) -> Iterator[None]:
    """Whatever the test tries, nothing on the second disk changes."""
    look = "dd if=/dev/vdb bs=1M count=64 status=none | sha256sum"
    before = machines.execute(cloning, look)
    yield
    assert machines.execute(cloning, look) == before


@pytest.mark.usefixtures("untouched")
def test_disks_that_must_not_be_taken_are_refused(cloning: Machine) -> None:
    told = run(cloning, "clone --disk /dev/vdb --size nowhere=1G --size root=64M", ok=1)
    assert f"name it {DISK}" in told
    assert "the LVs are home, root, swap, var" in told
    assert "are in use" in told
    told = run(
        cloning, "clone --overwrite --disk /dev/disk/by-id/virtio-system --size var=100G", ok=1
    )
    assert "holds no part of the booted system" in told
    assert "MB are needed" in told
    assert "is not a block device" in run(cloning, "clone --disk /dev/disk/by-id/none", ok=1)


def test_a_disk_with_something_on_it_or_in_use_is_refused(cloning: Machine) -> None:
    machines.execute(cloning, "mkfs.ext4 -q /dev/vdb && mount -o ro /dev/vdb /mnt")
    told = run(cloning, f"clone --disk {DISK}", ok=1)
    assert "is mounted at /mnt" in told and "--overwrite" in told
    assert "is mounted at /mnt" in run(cloning, f"clone --disk {DISK} --overwrite", ok=1)
    machines.execute(cloning, "umount /mnt && wipefs --quiet --all /dev/vdb")


@pytest.mark.usefixtures("untouched")
def test_what_the_clone_could_not_boot_without_is_found_first(cloning: Machine) -> None:
    """A program that is missing; a volume that fstab names and the clone would not have."""
    line = "/dev/vg00/data /data ext4 defaults 0 2"
    machines.execute(cloning, f"cp /etc/fstab /root/; echo '{line}' >> /etc/fstab")
    machines.execute(cloning, "mv /usr/sbin/sfdisk /root/")
    told = run(cloning, f"clone --disk {DISK}", ok=1)
    machines.execute(cloning, "cp /root/fstab /etc/fstab && mv /root/sfdisk /usr/sbin/")
    assert "sfdisk is installed" in told
    assert "/dev/vg00/data in /etc/fstab, line 6" in told


def test_the_plan_is_shown_and_nothing_done(cloning: Machine) -> None:
    told = run(cloning, f"clone -p --disk {DISK}")
    for part in ("/boot (ext4)", "drd00/root", "drd00/var", "/var (ext4)", "swap"):
        assert part in told
    assert machines.execute(cloning, "blkid /dev/vdb || true") == ""
    assert "drd00" not in machines.execute(cloning, "vgs")


def test_the_clone_is_made(cloning: Machine) -> None:
    with TIMES.step("clone made, filled and finished"):
        made = answer(cloning, f"clone --disk {DISK}", timeout=1500)
    assert made["exit_status"] == 0, made
    assert made["warnings"] == []
    told = answer(cloning, "status")
    assert told["clone"]["volume_group"] == "drd00"
    assert (told["booted_from"], told["created"] is None) == ("original", False)
    assert told["clone"]["mounted"] is False
    assert "FAILED" not in run(cloning, "check")


def test_nothing_on_the_clone_names_the_original(cloning: Machine) -> None:
    run(cloning, "mount")
    names = machines.execute(
        cloning, "blkid -s UUID -o value /dev/mapper/vg00-* /dev/vda1 /dev/vda2; echo /vg00-"
    )
    for name in names.split():
        found = machines.execute(
            cloning, f"grep -rIl -e '{name}' {CLONE}/etc {CLONE}/boot | grep -v etc/lvm/ || true"
        )
        assert found == "", (name, found)
    assert machines.execute(cloning, f"stat -c %a {CLONE}/.. ") == "700\n"
    run(cloning, "umount")


def test_a_sync_mounts_the_clone_and_leaves_it_as_it_was(cloning: Machine) -> None:
    machines.execute(cloning, "echo synced > /root/synced; echo var > /var/lib/var-too; sync")
    synced = answer(cloning, "sync")
    assert synced["exit_status"] == 0
    assert synced["counts"]["target_changed"] == 0
    assert machines.execute(cloning, f"findmnt {CLONE} || true") == ""
    again = answer(cloning, "preview")
    assert again["counts"]["files_to_be_copied"] <= 20  # what a running system writes


def test_the_clone_is_mounted_to_be_looked_at_or_patched(cloning: Machine) -> None:
    run(cloning, "mount")
    options = machines.execute(cloning, f"findmnt -n -o OPTIONS {CLONE}/var")
    assert {"nosuid", "nodev", "noexec"} <= set(options.strip().split(","))
    assert "already" in run(cloning, "mount", ok=1)
    run(cloning, "umount")
    run(cloning, "mount --for-patching")
    kernel = machines.execute(
        cloning, f"chroot {CLONE} sh -c 'ls /dev/null /proc/1/comm; ls /boot'"
    )
    assert "/dev/null" in kernel and "vmlinuz" in kernel
    holder = machines.begin(cloning, f"cd {CLONE}/var && exec sleep 600")
    machines.execute(cloning, "until pidof sleep; do :; done")
    assert "sleep (PID" in run(cloning, "umount", ok=1)
    machines.execute(cloning, "killall sleep")
    holder.wait()
    run(cloning, "umount")
    assert "/dev/pts" in machines.execute(cloning, "findmnt -n -o TARGET /dev/pts")
    assert machines.execute(cloning, f"findmnt -R {CLONE} || true") == ""


RUNNING_SYSTEM = """
ss -Hltn; dmsetup ls; dmsetup table; vgs --noheadings -o vg_name; systemctl --failed
for disk in /dev/vda /dev/vda1; do dd if=$disk bs=1M count=8 status=none | sha256sum; done
cat /proc/self/mounts /proc/sys/kernel/hostname /proc/modules | sort
find /run -not -path '/run/udev/*' -not -path '*/drdwrap*' -not -path '*user/0*' | sort
"""

ATTEMPTS = r"""
succeeded() { "$@" >/dev/null 2>&1 && echo "$*"; }
succeeded grub-install /dev/vda
succeeded dmsetup suspend vg00-home
succeeded dmsetup remove vg00-home
succeeded lvchange -an vg00/home
succeeded vgchange -an drd00
mknod /root/disk b 254 0 && succeeded dd if=/root/disk of=/dev/null count=1
succeeded reboot -f
succeeded pgrep sshd
rm /root/disk
"""


def test_a_command_on_the_clone_renews_its_boot_and_reaches_nothing_else(cloning: Machine) -> None:
    """GRUB and LVM may ask the device mapper; they cannot change it."""
    running = machines.execute(cloning, RUNNING_SYSTEM)
    told = run(cloning, "runcmd -- sh -c ': > /boot/grub/grub.cfg; rm /boot/initrd.img-*'", ok=2)
    assert "the newest kernel has its initramfs" in told
    assert "the newest kernel is in the boot menu" in told
    # What an upgrade of the kernel runs: its package's scripts, and with them those of others.
    kernel = f"dpkg-reconfigure linux-image-$(uname -r) && grub-install {DISK}"
    with TIMES.step("kernel set up again on the clone"):
        told = run(cloning, f"runcmd -- sh -c '{kernel}'")
    assert "zz-update-grub:" in told and "Installation finished. No error reported." in told
    machines.write_file(cloning, "/root/attempts", ATTEMPTS)
    assert run(cloning, 'runcmd -- sh -c "$(cat /root/attempts)"') == ""
    assert machines.execute(cloning, RUNNING_SYSTEM) == running


PLACES = """
from drdwrap.verify.boot.place_on_disk import pieces
import os, sys
for name in ("boot/grub/grub.cfg", "etc/fstab"):
    path = sys.argv[1] + "/" + name
    number = os.stat(path).st_dev
    found = pieces(path.encode(), f"{os.major(number)}:{os.minor(number)}")
    os.sync()
    with open("/dev/vdb", "rb") as disk, open(path, "rb") as file:
        os.posix_fadvise(disk.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        content = file.read()
        for logical, physical, length in found:
            disk.seek(physical)
            assert disk.read(length) == content[logical : logical + length], name
        print(name, sum(length for _, _, length in found) == len(content))
"""


def test_the_boot_test_finds_files_on_the_clones_disk(cloning: Machine) -> None:
    """On a partition and on a logical volume."""
    machines.write_file(cloning, "/root/places.py", PLACES)
    run(cloning, "mount")
    told = machines.execute(cloning, f"python3 /root/places.py {CLONE}")
    run(cloning, "umount")
    assert told == "boot/grub/grub.cfg True\netc/fstab True\n"


def test_volumes_in_each_others_place_are_refused(cloning: Machine) -> None:
    rename = "lvrename -q drd00 {} {} && lvrename -q drd00 {} {} && lvrename -q drd00 {} {}"
    swap = rename.format("var", "x", "home", "var", "x", "home")
    machines.execute(cloning, swap)
    told = run(cloning, "sync", ok=1)
    assert "another clone" in told or "no directory" in told or "mounted" in told
    machines.execute(cloning, swap)


def test_volumes_that_are_not_as_they_should_be_are_refused(cloning: Machine) -> None:
    machines.execute(cloning, f"mkdir -p {CLONE} && mount /dev/drd00/root {CLONE}")
    told = run(cloning, "sync", ok=1)
    assert "clone /var is mounted" in told and "clone /home is mounted" in told
    machines.execute(
        cloning, f"mount /dev/drd00/home {CLONE}/var && mount /dev/drd00/var {CLONE}/home"
    )
    told = run(cloning, "check", ok=1)
    assert told.count("FAILED  clone /") == 2
    run(cloning, "umount")
    run(cloning, "mount")
    machines.execute(cloning, f"mount -o remount,ro {CLONE}/var")
    assert f"clone {CLONE}/var is writable" in run(cloning, "sync", ok=1)
    run(cloning, "umount")


@pytest.fixture(scope="module")
def from_clone(cloning: Machine) -> Machine:
    """The machine booted from the clone's disk, with the original taken out."""
    machines.execute(cloning, "drdwrap sync")
    identity = machines.execute(cloning, IDENTITY)
    shut_down(cloning)
    with TIMES.step("booted from the clone alone"):
        cloning.start((SECOND,))
    assert machines.execute(cloning, IDENTITY) == identity
    return cloning


def test_the_clone_boots_by_itself(from_clone: Machine) -> None:
    host = machines.host(from_clone)
    serial = machines.execute(from_clone, "lsblk --nodeps --noheadings --output NAME,SERIAL")
    assert serial.split() == ["vda", "second"]
    assert booted_from(from_clone) == ("/dev/mapper/drd00-root", "running", "")
    for path, volume in (("/", "root"), ("/var", "var"), ("/home", "home")):
        assert host.mount_point(path).device == f"/dev/mapper/drd00-{volume}"
    assert host.run("vgs --noheadings -o vg_name").stdout.split() == ["drd00"]
    assert "/dev/dm-" in host.file("/proc/swaps").content_string
    assert host.mount_point("/boot").exists
    assert host.file("/root/synced").content_string == "synced\n"
    assert host.file("/var/lib/var-too").content_string == "var\n"


def test_booted_from_the_clone_nothing_is_synced(from_clone: Machine) -> None:
    assert answer(from_clone, "status")["booted_from"] == "clone"
    assert "booted from the clone" in run(from_clone, "sync", ok=1)


def test_the_original_boots_again_untouched(from_clone: Machine) -> None:
    machines.execute(from_clone, "echo on the clone > /root/synced; sync")
    shut_down(from_clone)
    from_clone.start()
    host = machines.host(from_clone)
    assert host.mount_point("/").device == "/dev/mapper/vg00-root"
    assert host.file("/root/synced").content_string == "synced\n"
    synced = answer(from_clone, "sync")["counts"]
    assert synced["target_changed"] + synced["changed_on_clone_only"] > 0
    run(from_clone, "mount")
    assert host.file(f"{CLONE}/root/synced").content_string == "on the clone\n"
    run(from_clone, "umount")


OWN = "sha256sum /etc/fstab /boot/grub/grub.cfg"


def test_a_week_on_the_clone_comes_home(from_clone: QemuMachine) -> None:
    """The sync at shutdown works towards the image that the roles say. (The long story is in
    test_reverse.py.)"""
    run(from_clone, "install shutdown")
    machines.execute(from_clone, f"{OWN} > /boot/own; echo last > /root/synced")
    with TIMES.step("down, with a sync to the clone; the clone booted, the original beside it"):
        power_off(from_clone, "poweroff", 400)
        from_clone.start((SECOND, SYSTEM))
    told = run(from_clone, "status")
    assert "booted:         drd00 (the clone) on /dev/vda, mounted at /\n" in told
    assert "the other image: vg00 on /dev/vdb, not mounted at /run/drdwrap/" in told
    assert "'drdwrap reverse'" in machines.execute(from_clone, "cat /run/motd.d/drdwrap-clone")
    assert "booted from the clone" in run(from_clone, "sync", ok=1)
    machines.execute(from_clone, "useradd --uid 4712 wanda; echo of the week > /root/week; sync")
    assert answer(from_clone, "reverse")["held"] == []
    begun = from_clone.console.stat().st_size
    with TIMES.step("down, with a sync to the original, which is booted then"):
        power_off(from_clone, "poweroff", 400)
        from_clone.start()
    assert "drdwrap: the clone is up to date (" in console_since(from_clone, begun)
    assert machines.execute(from_clone, "cat /root/week; id -u wanda") == "of the week\n4712\n"
    assert machines.execute(from_clone, f"{OWN} | diff - /boot/own && echo same") == "same\n"
    assert answer(from_clone, "status")["role"] == "clone"
    run(from_clone, "reverse")
    status = answer(from_clone, "status")
    assert (status["role"], status["booted_from"]) == ("booted system", "original")


def test_a_trial_whose_kernel_panics_comes_back(from_clone: Machine) -> None:
    assert "reads custom.cfg" in run(from_clone, "activate", ok=1)
    machines.execute(from_clone, "update-grub")
    run(from_clone, "mount")
    machines.execute(
        from_clone,
        f"cd {CLONE} && for f in boot/initrd.img-*; do cp $f root/ && truncate -s 0 $f; done",
    )
    run(from_clone, "umount")
    with TIMES.step("a trial whose kernel panics, until the original is up"):
        assert reboot_until(from_clone, "drdwrap activate --reboot", ORIGINAL) == [ORIGINAL]
    last = trial_ended(from_clone)
    assert (last["image"], last["result"]) == ("drd00", "failed")
    assert last["reason"].startswith("it did not reach user space")
    told = answer(from_clone, "status")["activation"]
    assert (told["next"], told["pending"]) == ("vg00", None)
    look = "for n in $(seq 60); do cat /run/motd.d/drdwrap-trial && exit; sleep 1; done"
    assert last["reason"] in machines.execute(from_clone, look)
    run(from_clone, "mount")
    machines.execute(from_clone, f"mv {CLONE}/root/initrd.img-* {CLONE}/boot/")
    run(from_clone, "umount")


def test_a_trial_that_comes_up_stays(from_clone: Machine) -> None:
    with TIMES.step("a trial that comes up"):
        booted = reboot_until(from_clone, "drdwrap activate --reboot", FROM_CLONE)
    assert booted == [FROM_CLONE]
    assert "drdwrap.trial=" in machines.execute(from_clone, "cat /proc/cmdline")
    assert trial_ended(from_clone)["result"] == "good"
    assert answer(from_clone, "status")["activation"]["next"] == "drd00"
    assert machines.execute(from_clone, "cat /proc/sys/kernel/panic") == "0\n"
