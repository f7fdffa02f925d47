"""The layouts there are: a layout is one file in this folder with these three functions."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from drdwrap.checks import Check
from drdwrap.config.model import Config
from drdwrap.pair import directories, lvm
from drdwrap.pair.pair import Pair


class Layout(Protocol):
    """What a layout's file has to offer."""

    def present(self, config: Config) -> AbstractContextManager[Sequence[Check]]:
        """Have the clone where it is to be found, for the length of the context; it is left as it
        was found. Yields what could not be done for that."""

    def find_pair(self, config: Config) -> tuple[Pair | None, list[Check]]:
        """The pair, or None where there is none, and every precondition with its verdict."""

    def booted_from_clone(self, config: Config) -> bool:
        """Whether what runs is the clone, as far as that shows without asking LVM."""

    def describe(self, config: Config) -> tuple[dict[str, Any], list[Check]]:
        """What `status` shows of both sides, without mounting anything, and what is amiss."""


_LAYOUTS: dict[str, Layout] = {"directories": directories, "lvm": lvm}


def of(config: Config) -> Layout:
    """The configured layout."""
    return _LAYOUTS[config.layout]
