"""The layouts. A layout is one file in this folder with the functions of `Layout`."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from drdwrap.checks import Check
from drdwrap.config.model import Config
from drdwrap.pair import directories, lvm
from drdwrap.pair.pair import Pair


class Layout(Protocol):
    """The functions of a layout's file."""

    def present(self, config: Config) -> AbstractContextManager[Sequence[Check]]:
        """Make the clone accessible (mounted, say) for the length of the context, then leave it as
        it was. Yields a failed check for what could not be done."""

    def find_pair(self, config: Config) -> tuple[Pair | None, list[Check]]:
        """The pair, and every check. None if a check failed. The clone must be accessible."""

    def booted_from_clone(self, config: Config) -> bool:
        """Whether the clone is booted, as far as can be said without asking LVM."""

    def describe(self, config: Config) -> tuple[dict[str, Any], list[Check]]:
        """What `status` shows of both sides, and the checks. Mounts nothing."""


_LAYOUTS: dict[str, Layout] = {"directories": directories, "lvm": lvm}


def of(config: Config) -> Layout:
    """The configured layout."""
    return _LAYOUTS[config.layout]
