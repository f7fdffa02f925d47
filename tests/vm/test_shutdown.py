"""The machine goes down, and what was written last is on the clone; under systemd.

One story: each test goes on where the one before it ended.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab import machine as machines
from .lab.drdwrap import answer, run
from .lab.install import install
from .lab.qemu import QemuMachine
from .lab.shutdown import SERVICE, make_clone, on_clone, power_off, synced_on_the_way_down
from .lab.times import TIMES

UNIT = """
[Unit]
Description=A service that writes its state when it is stopped
[Service]
ExecStart=/usr/local/bin/lab-service
[Install]
WantedBy=multi-user.target
"""

DATABASE = (
    "rm -rf /tmp/lab && cp -r var/lib/lab /tmp && sqlite3 /tmp/lab/db"
    " 'pragma integrity_check; select text from rows order by rowid desc limit 1'"
)
"""A copy of it is opened: that would write to the clone."""


@pytest.fixture(scope="module")
def synced(machine: QemuMachine, wheels: list[Path]) -> QemuMachine:
    """A machine with a clone that is current, and the script and a timer installed."""
    with TIMES.step("drdwrap installed"):
        install(machine, wheels)
    with TIMES.step("clone's volumes made, and synced"):
        make_clone(machine)
    with TIMES.step("a service, the script, the timer installed"):
        machines.write_file(machine, "/usr/local/bin/lab-service", SERVICE)
        machines.write_file(machine, "/etc/systemd/system/lab.service", UNIT)
        machines.execute(
            machine,
            "chmod +x /usr/local/bin/lab-service && mkdir /var/lib/lab"
            " && systemctl enable --quiet --now lab.service",
        )
        run(machine, "install shutdown")
        run(machine, "install timer --on-calendar 2031-01-01")
    return machine


def test_status_shows_what_is_installed(synced: QemuMachine) -> None:
    told = answer(synced, "status")
    assert told["shutdown"] == {
        "installed": ["systemd"],
        "enabled": True,
        "last_run": None,
        "failed": False,
        "problems": [],
    }
    assert told["periodic"]["timer"] == "2031-01-01"
    assert told["periodic"]["next_run"].startswith("2031-01-01 00:")


def test_status_tells_of_a_unit_that_is_not_active(synced: QemuMachine) -> None:
    machines.execute(synced, "systemctl stop drdwrap.service")
    told = answer(synced, "status")["shutdown"]
    assert told["enabled"] is False
    assert "drdwrap.service is not active" in told["problems"][0]
    run(synced, "install shutdown")
    assert answer(synced, "status")["shutdown"]["enabled"] is True


def test_a_refused_uninstall_leaves_it_at_work(synced: QemuMachine) -> None:
    unit = "/etc/systemd/system/drdwrap.service"
    machines.execute(synced, f"cp {unit} /tmp/unit; echo '# mine' >> {unit}")
    assert "was edited" in run(synced, "uninstall all", ok=1)
    assert answer(synced, "status")["shutdown"]["enabled"] is True
    machines.execute(synced, f"cp /tmp/unit {unit}; systemctl daemon-reload")


def test_a_restart_of_the_unit_does_nothing(synced: QemuMachine) -> None:
    machines.execute(synced, "systemctl restart drdwrap.service")
    machines.execute(synced, "test ! -e /var/lib/drdwrap/shutdown")
    assert machines.execute(synced, "systemctl is-active drdwrap.service") == "active\n"


def test_what_was_written_last_is_on_the_clone(synced: QemuMachine) -> None:
    synced_on_the_way_down(synced, "echo the last second > /root/last; reboot")
    last, state, files, database = on_clone(
        synced, "cat root/last", "cat var/lib/lab/state", "ls var/lib/lab", DATABASE
    )
    assert last == "the last second\n"
    assert state == "stopped in order\n"
    assert files.split() == ["db", "state"]  # no journal was left: it was closed in order
    assert database == "ok\nlast\n"


def test_a_limit_cuts_it_off_and_the_next_sync_repairs(
    synced: QemuMachine,
) -> None:
    """rsync is stopped as well: it is continued to end, and holds nothing up."""
    machines.execute(
        synced,
        """
        sed -i s/LIMIT=300/LIMIT=15/ /etc/default/drdwrap
        mkdir /srv/many; head -c 50M /dev/urandom > /srv/many/large
        printf '#!/bin/sh\nkill -STOP $$\nexec /usr/bin/rsync "$@"\n' > /usr/local/bin/rsync
        chmod +x /usr/local/bin/rsync
        """,
    )
    seconds = power_off(synced, "systemctl poweroff")
    assert seconds < 90
    with TIMES.step("booted again"):
        synced.start()
    machines.execute(synced, "rm /usr/local/bin/rsync")
    told = answer(synced, "status")["shutdown"]
    assert (told["last_run"]["result"], told["failed"]) == ("cut off", True)
    assert "was cut off: the limit of 15 s" in machines.execute(synced, "cat /run/motd.d/drdwrap")
    journal = "journalctl -b -u drdwrap.service -p warning --no-pager"
    assert "was cut off: the limit of 15 s" in machines.execute(synced, journal)
    assert answer(synced, "sync")["exit_status"] == 0
    machines.execute(
        synced, "test ! -e /run/motd.d/drdwrap -a ! -e /var/lib/drdwrap/shutdown-failed"
    )
    assert on_clone(synced, "cmp srv/many/large /srv/many/large && echo same") == ["same\n"]


def test_it_is_removed_without_a_trace(synced: QemuMachine) -> None:
    told = run(synced, "uninstall all")
    assert "kept:     /etc/default/drdwrap (it was edited)" in told
    machines.execute(synced, "grep -x 'result=cut off' /var/lib/drdwrap/shutdown")
    left = "find /etc /usr/lib/systemd -name '*drdwrap*' ! -path '/etc/drdwrap*'"
    assert machines.execute(synced, left) == "/etc/default/drdwrap\n"
    units = machines.execute(synced, "systemctl list-units --all --plain --no-legend 'drdwrap*'")
    assert units == ""
