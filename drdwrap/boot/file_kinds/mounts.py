"""fstab and crypttab: what need not be there does not keep the clone from booting.

An entry with `noauto` or `nofail` for a device that is not on the clone goes on naming the
original's: mounted, or waited for, it is by nobody, and when the original disk is attached it
means what it says. So it is no reason to refuse the clone.
"""

from collections.abc import Callable, Sequence

from drdwrap.boot.file_kinds.kind import Kind, mended_as_any
from drdwrap.boot.references import Reference, References
from drdwrap.linux.fstab import Encrypted, Entry, encrypted, entries

_WHY = "entries with noauto or nofail may name what is not on the clone"


def _but_those_to_do_without(
    read: Callable[[bytes], Sequence[Entry | Encrypted]],
) -> Callable[[bytes, References], list[Reference]]:
    def left_in(text: bytes, references: References) -> list[Reference]:
        optional = {entry.line for entry in read(text) if entry.boots_without}
        return [
            reference
            for reference in references.left_in(text)
            if reference.mendable or reference.line not in optional
        ]

    return left_in


FSTAB = Kind(("etc/fstab",), _WHY, mended_as_any, _but_those_to_do_without(entries))
CRYPTTAB = Kind(("etc/crypttab",), _WHY, mended_as_any, _but_those_to_do_without(encrypted))
