"""A machine that goes down with drdwrap's shutdown script, and what to check afterwards."""

from __future__ import annotations

import time

from . import machine as machines
from .drdwrap import CLONE, answer, run
from .machine import Machine
from .qemu import QemuMachine
from .times import TIMES

WAYS = {
    "reboot": "reboot",
    "poweroff": "poweroff",
    "shutdown": "shutdown -h now",
    "ctrl-alt-del": "kill -INT 1",
    # Without a kernel that was loaded for it, it ends in a plain reboot.
    "kexec": "systemctl start --no-block --job-mode=replace-irreversibly kexec.target",
}
"""How a machine goes down, by name. The last one needs systemd."""

VOLUMES = {"root": "1g", "var": "1g", "home": "128m"}

# A full clone takes minutes. A file that is already there makes a sync enough.
MAKE_CLONE = """
pvcreate -q --yes /dev/vdb
vgcreate -q drd00 /dev/vdb
for volume in {volumes}; do
    lvcreate -q --yes --wipesignatures y --name "${{volume%:*}}" --size "${{volume#*:}}" drd00
    mkfs.ext4 -q "/dev/drd00/${{volume%:*}}"
done
mount /dev/drd00/root /mnt
mkdir /mnt/var /mnt/home
touch /mnt/begun
umount /mnt
"""

# Files of packages are left out, so that a sync takes seconds.
CONFIGURATION = (
    "packages: none\nexclude_list: [/usr, /var/lib/dpkg, /var/cache, /filler/excluded]\n"
)

SERVICE = """#!/usr/bin/python3
# Writes to a database until it is told to stop, and then its state.
import signal, sqlite3, sys, time

def stop(*_):
    time.sleep(1)
    with connection:
        connection.execute("insert into rows values ('last')")
    connection.close()
    with open("/var/lib/lab/state", "w") as file:
        file.write("stopped in order\\n")
    sys.exit()

signal.signal(signal.SIGTERM, stop)
connection = sqlite3.connect("/var/lib/lab/db")
connection.execute("pragma journal_mode=wal")
connection.execute("create table if not exists rows (text)")
while True:
    with connection:
        connection.execute("insert into rows values (randomblob(1000))")
    time.sleep(0.1)
"""


def make_clone(machine: Machine) -> None:
    """Make a clone that has everything except files of packages."""
    volumes = " ".join(f"{name}:{size}" for name, size in VOLUMES.items())
    machines.execute(machine, MAKE_CLONE.format(volumes=volumes))
    machines.write_file(machine, "/etc/drdwrap/drdwrap.yaml", CONFIGURATION)
    made = answer(machine, "sync")
    assert made["exit_status"] == 0, made


def power_off(machine: QemuMachine, command: str, patience: float = 180) -> float:
    """Have the machine go down by this command, and not come up again. Returns the seconds."""
    machine.end_at_reboot()
    begun = time.monotonic()
    machines.begin(machine, command)
    machine.wait_until_off(patience)
    seconds = time.monotonic() - begun
    TIMES.add(f"{seconds:6.1f} s  {machine.name}: down by {command.splitlines()[-1].strip()!r}")
    return seconds


def synced_on_the_way_down(machine: QemuMachine, command: str) -> None:
    """Have the machine go down by this command, start it, and check that it has synced."""
    before = machine.console.stat().st_size
    power_off(machine, command)
    told = console_since(machine, before)
    assert "drdwrap: bringing the clone up to date, for at most 300 s" in told
    assert "drdwrap: the clone is up to date (" in told
    with TIMES.step(f"{machine.name}: booted again"):
        machine.start()
    ran = answer(machine, "status")["shutdown"]["last_run"]
    TIMES.add(f"          the sync itself: {ran['started']} to {ran['ended']}")
    assert (ran["result"], ran["message"]) == ("done", "the clone is up to date")


def on_clone(machine: Machine, *commands: str) -> list[str]:
    """The output of each of these shell commands, run in the clone's root directory."""
    run(machine, "mount")
    try:
        return [machines.execute(machine, f"cd {CLONE} && {command}") for command in commands]
    finally:
        run(machine, "umount")


def console_since(machine: Machine, begun: int) -> str:
    """What the console has shown after its first `begun` bytes, as text."""
    return machine.console.read_bytes()[begun:].decode(errors="replace")
