"""What `clone` made or mended on the clone, and is the clone's own for good.

The record's header has it. It is kept beside the record as well: a record that is damaged, or that
another volume has made useless, is moved away, and then these paths would be synced like others.
"""

import json

from drdwrap.errors import RecordError
from drdwrap.linux import durable
from drdwrap.paths.escaping import for_screen
from drdwrap.record.store import Header


def write(path: bytes, header: Header) -> None:
    """Make what `header` has of it durable. OSError."""
    kept = {
        "clone": _root(header.clone_id),
        "created": header.created,
        "paths": list(header.made_here),
    }
    durable.write(path, [json.dumps(kept).encode() + b"\n"])


def read(path: bytes, clone_id: str) -> tuple[int, tuple[str, ...]]:
    """When the clone was filled (seconds since 1970), and the paths (relative); 0 and none where
    nothing is known, or of another clone alone. RecordError for a damaged file."""
    try:
        with open(path, "rb") as file:
            kept = json.load(file)
        if kept["clone"] != _root(clone_id):
            return 0, ()
        return int(kept["created"]), tuple(map(str, kept["paths"]))
    except FileNotFoundError:
        return 0, ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(
            f"{for_screen(path)} is damaged: {error}",
            "it says what 'drdwrap clone' mended on the clone: make that anew with 'drdwrap clone"
            " --overwrite'",
        ) from error


def _root(clone_id: str) -> str:
    """The name of the clone's root file system, or its volume group, without those of its other
    volumes: they may come and go."""
    return clone_id.partition(" ")[0]
