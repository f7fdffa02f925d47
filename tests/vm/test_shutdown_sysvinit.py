"""The machine goes down, and what was written last is on the clone; under SysV init."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab import machine as machines
from .lab.drdwrap import answer, run
from .lab.install import install
from .lab.qemu import QemuMachine
from .lab.shutdown import make_clone, on_clone, synced_on_the_way_down
from .lab.supply import SYSVINIT, NewMachine
from .lab.times import TIMES

SCRIPT = """#!/bin/sh
### BEGIN INIT INFO
# Provides:          lab
# Required-Start:    $remote_fs
# Required-Stop:     $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: A service that writes its state when it is stopped
### END INIT INFO
[ "$1" != stop ] || { sleep 1; echo stopped in order > /var/lib/lab; }
"""


@pytest.fixture(scope="module")
def synced(new_machine: NewMachine, wheels: list[Path]) -> QemuMachine:
    """A machine with a clone that is current, and the script and cron installed."""
    machine = new_machine.started("sysvinit", SYSVINIT)
    with TIMES.step("sysvinit: drdwrap installed"):
        install(machine, wheels)
    with TIMES.step("sysvinit: clone's volumes made, and synced"):
        make_clone(machine)
    machines.write_file(machine, "/etc/init.d/lab", SCRIPT)
    machines.execute(machine, "chmod +x /etc/init.d/lab && update-rc.d lab defaults")
    run(machine, "install shutdown")
    run(machine, "install cron --schedule '17 3 * * *'")
    return machine


def test_it_runs_after_all_processes_and_before_the_file_systems_go(
    synced: QemuMachine,
) -> None:
    told = answer(synced, "status")
    assert (told["shutdown"]["installed"], told["shutdown"]["enabled"]) == (["sysv"], True)
    assert told["periodic"]["next_run"].endswith(" 03:17:00")
    for level in (0, 6):
        order = machines.execute(synced, f"ls /etc/rc{level}.d").split()
        names = [name[3:] for name in order]
        assert names.index("sendsigs") < names.index("drdwrap") < names.index("umountfs")
    assert "drdwrap" not in machines.execute(synced, "ls /etc/rc1.d")


def test_what_was_written_last_is_on_the_clone(synced: QemuMachine) -> None:
    synced_on_the_way_down(synced, "echo the last second > /root/last; shutdown -h now")
    assert on_clone(synced, "cat root/last", "cat var/lib/lab") == [
        "the last second\n",
        "stopped in order\n",
    ]


def test_it_is_removed_without_a_trace(synced: QemuMachine) -> None:
    run(synced, "uninstall all")
    left = "find /etc -name '*drdwrap*' ! -path '/etc/drdwrap*'"
    assert machines.execute(synced, left) == ""
