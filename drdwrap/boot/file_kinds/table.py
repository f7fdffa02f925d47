"""Which files are of which kind. To add a kind, write its file and name it here."""

from fnmatch import fnmatchcase

from drdwrap.boot.file_kinds import devices_file, grub_environment, grub_menu, lvm_conf, mounts
from drdwrap.boot.file_kinds.kind import Kind, left_in_any, mended_as_any

KINDS: tuple[Kind, ...] = (
    mounts.FSTAB,
    mounts.CRYPTTAB,
    lvm_conf.KIND,
    devices_file.KIND,
    grub_environment.KIND,
    grub_menu.KIND,
)
ANY = Kind(("*",), "every reference in it is mended", mended_as_any, left_in_any)


def kind_of(path: bytes) -> Kind:
    """The kind of the file at `path` (relative to the root)."""
    parts = path.decode("utf-8", "surrogateescape").split("/")
    for kind in KINDS:
        for pattern in kind.paths:
            names = pattern.split("/")
            if len(names) == len(parts) and all(map(fnmatchcase, parts, names)):
                return kind
    return ANY
