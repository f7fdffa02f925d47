"""A machine that reboots by itself, and what it has booted after that."""

from __future__ import annotations

import re
import time
from typing import Any

from . import machine as machines
from .drdwrap import answer
from .machine import Machine
from .processes import LabError

ORIGINAL, CLONE = "/dev/mapper/vg00-root", "/dev/mapper/drd00-root"

PATIENCE = 900.0
"""Seconds for two boots, and what bounds a trial between them, on a busy machine without KVM."""

_LOOK = "cat /proc/sys/kernel/random/boot_id; findmnt -n -o SOURCE /"


def look(machine: Machine) -> tuple[str, str]:
    """The id of this boot, and the root's device. LabError if the machine does not answer."""
    boot, root = machines.execute(machine, _LOOK, timeout=60).split()
    return boot, root


def reboot_until(machine: Machine, command: str, root: str) -> list[str]:
    """Run a command after which the machine reboots, and wait until it is booted from `root`.

    Returns the roots of the boots that answered, the last one included. LabError.
    """
    seen = {look(machine)[0]}
    roots: list[str] = []
    machines.execute(machine, f"({command}) </dev/null >/dev/null 2>/root/said || cat /root/said")
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        _connect_anew(machine)
        try:
            boot, found = look(machine)
        except LabError:
            time.sleep(1)
            continue
        if boot not in seen:
            seen.add(boot)
            roots.append(found)
        if roots and found == root:
            return roots
        time.sleep(1)
    end = machines.console_end(machine)
    raise LabError(f"{machine.name}: not booted from {root}, but from {roots}\n{end}")


def trial_ended(machine: Machine, patience: float = 300) -> dict[str, Any]:
    """How the last trial ended, once it has. LabError."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        last = answer(machine, "status")["activation"]["last_trial"]
        if last["result"] != "under way":
            found: dict[str, Any] = last
            return found
        time.sleep(2)
    raise LabError(f"the trial does not end\n{machines.console_end(machine)}")


def _connect_anew(machine: Machine) -> None:
    """Have ssh use no connection to an earlier boot."""
    config = machines.ssh_config(machine)
    new = f"ssh-{time.monotonic_ns() % 10**9}"
    text = re.sub(r'(ControlPath ".*/)ssh-\d+"', rf'\g<1>{new}"', config.read_text())
    config.write_text(text)
