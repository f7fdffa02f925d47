"""A PostgreSQL that is written to until the machine goes down opens clean on the clone."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab import machine as machines
from .lab.drdwrap import run
from .lab.install import install
from .lab.qemu import QemuMachine
from .lab.shutdown import make_clone, on_clone, synced_on_the_way_down
from .lab.supply import POSTGRESQL, NewMachine

pytestmark = pytest.mark.slow

WRITER = """#!/bin/sh
# Inserts rows for as long as there is a server, and keeps the number of each that was committed.
psql -q -c 'create table rows (id serial primary key, data text)'
insert="insert into rows (data) select repeat('x', 1000) returning id"
while number=$(psql -qAt -c "$insert"); do
    echo "$number" > /var/lib/lab/committed
done
"""
UNIT = """
[Unit]
Description=Writes to PostgreSQL without a pause
After=postgresql.service
[Service]
User=postgres
StateDirectory=lab
ExecStart=/usr/local/bin/lab-writer
"""
# Opened is a copy: a server would write to the clone. 5433 is no other server's port.
OPENED = """
data=var/lib/postgresql/15/main
/usr/lib/postgresql/15/bin/pg_controldata $data | sed -n 's/^Database cluster state: *//p'
rm -rf /tmp/copy && cp -a $data /tmp/copy
postgres() {
    runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_ctl -s -w -D /tmp/copy \\
        -o '-c config_file=/etc/postgresql/15/main/postgresql.conf -c data_directory=/tmp/copy' \\
        -o '-c port=5433 -c external_pid_file= -c log_destination=stderr' -l /tmp/log "$@"
}
cd /tmp
postgres start
psql() { runuser -u postgres -- psql -p 5433 -qAt "$@"; }
psql -c 'select count(*), max(id) from rows'
runuser -u postgres -- pg_amcheck -p 5433 --install-missing --heapallindexed --all
postgres stop
grep -E 'not properly shut down|recovery in progress|PANIC|corrupt' /tmp/log || echo clean
"""


@pytest.fixture(scope="module")
def synced(new_machine: NewMachine, wheels: list[Path]) -> QemuMachine:
    """A machine with a clone that is current, the script installed, and a busy database."""
    machine = new_machine.started("postgresql", POSTGRESQL)
    install(machine, wheels)
    make_clone(machine)
    machines.write_file(machine, "/usr/local/bin/lab-writer", WRITER)
    machines.write_file(machine, "/etc/systemd/system/lab.service", UNIT)
    machines.execute(machine, "chmod +x /usr/local/bin/lab-writer")
    run(machine, "install shutdown")
    machines.execute(
        machine,
        "systemctl start lab && timeout 60 sh -c 'until test -s /var/lib/lab/committed;"
        " do sleep 1; done' && sleep 10",
    )
    return machine


def test_every_row_that_was_committed_is_in_the_clone(synced: QemuMachine) -> None:
    synced_on_the_way_down(synced, "reboot")
    committed, opened = on_clone(synced, "cat var/lib/lab/committed", OPENED)
    state, rows, *told = opened.splitlines()
    assert state == "shut down"
    count, last = map(int, rows.split("|"))
    assert count > 10
    assert int(committed) <= last
    assert told[-1] == "clean", told
