"""fstab and crypttab: the clone boots without the devices of optional entries.

An entry with `noauto` or `nofail` for a device that is not on the clone still names the original's:
nothing mounts it or waits for it, and it is correct while the original disk is attached. So it is
no reason to refuse the clone.
"""

from collections.abc import Callable, Sequence

from drdwrap.boot.file_kinds.kind import Kind, mended_by_default
from drdwrap.boot.references.in_text import Reference, References
from drdwrap.linux.fstab import Encrypted, Entry, encrypted, entries

_WHY = "entries with noauto or nofail may name devices that are not on the clone"


def _except_optional(
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


FSTAB = Kind(("etc/fstab",), _WHY, mended_by_default, _except_optional(entries))
CRYPTTAB = Kind(("etc/crypttab",), _WHY, mended_by_default, _except_optional(encrypted))
