"""What of a tree is encrypted by its file system (fscrypt), and an inventory without it.

Only directories are looked at, each with one statx(2), and none where no file system of the tree
can encrypt. All below an encrypted directory is encrypted. A single file can be so as well, if it
was moved out of such a directory: the caller asks about those that matter.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace

from drdwrap.inventory import storage
from drdwrap.inventory.entry import path_of
from drdwrap.inventory.scan import Inventory
from drdwrap.inventory.storage import Storage
from drdwrap.linux import fscrypt
from drdwrap.paths.arithmetic import absolute, is_below


def can_be(root: bytes, volumes: Iterable[bytes]) -> bool:
    """Whether any of these volumes (relative to `root`) can hold something encrypted."""
    return any(fscrypt.can_encrypt(absolute(root, volume)) for volume in volumes)


def directories(inventory: Inventory, root: bytes) -> dict[bytes, bool]:
    """The outermost encrypted directories of the tree at `root`, and whether each is locked."""
    found: dict[bytes, bool] = {}
    outermost = None
    for path in storage.directories(inventory.storage):
        if outermost is not None and is_below(path, outermost):
            continue
        if _is_encrypted(root, path):
            found[path] = fscrypt.is_locked(absolute(root, path))
            outermost = path
    return found


def among(paths: Iterable[bytes], root: bytes) -> list[bytes]:
    """Those of these paths that are encrypted."""
    return [path for path in paths if _is_encrypted(root, path)]


def _is_encrypted(root: bytes, path: bytes) -> bool:
    with suppress(OSError):  # it vanished, or nobody can read it
        return fscrypt.is_encrypted(absolute(root, path))
    return False


def without(
    inventory: Inventory, sealed: Collection[bytes], single: Collection[bytes] = ()
) -> Inventory:
    """The inventory as if the `sealed` directories had not been entered, and the `single` files not
    been seen."""
    if not sealed and not single:
        return inventory
    inside = tuple(path + b"/" if path else b"" for path in sealed)
    dropped = frozenset(single)
    return replace(
        inventory,
        storage=_without(inventory.storage, inside, dropped),
        linked=_without(inventory.linked, inside, dropped),
        sealed=tuple(sealed),
    )


def _without(lines: Storage, inside: tuple[bytes, ...], dropped: Collection[bytes]) -> Storage:
    def stays(path: bytes) -> bool:
        return not path or not (path.startswith(inside) or path in dropped)

    kept = (line for line in storage.lines(lines) if stays(path_of(line)))
    return b"".join(line + b"\0" for line in kept)
