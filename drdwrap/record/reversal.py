"""What a `reverse` is about to do, written durably before it does it.

It is done once a record with these roles is in the same state directory: then what is left is to
tidy up. Without such a record nothing has happened, and the old roles hold.
"""

import json
from dataclasses import asdict, dataclass

from drdwrap import kept_json
from drdwrap.errors import RecordError, in_words
from drdwrap.linux import durable, safe_file
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.utf8 import decoded
from drdwrap.record.store import Header


@dataclass(frozen=True)
class Reversal:
    """The record that is about to count: its id and generation, and the new roles of both sides.

    `held` are the paths (relative) that it holds back.
    """

    record_id: str
    generation: int
    booted_id: str
    clone_id: str
    held: tuple[bytes, ...] = ()

    @classmethod
    def to(cls, header: Header, held: tuple[bytes, ...] = ()) -> "Reversal":
        """The reversal that ends with a record of this header."""
        return cls(header.record_id, header.generation, header.booted_id, header.clone_id, held)

    def is_done(self, header: Header | None) -> bool:
        """Whether the record with this header, or an earlier one of the same roles, has made the
        new roles count."""
        return (
            header is not None
            and header.generation >= self.generation
            and (header.record_id, header.booted_id, header.clone_id)
            == (self.record_id, self.booted_id, self.clone_id)
        )


def write(path: bytes, reversal: Reversal) -> None:
    """Write it durably. OSError."""
    fields = asdict(reversal)
    kept = {"pair": fields.pop("record_id"), **fields, "held": [*map(decoded, reversal.held)]}
    durable.write(path, [json.dumps(kept).encode() + b"\n"])


def read(path: bytes) -> Reversal | None:
    """The reversal that was begun, or None. RecordError if the file is damaged."""
    try:
        kept = kept_json.fields(kept_json.parsed(safe_file.contents(path)))
        return Reversal(
            kept_json.text(kept.get("pair"), "pair"),
            kept_json.number(kept.get("generation"), "generation"),
            kept_json.text(kept.get("booted_id"), "booted_id"),
            kept_json.text(kept.get("clone_id"), "clone_id"),
            kept_json.paths(kept.get("held"), "held"),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        why = in_words(error) if isinstance(error, OSError) else str(error)
        raise RecordError(
            f"{for_screen(path)} is damaged: {why}",
            "it says that 'drdwrap reverse' was cut off: remove it, and run 'drdwrap reverse' again"
            " if 'drdwrap status' still shows the old roles",
        ) from error
