"""The references to the booted system's devices in a text, and the text with the clone's instead.

A reference is found by its form (a path below /dev, a unit's name, a UUID, `LABEL=`, a kernel
argument; see `forms`), matched whole, and looked up (see `replacements`): so `/dev/vg00/root2` does
not count as `/dev/vg00/root`, and every other byte of the text stays as it is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from drdwrap.boot.references.device import Counterpart, GroupName
from drdwrap.boot.references.forms import spans
from drdwrap.boot.references.replacements import Replacements
from drdwrap.paths.escaping import for_screen

# A line of crypttab; a kernel argument of dracut or systemd, and the blank after it.
_OPENING = rb"""
    ^[ \t]*(?P<line> [^\s\#]+ [ \t]+ ["']?(?:UUID=|/dev/disk/by-uuid/)(?:%(uuids)s)\b )
    | (?<![A-Za-z0-9_.]) (?:rd\.)?luks\.(?:uuid=(?:luks-)?|name=)(?:%(uuids)s)\b (?:=[^\s"']+)? [ ]?
"""
_FLAGS = re.VERBOSE | re.MULTILINE | re.IGNORECASE


@dataclass(frozen=True)
class Reference:
    """A name of a booted device in a text. `what` is the name as written; `mendable` says whether
    the clone has a counterpart. `line` counts from 1."""

    line: int
    what: str
    mendable: bool


@dataclass(frozen=True)
class References:
    """What to find in a text, and what to put in its place."""

    replacements: Replacements = field(repr=False)
    unopened: re.Pattern[bytes] | None = None
    """What opens LUKS containers that the clone does not have."""

    @classmethod
    def of(
        cls,
        counterparts: Iterable[Counterpart],
        booted_vg: GroupName,
        clone_vg: GroupName,
        unopened: Iterable[str] = (),
    ) -> "References":
        """From the booted system's devices: the LVs of its group, everything below the group
        (partitions, LUKS, the disk itself), and its boot partitions.

        An LV of the booted group that is not among them counts as missing on the clone. `unopened`
        are the UUIDs of LUKS containers that the clone does not have: mending removes what opens
        them at boot.
        """
        replacements = Replacements.of(tuple(counterparts), booted_vg, clone_vg)
        uuids = b"|".join(re.escape(uuid.encode()) for uuid in unopened)
        opening = re.compile(_OPENING % {b"uuids": uuids}, _FLAGS) if uuids else None
        return cls(replacements, opening)

    def mended(self, text: bytes) -> bytes:
        """`text` with every mendable reference replaced by one to the clone, in comments too.

        Mending a mended text changes nothing.
        """
        text = self._without_opening(text)
        parts, done = [], 0
        for span in spans(text, self.replacements):
            if span.replacement is not None:
                parts += [text[done : span.start], span.replacement]
                done = span.end
        return b"".join((*parts, text[done:]))

    def left_in(self, text: bytes) -> list[Reference]:
        """The references to the booted side, in order, except in lines that begin with `#`."""
        text = self._without_opening(text)
        found, line, counted = [], 1, 0
        for span in spans(text, self.replacements):
            line += text.count(b"\n", counted, span.start)
            counted = span.start
            begin = text.rfind(b"\n", 0, span.start) + 1
            if not text[begin : span.start].lstrip().startswith(b"#"):
                what = for_screen(text[span.start : span.end])
                found.append(Reference(line, what, span.replacement is not None))
        return found

    def _without_opening(self, text: bytes) -> bytes:
        """`text` without what opens such containers: lines of crypttab become comments, kernel
        arguments are left out. The number of lines stays the same."""
        if self.unopened is None:
            return text
        return self.unopened.sub(lambda match: b"# " + match[0] if match["line"] else b"", text)
