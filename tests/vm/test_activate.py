"""The other image is booted on trial, passes or fails, and the right one is up afterwards. BIOS.

One story: each test goes on where the one before it ended, on the original.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab import machine as machines
from .lab.boots import CLONE, ORIGINAL, look, reboot_until, trial_ended
from .lab.drdwrap import CLONE as MOUNTED
from .lab.drdwrap import SECOND_BY_ID, answer, run
from .lab.install import install
from .lab.qemu import QemuMachine
from .lab.supply import NewMachine
from .lab.times import TIMES

pytestmark = pytest.mark.slow

ACTIVATE = "drdwrap -x activation.deadline=6min activate --reboot"


@pytest.fixture(scope="module")
def cloned(new_machine: NewMachine, wheels: list[Path]) -> QemuMachine:
    """A machine with a clone, and a menu as grub-mkconfig makes it."""
    machine = new_machine.started("activate")
    install(machine, wheels)
    assert "no volume group drd00" in run(machine, "activate", ok=1)
    with TIMES.step("activate: clone made, filled and finished"):
        answer(machine, f"clone --disk {SECOND_BY_ID}", timeout=1800)
    assert "reads custom.cfg" in run(machine, "activate", ok=1)
    machines.execute(machine, "update-grub")
    return machine


def on_clone(machine: QemuMachine, command: str) -> None:
    """Run a command in the clone's root directory."""
    run(machine, "mount --for-patching")
    try:
        machines.execute(machine, f"cd {MOUNTED} && {command}")
    finally:
        run(machine, "umount")


def failed(machine: QemuMachine, roots: list[str]) -> str:
    """The reason, after a trial that failed: one boot of the clone at most, then the original."""
    with TIMES.step(f"a trial that fails, until the original is up ({roots})"):
        booted = reboot_until(machine, ACTIVATE, ORIGINAL)
    assert booted in ([*roots, ORIGINAL], [ORIGINAL])
    last = trial_ended(machine)
    assert (last["image"], last["result"]) == ("drd00", "failed")
    told = machines.execute(
        machine, "for n in $(seq 60); do cat /run/motd.d/drdwrap-trial && exit; sleep 1; done"
    )
    assert last["reason"] in told
    assert last["reason"] in run(machine, "status")
    assert last["reason"] in machines.execute(machine, "journalctl -b -o cat --no-pager")
    told = answer(machine, "status")["activation"]
    assert (told["next"], told["pending"], told["on_trial"]) == ("vg00", None, False)
    return str(last["reason"])


def test_a_kernel_that_panics(cloned: QemuMachine) -> None:
    on_clone(cloned, "for f in boot/initrd.img-*; do cp $f root/; : > $f; done")
    assert failed(cloned, []).startswith("it did not reach user space")
    on_clone(cloned, "mv root/initrd.img-* boot/")


def test_a_root_that_is_not_found(cloned: QemuMachine) -> None:
    on_clone(
        cloned, "sed -i.lab 's,/dev/mapper/drd00-root,/dev/mapper/drd00-gone,' boot/grub/grub.cfg"
    )
    assert failed(cloned, []).startswith("it did not reach user space")
    on_clone(cloned, "mv boot/grub/grub.cfg.lab boot/grub/grub.cfg")


def test_a_disk_that_fstab_names_and_is_missing(cloned: QemuMachine) -> None:
    line = "/dev/disk/by-id/virtio-gone /srv/gone ext4 x-systemd.device-timeout=5s 0 0"
    on_clone(cloned, f"mkdir srv/gone; cp etc/fstab root/; echo '{line}' >> etc/fstab")
    reason = failed(cloned, [CLONE])
    assert reason.startswith("it ended in an emergency shell: Timed out waiting for device")
    assert "virtio-gone" in reason
    on_clone(cloned, "cp root/fstab etc/fstab")


def test_a_health_command_that_fails(cloned: QemuMachine) -> None:
    machines.write_file(
        cloned, "/etc/drdwrap/drdwrap.yaml", "activation: {health: [[test, -e, /root/good]]}\n"
    )
    reason = failed(cloned, [CLONE])
    assert reason == "the health command 'test -e /root/good' ended with status 1"


def test_a_service_that_never_starts(cloned: QemuMachine) -> None:
    unit = (
        "[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\nTimeoutStartSec=infinity\n"
        "[Install]\nWantedBy=multi-user.target\n"
    )
    machines.write_file(cloned, "/root/hangs.service", unit)
    wants = "etc/systemd/system/multi-user.target.wants"
    on_clone(
        cloned,
        "cp /root/hangs.service etc/systemd/system/ && touch root/good"
        f" && ln -s ../hangs.service {wants}/hangs.service",
    )
    assert "waiting for hangs.service" in failed(cloned, [CLONE])
    on_clone(cloned, f"rm {wants}/hangs.service etc/systemd/system/hangs.service")


def test_an_activation_is_held_back_by_a_sync_that_fails(cloned: QemuMachine) -> None:
    run(cloned, "activate")
    assert answer(cloned, "status")["activation"]["next"] == "drd00"
    answer(cloned, "sync")
    assert answer(cloned, "status")["activation"]["next"] == "drd00"
    machines.execute(cloned, "drdwrap sync --time-limit 1 || [ $? = 142 ]")
    told = answer(cloned, "status")["activation"]
    assert (told["next"], told["pending"]) == ("vg00", None)
    assert "was not complete" in told["held"]
    assert "half synced" in run(cloned, "activate", ok=1)
    answer(cloned, "sync")


def test_what_is_activated_can_be_taken_back(cloned: QemuMachine) -> None:
    run(cloned, "activate")
    assert "starts vg00" in run(cloned, "deactivate")
    assert answer(cloned, "status")["activation"]["next"] == "vg00"
    assert reboot_until(cloned, "reboot", ORIGINAL) == [ORIGINAL]


def test_once_is_once(cloned: QemuMachine) -> None:
    assert reboot_until(cloned, "drdwrap activate --once --reboot", CLONE) == [CLONE]
    assert "drdwrap.trial" not in machines.execute(cloned, "cat /proc/cmdline")
    assert reboot_until(cloned, "reboot", ORIGINAL) == [ORIGINAL]


def test_a_trial_that_comes_up_stays(cloned: QemuMachine) -> None:
    assert reboot_until(cloned, ACTIVATE, CLONE) == [CLONE]
    assert "drdwrap.trial=" in machines.execute(cloned, "cat /proc/cmdline")
    assert trial_ended(cloned)["result"] == "good"
    assert machines.execute(cloned, "cat /proc/sys/kernel/panic") == "0\n"
    assert reboot_until(cloned, "reboot", CLONE) == [CLONE]
    assert "drdwrap.trial=" not in machines.execute(cloned, "cat /proc/cmdline")


def test_the_way_back_is_a_trial_of_the_original(cloned: QemuMachine) -> None:
    assert look(cloned)[1] == CLONE
    run(cloned, "activate")
    assert answer(cloned, "status")["activation"]["next"] == "vg00"
    assert reboot_until(cloned, "reboot", ORIGINAL) == [ORIGINAL]
    assert trial_ended(cloned)["result"] == "good"
    assert reboot_until(cloned, "reboot", ORIGINAL) == [ORIGINAL]
