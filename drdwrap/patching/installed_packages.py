"""The packages that the clone has installed."""

import os
import shutil
from collections.abc import Collection

from drdwrap.linux import directories
from drdwrap.packages.database import Manager, UnusedError
from drdwrap.packages.sides import MANAGERS
from drdwrap.record.state_directory import StateDirectory


def installed(
    root: bytes, state: StateDirectory, managers: Collection[Manager] = MANAGERS
) -> frozenset[tuple[str, str]]:
    """Name and version of each package of the clone at `root`. UnreadableError if a database cannot
    be relied on, UnusedError if there is none with packages; OSError."""
    found: frozenset[tuple[str, str]] = frozenset()
    unused: UnusedError | None = UnusedError("there is no package database")
    for manager in managers:
        if not manager.is_present(root):
            continue
        scratch = os.path.join(state.packages, manager.NAME.encode())
        shutil.rmtree(state.packages, ignore_errors=True)
        directories.make(scratch)
        try:
            found |= manager.begin(root, (), scratch)().installed
            unused = None
        except UnusedError as error:
            unused = unused and error
        finally:
            shutil.rmtree(state.packages, ignore_errors=True)
    if unused is not None:
        raise unused
    return found
