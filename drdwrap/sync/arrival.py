"""After the copy: what has become of one path that was to be copied. What decides here is pure.

rsync's exit status speaks of a whole run, and it calls some things errors that are none. So each
path is looked at: the record takes only what is seen to be right.
"""

import os
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.beyond_lstat import attributes
from drdwrap.inventory.entry import Entry, entry_at
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.rsync.transcript import Transcript

_OF_ATTRIBUTE = re.compile(rb'","([^"]+)"[^"]*\) failed: (.*)')
"""rsync's `rsync_xal_set: fsetxattr("PATH","NAME") failed: REASON`."""
_OF_CALL = re.compile(rb'(\w+) "[^"]*" failed: (.*)')
"""`chown "PATH" failed: REASON`, `mkdir`, `mkstemp`, `mknod`, `set_acl`..."""


class Arrival(Enum):
    COPIED = "copied"
    CHANGING = "changed on the booted system while it was copied"
    """No error: the next run takes it."""
    OVERTAKEN = "changed on the clone while the run was going: the clone's change stays"
    NOT_REACHED = "not reached before the run ended"
    FAILED = "could not be copied"
    SWAPPED = "read through a directory that was swapped meanwhile"


@dataclass(frozen=True, slots=True)
class Arrived:
    """One path after the copy. `clone` is what the clone has now; `message` says why it failed."""

    arrival: Arrival
    clone: Entry | None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Evidence(ABC):
    """What is known about a path after the copy.

    `clone` and `booted` are what both sides have now, `made` what the clone had right after rsync
    was there. `message` is rsync's about the path, if any; `unexplained`: rsync has complained, and
    it is not clear of what; `cut_off`: rsync did not go through its whole list. `below_swapped`: a
    directory above the path is no longer one on the booted system; `below_unsteady`: one is
    another one, or was moved. `left_behind`: the clone's file only has fewer names, because those
    were copied.
    """

    candidate: Candidate
    clone: Entry | None
    booted: Entry | None
    made: Entry | None
    message: bytes | None
    unexplained: bool
    cut_off: bool
    below_swapped: bool
    below_unsteady: bool
    left_behind: bool

    @abstractmethod
    def has_same_attributes(self) -> bool:
        """Whether both sides have the same extended attributes, ACLs included. OSError."""

    @abstractmethod
    def may_be_its_work(self, changing: bool) -> bool:
        """Whether what the clone has now, and had not before, may have been made by this run."""

    @abstractmethod
    def keeps_time(self) -> bool:
        """Whether the clone's file system can keep the booted file's modification time."""


def plainly_arrived(
    candidate: Candidate, trees: Trees, transcript: Transcript, made: Entry | None
) -> Entry | None:
    """What was put on the clone, if the booted path is as it was planned, the clone is like it, and
    no message says otherwise; None calls for a closer look (see `judge`).

    `made` is what the clone had right after rsync was there.
    """
    path, planned = candidate.path, candidate.booted
    assert planned is not None
    if transcript.message_about(path) is not None:
        return None
    try:
        clone, booted = entry_at(trees.clone.root, path), entry_at(trees.booted.root, path)
        if clone is None or not is_right(clone, candidate, cut_off=bool(transcript.cut_off)):
            return None
        if not _is_steady(booted, planned):
            return None
        return _as_made(clone, made) if same_attributes(path, trees) else None
    except OSError:
        return None


def judge(evidence: Evidence) -> Arrived:
    """What became of a path that has not plainly arrived."""
    candidate, made, message = evidence.candidate, evidence.made, evidence.message
    clone, booted, planned = evidence.clone, evidence.booted, candidate.booted
    assert planned is not None
    if evidence.below_swapped:
        ours = clone is None or clone == candidate.clone or is_still(clone, made)
        return Arrived(Arrival.SWAPPED if ours else Arrival.OVERTAKEN, clone)
    steady = _is_steady(booted, planned)
    right = clone is not None and is_right(clone, candidate, cut_off=evidence.cut_off)
    if clone is not None and right:
        try:
            if not steady or (message is None and evidence.has_same_attributes()):
                return Arrived(Arrival.COPIED, _as_made(clone, made))
        except OSError as error:
            return Arrived(Arrival.FAILED, None, os.strerror(error.errno or 0))
    vanished = message is not None and b"No such file or directory" in message
    moved = evidence.below_unsteady or (booted is not None and was_moved(booted, planned))
    changing = not steady or vanished or moved
    touched = clone != candidate.clone and not (right or evidence.left_behind)
    if clone is not None and touched:
        ours = is_still(clone, made) and evidence.may_be_its_work(changing)
        if not ours:
            why = "" if changing or message is None else _in_words(message)
            return Arrived(Arrival.OVERTAKEN, clone, why)
    if changing:
        return Arrived(Arrival.CHANGING, clone)
    if message is None and evidence.cut_off:
        return Arrived(Arrival.NOT_REACHED, clone)
    if clone is not None and _lacks_only_time(clone, planned) and not evidence.keeps_time():
        return Arrived(Arrival.FAILED, clone, "the clone's file system cannot keep its time")
    if message is None and not evidence.unexplained and clone != candidate.clone:
        # Set there meanwhile, or not kept by the clone: that is not left without a word.
        odd = "its ACL or attributes are not those of the booted system" if right else ""
        return Arrived(Arrival.OVERTAKEN, clone, odd)
    return Arrived(Arrival.FAILED, clone, _in_words(message))


def is_still(now: Entry, made: Entry | None) -> bool:
    """Whether the clone's `now` is what rsync left there. The times of a directory, and the change
    time of a file with several names, move as the run goes on."""
    if made is None or now == made:
        return now == made
    return made.moves_along and now.visible == made.visible and now.inode == made.inode


def is_right(clone: Entry, candidate: Candidate, *, cut_off: bool) -> bool:
    """Whether the clone looks as was planned, by this run's doing."""
    assert candidate.booted is not None
    # Alike all along, except for the contents: only the change time tells if rsync got there.
    untouched = cut_off and clone == candidate.clone
    return clone.visible == candidate.booted.visible and not untouched


def was_moved(now: Entry, before: Entry) -> bool:
    """Whether it may have been elsewhere meanwhile: a new entry would have moved both times."""
    times_of_new_entry = now.is_directory and now.mtime != before.mtime
    return now.ctime != before.ctime and not times_of_new_entry


def same_attributes(path: bytes, trees: Trees) -> bool:
    """Whether both sides have the same extended attributes, ACLs included. OSError."""
    booted, clone = absolute(trees.booted.root, path), absolute(trees.clone.root, path)
    return attributes(booted) == attributes(clone)


def _as_made(clone: Entry, made: Entry | None) -> Entry:
    """What the record is to say of a path that looks right: how rsync left it, so that whatever was
    done to it since is looked at by the next run."""
    if made is None or made.moves_along or clone.moves_along or made.visible != clone.visible:
        return clone
    return made


def _is_steady(now: Entry | None, planned: Entry) -> bool:
    """Whether the booted path still is what the scan saw; a new link to it is no change."""
    return now is not None and now.visible == planned.visible and now.inode == planned.inode


def _lacks_only_time(clone: Entry, planned: Entry) -> bool:
    """Whether the clone has everything but the modification time."""
    alike = clone.visible[:-1] == planned.visible[:-1] and clone.mtime != planned.mtime
    return alike and not clone.is_directory


def _in_words(message: bytes | None) -> str:
    if message is None:
        return "it did not arrive as it is on the booted system"
    if attribute := _OF_ATTRIBUTE.search(message):
        return for_screen(b"%s: %s" % attribute.groups())
    if call := _OF_CALL.search(message):
        return for_screen(b"%s failed: %s" % call.groups())
    return for_screen(message.rpartition(b'"')[2].strip(b" :")) or "rsync failed"
