"""The booted system and its clone, as a layout found them."""

from dataclasses import dataclass

from drdwrap.paths.arithmetic import is_below


@dataclass(frozen=True)
class Pair:
    """The two roots (absolute paths), and the volumes: mount points that both have below them.

    `volumes` are relative to the roots and begin with `b""`, the root file system itself; a
    volume below another comes after it. `booted_id` and `clone_id` name the file systems by UUID,
    so they stay the same when device names or mount points change. `plain` are the volumes that
    are no file systems of their own on the clone.
    """

    booted_root: bytes
    clone_root: bytes
    volumes: tuple[bytes, ...]
    booted_id: str
    clone_id: str
    plain: frozenset[bytes] = frozenset()

    def turned(self) -> "Pair":
        """The same two images in each other's roles."""
        ids = self.clone_id, self.booted_id
        return Pair(self.clone_root, self.booted_root, self.volumes, *ids, self.plain)

    def volume_of(self, path: bytes) -> bytes:
        """The volume that holds `path` (relative to the root)."""
        return max(
            (volume for volume in self.volumes if not volume or is_below(path, volume)), key=len
        )
