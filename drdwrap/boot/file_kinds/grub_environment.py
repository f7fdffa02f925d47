"""GRUB's environment block: 1024 bytes, filled up with `#`. GRUB writes it in place at boot and
takes a block of another size for a broken one (RHEL 8 keeps the kernel's arguments there)."""

from drdwrap.boot.file_kinds.kind import Kind, left_in_any
from drdwrap.boot.references import References

_SIGNATURE = b"# GRUB Environment Block\n"


def mended(text: bytes, references: References) -> bytes:
    """A block of the same size; as it was, and so complained of, if the names do not fit."""
    if not text.startswith(_SIGNATURE):
        return references.mended(text)
    new = references.mended(text.rstrip(b"#"))
    return new.ljust(len(text), b"#") if len(new) <= len(text) else text


KIND = Kind(
    ("boot/grub/grubenv", "boot/grub2/grubenv", "boot/efi/EFI/*/grubenv", "efi/EFI/*/grubenv"),
    "its size is kept",
    mended,
    left_in_any,
)
