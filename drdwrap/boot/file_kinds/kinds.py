"""Which files are of which kind. To add a kind, write its module and add it here."""

from fnmatch import fnmatchcase

from drdwrap.boot.file_kinds import (
    fstab_and_crypttab,
    grub_environment,
    grub_menu,
    lvm_conf,
    lvm_devices_file,
)
from drdwrap.boot.file_kinds.kind import Kind, left_in_by_default, mended_by_default

KINDS: tuple[Kind, ...] = (
    fstab_and_crypttab.FSTAB,
    fstab_and_crypttab.CRYPTTAB,
    lvm_conf.KIND,
    lvm_devices_file.KIND,
    grub_environment.KIND,
    grub_menu.KIND,
)
ORDINARY = Kind(("*",), "every reference in it is mended", mended_by_default, left_in_by_default)


def kind_of(path: bytes) -> Kind:
    """The kind of the file at `path` (relative to the root)."""
    parts = path.decode("utf-8", "surrogateescape").split("/")
    for kind in KINDS:
        for pattern in kind.paths:
            names = pattern.split("/")
            if len(names) == len(parts) and all(map(fnmatchcase, parts, names)):
                return kind
    return ORDINARY
