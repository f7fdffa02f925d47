"""A week on the clone, and home again; under both init systems.

One story: each test goes on where the one before it ended. (The short one is in test_clone.py.)
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab import machine as machines
from .lab.drdwrap import SECOND_BY_ID, answer, run
from .lab.install import install
from .lab.machine import SECOND, SYSTEM
from .lab.qemu import QemuMachine
from .lab.shutdown import console_since, on_clone, power_off
from .lab.supply import SYSTEMD, SYSVINIT, NewMachine
from .lab.times import TIMES

pytestmark = pytest.mark.slow

CLONE_FIRST = (SECOND, SYSTEM)
OWN = "sha256sum /etc/fstab /boot/grub/grub.cfg /etc/initramfs-tools/conf.d/resume 2>/dev/null"


@pytest.fixture(scope="module", params=[SYSTEMD, SYSVINIT])
def cloned(
    request: pytest.FixtureRequest, new_machine: NewMachine, wheels: list[Path]
) -> QemuMachine:
    """A machine with a clone that boots, and the script and the periodic sync installed."""
    machine = new_machine.started(f"reverse-{request.param}", request.param)
    install(machine, wheels)
    with TIMES.step("clone made"):
        answer(machine, f"clone --disk {SECOND_BY_ID}", timeout=1500)
    run(machine, "install shutdown")
    run(machine, "install cron")
    machines.execute(machine, f"{OWN} > /boot/own; echo first > /root/note; touch /srv/gone")
    return machine


def boot(machine: QemuMachine, disks: tuple[str, ...], expected: str) -> None:
    """Start from the first of these disks; the root has to be in the `expected` volume group."""
    with TIMES.step(f"{machine.name}: booted from {disks[0]}"):
        machine.start(disks)
    source = machines.execute(machine, "findmnt --noheadings --output SOURCE /")
    assert source == f"/dev/mapper/{expected}-root\n"


def test_the_clone_alone_is_told_and_refused(cloned: QemuMachine) -> None:
    power_off(cloned, "poweroff")
    boot(cloned, (SECOND,), "drd00")
    told = answer(cloned, "status")
    assert (told["booted_from"], told["role"]) == ("clone", "clone")
    assert "booted from the clone" in run(cloned, "sync", ok=1)
    assert "booted from the clone" in run(cloned, "check", ok=1)
    run(cloned, "reverse", ok=1)
    power_off(cloned, "poweroff")


def test_both_images_are_named(cloned: QemuMachine) -> None:
    boot(cloned, CLONE_FIRST, "drd00")
    told = run(cloned, "status")
    assert "booted:         drd00 (the clone) on /dev/vda, mounted at /\n" in told
    assert "the other image: vg00 on /dev/vdb, not mounted at /run/drdwrap/" in told
    assert "'drdwrap reverse'" in machines.execute(cloned, "cat /run/motd.d/drdwrap-clone")
    (other,) = on_clone(cloned, "cat root/note")
    assert other == "first\n"
    assert "the booted image is not the clone" in run(cloned, "check", ok=1)


def test_a_week_on_the_clone_is_brought_home(cloned: QemuMachine) -> None:
    machines.execute(
        cloned,
        """
        echo of the week > /root/note; mkdir -p /srv/week; echo week > /srv/week/file
        useradd --create-home --uid 4712 wanda; echo var > /var/lib/week
        rm /srv/gone
        """,
    )
    previewed = answer(cloned, "reverse -p")
    assert previewed["only_here"] > 3
    assert run(cloned, "sync", ok=1)
    with TIMES.step("reverse"):
        done = answer(cloned, "reverse")
    assert done["held"] == []
    machines.execute(cloned, "test ! -e /run/motd.d/drdwrap-clone")
    told = run(cloned, "status")
    assert "booted:         drd00 (the former clone)" in told
    assert "FAILED" not in run(cloned, "check")
    with TIMES.step("sync towards the original"):
        synced = answer(cloned, "sync")
    assert synced["exit_status"] == 0, synced
    # What the original has written after its last sync, and the clone too since: the random seed.
    held = run(cloned, "report filtered_out_by_target_changed_filter_sync_phase").split()
    assert all(path.startswith(("/var/log/", "/var/lib/systemd/")) for path in held), held
    note, week, passwd = on_clone(
        cloned, "cat root/note", "cat srv/week/file", "grep wanda etc/passwd"
    )
    assert (note, week) == ("of the week\n", "week\n")
    assert "wanda" in passwd


def test_the_shutdown_works_towards_the_original(cloned: QemuMachine) -> None:
    begun = cloned.console.stat().st_size
    power_off(cloned, "echo the last second > /root/last; poweroff")
    assert "drdwrap: the clone is up to date (" in console_since(cloned, begun)
    boot(cloned, (SYSTEM, SECOND), "vg00")
    assert machines.execute(cloned, "cat /root/last") == "the last second\n"
    assert machines.execute(cloned, "cat /srv/week/file /var/lib/week") == "week\nvar\n"
    assert machines.execute(cloned, f"{OWN} | diff - /boot/own && echo same") == "same\n"
    assert machines.execute(cloned, "test ! -e /srv/gone && id -u wanda") == "4712\n"


def test_booted_from_the_original_it_is_the_clone_now(cloned: QemuMachine) -> None:
    told = run(cloned, "status")
    assert "booted:         vg00 (the clone) on /dev/vda, mounted at /\n" in told
    assert "the other image: drd00 on /dev/vdb" in told
    periodic = "drdwrap sync --occasion periodic --skip-if-running 2>&1"
    said = [machines.execute(cloned, periodic) for _ in range(2)]
    assert said == ["drdwrap: booted from the clone: nothing is synchronized\n", ""]
    begun = cloned.console.stat().st_size
    power_off(cloned, "echo of the original > /root/note; poweroff")
    assert "drdwrap: booted from the clone" in console_since(cloned, begun)


def test_the_roles_are_turned_back(cloned: QemuMachine) -> None:
    boot(cloned, (SYSTEM, SECOND), "vg00")
    run(cloned, "reverse")
    told = answer(cloned, "status")
    assert (told["role"], told["reversals"], told["booted_from"]) == (
        "booted system",
        2,
        "original",
    )
    power_off(cloned, "echo home > /root/last; poweroff")
    boot(cloned, CLONE_FIRST, "drd00")
    assert machines.execute(cloned, "cat /root/note /root/last") == "of the original\nhome\n"
    assert answer(cloned, "status")["role"] == "clone"
