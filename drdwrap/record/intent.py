"""What a run is about to do, written durably before it begins.

A killed run leaves its intent open. From that the next run knows which changes on the clone are
that run's half-done work, and which are the administrator's.
"""

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from drdwrap.errors import RecordError, in_words
from drdwrap.inventory.entry import Entry
from drdwrap.linux import durable
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.record.store import Header

_MAGIC = b"drdwrap intent 2"
MORE = b".more"
"""The suffix of the file beside an intent that holds what is added later."""
_SET_ID, _GROUP = 0o6000, 0o070
_WAY_OUT = (
    "it says what a run was doing when it was cut off; if you move it away, that run's work counts"
    " as the clone's own changes"
)


@dataclass(frozen=True)
class Put:
    """A path that is to be put on the clone: the booted entry, and the target of a link."""

    entry: Entry
    target: bytes = b""


@dataclass(frozen=True)
class Attributes:
    """Digests of a path's attributes (see `beyond_lstat.digests`): those that it has before and
    after the run puts it, and those that it has only before or only after. A run can be cut off
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
    """A run's intent: these puts, and then a record with this id and generation.

    `kind` is `sync` or `fill`. `touched` are recorded paths that the run does not put, but whose
    change time on the clone it moves (and a directory's modification time): directories in which it
    makes or removes something, and the other names of linked files; also directories among the puts
    that the clone already has. Each has the digests of its attributes, so that an attribute that is
    set there after a kill is recognized.

    Removals need no entry: what is gone from both sides is forgotten. It does not matter whether
    the machine has booted since: what looks finished is compared by contents in any case.
    """

    record_id: str
    generation: int
    booted_id: str
    clone_id: str
    kind: str
    puts: tuple[Put, ...]
    touched: Mapping[bytes, Attributes]

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
    ) -> "Intent":
        """The intent of a run that will write a record with this header."""
        ids = (header.booted_id, header.clone_id)
        return cls(header.record_id, header.generation, *ids, kind, tuple(puts), touched or {})


def is_work_of(put: Put, now: Entry, then: Entry | None, root: bytes) -> bool:
    """Whether the clone's entry `now` can be the work of a cut-off run that was to `put` the path.

    `then` is the clone's recorded entry, `root` the clone's root. rsync sets a file's time before
    it renames the file into place. Directories, links and special files it makes in place, and sets
    their attributes afterwards: something that somebody else made there since, and that differs
    only in its time, cannot be distinguished from that.
    """
    meant = put.entry
    if now.type != meant.type:
        return False
    if now.mtime == meant.mtime and not now.is_directory:
        if then is not None and (then.inode, then.mtime) == (now.inode, now.mtime):
            return _between(now, then, meant)
        return True
    if now.is_file and then is not None and now.inode == then.inode:
        mode = _without_set_id(then, meant)
        return mode != then.mode and now.visible == then._replace(mode=mode).visible
    if now.type == b"l":
        try:
            return os.readlink(absolute(root, now.path)) == put.target
        except OSError:
            return False
    if now.is_file:
        return False
    owners = {(b"0", b"0"), (meant.uid, meant.gid), (meant.uid, b"0"), (b"0", meant.gid)}
    modes = {meant.mode, b"%o" % (int(meant.mode, 8) | 0o700)}
    if then is not None and then.type == now.type:
        owners |= {(then.uid, then.gid), (meant.uid, then.gid), (then.uid, meant.gid)}
        modes |= {then.mode, b"%o" % (int(then.mode, 8) | int(meant.mode, 8) & 0o1000)}
    else:
        modes |= {b"%o" % (int(meant.mode, 8) & 0o777 | 0o700), b"700", b"755"}
    if not now.is_directory:
        modes.add(b"777")  # a socket, until its mode is set
    return (now.uid, now.gid) in owners and now.mode in modes


def _between(now: Entry, then: Entry, meant: Entry) -> bool:
    """Whether a file that keeps its inode has an owner and a mode that rsync gives it while it
    changes `then` to `meant`. If there is an ACL, the group's rights come and go."""
    owners = now.uid in (then.uid, meant.uid) and now.gid in (then.gid, meant.gid)
    if now.size != then.size or not owners:
        return False
    here, before, after = (int(entry.mode, 8) for entry in (now, then, meant))
    on_the_way = _SET_ID | _GROUP
    return not here & ~(before | after) and not (before & after & ~here) & ~on_the_way


def _without_set_id(then: Entry, meant: Entry) -> bytes:
    """The mode of a file whose set-id bits are taken away before rsync begins: see
    `sync.special_bits`."""
    return b"%o" % (int(then.mode, 8) & ~(_SET_ID & ~int(meant.mode, 8)))


def write(path: bytes, intent: Intent) -> None:
    """Write the intent durably. OSError if that fails: then the run must not begin."""
    durable.write(path, [_content(intent)])
    durable.remove(path + MORE)  # from a cut-off run; this intent has all of it


def add(path: bytes, intent: Intent, puts: Iterable[Put]) -> None:
    """Write further puts durably beside the open `intent`: all that it does not have. OSError.

    They are few in comparison, so all are written each time.
    """
    durable.write(path + MORE, [_content(replace(intent, puts=tuple(puts), touched={}))])


def remove(path: bytes) -> None:
    """The run is done. If this is cut off, the rest of it does no harm."""
    durable.remove(path)
    durable.remove(path + MORE)


def _content(intent: Intent) -> bytes:
    fields = {**vars(intent), "puts": len(intent.puts), "touched": None}
    head = json.dumps({"pair": fields.pop("record_id"), **fields}).encode()
    puts = b"".join(b"%s\0%s\0" % (put.entry.line, put.target) for put in intent.puts)
    touched = b"".join(
        b"%s\0%s|%s\0" % (path, b" ".join(sorted(found.always)), b" ".join(sorted(found.at_times)))
        for path, found in intent.touched.items()
    )
    content = head + b"\0" + puts + touched
    return b"%s %d\n" % (_MAGIC, zlib.crc32(content)) + content


def read(path: bytes) -> Intent | None:
    """The open intent, or None. RecordError if it is damaged."""
    intent = _read(path)
    more = _read(path + MORE) if intent else None
    if intent is None or more is None:
        return intent
    if (more.record_id, more.generation) == (intent.record_id, intent.generation):
        return replace(intent, puts=(*intent.puts, *more.puts))
    return intent


def _read(path: bytes) -> Intent | None:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordError(f"the open intent cannot be read: {in_words(error)}", _WAY_OUT) from error
    try:
        first, _, content = data.partition(b"\n")
        if first != b"%s %d" % (_MAGIC, zlib.crc32(content)):
            raise ValueError("its checksum does not match")
        first, *fields = content.split(b"\0")[:-1]
        head = json.loads(first)
        length = 2 * int(head["puts"])
        touched = {path: _attributes(field) for path, field in _in_pairs(fields[length:])}
        head |= {"puts": _puts(fields[:length]), "touched": touched}
        return Intent(head.pop("pair"), **head)
    except (ValueError, TypeError, KeyError) as error:
        name = for_screen(path)
        raise RecordError(f"the open intent {name} is damaged: {error}", _WAY_OUT) from error


def _puts(fields: Sequence[bytes]) -> tuple[Put, ...]:
    return tuple(Put(Entry.parse(line), target) for line, target in _in_pairs(fields))


def _attributes(field: bytes) -> Attributes:
    always, _, at_times = field.partition(b"|")
    return Attributes(frozenset(always.split()), frozenset(at_times.split()))


def _in_pairs(fields: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(fields[0::2], fields[1::2], strict=True)
