"""drdwrap in a machine, as an administrator would install it."""

from __future__ import annotations

from pathlib import Path

from . import machine as machines
from .machine import Machine


def install(machine: Machine, wheels: list[Path]) -> None:
    """Install drdwrap from its wheel; what else it needs is in the box."""
    machines.execute(machine, "mkdir -p /root/wheels /etc/drdwrap")
    machines.copy_in(machine, *wheels, to="/root/wheels")
    machines.execute(
        machine, "for wheel in /root/wheels/*.whl; do python3 -m installer $wheel || exit; done"
    )
