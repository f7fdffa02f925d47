"""GRUB's menu (grub.cfg), which GRUB's tools generate on the clone. os-prober may have added the
original system to it: an entry that boots the other side is meant to name it."""

import re

from drdwrap.boot.file_kinds.kind import Kind, mended_by_default
from drdwrap.boot.references.in_text import Reference, References

_OTHER_SYSTEMS = re.compile(
    rb"^### BEGIN (/etc/grub\.d/\d+_os-prober) ###\n.*?^### END \1 ###$", re.DOTALL | re.MULTILINE
)


def left_in(text: bytes, references: References) -> list[Reference]:
    """The references outside the section of other systems."""
    return references.left_in(_OTHER_SYSTEMS.sub(lambda match: b"\n" * match[0].count(b"\n"), text))


KIND = Kind(
    ("boot/grub/grub.cfg", "boot/grub2/grub.cfg", "boot/efi/EFI/*/grub.cfg", "efi/EFI/*/grub.cfg"),
    "GRUB's tools generate it; os-prober's entries for other systems do not count",
    mended_by_default,
    left_in,
)
