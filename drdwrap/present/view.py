"""How results are to be shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """As JSON or for a person. `verbosity` is the number of -v less that of -q."""

    as_json: bool = False
    verbosity: int = 0
