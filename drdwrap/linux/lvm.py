"""Volume groups and what is in them, as vgs(8), lvs(8) and pvs(8) report it in JSON."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from drdwrap.errors import ProgramError
from drdwrap.linux import process
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.line_ends import lines_of

T = TypeVar("T")

_REPORT = ["--reportformat", "json", "--units", "b", "--nosuffix"]
# LVM warns about every descriptor that it did not open, and inherits that of the lock.
_ENVIRONMENT = {"LVM_SUPPRESS_FD_WARNINGS": "1"}

_FIELDS = {
    "vgs": "vg_name,vg_uuid,vg_size,vg_free,vg_extent_size",
    "lvs": "vg_uuid,lv_name,lv_uuid,lv_size,lv_layout,lv_role,lv_active,lv_path,lv_dm_path,"
    "lv_kernel_major,lv_kernel_minor",
    "pvs": "vg_uuid,pv_name,pv_uuid,pv_missing",
}


@dataclass(frozen=True)
class PhysicalVolume:
    """A device that a volume group lies on. `missing`: LVM knows it but cannot find it."""

    device: str
    uuid: str
    missing: bool


@dataclass(frozen=True)
class LogicalVolume:
    """One LV. `layout` and `role` are LVM's words (`thin`, `pool`, `snapshot`, ...), `size` is in
    bytes; `number` is the device's `major:minor`, or empty while it is not active."""

    name: str
    uuid: str
    size: int
    layout: frozenset[str]
    role: frozenset[str]
    path: str
    mapper_path: str
    number: str

    @property
    def is_active(self) -> bool:
        return self.number != ""

    @property
    def holds_data(self) -> bool:
        """Whether it can hold a file system of its own: pools and snapshots cannot."""
        return not self.role & {"private", "snapshot"} and "pool" not in self.layout


@dataclass(frozen=True)
class VolumeGroup:
    """A volume group. Sizes are in bytes."""

    name: str
    uuid: str
    size: int
    free: int
    extent_size: int
    lvs: tuple[LogicalVolume, ...] = ()
    physical: tuple[PhysicalVolume, ...] = ()

    def lv(self, name: str) -> LogicalVolume | None:
        """The LV of that name, or None."""
        return next((lv for lv in self.lvs if lv.name == name), None)

    def lv_at(self, number: str) -> LogicalVolume | None:
        """The active LV that has this device number (`major:minor`), or None."""
        return next((lv for lv in self.lvs if lv.is_active and lv.number == number), None)


def groups() -> list[VolumeGroup]:
    """Every volume group that LVM sees. Two can have the same name; their UUIDs differ.

    ProgramError if LVM is not installed, or fails.
    """
    try:
        process.find_program("vgs")
    except ProgramError as error:
        raise ProgramError(
            "LVM is not installed here (there is no vgs)",
            "install lvm2; if / is not on LVM, name the two trees under 'layout: directories'",
        ) from error
    running = {}
    for kind in _FIELDS:
        name, *arguments = report(kind)
        running[name] = process.start(name, arguments, environment=_ENVIRONMENT)
    reports = {}
    for name, child in running.items():
        finished = child.wait()
        # 5: not all could be processed, because a disk is missing, say. The rest is reported.
        if finished.status not in (0, 5):
            said = for_screen(b"".join(lines_of(finished.stderr.strip())[-1:]))
            raise ProgramError(f"{name} ended with status {finished.status}: {said}")
        reports[name] = finished.stdout
    return parse(reports["vgs"], reports["lvs"], reports["pvs"])


def report(kind: str) -> list[str]:
    """The command that reports all of one kind: `vgs`, `lvs` or `pvs`."""
    return [kind, *_REPORT, "-o", _FIELDS[kind]]


def parse(vgs: bytes, lvs: bytes, pvs: bytes) -> list[VolumeGroup]:
    """The groups of these three reports (JSON). ProgramError if the reports cannot be read."""
    try:
        logical = _by_group(_rows(lvs, "lv"), _logical)
        physical = _by_group(_rows(pvs, "pv"), _physical)
        return [_group(row, logical, physical) for row in _rows(vgs, "vg")]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ProgramError(f"LVM's report cannot be understood: {error}") from error


def volume_list() -> list[str] | None:
    """What lvm.conf(5) lets LVM activate: groups, LVs (`vg00/root`), tags. None: everything.

    ProgramError if lvm.conf cannot be read.
    """
    unset = 5
    asked = process.run(
        "lvmconfig", ["activation/volume_list"], ok=(0, unset), environment=_ENVIRONMENT
    )
    return None if asked.status == unset else listed(asked.stdout)


def listed(setting: bytes) -> list[str]:
    """The strings in a setting as lvmconfig(8) shows it: `volume_list=["vg00","@tag"]`."""
    return re.findall(r'"([^"]*)"', setting.decode("utf-8", "surrogateescape"))


def run(name: str, *arguments: str) -> None:
    """Run one of LVM's commands. ProgramError, with its message, if it fails."""
    process.run(name, arguments, environment=_ENVIRONMENT)


def activate(paths: Sequence[str]) -> None:
    """Activate the LVs of these paths. ProgramError."""
    if paths:
        run("lvchange", "--activate", "y", "--yes", *paths)


def deactivate(paths: Sequence[str]) -> None:
    """Deactivate the LVs of these paths. ProgramError if one is in use."""
    if paths:
        run("lvchange", "--activate", "n", "--yes", *paths)


def _rows(report: bytes, kind: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(report)["report"][0][kind]
    return rows


def _by_group(
    rows: Sequence[Mapping[str, str]], make: Callable[[Mapping[str, str]], T]
) -> dict[str, tuple[T, ...]]:
    found: dict[str, list[T]] = {}
    for row in rows:
        found.setdefault(row["vg_uuid"], []).append(make(row))
    return {group: tuple(parts) for group, parts in found.items()}


def _logical(row: Mapping[str, str]) -> LogicalVolume:
    number = f"{row['lv_kernel_major']}:{row['lv_kernel_minor']}"
    return LogicalVolume(
        row["lv_name"],
        row["lv_uuid"],
        int(row["lv_size"]),
        frozenset(row["lv_layout"].split(",")),
        frozenset(row["lv_role"].split(",")),
        row["lv_path"],
        row["lv_dm_path"],
        "" if number.startswith("-1") else number,
    )


def _physical(row: Mapping[str, str]) -> PhysicalVolume:
    return PhysicalVolume(row["pv_name"], row["pv_uuid"], row["pv_missing"] != "")


def _group(
    row: Mapping[str, str],
    logical: Mapping[str, tuple[LogicalVolume, ...]],
    physical: Mapping[str, tuple[PhysicalVolume, ...]],
) -> VolumeGroup:
    return VolumeGroup(
        row["vg_name"],
        row["vg_uuid"],
        int(row["vg_size"]),
        int(row["vg_free"]),
        int(row["vg_extent_size"]),
        logical.get(row["vg_uuid"], ()),
        physical.get(row["vg_uuid"], ()),
    )
