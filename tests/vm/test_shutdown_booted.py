"""The clone that a shutdown left is booted, its disk alone; under both init systems."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from .lab import machine as machines
from .lab.drdwrap import SECOND_BY_ID, answer, booted_from, run
from .lab.install import install
from .lab.machine import SECOND
from .lab.qemu import QemuMachine
from .lab.shutdown import WAYS, console_since, power_off
from .lab.supply import SYSTEMD, SYSVINIT, NewMachine
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


@pytest.fixture(scope="module", params=[SYSTEMD, SYSVINIT])
def cloned(
    request: pytest.FixtureRequest, new_machine: NewMachine, wheels: list[Path]
) -> QemuMachine:
    """A machine with a clone that boots, and the script and cron installed."""
    machine = new_machine.started(f"cloned-{request.param}", request.param)
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


DATABASE = "sqlite3 {} 'pragma integrity_check; select * from rows order by rowid desc limit 1'"


@pytest.mark.parametrize("way", WAYS)
def test_what_was_written_last_is_there_when_the_clone_is_booted(
    cloned: QemuMachine, way: str
) -> None:
    if way == "kexec" and SYSVINIT in cloned.name:
        pytest.skip("SysV init has no kexec")
    machines.execute(
        cloned,
        "sqlite3 /var/lib/lab.db 'pragma journal_mode=wal; create table if not exists rows (way);"
        f' insert into rows values ("{way}")\'',
    )
    power_off(cloned, f"echo {way} > /root/last; {WAYS[way]}; sleep 100")
    with TIMES.step("booted from the clone alone"):
        cloned.start((SECOND,))
    assert_booted_from(cloned, "drd00")
    assert machines.execute(cloned, "cat /root/last") == f"{way}\n"
    # A copy is opened: the database itself would be changed on the clone.
    machines.execute(cloned, "rm -f /tmp/lab.db* && cp /var/lib/lab.db* /tmp")
    assert machines.execute(cloned, DATABASE.format("/tmp/lab.db")) == f"ok\n{way}\n"
    power_off(cloned, "poweroff")
    cloned.start()
    assert_booted_from(cloned, "vg00")


def assert_booted_from(machine: QemuMachine, volume_group: str) -> None:
    if SYSVINIT in machine.name:
        source = machines.execute(machine, "findmnt --noheadings --output SOURCE /")
        assert source == f"/dev/mapper/{volume_group}-root\n"
    else:
        assert booted_from(machine) == (f"/dev/mapper/{volume_group}-root", "running", "")


def test_booted_from_the_clone_it_does_nothing_and_says_so_once(cloned: QemuMachine) -> None:
    periodic = "drdwrap sync --occasion periodic --skip-if-running 2>&1"
    power_off(cloned, "echo the last second > /root/last; poweroff")
    cloned.start((SECOND,))
    told = [machines.execute(cloned, periodic) for _ in range(3)]
    assert told == ["drdwrap: booted from the clone: nothing is synchronized\n", "", ""]
    begun = cloned.console.stat().st_size
    power_off(cloned, "echo of the clone > /root/last; poweroff")
    assert "drdwrap: booted from the clone" in console_since(cloned, begun)
    cloned.start()
    assert machines.execute(cloned, "cat /root/last") == "the last second\n"
    assert not machines.host(cloned).file("/run/motd.d/drdwrap").exists
