"""The layouts there are: a layout is one file in this folder with a function `find_pair`."""

from typing import Protocol

from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError
from drdwrap.volumes import directories
from drdwrap.volumes.checks import Check
from drdwrap.volumes.pair import Pair


class Layout(Protocol):
    """What a layout's file has to offer."""

    def find_pair(self, config: Config) -> tuple[Pair | None, list[Check]]:
        """The pair, or None where there is none, and every precondition with its verdict."""


_LAYOUTS: dict[str, Layout] = {"directories": directories}


def find_pair(config: Config) -> tuple[Pair | None, list[Check]]:
    """The pair of the configured layout. DrdwrapError for a layout that this version has not."""
    layout = _LAYOUTS.get(config.layout)
    if layout is None:
        raise DrdwrapError(
            f"layout: {config.layout} is not part of this version",
            "name the two roots under 'layout: directories'",
        )
    return layout.find_pair(config)
