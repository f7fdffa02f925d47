"""The names of the booted system's devices, each with the clone's name to put in its place.

Links that udev and LVM always make are derived, even if they are not among the aliases. A name that
the kernel gave (`/dev/vda1`) is replaced by a link that follows the contents: once the original
disk is removed, the kernel may give the clone's disk that name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from drdwrap.boot.references.device import (
    Counterpart,
    Device,
    GroupName,
    is_lvm_uuid,
)
from drdwrap.linux.device_mapper import MAPPER

_DISK = b"/dev/disk/"
_DM_NAME = _DISK + b"by-id/dm-name-"
_DM_UUID = _DISK + b"by-id/dm-uuid-LVM-"
_LASTING = (_DISK + b"by-id/", _DISK + b"by-path/")
"""Links that a whole disk keeps, the most reliable first. (by-diskseq counts disks since boot.)"""
_PV = _DISK + b"by-id/lvm-pv-uuid-"

Names = Mapping[bytes, bytes | None]
"""A name of the booted side, and the clone's; None where the clone has no counterpart."""
_Pairs = Iterable[tuple[bytes, bytes | None]]


@dataclass(frozen=True)
class Replacements:
    """The names to look up.

    `paths`: below /dev, escapes undone. `uuids`: by `key`. `labels`: b"LABEL=root",
    b"PARTLABEL=root". `lvs`: b"vg00/root", and b"vg00" itself. `mappings`: device mapper names
    of anything but LVM (LUKS, multipath). `words`: lower case; a line without any of them has no
    reference.
    """

    paths: Names
    uuids: Names
    labels: Names
    lvs: Names
    mappings: Names
    words: frozenset[bytes]
    booted_vg: GroupName

    @classmethod
    def of(
        cls, counterparts: Iterable[Counterpart], booted_vg: GroupName, clone_vg: GroupName
    ) -> "Replacements":
        """See `References.of`. Of two devices that share a name, the first with a counterpart
        counts."""
        counterparts = tuple(counterparts)
        names = [_Names(one.booted, one.clone, booted_vg, clone_vg) for one in counterparts]
        paths = _table((_group_paths(booted_vg, clone_vg), *(n.paths() for n in names)))
        group_uuid = ((key(booted_vg.uuid), clone_vg.uuid.encode()),)
        uuids = _table((group_uuid, *(n.uuids() for n in names)))
        labels = _table(n.labels() for n in names)
        lvs = _table((((booted_vg.name, clone_vg.name),), *(n.lvs() for n in names)))
        mappings = _table(n.mappings() for n in names)
        known = [path for one in counterparts for path in (one.booted.path, *one.booted.aliases)]
        words = _words(
            (booted_vg.name, *labels, *mappings, *(path.rpartition(b"/")[2] for path in known)),
            uuids,
        )
        return cls(paths, uuids, labels, lvs, mappings, words, booted_vg)

    def in_booted_vg(self, path: bytes) -> bool:
        """Whether `path` is below /dev where the booted group's LVs are, known or not."""
        vg = self.booted_vg
        return path.startswith(b"/dev/" + vg.name + b"/") or any(
            path.startswith(place) and vg.owns(path.removeprefix(place))
            for place in (MAPPER, _DM_NAME)
        )

    def is_booted_vg_or_lv(self, name: bytes) -> bool:
        """Whether b"vg00" or b"vg00/root" is the booted group or an LV of it, known or not."""
        return name == self.booted_vg.name or name.startswith(self.booted_vg.name + b"/")


def key(uuid: str) -> bytes:
    """A UUID as it is looked up: without hyphens, and in lower case except for LVM's, where case
    matters."""
    plain = uuid.replace("-", "").encode()
    return plain if is_lvm_uuid(uuid) else plain.lower()


@dataclass(frozen=True)
class _Names:
    """All names of one device, with those of its counterpart."""

    booted: Device
    clone: Device | None
    from_vg: GroupName
    to_vg: GroupName

    def paths(self) -> Iterator[tuple[bytes, bytes | None]]:
        mine = _derived(self.booted, self.from_vg) | _by_label(self.booted)
        theirs = _derived(self.clone, self.to_vg) if self.clone else {}
        stable = _stable(self.clone) if self.clone else None
        for kind, path in mine.items():
            yield path, theirs.get(kind, stable)
        for path in (self.booted.path, *self.booted.aliases):
            if path not in mine.values():
                yield path, stable

    def uuids(self) -> Iterator[tuple[bytes, bytes | None]]:
        for field in ("uuid", "partuuid", "lv_uuid"):
            if mine := getattr(self.booted, field):
                theirs = getattr(self.clone, field) if self.clone else ""
                yield key(mine), theirs.encode() or None

    def labels(self) -> Iterator[tuple[bytes, bytes | None]]:
        clone = self.clone or Device(b"")
        if self.booted.label:
            uuid = clone.uuid and f"UUID={clone.uuid}".encode()
            yield b"LABEL=" + self.booted.label.encode(), uuid or None
        if self.booted.partlabel:
            partuuid = clone.partuuid and f"PARTUUID={clone.partuuid}".encode()
            yield b"PARTLABEL=" + self.booted.partlabel.encode(), partuuid or None

    def lvs(self) -> Iterator[tuple[bytes, bytes | None]]:
        if mine := self.from_vg.lv(self.booted):
            theirs = self.to_vg.lv(self.clone) if self.clone else b""
            yield self.from_vg.name + b"/" + mine, theirs and self.to_vg.name + b"/" + theirs

    def mappings(self) -> Iterator[tuple[bytes, bytes | None]]:
        if self.booted.mapped_name and not self.from_vg.lv(self.booted):
            yield self.booted.mapped_name, (self.clone and self.clone.mapped_name) or None


def _derived(device: Device, vg: GroupName) -> dict[str, bytes]:
    """The paths that udev and LVM give the device, by kind."""
    name, lv = device.mapped_name, vg.lv(device)
    whole_id = (vg.uuid + device.lv_uuid).replace("-", "").encode()
    links = {
        "node": device.path if name else b"",
        "lv": b"/dev/" + vg.name + b"/" + lv if lv else b"",
        "dm-name": _DM_NAME + name if name else b"",
        "dm-uuid": _DM_UUID + whole_id if device.lv_uuid else b"",
        "pv": _PV + device.uuid.encode() if device.is_pv else b"",
        "uuid": _below(b"by-uuid", device.uuid) if not device.is_pv else b"",
        "partuuid": _below(b"by-partuuid", device.partuuid),
    }
    return {kind: path for kind, path in links.items() if path}


def _by_label(device: Device) -> dict[str, bytes]:
    """Its paths by label. They are replaced by UUID, since the clone's labels differ."""
    links = {
        "label": _below(b"by-label", device.label),
        "partlabel": _below(b"by-partlabel", device.partlabel),
    }
    return {kind: path for kind, path in links.items() if path}


def _below(directory: bytes, name: str) -> bytes:
    return _DISK + directory + b"/" + name.encode() if name else b""


def _stable(device: Device) -> bytes:
    """The path that stays with a device when other disks are added or removed."""
    if device.mapped_name:
        return device.path
    if device.is_pv:
        return _PV + device.uuid.encode()
    by_uuid = _below(b"by-uuid", device.uuid) or _below(b"by-partuuid", device.partuuid)
    links = (
        alias for kind in _LASTING for alias in sorted(device.aliases) if alias.startswith(kind)
    )
    return by_uuid or next(links, device.path)


def _group_paths(booted: GroupName, clone: GroupName) -> _Pairs:
    """What precedes the names of all its LVs."""
    yield b"/dev/" + booted.name, b"/dev/" + clone.name
    for place in (MAPPER, _DM_NAME):
        yield place + booted.mapped_prefix, place + clone.mapped_prefix


def _table(pairs: Iterable[_Pairs]) -> Names:
    table: dict[bytes, bytes | None] = {}
    for name, other in (pair for some in pairs for pair in some):
        if table.get(name) is None and name != other:
            table[name] = other or None
    return table


def _words(names: Iterable[bytes], uuids: Iterable[bytes]) -> frozenset[bytes]:
    """What no escape or hyphen divides: the longest run of letters and digits of each name, and the
    beginning of each UUID. (A name without letters and digits gives b"", which every text has.)"""
    runs = (re.findall(rb"[a-z0-9]+", name.lower()) for name in names)
    longest = {max(run, key=len, default=b"") for run in runs}
    return frozenset(longest | {uuid[:4].lower() for uuid in uuids})
