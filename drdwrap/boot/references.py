r"""What names the booted system's devices in a text, and what names the clone's in its place.

A reference is looked for by its form (a path below /dev, a unit's name, a UUID, `LABEL=`, a kernel
argument; see `spellings`), taken whole, and looked up (see `equivalents`): so `/dev/vg00/root2`
does not count as `/dev/vg00/root`, and what is not looked up stays as it is, to the byte.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from drdwrap.boot.device import GroupName, Twin
from drdwrap.boot.equivalents import Equivalents
from drdwrap.boot.spellings import spans
from drdwrap.paths.escaping import for_screen

# A line of crypttab; an argument of the kernel, as dracut and systemd have them, and a blank.
_OPENING = rb"""
    ^[ \t]*(?P<line> [^\s\#]+ [ \t]+ ["']?(?:UUID=|/dev/disk/by-uuid/)(?:%(uuids)s)\b )
    | (?<![A-Za-z0-9_.]) (?:rd\.)?luks\.(?:uuid=(?:luks-)?|name=)(?:%(uuids)s)\b (?:=[^\s"']+)? [ ]?
"""
_FLAGS = re.VERBOSE | re.MULTILINE | re.IGNORECASE


@dataclass(frozen=True)
class Reference:
    """One place in a text that names the booted side. `what` is the name as it stands there;
    `mendable` says whether anything on the clone stands for it. `line` counts from 1."""

    line: int
    what: str
    mendable: bool


@dataclass(frozen=True)
class References:
    """What to look for, and what to put there."""

    equivalents: Equivalents = field(repr=False)
    unopened: re.Pattern[bytes] | None = None
    """What has LUKS containers opened that the clone does not have."""

    @classmethod
    def of(
        cls,
        twins: Iterable[Twin],
        booted_vg: GroupName,
        clone_vg: GroupName,
        unopened: Iterable[str] = (),
    ) -> "References":
        """From the devices of the booted system: all of its volume group's that are known by name,
        what the group lies on (partitions, LUKS, the disk itself), and its boot partitions.

        An LV of the booted group that is not among them counts as one that is not on the clone.
        `unopened` are the UUIDs of LUKS containers that the clone does without: what has them
        opened at boot is taken out.
        """
        known = Equivalents.of(tuple(twins), booted_vg, clone_vg)
        uuids = b"|".join(re.escape(uuid.encode()) for uuid in unopened)
        return cls(known, re.compile(_OPENING % {b"uuids": uuids}, _FLAGS) if uuids else None)

    def mended(self, text: bytes) -> bytes:
        """`text` with every mendable reference to the booted side made one to the clone.

        Comments are mended as well. Mending what is mended changes nothing.
        """
        text = self._without_opening(text)
        parts, done = [], 0
        for span in spans(text, self.equivalents):
            if span.replacement is not None:
                parts += [text[done : span.start], span.replacement]
                done = span.end
        return b"".join((*parts, text[done:]))

    def left_in(self, text: bytes) -> list[Reference]:
        """The references to the booted side, in order, but those in lines that `#` begins."""
        text = self._without_opening(text)
        found, line, counted = [], 1, 0
        for span in spans(text, self.equivalents):
            line += text.count(b"\n", counted, span.start)
            counted = span.start
            begin = text.rfind(b"\n", 0, span.start) + 1
            if not text[begin : span.start].lstrip().startswith(b"#"):
                what = for_screen(text[span.start : span.end])
                found.append(Reference(line, what, span.replacement is not None))
        return found

    def _without_opening(self, text: bytes) -> bytes:
        """Lines of crypttab made comments, and arguments of the kernel left out; as many lines."""
        if self.unopened is None:
            return text
        return self.unopened.sub(lambda match: b"# " + match[0] if match["line"] else b"", text)
