r"""Where a text names a device: the forms of such a name in configuration, each matched whole.

A form says what may be a name; the look-up says whether it is one. Blanks and similar characters
may be written as `\040` (fstab) or `\x20` (udev, units), and `-` in units as `\x2d`, since `-`
stands for `/` there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from drdwrap.boot.references.replacements import Replacements
from drdwrap.linux.device_mapper import MAPPER

# Characters of a device's path. A colon may be part of it (by-path) or end it (cryptdevice=).
_ESCAPED = rb"\\x[0-9A-Fa-f]{2}|\\[0-3][0-7]{2}"
_IN_PATH = rb"(?:[A-Za-z0-9+_.:/\x80-\xff-]|%b)" % _ESCAPED
_NAME = rb"[A-Za-z0-9+_.-]+"
_HYPHEN = rb"(?:-|\\x2d)"
# A UUID may also begin after an escaped hyphen.
_START = rb"(?:(?<=\\x2d)|(?<![A-Za-z0-9]))"
_LVM = _HYPHEN.join((rb"[A-Za-z0-9]{6}", *[rb"[A-Za-z0-9]{4}"] * 5, rb"[A-Za-z0-9]{6}"))
_HEX = _HYPHEN.join(rb"[0-9A-Fa-f]{%d}" % n for n in (8, 4, 4, 4, 12))
_UUID = rb"""
    lvmid/(?P<lvmid> %(lvm)s/%(lvm)s ) (?![A-Za-z0-9])              # GRUB: VG, LV
    | %(start)s(?P<uuid> %(hex)s | %(lvm)s | (?:[A-Za-z0-9]{32}){1,2} ) (?![A-Za-z0-9])
""" % {b"start": _START, b"hex": _HEX, b"lvm": _LVM}

_FORMS = re.compile(
    rb"""
    (?<![A-Za-z0-9+_./\\\x80-\xff)}\]*?%%~$-])(?P<path> /dev/%(in_path)s+ )
    | (?<![A-Za-z0-9_.\\-])
      (?P<unit> dev-(?:[A-Za-z0-9:_.-]|\\x[0-9a-f]{2})+ )
      \.(?:device|swap|mount|automount|service|target) (?![A-Za-z0-9_-])
    | (?<![A-Za-z0-9_])
      (?P<label> (?:PART)?LABEL=(?: "[^"\n]+" | '[^'\n]+' | (?:[^\s"'\\]|%(escape)s)+ ) )
    | (?<![A-Za-z0-9_.])
      (?:rd\.lvm\.(?:lv|vg)|rd_LVM_(?:LV|VG))=["']?(?P<lv> [A-Za-z0-9+_./-]+ )
    | (?<![A-Za-z0-9_./-]) lvm/(?P<grub> %(name)s )
    | %(uuid)s
    | (?<![A-Za-z0-9-])(?P<short> [0-9A-Fa-f]{4,8}-[0-9A-Fa-f]{2,4} | [0-9A-Fa-f]{16} )
      (?![A-Za-z0-9-])
    """
    % {b"in_path": _IN_PATH, b"escape": _ESCAPED, b"name": _NAME, b"uuid": _UUID},
    re.VERBOSE,
)
# The name of a mapping where it is not part of a path: in units, kernel arguments, crypttab.
_OPENED_AS = re.compile(
    rb"""
    systemd-cryptsetup@(?P<escaped> (?:[A-Za-z0-9:_.-]|\\x[0-9a-f]{2})+ )\.service
    | (?: (?:rd\.)?luks\.name=[0-9A-Fa-f-]+= | cryptdevice=[^\s"':]+: )(?P<plain> %(name)s )
    | ^[ \t]*(?P<first> %(name)s )[ \t]+["']?(?:/dev/ | (?:PART)?(?:UUID|LABEL)=)
    """
    % {b"name": _NAME},
    re.VERBOSE | re.MULTILINE,
)
# What must precede a short UUID (of vfat, NTFS, or an MBR partition).
_SAYS_UUID = re.compile(rb"(?:UUID}?==?[\"']?|(?:--fs-uuid|search\.fs_uuid)\b[^\n]*[\s\"'])\Z")
# What shows that a label names a device (udev rules have other labels): the name of an argument
# before it, or its position in a line of fstab or crypttab.
_ARGUMENT = re.compile(rb"=[\"']?\Z")
_FIRST_OF_FSTAB = (re.compile(rb"[ \t]*\Z"), re.compile(rb"[ \t]+(?:/|none[ \t]|swap[ \t])"))
_SECOND_OF_CRYPTTAB = (
    re.compile(rb"[ \t]*%b[ \t]+\Z" % _NAME),
    re.compile(rb"[ \t]+(?:/|none\b|-)"),
)
_IN_PATTERN = frozenset(bytes([byte]) for byte in b"[({*?")
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|([0-3][0-7]{2}))")
_PLAIN_IN_UNIT = re.compile(rb"[A-Za-z0-9:_.]")


@dataclass(frozen=True)
class Span:
    """The position of a reference to the booted side, and what to put there, or None."""

    start: int
    end: int
    replacement: bytes | None


def spans(text: bytes, known: Replacements) -> Iterator[Span]:
    """The references in `text`, in order; none overlaps another."""
    for start, end in _lines(text, known):
        done = start
        found = _all(text, start, end, known)
        for span in sorted(found, key=lambda span: (span.start, -span.end)):
            if span.start >= done:
                yield span
                done = span.end


def _lines(text: bytes, known: Replacements) -> list[tuple[int, int]]:
    """Where the lines that may have a reference begin and end. Searching every line would take most
    of the time of finishing a clone."""
    lower = text.lower()
    found = {}
    for word in known.words:
        at = lower.find(word)
        while at >= 0:
            end = lower.find(b"\n", at)
            end = len(text) if end < 0 else end
            found[lower.rfind(b"\n", 0, at) + 1] = end
            at = lower.find(word, end + 1)
    return sorted(found.items())


def unescaped(name: bytes) -> bytes:
    r"""`name` with `\xHH` and `\ooo` undone."""
    return _ESCAPE.sub(lambda m: bytes([int(m[1], 16) if m[1] else int(m[2], 8)]), name)


def _all(text: bytes, start: int, end: int, known: Replacements) -> Iterator[Span]:
    """The references in the line from `start` to `end`: no form extends past the end of a line."""
    opened = (_opened_as(match, known) for match in _OPENED_AS.finditer(text, start, end))
    yield from filter(None, opened)
    position = start
    while match := _FORMS.search(text, position, end):
        span = _read(match, known)
        if span:
            yield span
        # A match that is not a name may contain one: luks-UUID, or `:/dev/vda1` at its end.
        position = span.end if span else match.start() + 1


def _read(match: re.Match[bytes], known: Replacements) -> Span | None:
    form = match.lastgroup or ""
    start, end = match.span(form)
    token = match[form]
    if form == "path":
        return _path(match, known)
    if form == "unit":
        path = b"/" + unescaped(token.replace(b"-", b"/"))
        if path in known.paths or known.in_booted_vg(path):
            other = known.paths.get(path)
            return Span(start, end, other and _as_unit(other))
    elif form == "label":
        word, _, value = token.partition(b"=")
        name = word + b"=" + unescaped(value.strip(b"\"'"))
        if name in known.labels and _names_device(match):
            return Span(start, end, known.labels[name])
    elif form == "lv":
        if known.is_booted_vg_or_lv(token):
            return Span(start, end, known.lvs.get(token))
    elif form == "grub":
        path = MAPPER + token
        if path in known.paths or known.in_booted_vg(path):
            other = known.paths.get(path)
            return Span(start, end, other and other.removeprefix(MAPPER))
    elif form == "short":
        name = token.replace(b"-", b"").lower()
        line = match.string.rfind(b"\n", 0, start) + 1
        if name in known.uuids and _SAYS_UUID.search(match.string, line, start):
            return Span(start, end, known.uuids[name])
    else:
        return _uuid(start, token, known)
    return None


def _path(match: re.Match[bytes], known: Replacements) -> Span | None:
    """The longest beginning of the token that is a name: `:name` or a dot may follow it.

    `/dev/vda[0-9]` names partitions, and the replacement of `/dev/vda` is not the beginning of the
    clone's partitions' names: it cannot be mended.
    """
    start, token = match.start("path"), match["path"]
    colons = [n for n in reversed(range(len(token))) if token[n : n + 1] == b":"]
    names = [token, *(token[:length].rstrip(b"./:") for length in (len(token), *colons))]
    for name in names:
        if unescaped(name) in known.paths:
            other, end = known.paths[unescaped(name)], start + len(name)
            begins_names = match.string[end : end + 1] in _IN_PATTERN and _is_kernels(name)
            return Span(start, end, other if not begins_names or _is_kernels(other) else None)
    if known.in_booted_vg(unescaped(names[-1])):
        return Span(start, start + len(names[-1]), None)
    return None


def _is_kernels(name: bytes | None) -> bool:
    """Whether a path is directly below /dev, like the kernel's own names (and volume groups)."""
    return name is not None and name.count(b"/") == 2


def _uuid(start: int, token: bytes, known: Replacements) -> Span | None:
    end = start + len(token)
    separator = next((s for s in (rb"\x2d", b"-") if s in token), b"")
    plain = token.replace(separator, b"").replace(b"/", b"")
    group, lv = plain[:32], plain[32:]
    if lv:
        parts = known.uuids.get(group), known.uuids.get(lv)
        slash = b"/" if b"/" in token else b""
        other = slash.join(part for part in parts if part) if all(parts) else None
        found = group in known.uuids
    else:
        name = plain if plain in known.uuids else plain.lower()
        other, found = known.uuids.get(name), name in known.uuids
    return Span(start, end, other and other.replace(b"-", separator)) if found else None


def _names_device(match: re.Match[bytes]) -> bool:
    start, end = match.span("label")
    before = match.string[match.string.rfind(b"\n", 0, start) + 1 : start]
    return bool(_ARGUMENT.search(before)) or any(
        left.match(before) and right.match(match.string, end)
        for left, right in (_FIRST_OF_FSTAB, _SECOND_OF_CRYPTTAB)
    )


def _opened_as(match: re.Match[bytes], known: Replacements) -> Span | None:
    form = match.lastgroup or ""
    name = unescaped(match[form]) if form == "escaped" else match[form]
    if name not in known.mappings:
        return None
    other = known.mappings[name]
    return Span(*match.span(form), other and (_as_unit(other) if form == "escaped" else other))


def _as_unit(name: bytes) -> bytes:
    """A path or name as systemd-escape(1) writes it in a unit's name."""
    escaped = (
        b"-" if byte == b"/" else byte if _PLAIN_IN_UNIT.fullmatch(byte) else rb"\x%02x" % byte[0]
        for byte in (bytes([n]) for n in name.removeprefix(b"/"))
    )
    return b"".join(escaped)
