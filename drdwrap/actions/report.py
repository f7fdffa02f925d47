"""`report`: the reports that the last run has left, and the paths in one of them."""

from drdwrap import reports
from drdwrap.config.model import Config
from drdwrap.record.state_directory import StateDirectory


def counts(config: Config) -> dict[str, int]:
    """The number of paths in each report, by its name. DrdwrapError if they may not be read."""
    directory = _directory(config)
    return {name: len(reports.read(directory, name)) for name in reports.names(directory)}


def paths(config: Config, name: str) -> list[bytes]:
    """The paths in the report `name`. DrdwrapError if there is none, or it may not be read."""
    return reports.read(_directory(config), name)


def _directory(config: Config) -> bytes:
    state = StateDirectory.of(config)
    state.refuse_unreadable()
    return state.reports
