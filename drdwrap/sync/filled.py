"""Say what of a fill has not arrived as it is on the booted system.

Most of that the next sync compares and copies, since the record has no booted side that it is like.
What lies in a place that is never synchronized is named here or nowhere.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from drdwrap.inventory import storage
from drdwrap.inventory.beyond_lstat import same_attributes
from drdwrap.inventory.entry import Entry, nanoseconds, path_of
from drdwrap.inventory.scan import Inventory
from drdwrap.paths.arithmetic import absolute, is_below
from drdwrap.paths.escaping import for_screen
from drdwrap.rsync.output import unescaped
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync.begin import Run
from drdwrap.sync.first_record import Match
from drdwrap.sync.result import RunResult
from drdwrap.sync.too_many_names import TOO_MANY, warnings_of_names

_OTHER_ATTRIBUTES = "its extended attributes are not those of the booted system"


@dataclass(frozen=True)
class Filled:
    """A fill when rsync has ended and both sides were scanned.

    `others` are paths that have other attributes on the clone, `own` those that were made or mended
    there; `copied` is when the copy ended, in nanoseconds since 1970; `left_out`
    are paths that were not left to rsync and could not be copied, with why.
    """

    run: Run
    booted: Inventory
    clone: Inventory
    matched: Match
    transcript: Transcript
    others: Collection[bytes]
    own: Collection[bytes]
    copied: int
    left_out: Mapping[bytes, str] = field(default_factory=dict)

    @cached_property
    def here(self) -> Mapping[bytes, Entry]:
        """The booted entries of what is unlike, by path."""
        return {(entry := Entry.parse(line)).path: entry for line in self.matched.unmatched}

    @cached_property
    def there(self) -> Mapping[bytes, Entry]:
        """The clone's entries of what is unlike, by path."""
        return {(entry := Entry.parse(line)).path: entry for line in self.matched.unlike}


def is_no_failure(line: bytes) -> bool:
    """Whether rsync only says that a file vanished or became shorter while it was copied."""
    return line.startswith(b"file has vanished") or b"No data available (61)" in line


def paths_with_other_attributes(run: Run, booted: Inventory) -> set[bytes]:
    """The paths that have other extended attributes on the clone than on the booted system.

    find does not show them, and rsync does not always say that it has left one out. To ask for
    those of half a million files on both sides takes some five seconds, while the clone goes to its
    disk; the fill itself takes minutes.
    """
    return {path for path in map(path_of, storage.lines(booted.storage)) if _differs(run, path)}


def _differs(run: Run, path: bytes) -> bool:
    try:
        return not same_attributes(
            absolute(run.trees.booted.root, path), absolute(run.trees.clone.root, path)
        )
    except (FileNotFoundError, NotADirectoryError):
        return False  # one of them is not there: that shows without
    except OSError:
        return True


def describe(filled: Filled, result: RunResult) -> None:
    """A warning for all that did not arrive as it is; what vanished meanwhile is only noted."""
    run, transcript = filled.run, filled.transcript
    told = {path for path, line in _failures(transcript) if TOO_MANY.encode() in line}
    result.warnings += warnings_of_names([filled.here[path] for path in told & filled.here.keys()])
    for path in sorted(filled.matched.missing - told):
        name = f"/{for_screen(path)}"
        if run.locations.cover_transient(path):
            continue
        if _is_gone(absolute(run.trees.booted.root, path)):
            result.notes.append(f"{name} vanished while the clone was filled")
        else:
            why = filled.left_out.get(path)
            words = f": {why}" if why else _words(transcript, path)
            result.warnings.append(f"{name} could not be copied{words}")
        told.add(path)
    for path, line in _failures(transcript):
        if path not in told:
            words = f"/{for_screen(path)} could not be copied as it is: {_screen(line)}"
            result.warnings.append(words + _never(run, path))
            told.add(path)
    for path in sorted(filled.others):
        if path not in told and not _is_mended(filled, path):
            result.warnings.append(f"/{for_screen(path)}: {_OTHER_ATTRIBUTES}{_later(run, path)}")
            told.add(path)
    _describe_for_good(filled, told, result)
    result.warnings += [_screen(line) for line in transcript.unexplained if not is_no_failure(line)]


def _describe_for_good(filled: Filled, told: Collection[bytes], result: RunResult) -> None:
    """What differs in a place that no sync looks at. What has changed since the copy began may have
    been copied while it changed."""
    for path in sorted((filled.here.keys() & filled.there.keys()).difference(told)):
        here, there = filled.here[path], filled.there[path]
        if here.visible == there.visible or not filled.run.locations.cover(path):
            continue
        if _is_mended(filled, path):
            continue
        name, never = f"/{for_screen(path)}", _never(filled.run, path)
        if filled.booted.is_unsettled(here.ctime):
            result.notes.append(f"{name} changed while the clone was filled{never}")
        else:
            result.warnings.append(f"{name} is not as on the booted system{never}")


def _is_mended(filled: Filled, path: bytes) -> bool:
    """Whether the path has been made or changed on the clone since rsync ended, or may differ for
    another good reason."""
    if any(is_below(path, own) for own in filled.own) or filled.run.locations.cover_transient(path):
        return True
    lines = filled.clone.finder.select({path})
    return path in lines and nanoseconds(Entry.parse(lines[path]).ctime) >= filled.copied


def _failures(transcript: Transcript) -> Iterator[tuple[bytes, bytes]]:
    """The paths that rsync named, each with the first message about it, sorted."""
    for path in sorted(transcript.named()):
        line = transcript.message_about(path)
        if line is not None and not is_no_failure(line):
            yield path, line


def _words(transcript: Transcript, path: bytes) -> str:
    line = transcript.message_about(path)
    return f": {_screen(line)}" if line is not None else ""


def _screen(line: bytes) -> str:
    return for_screen(unescaped(line))


def _never(run: Run, path: bytes) -> str:
    """That no sync will look at a path, if that is so, and why."""
    if not run.locations.cover(path):
        return ""
    return f" (no sync copies it: it is {run.locations.reason(path)})"


def _later(run: Run, path: bytes) -> str:
    return _never(run, path) or "; the next sync copies them"


def _is_gone(path: bytes) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
