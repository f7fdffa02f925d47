"""The clone that a shutdown left is booted, its disk alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab import machine as machines
from .lab.drdwrap import SECOND_BY_ID, answer, booted_from, run
from .lab.install import install
from .lab.machine import SECOND
from .lab.qemu import QemuMachine
from .lab.shutdown import console_since, power_off
from .lab.supply import NewMachine
from .lab.times import TIMES

pytestmark = pytest.mark.slow

FINDS = """
drdwrap mount >/dev/null
cd /run/drdwrap/sysimage_001
begun=$(date +%s%N)
find / -xdev -printf '%p %s %T@ %C@ %m %U %G\\n' >/dev/null &
find . /run/drdwrap/sysimage_001/var -xdev -printf '%p %s %T@ %C@ %m %U %G\\n' >/dev/null &
wait
ended=$(date +%s%N)
cd /
drdwrap umount >/dev/null
echo $(((ended - begun) / 1000000))
"""


@pytest.fixture(scope="module")
def cloned(new_machine: NewMachine, wheels: list[Path]) -> QemuMachine:
    """A machine with a clone that boots, and the script and cron installed."""
    machine = new_machine.started("booted")
    install(machine, wheels)
    with TIMES.step("clone made"):
        answer(machine, f"clone --disk {SECOND_BY_ID}", timeout=1500)
    run(machine, "install shutdown")
    run(machine, "install cron")
    return machine


def test_the_time_that_it_takes_with_nothing_changed(cloned: QemuMachine) -> None:
    """Printed, beside that of two concurrent finds over both sides."""
    run(cloned, "sync")
    finds = int(machines.execute(cloned, FINDS)) / 1000
    power_off(cloned, "poweroff")
    cloned.start()
    ran = answer(cloned, "status")["shutdown"]["last_run"]
    TIMES.add(f"{finds:6.1f} s  two concurrent finds; sync {ran['started']} to {ran['ended']}")
    assert ran["result"] == "done"


def test_what_was_written_last_is_there_when_the_clone_is_booted(cloned: QemuMachine) -> None:
    machines.execute(
        cloned,
        "sqlite3 /var/lib/lab.db 'pragma journal_mode=wal; create table rows (n);"
        " insert into rows values (1)'",
    )
    power_off(cloned, "echo the last second > /root/last; poweroff")
    with TIMES.step("booted from the clone alone"):
        cloned.start((SECOND,))
    assert booted_from(cloned) == ("/dev/mapper/drd00-root", "running", "")
    assert machines.execute(cloned, "cat /root/last") == "the last second\n"
    check = "sqlite3 /var/lib/lab.db 'pragma integrity_check; select * from rows'"
    assert machines.execute(cloned, check) == "ok\n1\n"


def test_booted_from_the_clone_it_does_nothing_and_says_so_once(cloned: QemuMachine) -> None:
    periodic = "drdwrap sync --occasion periodic --skip-if-running 2>&1"
    told = [machines.execute(cloned, periodic) for _ in range(3)]
    assert told == ["drdwrap: booted from the clone: nothing is synchronized\n", "", ""]
    begun = cloned.console.stat().st_size
    power_off(cloned, "echo of the clone > /root/last; poweroff")
    assert "drdwrap: booted from the clone" in console_since(cloned, begun)
    cloned.start()
    assert machines.execute(cloned, "cat /root/last") == "the last second\n"
    assert not machines.host(cloned).file("/run/motd.d/drdwrap").exists
