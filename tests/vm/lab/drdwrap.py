"""Running drdwrap in a machine."""

from __future__ import annotations

import json
from typing import Any

from . import machine as machines
from .machine import Machine

CLONE = "/run/drdwrap/sysimage_001"
"""Where the clone is mounted, unless configured otherwise."""

SECOND_BY_ID = "/dev/disk/by-id/virtio-second"
"""The machine's second disk by a name that stays."""


def run(machine: Machine, command: str, ok: int = 0) -> str:
    """Run drdwrap, which must end with the status `ok`; all that it prints."""
    done = machines.host(machine).run(f"drdwrap {command}")
    told = f"drdwrap {command}: exit {done.rc}, not {ok}\n{done.stdout}{done.stderr}"
    assert done.rc == ok, told
    assert "Traceback" not in done.stderr, told
    return str(done.stdout + done.stderr)


def answer(machine: Machine, command: str, timeout: float = 600) -> dict[str, Any]:
    """Run drdwrap, which must succeed, and return what it says as data."""
    said = machines.execute(machine, f"drdwrap --json {command}", timeout=timeout)
    found: dict[str, Any] = json.loads(said)
    return found


def shut_down(machine: Machine) -> None:
    """Have the machine power off by itself."""
    machines.begin(machine, "systemctl poweroff").wait()
    machine.wait_until_off()


def booted_from(machine: Machine) -> tuple[str, str, str]:
    """The root's device, what systemd says of the system, and which units have failed."""
    host = machines.host(machine)
    state = host.run("systemctl is-system-running --wait").stdout.strip()
    failed = host.run("systemctl --failed --quiet --plain").stdout.strip()
    return host.mount_point("/").device, state, failed
