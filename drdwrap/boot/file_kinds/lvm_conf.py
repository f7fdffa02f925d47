"""LVM's configuration (lvm.conf), which lists groups and LVs by their bare names.

lvm.conf(5): an LV that is not on `volume_list` is not activated, so a list with only the booted
group would keep the clone from booting.
"""

import re
from collections.abc import Iterator

from drdwrap.boot.file_kinds.kind import Kind
from drdwrap.boot.references.in_text import Reference, References
from drdwrap.paths.escaping import for_screen

_LIST = re.compile(
    rb"""^[ \t]*(?:activation/)?(?:auto_activation_|read_only_)?volume_list[ \t]*=[ \t]*
    (?: "[^"\n]*" | \[ (?: [^\]"\#] | "[^"\n]*" | \#[^\n]* )* \] )""",
    re.MULTILINE | re.VERBOSE,
)
_NAME = re.compile(rb'\#[^\n]*|"([^"\n]*)"')


def mended(text: bytes, references: References) -> bytes:
    """The text with references mended, and the names in the lists."""
    parts, done = [], 0
    for start, end, other in _names(text, references):
        if other is not None:
            parts += [text[done:start], other]
            done = end
    return references.mended(b"".join((*parts, text[done:])))


def left_in(text: bytes, references: References) -> list[Reference]:
    """Every reference outside comments, and the names in the lists."""
    in_lists = [
        Reference(text.count(b"\n", 0, start) + 1, for_screen(text[start:end]), other is not None)
        for start, end, other in _names(text, references)
    ]
    return sorted([*references.left_in(text), *in_lists], key=lambda found: found.line)


def _names(text: bytes, references: References) -> Iterator[tuple[int, int, bytes | None]]:
    """Where a list names the booted group or an LV of it, and the clone's name for it."""
    known = references.replacements
    for whole in _LIST.finditer(text):
        for name in _NAME.finditer(text, whole.start(), whole.end()):
            if known.is_booted_vg_or_lv(name[1] or b""):
                yield name.start(1), name.end(1), known.lvs.get(name[1])


KIND = Kind(
    ("etc/lvm/*.conf", "etc/lvm/profile/*.profile"),
    "its lists name volume groups and LVs by their bare names",
    mended,
    left_in,
)
