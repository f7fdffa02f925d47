"""What machines need of this one; what is lacking is said in a line."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import firmware, place

_PROGRAMS = "mmdebstrap qemu-system-x86_64 qemu-img lvm sfdisk ssh scp ssh-keygen setpriv".split()
_VAGRANT = "vagrant libvirtd virtlogd virsh dnsmasq ip unshare nsenter".split()
_UEFI = "mkfs.vfat mmd mcopy thin_restore".split()


def missing(programs: list[str]) -> list[str]:
    """Those of these programs that are not installed."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    return [program for program in programs if not shutil.which(program, path=path)]


def lacking() -> str:
    """What keeps machines from running here, or ""."""
    if os.geteuid() != 0:
        return "not root: boxes cannot be made"
    if absent := missing(_PROGRAMS):
        return f"not installed: {', '.join(absent)}"
    if not Path("/dev/loop-control").exists():
        return "there are no loop devices"
    free = shutil.disk_usage(place.base()).free
    if free < place.NEEDED:
        return f"{place.base()} has {free / 1e9:.1f} GB free, {place.NEEDED / 1e9:.1f} are needed"
    return ""


def lacking_for_vagrant() -> str:
    """What keeps Vagrant from running them, or ""."""
    if absent := missing(_VAGRANT):
        return f"not installed: {', '.join(absent)}"
    if not Path("/dev/net/tun").exists():
        return "there is no /dev/net/tun"
    return ""


def lacking_for_uefi() -> str:
    """What keeps a machine with UEFI from being made and run, or ""."""
    if absent := missing(_UEFI):
        return f"not installed: {', '.join(absent)}"
    if not (firmware.CODE.exists() and firmware.VARIABLES.exists()):
        return f"there is no {firmware.CODE} (Debian's package ovmf)"
    return ""
