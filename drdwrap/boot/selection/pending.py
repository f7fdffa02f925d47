"""The note of an activation, in the state directory of the image that was booted then.

It says which image was meant, how, and where its state lies, so that what comes after need not
search for it.
"""

import json
from dataclasses import dataclass

from drdwrap import kept_json
from drdwrap.boot.selection.image import StatePlace
from drdwrap.errors import DrdwrapError, in_words
from drdwrap.linux import clock, durable, safe_file
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.utf8 import decoded, encoded

TRIAL, ONCE, PERMANENT = MODES = ("trial", "once", "permanent")


@dataclass(frozen=True)
class Pending:
    """An activation of the image `name`, in one of `MODES`. `trial` is its id or empty, `entry` the
    image's boot entry under UEFI or empty. `despite_incomplete`: it stays although a sync ends
    incomplete."""

    name: str
    mode: str
    trial: str
    activated: str
    place: StatePlace
    entry: str
    despite_incomplete: bool


def write(path: bytes, pending: Pending) -> None:
    """Write the note durably. OSError."""
    place = pending.place
    kept = {
        **pending.__dict__,
        "place": {**place.__dict__, "path": decoded(place.path)},
    }
    durable.write(path, [json.dumps(kept, indent=1).encode() + b"\n"])


def read(path: bytes) -> Pending | None:
    """The note, or None if there is none. DrdwrapError if it cannot be understood."""
    try:
        kept = kept_json.fields(kept_json.parsed(safe_file.contents(path, most=1 << 16)))
        place = kept_json.fields(kept.get("place"))
        words = {
            name: kept_json.text(kept.get(name), name)
            for name in ("name", "mode", "trial", "activated", "entry")
        }
        if words["mode"] not in MODES or not clock.is_date(words["activated"]):
            raise ValueError("its mode or its date is not known")
        return Pending(
            **words,
            place=StatePlace(
                kept_json.text(place.get("uuid"), "uuid"),
                kept_json.text(place.get("type"), "type"),
                encoded(kept_json.text(place.get("path"), "path")),
            ),
            despite_incomplete=kept.get("despite_incomplete") is True,
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        why = in_words(error) if isinstance(error, OSError) else str(error)
        raise DrdwrapError(
            f"{for_screen(path)} is damaged: {why}",
            "'drdwrap deactivate' removes it, and the booted image stays",
        ) from error
