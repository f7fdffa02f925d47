"""What runs have left: the clone, the record and the reports, as data that can be compared."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry
from drdwrap.record import store

from ..lab.pair import Pair
from ..lab.snapshot import Tree, differences, snapshot

Recorded = Mapping[bytes, tuple[object, ...]]


@dataclass(frozen=True)
class Left:
    """The clone as `lab.snapshot` has it; the record's lines; paths by report; files of state."""

    clone: Tree
    booted_lines: Recorded
    clone_lines: Recorded
    reports: Mapping[str, list[bytes]]
    state: list[str]

    @classmethod
    def by(cls, pair: Pair) -> Left:
        """What is there now."""
        record = store.read(os.fsencode(pair.state / "record"))
        booted: dict[bytes, tuple[object, ...]] = {}
        clone: dict[bytes, tuple[object, ...]] = {}
        for line in storage.lines(record.booted) if record else ():
            entry = Entry.parse(line)
            booted[entry.path] = tuple(entry[1:])
        for line in storage.lines(record.clone) if record else ():
            entry = Entry.parse(line)
            clone[entry.path] = (*entry.visible, entry.links)
        return cls(
            snapshot(pair.clone, directory_times=False, with_root=True),
            booted,
            clone,
            pair.reports(),
            sorted(os.listdir(pair.state)),
        )

    def differences(self, expected: Left) -> Iterator[str]:
        """Where this is not as expected."""
        for line in differences(expected.clone, self.clone):
            yield f"clone: {line}"
        for side in ("booted_lines", "clone_lines"):
            wanted, found = getattr(expected, side), getattr(self, side)
            for path in sorted(wanted.keys() | found.keys()):
                if wanted.get(path) != found.get(path):
                    yield f"record, {side} {path!r}: {found.get(path)}, not {wanted.get(path)}"
        for name in sorted(expected.reports.keys() | self.reports.keys()):
            wanted, found = expected.reports.get(name), self.reports.get(name)
            if wanted != found:
                yield f"report {name}: {found}, not {wanted}"
        if expected.state != self.state:
            yield f"state_dir: {self.state}, not {expected.state}"
