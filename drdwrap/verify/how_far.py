"""How far a comparison of contents has come, kept so that an interrupted one goes on from there."""

import json
from dataclasses import dataclass, field

from drdwrap import kept_json
from drdwrap.linux import clock, durable, safe_file
from drdwrap.record.store import Header


@dataclass
class HowFar:
    """`files` of the record's files have been looked at, in its order; `compared` of these could be
    compared, `size` bytes in all. `differing` are the paths that differ or could not be read, each
    with what was found. It counts for the record of this id and generation alone."""

    record_id: str
    generation: int
    started: str
    files: int = 0
    compared: int = 0
    size: int = 0
    differing: dict[bytes, str] = field(default_factory=dict)


def begin(path: bytes, header: Header) -> HowFar:
    """What is kept in the file at `path`, if it is about this record; otherwise the beginning."""
    fresh = HowFar(header.record_id, header.generation, clock.now())
    try:
        kept = kept_json.fields(kept_json.parsed(safe_file.contents(path)))
        found = HowFar(
            kept_json.text(kept.get("record_id"), "record_id"),
            kept_json.number(kept.get("generation"), "generation"),
            kept_json.text(kept.get("started"), "started"),
            kept_json.number(kept.get("files"), "files"),
            kept_json.number(kept.get("compared"), "compared"),
            kept_json.number(kept.get("size"), "size"),
            {
                name.encode("latin-1"): kept_json.text(what, "differing")
                for name, what in kept_json.fields(kept.get("differing")).items()
            },
        )
    except (OSError, ValueError):
        return fresh
    same = (found.record_id, found.generation) == (fresh.record_id, fresh.generation)
    return found if same else fresh


def keep(path: bytes, now: HowFar) -> None:
    """Keep it, durably. OSError."""
    fields = {**now.__dict__, "differing": {}}
    fields["differing"] = {name.decode("latin-1"): what for name, what in now.differing.items()}
    durable.write(path, [json.dumps(fields).encode() + b"\n"])
