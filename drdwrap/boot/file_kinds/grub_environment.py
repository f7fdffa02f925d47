"""GRUB's environment block (grubenv): 1024 bytes, padded with `#`. GRUB writes it in place at boot
and rejects a block of another size. (RHEL 8 keeps the kernel's arguments there.)"""

from drdwrap.boot.file_kinds.kind import Kind, left_in_by_default
from drdwrap.boot.references.in_text import References

_SIGNATURE = b"# GRUB Environment Block\n"


def mended(text: bytes, references: References) -> bytes:
    """A block of the same size. If the clone's names do not fit, it stays as it was, and its
    references are leftovers."""
    if not text.startswith(_SIGNATURE):
        return references.mended(text)
    new = references.mended(text.rstrip(b"#"))
    return new.ljust(len(text), b"#") if len(new) <= len(text) else text


KIND = Kind(
    ("boot/grub/grubenv", "boot/grub2/grubenv", "boot/efi/EFI/*/grubenv", "efi/EFI/*/grubenv"),
    "its size is kept",
    mended,
    left_in_by_default,
)
