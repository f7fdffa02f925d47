"""A machine that `vagrant up` makes from the Vagrantfile and the box, in the lab's namespaces."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

from vagrant.box.package import Box

from . import machine as machines
from .machine import DISKS
from .namespaces import Namespaces
from .processes import LabError

_HERE = Path(__file__).parent
_VAGRANTFILE = _HERE.parents[2] / "vagrant"
_ADDED = """
<disk type="file" device="disk">
  <driver name="qemu" type="qcow2"/>
  <source file="{file}"/>
  <target dev="{device}" bus="virtio"/>
  <serial>{name}</serial>
</disk>
"""
BOOT_PATIENCE = 300.0


class VagrantMachine:
    """A `Machine` (see there). `vagrant up` starts it the first time, libvirt from then on."""

    def __init__(
        self, name: str, box: Box, directory: Path, accelerator: str, namespaces: Namespaces
    ) -> None:
        self.name = name
        self.directory = directory
        self.console = directory / "console.log"
        self._box = box
        self._namespaces = namespaces
        self._up = False
        self._devices = dict(zip(DISKS, ("vda", "vdb"), strict=True))
        self._added: list[Path] = []
        directory.mkdir()
        self.console.touch()
        self.console.chmod(0o666)  # QEMU writes to it as a user of its own
        directory.chmod(0o711)
        box_name = f"drdwrap/{box.recipe.name}"
        self._environment = {
            **os.environ,
            "HOME": str(directory),
            "VAGRANT_HOME": str(directory.parent / "vagrant-home"),
            "VAGRANT_DOTFILE_PATH": str(directory / "dot"),
            "VAGRANT_CWD": str(_VAGRANTFILE),
            "VAGRANT_CHECKPOINT_DISABLE": "1",
            "VAGRANT_DEFAULT_PROVIDER": "libvirt",
            "DRDWRAP_BOX_KEY": str(box.key),
            "DRDWRAP_ACCELERATOR": accelerator,
            "DRDWRAP_CONSOLE": str(self.console),
        }
        if box_name not in self._vagrant("box", "list"):
            self._vagrant("box", "add", "--name", box_name, str(box.vagrant))

    @property
    def _init(self) -> str:
        """The name in the Vagrantfile."""
        return self._box.recipe.init

    @property
    def _domain(self) -> str:
        return f"drdwrap-lab-{self._init}"

    def _vagrant(self, *arguments: str) -> str:
        return self._namespaces.run("vagrant", *arguments, env=self._environment, timeout=900)

    def _virsh(self, *arguments: str | Path) -> str:
        return self._namespaces.run("virsh", "-q", "-c", "qemu:///system", *arguments)

    def start(self, disks: tuple[str, ...] = DISKS) -> None:
        if not self._up:
            self._vagrant("up", self._init)
            self._up = True
            (self.directory / "domain.xml").write_text(
                self._virsh("dumpxml", "--inactive", self._domain)
            )
            if disks != DISKS:
                self.power_off()
        if not self._running():
            self._choose(disks)
            self._virsh("start", self._domain)
        config = self._vagrant("ssh-config", self._init).split()
        address, port = (config[config.index(word) + 1] for word in ("HostName", "Port"))
        enter = f"nsenter --target {self._namespaces.pid} --net"
        proxy = f"{enter} {sys.executable} {_HERE / 'connect.py'} %h %p"
        machines.write_ssh_config(self, address, int(port), self._box.key, proxy)
        machines.wait_for_ssh(self, self._running, BOOT_PATIENCE)

    def add_disk(self, name: str, size: str) -> None:
        image = self.directory / f"{name}.qcow2"
        self._namespaces.run("qemu-img", "create", "-q", "-f", "qcow2", image, size)
        image.chmod(0o666)  # QEMU runs as a user of its own
        self._devices[name] = f"vd{chr(ord('a') + len(self._devices))}"
        added = self.directory / f"{name}.xml"
        added.write_text(_ADDED.format(file=image, device=self._devices[name], name=name))
        self._added.append(added)
        self._virsh("attach-device", self._domain, added, "--live")
        machines.wait_for_disk(self, name)

    def _choose(self, disks: tuple[str, ...]) -> None:
        """Define the domain again, with these disks alone; it boots from the first of them."""
        path = self.directory / "domain.xml"
        domain = ElementTree.fromstring(path.read_text())
        devices = domain.find("devices")
        assert devices is not None
        devices.extend(ElementTree.fromstring(added.read_text()) for added in self._added)
        wanted = [self._devices[name] for name in disks]
        for disk in devices.findall("disk"):
            target = disk.find("target")
            assert target is not None
            if target.get("dev") not in wanted:
                devices.remove(disk)
        chosen = self.directory / "chosen.xml"
        chosen.write_text(ElementTree.tostring(domain, encoding="unicode"))
        self._virsh("define", chosen)

    def _running(self) -> bool:
        return "running" in self._virsh("domstate", self._domain)

    def power_off(self) -> None:
        if self._up and self._running():
            self._virsh("destroy", self._domain)

    def wait_until_off(self, patience: float = 180) -> None:
        import time

        until = time.monotonic() + patience
        while self._running():
            if time.monotonic() > until:
                end = machines.console_end(self)
                raise LabError(f"{self.name} still runs after {patience:.0f} s\n{end}")
            time.sleep(0.5)

    def close(self) -> None:
        if self._up:
            self._virsh("define", self.directory / "domain.xml")
            self._vagrant("destroy", "--force", self._init)
        shutil.rmtree(self.directory, ignore_errors=True)
