"""The file of the record: the inventories of both sides, ready to be mapped into memory.

    drdwrap record 1\\n (padding to a page)
    the booted lines (padding to a page)
    the clone's lines (padding to a page)
    {"pair": ..., "sections": {"booted": [offset, bytes, crc32, paths], ...}}\\n
    SIZE CRC32\\n (of the line before)

Both inventories have the same paths: the booted one says what each looked like when drdwrap put it
on the clone, the clone's what it looked like there then. They keep find's order, which the next
scan has again.
"""

import json
import mmap
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import uuid4

from drdwrap import kept_json
from drdwrap.errors import RecordError, in_words
from drdwrap.inventory.storage import EMPTY, Storage
from drdwrap.linux import durable, safe_file
from drdwrap.pair.pair import Pair
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.utf8 import decoded

_MAGIC = b"drdwrap record 1\n"
_BATCH = 1 << 20
_CHECKED_AT_ONCE = 256 << 10
_PAGE = mmap.ALLOCATIONGRANULARITY
_WAY_OUT = (
    "nothing was copied; move it away to compare both sides without a record ('drdwrap sync'), or"
    " make the clone again with 'drdwrap clone --overwrite'"
)


@dataclass(frozen=True)
class Header:
    """What the record says about itself.

    `record_id` is random, chosen when the record begins (`pair` in the files); `generation` counts
    its versions. The clone carries both (see `marker`). `created` is when the clone was filled
    (seconds since 1970), or 0. `made_here` are the paths that stay the clone's own, since `clone`
    made or mended them. `unencrypted`: what the booted system has encrypted may be readable on the
    clone. `reversals` counts how often the roles were exchanged ('drdwrap reverse').
    """

    record_id: str
    generation: int
    booted_id: str
    clone_id: str
    created: int = 0
    made_here: tuple[bytes, ...] = ()
    unencrypted: bool = False
    reversals: int = 0

    @classmethod
    def first(cls, pair: Pair, created: int = 0, made_here: tuple[bytes, ...] = ()) -> "Header":
        """The header of a new record."""
        return cls(uuid4().hex, 0, pair.booted_id, pair.clone_id, created, made_here)

    def next(self) -> "Header":
        return replace(self, generation=self.generation + 1)

    def turned(self, generation: int) -> "Header":
        """The header of the record turned round: the clone is the booted system from now on."""
        return replace(
            self,
            generation=generation,
            booted_id=self.clone_id,
            clone_id=self.booted_id,
            reversals=self.reversals + 1,
        )


@dataclass(frozen=True)
class Record:
    """A record that was read and is undamaged. `paths` is their number."""

    header: Header
    booted: Storage
    clone: Storage
    paths: int


def write(
    path: bytes,
    header: Header,
    booted: Iterable[bytes],
    clone: Iterable[bytes],
    before: Callable[[], object] | None = None,
) -> None:
    """Replace the record at `path` durably. `before` is called right before the new one counts.

    OSError, also from `before`, leaves the old one as it was.
    """
    durable.write(path, _pieces(header, booted, clone), before=before)


def _pieces(header: Header, booted: Iterable[bytes], clone: Iterable[bytes]) -> Iterator[bytes]:
    # Sizes and checksums come last, since the pieces are made while they are written.
    yield _MAGIC.ljust(_PAGE, b"\0")
    position = _PAGE
    sections: dict[str, list[int]] = {}
    count = 0
    for name, pieces in (("booted", booted), ("clone", clone)):
        start, checksum = position, 0
        for batch in _batches(pieces):
            checksum = zlib.crc32(batch, checksum)
            position += len(batch)
            if not sections:  # both have the same paths, so they are counted once
                count += batch.count(b"\0")
            yield batch
        sections[name] = [start, position - start, checksum, count]
        padding = -position % _PAGE
        position += padding
        yield bytes(padding)
    fields = {**asdict(header), "made_here": [decoded(path) for path in header.made_here]}
    for name in ("unencrypted", "reversals"):
        if not fields[name]:
            del fields[name]  # drdwrap 0.1.0 does not know them
    footer = json.dumps({"pair": fields.pop("record_id"), **fields, "sections": sections}).encode()
    yield footer + b"\n%d %d\n" % (len(footer), zlib.crc32(footer))


def _batches(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer and larger pieces."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _BATCH:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def read(path: bytes) -> Record | None:
    """The record at `path`, or None if there is none.

    RecordError if any part of it is damaged or missing, or if it is not a record.
    """
    try:
        descriptor = safe_file.open_to_read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordError(f"the record cannot be read: {in_words(error)}", _WAY_OUT) from error
    try:
        footer = _footer(descriptor)
        header = _header(footer)
        sections = kept_json.fields(footer.get("sections"))
        booted, paths = _section(descriptor, sections.get("booted"))
        clone, _ = _section(descriptor, sections.get("clone"))
    except ValueError as error:
        name = for_screen(path)
        raise RecordError(f"the record {name} is damaged: {error}", _WAY_OUT) from error
    except OSError as error:
        name = for_screen(path)
        raise RecordError(
            f"the record {name} cannot be read: {in_words(error)}", _WAY_OUT
        ) from error
    finally:
        os.close(descriptor)
    return Record(header, booted, clone, paths)


def _footer(descriptor: int) -> Mapping[str, Any]:
    """The fields at the end of the file. ValueError if it is not a record, or damaged."""
    size = os.fstat(descriptor).st_size
    if os.pread(descriptor, len(_MAGIC), 0) != _MAGIC:
        raise ValueError("it does not begin like a record")
    tail = os.pread(descriptor, 64, max(size - 64, 0))
    if not tail.endswith(b"\n"):
        raise ValueError("its end is missing")
    last = tail[:-1].rpartition(b"\n")[2]
    length, checksum = (int(number) for number in last.split(b" "))
    start = size - len(last) - 2 - length
    if length < 0 or start < 0:
        raise ValueError("its end is missing")
    footer = os.pread(descriptor, length, start)
    if zlib.crc32(footer) != checksum:
        raise ValueError("its checksum does not match")
    return kept_json.fields(kept_json.parsed(footer))


def _header(footer: Mapping[str, Any]) -> Header:
    return Header(
        kept_json.text(footer.get("pair"), "pair"),
        kept_json.number(footer.get("generation"), "generation"),
        kept_json.text(footer.get("booted_id"), "booted_id"),
        kept_json.text(footer.get("clone_id"), "clone_id"),
        kept_json.number(footer.get("created"), "created"),
        kept_json.paths(footer.get("made_here"), "made_here"),
        footer.get("unencrypted") is True,
        kept_json.number(footer.get("reversals", 0), "reversals"),
    )


def _section(descriptor: int, section: object) -> tuple[Storage, int]:
    """An inventory, and the number of its paths."""
    if not isinstance(section, list) or len(section) != 4:
        raise ValueError("a section is missing")
    start, length, checksum, paths = (kept_json.number(one, "a section") for one in section)
    if length == 0:
        return EMPTY, paths
    if start + length > os.fstat(descriptor).st_size:
        raise ValueError("a section is missing")
    if _checksum(descriptor, start, length) != checksum:
        raise ValueError("its checksum does not match")
    return mmap.mmap(descriptor, length, offset=start, prot=mmap.PROT_READ), paths


def _checksum(descriptor: int, start: int, length: int) -> int:
    """The checksum of a part of the file. OSError.

    It is read, not mapped: a bad block would end the process with SIGBUS. What has been read is in
    memory, and the mapping shows it from there. This takes 4 ms more for 100 MB.
    """
    buffer = bytearray(min(length, _CHECKED_AT_ONCE))
    view, checksum, end = memoryview(buffer), 0, start + length
    while start < end:
        count = os.preadv(descriptor, [view[: end - start]], start)
        if not count:
            raise ValueError("its end is missing")
        checksum = zlib.crc32(view[:count], checksum)
        start += count
    return checksum


def read_header(path: bytes) -> Header | None:
    """The header of the record at `path`, without reading the rest; None if it cannot be read."""
    try:
        descriptor = safe_file.open_to_read(path)
    except OSError:
        return None
    try:
        return _header(_footer(descriptor))
    except (ValueError, OSError):
        return None
    finally:
        os.close(descriptor)
