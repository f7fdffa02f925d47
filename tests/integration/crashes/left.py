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

STATE = b"var/lib/drdwrap/"
"""Where the state is that lies on an image. What is in it is not compared."""

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
    def by(cls, pair: Pair, *, booted_is_still: bool = True) -> Left:
        """What is there now. Unless the booted image is still, change times of it do not count."""
        record = store.read(os.fsencode(pair.state / "record"))
        booted: dict[bytes, tuple[object, ...]] = {}
        clone: dict[bytes, tuple[object, ...]] = {}
        for line in storage.lines(record.booted) if record else ():
            entry = Entry.parse(line)
            still = booted_is_still
            booted[entry.path] = tuple(entry[1:]) if still else (*entry.visible, entry.links)
        for line in storage.lines(record.clone) if record else ():
            entry = Entry.parse(line)
            clone[entry.path] = (*entry.visible, entry.links)
        tree = snapshot(pair.clone, directory_times=False, with_root=True)
        return cls(
            {path: entry for path, entry in tree.items() if not path.startswith(STATE)},
            {path: line for path, line in booted.items() if not path.startswith(STATE)},
            {path: line for path, line in clone.items() if not path.startswith(STATE)},
            {n: found for n, paths in pair.reports().items() if (found := _without_state(paths))},
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


def _without_state(paths: list[bytes]) -> list[bytes]:
    return [path for path in paths if not path.startswith(b"/" + STATE)]
