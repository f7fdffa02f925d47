"""All block devices and which lies on which, as lsblk(8) reports them in JSON."""

import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from drdwrap.errors import ProgramError
from drdwrap.linux import process
from drdwrap.paths.line_ends import lines_of
from drdwrap.paths.utf8 import decoded

_COLUMNS = (
    "NAME,"  # without it lsblk does not say which lies on which
    "PATH,MAJ:MIN,TYPE,SIZE,RO,FSTYPE,UUID,LABEL,PARTUUID,PARTLABEL,PARTTYPE,PTTYPE,MOUNTPOINTS,"
    "LOG-SEC"
)

_MAY_HOLD = frozenset(("lvm", "crypt", "part"))
"""The kinds of devices whose contents lsblk may not know. Of a whole disk it knows the table."""

_BY_TAG = {
    b"UUID": b"/dev/disk/by-uuid/",
    b"LABEL": b"/dev/disk/by-label/",
    b"PARTUUID": b"/dev/disk/by-partuuid/",
    b"PARTLABEL": b"/dev/disk/by-partlabel/",
}

_ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")

ESP = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
"""The GPT type of an EFI system partition."""


@dataclass(frozen=True)
class BlockDevice:
    """One device.

    `kind` is lsblk's word (`disk`, `part`, `lvm`, `crypt`, `raid1`, ...), `number` is
    `major:minor`, `size` and `sector` are in bytes. `contents` is the type of the file system, swap
    or container on it, `table` the type of its partition table. What it does not have is empty.
    `children` are the devices that lie on it.
    """

    path: str
    number: str
    kind: str
    size: int
    read_only: bool
    contents: str
    uuid: str
    label: str
    partuuid: str
    partlabel: str
    part_type: str
    table: str
    mount_points: tuple[str, ...]
    sector: int
    children: tuple["BlockDevice", ...]

    def family(self) -> Iterator["BlockDevice"]:
        """This device and all that lie on it."""
        yield self
        for child in self.children:
            yield from child.family()


@dataclass(frozen=True)
class Devices:
    """Every device of the machine. `roots` are those that lie on no other."""

    roots: tuple[BlockDevice, ...]

    @cached_property
    def _by_number(self) -> dict[str, BlockDevice]:
        return {device.number: device for root in self.roots for device in root.family()}

    def at(self, number: str) -> BlockDevice | None:
        """The device of that number (`major:minor`)."""
        return self._by_number.get(number)

    def disks_of(self, number: str) -> list[BlockDevice]:
        """The whole disks on which the device of that number lies, or itself if it is one."""
        return [r for r in self.roots if any(device.number == number for device in r.family())]

    def below(self, number: str) -> list[BlockDevice]:
        """All devices that the one of that number lies on (`crypt`, `part`), itself included."""
        return [
            device
            for device in self._by_number.values()
            if any(one.number == number for one in device.family())
        ]


def number_of(path: str | bytes) -> str:
    """The device number (`major:minor`) of a device node; empty if `path` is not one."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return ""
    if not stat.S_ISBLK(status.st_mode):
        return ""
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"


def node_of(spec: bytes) -> bytes:
    """The device node that the first field of fstab(5) names: a path, `UUID=` and the like."""
    tag, equals, value = spec.partition(b"=")
    directory = _BY_TAG.get(tag) if equals else None
    return directory + value.strip(b'"') if directory else spec


def devices() -> Devices:
    """All devices that there are now, once udev knows them. ProgramError if lsblk fails."""
    with suppress(ProgramError):  # without udev, lsblk reads the devices itself
        process.run("udevadm", ["settle", "--timeout=10"])
    return parse(process.run("lsblk", ["--json", "--bytes", "--output", _COLUMNS]).stdout, probed)


def parse(report: bytes, probe: Callable[[str], Mapping[str, str]] | None = None) -> Devices:
    """The devices of a report of lsblk. ProgramError if the report cannot be read.

    `probe` gets the path of a device whose contents the report does not have, and returns `fstype`,
    `uuid` and `label`. lsblk does not know the contents of an LV that an initramfs activated
    without telling udev (Debian with SysV init).
    """
    try:
        rows = json.loads(report)["blockdevices"]
        return Devices(tuple(_device(row, probe) for row in rows))
    except (ValueError, KeyError, TypeError) as error:
        raise ProgramError(f"lsblk's report cannot be understood: {error}") from error


def probed(path: str) -> dict[str, str]:
    """What blkid(8) reads from the device itself, by lsblk's names; empty without the right to."""
    ambivalent, nothing = 8, 2
    words = ["--probe", "--output", "udev", path]
    try:
        told = process.run("blkid", words, ok=(0, nothing, ambivalent)).stdout
    except ProgramError:
        return {}
    values = dict(line.split(b"=", 1) for line in lines_of(told) if b"=" in line)
    names = ((b"TYPE", "fstype"), (b"UUID_ENC", "uuid"), (b"LABEL_ENC", "label"))
    return {
        name: decoded(_ESCAPE.sub(_unescaped, values[b"ID_FS_" + tag]))
        for tag, name in names
        if b"ID_FS_" + tag in values
    }


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 16)])


def signatures(disk: BlockDevice) -> list[str]:
    """What wipefs(8) finds on a disk and its partitions, in words, or its error message.

    Of two kinds of signatures (ext4 on a disk with ZFS's labels at its end) lsblk shows neither.
    """
    found = []
    for device in disk.family():
        if device.kind not in ("disk", "part"):
            continue
        try:
            told = process.run("wipefs", ["--no-act", "--parsable", device.path]).stdout
        except ProgramError as error:
            found.append(error.message)
            continue
        lines = lines_of(told.decode("utf-8", "replace"))  # offset,UUID,label,type
        types = [line.rpartition(",")[2] for line in lines if not line.startswith("#")]
        found += [f"{device.path} has {type_}" for type_ in dict.fromkeys(types)]
    return found


def _device(
    row: Mapping[str, Any], probe: Callable[[str], Mapping[str, str]] | None
) -> BlockDevice:
    if probe and not row["fstype"] and not row.get("children") and row["type"] in _MAY_HOLD:
        row = {**row, **probe(row["path"])}

    def text(name: str) -> str:
        return row[name] or ""

    return BlockDevice(
        text("path"),
        text("maj:min").strip(),
        text("type"),
        int(row["size"]),
        bool(int(row["ro"])),
        text("fstype"),
        text("uuid"),
        text("label"),
        text("partuuid"),
        text("partlabel"),
        text("parttype").lower(),
        text("pttype"),
        tuple(point for point in row["mountpoints"] if point),
        int(row["log-sec"]),
        tuple(_device(child, probe) for child in row.get("children", ())),
    )
