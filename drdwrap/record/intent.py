"""What a run is about to do to the clone, written durably before it does it.

A killed run leaves its intent open. From that the next run knows which changes on the clone are
that run's work, half done, and which are the administrator's.

Nothing is copied in place. A file is first copied to the staging directory; once it lies there,
finished, its entry is added to the intent (a `Move`), and only then it is moved to its place. So
the intent names every file that a run can have put on the clone by its inode. What is changed in
place are attributes alone (a `Put`).
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from drdwrap import kept_json
from drdwrap.errors import RecordError, in_words
from drdwrap.inventory.entry import Entry
from drdwrap.linux import durable, safe_file
from drdwrap.paths.escaping import for_screen
from drdwrap.record.store import Header

_MAGIC = b"drdwrap intent 3"
MORE = b".more"
"""The suffix of the file beside an intent that holds what is added later, a block after another."""
_MOST = 4 << 30
"""Bytes that are read. A run that renews ten million files takes less."""
_WAY_OUT = (
    "it says what a run was doing when it was cut off; if you move it away, that run's work counts"
    " as the clone's own changes"
)


@dataclass(frozen=True)
class Put:
    """A path whose attributes are to become those of the booted `entry`, in place."""

    entry: Entry


@dataclass(frozen=True)
class Move:
    """What lies finished in the staging directory and is about to be moved to its place.

    `staged` is its entry there, under the path that it will have; `attributes` are the digests of
    its attributes (see `beyond_lstat.digests`); `replaced` is the clone's entry in whose place it
    goes.
    """

    staged: Entry
    attributes: frozenset[bytes]
    replaced: Entry | None

    def is_at(self, now: Entry) -> bool:
        """Whether the clone's `now` is what was moved there, its attributes aside.

        It may be of any size: a power cut can have taken some of it.
        """
        staged = self.staged
        times = staged.is_directory or now.mtime == staged.mtime
        return now.inode == staged.inode and now[1:5] == staged[1:5] and times


@dataclass(frozen=True)
class Attributes:
    """Digests of a path's attributes (see `beyond_lstat.digests`): those that it has before and
    after the run sets them, and those that it has only before or only after. A run can be cut off
    while it changes them."""

    always: frozenset[bytes]
    at_times: frozenset[bytes] = frozenset()

    @classmethod
    def between(cls, before: frozenset[bytes], after: frozenset[bytes]) -> "Attributes":
        return cls(before & after, before ^ after)

    def fit(self, found: frozenset[bytes]) -> bool:
        """Whether a path can have these attributes at some moment of the run."""
        return self.always <= found <= self.always | self.at_times


@dataclass(frozen=True)
class Intent:
    """A run's intent: these moves and puts, and then a record with this id and generation.

    `kind` is `sync`, `accept` (which puts nothing on the clone) or `fill`. `touched` are recorded
    paths whose change time on the clone the run changes (and a directory's modification time):
    directories in which it makes or removes something, the other names of linked files, and what it
    puts in place. Each has the digests of its attributes, so that an attribute that is set there
    after a kill is recognized. The first `earlier` moves are those of runs before it, which were
    cut off as well.

    Removals need no entry: what is gone from both sides is forgotten. It does not matter whether
    the machine has booted since: what looks finished is compared by contents in any case.
    """

    record_id: str
    generation: int
    booted_id: str
    clone_id: str
    kind: str
    puts: tuple[Put, ...] = ()
    touched: Mapping[bytes, Attributes] = field(default_factory=dict)
    moves: tuple[Move, ...] = ()
    earlier: int = field(default=0, compare=False)

    @property
    def own_moves(self) -> tuple[Move, ...]:
        """The moves of the run itself. Only these can still lie in the staging directory."""
        return self.moves[self.earlier :]

    @property
    def command(self) -> str:
        """The command whose run it is."""
        return "clone" if self.kind == "fill" else self.kind

    def is_done(self, header: Header | None) -> bool:
        """Whether its run wrote the record and was killed before it removed the intent."""
        return header is not None and (header.record_id, header.generation) == (
            self.record_id,
            self.generation,
        )

    @classmethod
    def of(
        cls,
        header: Header,
        kind: str,
        puts: Iterable[Put] = (),
        touched: Mapping[bytes, Attributes] | None = None,
        moves: Iterable[Move] = (),
    ) -> "Intent":
        """The intent of a run that will write a record with this header."""
        ids = (header.booted_id, header.clone_id)
        return cls(
            header.record_id,
            header.generation,
            *ids,
            kind,
            tuple(puts),
            touched or {},
            tuple(moves),
        )


def write(path: bytes, intent: Intent) -> None:
    """Write the intent durably. OSError if that fails: then the run must not begin."""
    durable.write(path, [_block(intent)])
    durable.remove(path + MORE)  # from a cut-off run; this intent has all of it


def add(path: bytes, intent: Intent, moves: Iterable[Move]) -> None:
    """Write further moves durably beside the open `intent`. OSError: then nothing may be moved."""
    block = _block(replace(intent, puts=(), touched={}, moves=tuple(moves)))
    durable.append(path + MORE, block)


def remove(path: bytes) -> None:
    """The run is done. If this is cut off, the rest of it does no harm."""
    durable.remove(path)
    durable.remove(path + MORE)


def _block(intent: Intent) -> bytes:
    """`MAGIC LENGTH CRC32`, a newline, and the content: a head in JSON and the fields, each ended
    by a NUL."""
    touched = intent.touched
    numbers = {"puts": len(intent.puts), "touched": len(touched), "moves": len(intent.moves)}
    fields = {**vars(intent), **numbers}
    del fields["earlier"]  # `read` sets it: the number of moves in the first block
    parts = [json.dumps({"pair": fields.pop("record_id"), **fields}).encode()]
    parts += [put.entry.line for put in intent.puts]
    for path, found in touched.items():
        parts += [path, _digests(found.always), _digests(found.at_times)]
    for move in intent.moves:
        replaced = move.replaced.line if move.replaced else b""
        parts += [move.staged.line, _digests(move.attributes), replaced]
    content = b"".join(part + b"\0" for part in parts)
    return b"%s %d %d\n" % (_MAGIC, len(content), zlib.crc32(content)) + content


def _digests(found: frozenset[bytes]) -> bytes:
    return b" ".join(sorted(found))


def read(path: bytes) -> Intent | None:
    """The open intent, or None. RecordError if it is damaged.

    A block that was being added when the run was cut off is not whole: nothing of it was moved yet.
    """
    data = _contents(path)
    if data is None:
        return None
    try:
        intent, rest = _first_block(data)
        if intent is None or rest:
            raise ValueError("its checksum does not match")
    except ValueError as error:
        name = for_screen(path)
        raise RecordError(f"the open intent {name} is damaged: {error}", _WAY_OUT) from error
    earlier = len(intent.moves)
    return replace(intent, moves=(*intent.moves, *_added(path, intent)), earlier=earlier)


def _added(path: bytes, intent: Intent) -> Iterator[Move]:
    data = _contents(path + MORE) or b""
    while data:
        try:
            more, data = _first_block(data)
        except ValueError:
            return
        if more is None:
            return
        if (more.record_id, more.generation) == (intent.record_id, intent.generation):
            yield from more.moves


def _contents(path: bytes) -> bytes | None:
    try:
        return safe_file.contents(path, most=_MOST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordError(f"the open intent cannot be read: {in_words(error)}", _WAY_OUT) from error


def _first_block(data: bytes) -> tuple[Intent | None, bytes]:
    """The first block and what follows it; None for one that is not whole. ValueError for one that
    says nothing that can be understood."""
    first, _, rest = data.partition(b"\n")
    words = first.rsplit(b" ", 2)
    if len(words) != 3 or words[0] != _MAGIC:
        raise ValueError("it is not one of this version of drdwrap")
    length, checksum = int(words[1]), int(words[2])
    content = rest[:length]
    if len(content) != length or zlib.crc32(content) != checksum:
        return None, b""
    return _parsed(content), rest[length:]


def _parsed(content: bytes) -> Intent:
    first, *fields = content.split(b"\0")[:-1]
    head = kept_json.fields(kept_json.parsed(first))
    numbers = [kept_json.number(head.get(name), name) for name in ("puts", "touched", "moves")]
    if len(fields) != numbers[0] + 3 * numbers[1] + 3 * numbers[2]:
        raise ValueError("it lacks something")
    left = iter(fields)
    puts = tuple(Put(Entry.parse(next(left))) for _ in range(numbers[0]))
    touched = {
        next(left): Attributes(_set(next(left)), _set(next(left))) for _ in range(numbers[1])
    }
    moves = tuple(
        Move(Entry.parse(next(left)), _set(next(left)), _entry(next(left)))
        for _ in range(numbers[2])
    )
    return Intent(
        kept_json.text(head.get("pair"), "pair"),
        kept_json.number(head.get("generation"), "generation"),
        kept_json.text(head.get("booted_id"), "booted_id"),
        kept_json.text(head.get("clone_id"), "clone_id"),
        kept_json.text(head.get("kind"), "kind"),
        puts,
        touched,
        moves,
    )


def _set(field: bytes) -> frozenset[bytes]:
    return frozenset(field.split())


def _entry(line: bytes) -> Entry | None:
    return Entry.parse(line) if line else None
