"""The power is cut while a clone is made, while it is filled, and while it is mounted."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab import machine as machines
from .lab.drdwrap import CLONE, SECOND_BY_ID, answer, booted_from, run, shut_down
from .lab.install import install
from .lab.machine import SECOND, Machine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cloning(machine: Machine, wheels: list[Path]) -> Machine:
    install(machine, wheels)
    return machine


def cut(machine: Machine, command: str, when: str) -> None:
    """Cut the power once `when` (a shell condition) holds while drdwrap runs; and start again."""
    machines.execute(machine, "sync")
    running = machines.begin(machine, f"drdwrap {command}")
    machines.execute(machine, f"until {when}; do sleep 0.1; done", timeout=300)
    machine.power_off()
    running.wait()
    machine.start()
    assert booted_from(machine) == ("/dev/mapper/vg00-root", "running", "")


def test_while_the_disk_is_made(cloning: Machine) -> None:
    cut(cloning, f"clone --disk {SECOND_BY_ID}", "test -e /dev/drd00/root")
    begin = f"drdwrap clone --disk {SECOND_BY_ID} --overwrite"
    for command in ("sync", "preview", "mount", "clone --overwrite", "check"):
        told = run(cloning, command, ok=1)
        assert "was cut off" in told and begin in told


def test_while_it_is_filled(cloning: Machine) -> None:
    again = f"clone --disk {SECOND_BY_ID} --overwrite"
    cut(cloning, again, "test -s /var/lib/drdwrap/intent && pgrep -x rsync >/dev/null && sleep 5")
    assert answer(cloning, "status")["interrupted"] is True
    for command in ("sync", "preview"):
        assert "drdwrap clone --overwrite" in run(cloning, command, ok=1)
    made = answer(cloning, "clone --overwrite", timeout=1500)
    assert (made["exit_status"], made["warnings"]) == (0, [])
    assert answer(cloning, "sync")["exit_status"] == 0


def test_while_it_is_mounted(cloning: Machine) -> None:
    cut(cloning, "mount --for-patching && sleep 600", f"mountpoint -q {CLONE}/boot")
    assert answer(cloning, "status")["clone"]["mounted"] is False
    run(cloning, "mount")
    run(cloning, "umount")
    assert answer(cloning, "sync")["exit_status"] == 0


def test_the_clone_boots_after_all_that(cloning: Machine) -> None:
    shut_down(cloning)
    cloning.start((SECOND,))
    assert booted_from(cloning) == ("/dev/mapper/drd00-root", "running", "")
