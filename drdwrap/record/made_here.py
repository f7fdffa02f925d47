"""The paths that `clone` made or mended on the clone, and that stay the clone's own permanently.

They are in the record's header, and in a file beside it: if the record is moved away because it is
damaged, or because there is another volume, these paths must not be synced like others.
"""

import json

from drdwrap.errors import RecordError
from drdwrap.linux import durable
from drdwrap.paths.escaping import for_screen
from drdwrap.record.store import Header


def write(path: bytes, header: Header) -> None:
    """Write the paths in `header` durably to the file at `path`. OSError."""
    kept = {
        "clone": _root(header.clone_id),
        "created": header.created,
        "paths": list(header.made_here),
    }
    durable.write(path, [json.dumps(kept).encode() + b"\n"])


def read(path: bytes, clone_id: str) -> tuple[int, tuple[str, ...]]:
    """When this clone was filled (seconds since 1970), and the paths (relative); 0 and none without
    a file, or if it is about another clone. RecordError for a damaged file."""
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
            "it lists what 'drdwrap clone' mended on the clone: make the clone again with 'drdwrap"
            " clone --overwrite'",
        ) from error


def _root(clone_id: str) -> str:
    """The part of the clone's id for its root file system, or its volume group. The parts for other
    volumes are left out, since volumes come and go."""
    return clone_id.partition(" ")[0]
