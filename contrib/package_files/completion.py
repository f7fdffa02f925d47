"""The completion scripts, which click makes. At each Tab they ask the installed drdwrap."""

from __future__ import annotations

from click.shell_completion import get_completion_class

from drdwrap.cli import drdwrap

SHELLS = ("bash", "zsh", "fish")


def completion(shell: str) -> str:
    """The script for one of the SHELLS, as `_DRDWRAP_COMPLETE=bash_source drdwrap` prints it."""
    found = get_completion_class(shell)
    assert found is not None
    return found(drdwrap, {}, "drdwrap", "_DRDWRAP_COMPLETE").source()
