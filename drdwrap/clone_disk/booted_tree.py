"""The booted system's files, as a clone gets them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from drdwrap.clone_disk.source import Source
from drdwrap.config.model import Config
from drdwrap.pair.private_trees import private_tree
from drdwrap.pair.root_group import depth
from drdwrap.pair.volume_groups import BOOTED_ROOT
from drdwrap.paths.patterns import PatternList


@dataclass(frozen=True)
class BootedTree:
    """The cloned file systems, and no others, below `root`. Paths that `is_excluded` are not
    copied."""

    root: bytes
    is_excluded: Callable[[bytes], bool]


@contextmanager
def booted_tree(config: Config, source: Source, at: bytes) -> Iterator[BootedTree]:
    """The tree for the length of the context, mounted privately and read-only over the directory
    `at`. OSError, RefusedError."""
    points = [system.mount_point for system in source.root.file_systems]
    points += [system.mount_point for system in source.boot]
    with private_tree(BOOTED_ROOT, sorted(points, key=depth), at) as root:
        yield BootedTree(root, PatternList.of(config.exclude_list).cover)
