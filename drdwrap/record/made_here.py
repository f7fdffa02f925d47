"""The paths that `clone` made or mended on the clone, and that stay the clone's own permanently.

They are in the record's header, and in a file beside it: if the record is moved away because it is
damaged, or because there is another volume, these paths must not be synced like others.
"""

import json

from drdwrap import kept_json
from drdwrap.errors import RecordError
from drdwrap.linux import durable, safe_file
from drdwrap.pair.identity import root_part
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.utf8 import decoded
from drdwrap.record.store import Header


def write(path: bytes, header: Header) -> None:
    """Write the paths in `header` durably to the file at `path`. OSError."""
    kept = {
        "clone": root_part(header.clone_id),
        "created": header.created,
        "paths": [decoded(path) for path in header.made_here],
    }
    durable.write(path, [json.dumps(kept).encode() + b"\n"])


def read(path: bytes, clone_id: str) -> tuple[int, tuple[bytes, ...]]:
    """When this clone was filled (seconds since 1970), and the paths (relative); 0 and none without
    a file, or if it is about another clone. RecordError for a damaged file."""
    try:
        kept = kept_json.fields(kept_json.parsed(safe_file.contents(path)))
        created = kept_json.number(kept.get("created"), "created")
        paths = kept_json.paths(kept.get("paths"), "paths")
        clone = kept_json.text(kept.get("clone"), "clone")
    except FileNotFoundError:
        return 0, ()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise RecordError(
            f"{for_screen(path)} is damaged: {why}",
            "it lists what 'drdwrap clone' mended on the clone: make the clone again with 'drdwrap"
            " clone --overwrite'",
        ) from error
    return (created, paths) if clone == root_part(clone_id) else (0, ())
