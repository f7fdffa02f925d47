"""The boot menu as the test has it: the kernel writes to the serial console, where it is read.

The menu is changed in place in the machine's own copy of the disk, so it keeps its size: comments
make room for what is added.
"""

import re

_LINUX = re.compile(rb"^(\s*linux(?:16|efi)?\s+\S+)(.*)$", re.MULTILINE)
_SILENT = re.compile(
    rb"\s(?:quiet|splash|rhgb|loglevel=\S+|systemd\.show_status=\S+|console=\S+)(?=\s|$)"
)
"""What keeps the kernel or systemd from saying what they do, or sends it elsewhere."""

_ADDED = b" console=ttyS0"
_COMMENT = re.compile(rb"^[ \t]*#.*\n", re.MULTILINE)


def with_console(menu: bytes) -> bytes | None:
    """The menu with kernels that write to the serial console, of the same length; None if it starts
    no kernel or has no room."""
    if not _LINUX.search(menu):
        return None
    every = _LINUX.sub(_changed, menu)
    for changed in (every, _LINUX.sub(_changed, menu, count=1)):  # the first is the default
        fitting = _fitted(changed, len(menu))
        if fitting is not None:
            return fitting
    return None


def _changed(match: re.Match[bytes]) -> bytes:
    return match[1] + _SILENT.sub(b"", match[2]).rstrip() + _ADDED


def _fitted(menu: bytes, size: int) -> bytes | None:
    too_much = len(menu) - size
    for comment in sorted(_COMMENT.findall(menu), key=len, reverse=True):
        if too_much <= 0:
            break
        menu = menu.replace(comment, b"", 1)
        too_much = len(menu) - size
    return menu + b"\n" * -too_much if too_much <= 0 else None
