r"""What names the booted system's devices in a text, and what names the clone's in its place.

A reference is looked for by its form (a path below /dev, a unit's name, a UUID, `LABEL=`, a kernel
argument; see `spellings`), taken whole, and looked up (see `equivalents`): so `/dev/vg00/root2`
does not count as `/dev/vg00/root`, and what is not looked up stays as it is, to the byte.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from drdwrap.escape import for_screen
from drdwrap.mending.device import Twin, VolumeGroup
from drdwrap.mending.equivalents import Equivalents
from drdwrap.mending.spellings import spans


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

    @classmethod
    def of(
        cls, twins: Iterable[Twin], booted_vg: VolumeGroup, clone_vg: VolumeGroup
    ) -> "References":
        """From the devices of the booted system: all of its volume group's that are known by name,
        what the group lies on (partitions, LUKS, the disk itself), and its boot partitions.

        An LV of the booted group that is not among them counts as one that is not on the clone.
        """
        return cls(Equivalents.of(tuple(twins), booted_vg, clone_vg))

    def mended(self, text: bytes) -> bytes:
        """`text` with every mendable reference to the booted side made one to the clone.

        Comments are mended as well. Mending what is mended changes nothing.
        """
        parts, done = [], 0
        for span in spans(text, self.equivalents):
            if span.replacement is not None:
                parts += [text[done : span.start], span.replacement]
                done = span.end
        return b"".join((*parts, text[done:]))

    def left_in(self, text: bytes) -> list[Reference]:
        """The references to the booted side, in order, but those in lines that `#` begins."""
        found, line, counted = [], 1, 0
        for span in spans(text, self.equivalents):
            line += text.count(b"\n", counted, span.start)
            counted = span.start
            begin = text.rfind(b"\n", 0, span.start) + 1
            if not text[begin : span.start].lstrip().startswith(b"#"):
                what = for_screen(text[span.start : span.end])
                found.append(Reference(line, what, span.replacement is not None))
        return found
