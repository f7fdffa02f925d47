"""The clone that a shutdown left is booted, its disk alone."""

from __future__ import annotations

from datetime import datetime
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
sides() { find "$@" -xdev -printf '%p %s %T@ %C@ %m %U %G\\n' >/dev/null; }
clone=/run/drdwrap/sysimage_001
start=$(date +%s%N)
drdwrap mount >/dev/null
begun=$(date +%s%N)
sides / /var /home /boot & sides $clone $clone/var $clone/home $clone/boot &
wait
ended=$(date +%s%N)
drdwrap umount >/dev/null
end=$(date +%s%N)
echo $(((ended - begun) / 1000000)) $(((begun - start + end - ended) / 1000000))
"""
"""Milliseconds that two concurrent finds take, and mounting and unmounting."""


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
    """At most three times that of two concurrent finds over both sides, plus mounting."""
    run(cloned, "sync")
    finds, mounting = (int(n) / 1000 for n in machines.execute(cloned, FINDS).split())
    power_off(cloned, "poweroff")
    cloned.start()
    ran = answer(cloned, "status")["shutdown"]["last_run"]
    assert ran["result"] == "done"
    started, ended = (datetime.fromisoformat(ran[name]) for name in ("started", "ended"))
    took = (ended - started).total_seconds()
    TIMES.add(f"{took:6.1f} s  the sync; finds {finds:.1f} s, mounting {mounting:.1f} s")
    assert took <= 3 * finds + mounting


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
