"""Whether the programs that a clone takes are installed."""

from collections.abc import Iterable

from drdwrap.checks import Check
from drdwrap.errors import DrdwrapError
from drdwrap.linux import process


def missing_programs(names: Iterable[str]) -> list[Check]:
    """A failed check for each program that is missing."""
    checks = []
    for name in sorted(names):
        try:
            process.find_program(name)
        except DrdwrapError as error:
            checks.append(Check(f"{name} is installed", False, error.message, error.hint))
    return checks
