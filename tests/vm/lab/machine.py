"""What a test can do with a machine, whoever runs it."""

from __future__ import annotations

import shlex
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .processes import LabError, run

if TYPE_CHECKING:
    from testinfra.host import Host

SYSTEM, SECOND = "system", "second"
DISKS = (SYSTEM, SECOND)
"""The disks that every machine has. The second one is empty at first."""


class Machine(Protocol):
    """A virtual machine with disks of its own. `console` gets all that its serial port says.

    A disk's serial number is its name, and of that /dev/disk/by-id/virtio-NAME is made. (Vagrant
    gives its first disk none.)
    """

    name: str
    directory: Path
    console: Path

    def start(self, disks: tuple[str, ...] = DISKS) -> None:
        """Start with these disks, the first of them to boot from, and wait for ssh. LabError."""

    def add_disk(self, name: str, size: str) -> None:
        """Plug an empty disk of this size (qemu-img's, "1G") into the running machine.

        It is there at the return, as /dev/disk/by-id/virtio-NAME. `start` takes its name as well.
        """

    def power_off(self) -> None:
        """Cut the power, at once."""

    def wait_until_off(self, patience: float = 180) -> None:
        """Wait for the machine to go down by itself. LabError after `patience` seconds."""

    def close(self) -> None:
        """End the machine and remove what is its own."""


def ssh_config(machine: Machine) -> Path:
    """The file that ssh, scp and testinfra read."""
    return machine.directory / "ssh_config"


def write_ssh_config(machine: Machine, address: str, port: int, key: Path, proxy: str = "") -> None:
    """The file for `ssh_config`: root on this machine, by this key, whatever its host key is.

    One connection serves all commands, since each takes a second or two under emulation; every
    start of the machine has its own. An emulated machine can be silent for half a minute and
    go on; two minutes end the connection.
    """
    connection = machine.directory / f"ssh-{time.monotonic_ns() % 10**9}"
    lines = [
        f"Host {machine.name}",
        f"  HostName {address}",
        f"  Port {port}",
        "  User root",
        f'  IdentityFile "{key}"',
        "  IdentitiesOnly yes",
        "  UserKnownHostsFile /dev/null",
        "  StrictHostKeyChecking no",
        "  LogLevel ERROR",
        "  ConnectTimeout 60",
        "  ServerAliveInterval 10",
        "  ServerAliveCountMax 12",
        "  ControlMaster auto",
        f'  ControlPath "{connection}"',
        "  ControlPersist 300",
        *([f"  ProxyCommand {proxy}", "  ProxyUseFdpass yes"] if proxy else []),
    ]
    ssh_config(machine).write_text("\n".join(lines) + "\n")


def host(machine: Machine) -> Host:
    """testinfra's view of the machine."""
    import testinfra

    return testinfra.get_host(f"ssh://{machine.name}", ssh_config=str(ssh_config(machine)))


def execute(machine: Machine, command: str, timeout: float = 300) -> str:
    """Run a shell command as root in the machine; it must succeed. LabError."""
    return run(*_ssh(machine), command, timeout=timeout)


def begin(machine: Machine, command: str) -> subprocess.Popen[str]:
    """Start a shell command in the machine and return while it runs."""
    return subprocess.Popen(
        [*_ssh(machine), command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def write_file(machine: Machine, path: str, text: str) -> None:
    """Write a file in the machine."""
    execute(machine, f"printf %s {shlex.quote(text)} > {shlex.quote(path)}")


def copy_in(machine: Machine, *files: Path, to: str) -> None:
    """Copy files into a directory of the machine."""
    run("scp", "-q", "-F", ssh_config(machine), *files, f"{machine.name}:{to}")


def _ssh(machine: Machine) -> list[str]:
    return ["ssh", "-F", str(ssh_config(machine)), machine.name]


def wait_for_disk(machine: Machine, name: str) -> None:
    """Until the machine has found a disk that was plugged in. LabError after a minute."""
    path = shlex.quote(f"/dev/disk/by-id/virtio-{name}")
    looking = f"for n in $(seq 300); do [ -b {path} ] && exit; sleep 0.2; done; exit 1"
    execute(machine, looking, timeout=120)


def wait_for_ssh(machine: Machine, alive: object, patience: float) -> None:
    """Until a command can be run. LabError, with the console's end, when it takes too long.

    `alive` is called to see whether the machine still runs.
    """
    until = time.monotonic() + patience
    assert callable(alive)
    while True:
        try:
            run(*_ssh(machine), "true", timeout=20)
            return
        except LabError as error:
            if not alive():
                raise LabError(f"{machine.name} ended\n{console_end(machine)}") from error
            if time.monotonic() > until:
                end = console_end(machine)
                raise LabError(f"{machine.name}: no ssh in {patience:.0f} s\n{end}") from error
        time.sleep(0.5)


def console_end(machine: Machine, lines: int = 200) -> str:
    """The last lines that the machine's serial console has shown."""
    try:
        text = machine.console.read_text(errors="backslashreplace")
    except OSError:
        return "(nothing on the console)"
    return "\n".join(line.rstrip() for line in text.splitlines()[-lines:])
