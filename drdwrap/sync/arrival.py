"""What has become of a path that rsync was to copy to the staging directory. Pure.

rsync's exit status speaks of a whole run, and it calls some things errors that are none. So what
lies there is looked at, and so is the booted file again.
"""

import re
from dataclasses import dataclass

from drdwrap.inventory.entry import Entry
from drdwrap.paths.escaping import for_screen
from drdwrap.sync.ledger import PathState

_OF_ATTRIBUTE = re.compile(rb'","([^"]+)"[^"]*\) failed: (.*)')
"""rsync's `rsync_xal_set: fsetxattr("PATH","NAME") failed: REASON`."""
_VANISHED = re.compile(rb": No such file or directory(?: \(\d+\))?\s*$")
"""A name can hold these words as well: the reason is at the end."""
_OF_CALL = re.compile(rb'(\w+) ".*" failed: (.*)')
"""`chown "PATH" failed: REASON`, `mkdir`, `mkstemp`, `mknod`, `set_acl`..."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known about a path after rsync has ended.

    `planned` is the booted entry as the scan saw it, `booted` as it is now, `staged` what lies in
    the staging directory. `same_attributes`: that and the booted file have the same extended
    attributes, ACLs included. `message` is rsync's about the path, if any; `cut_off`: rsync did not
    go through its whole list. `below_swapped`: a directory above the path is no longer one on the
    booted system; `below_unsteady`: one is another one, or was moved.
    """

    planned: Entry | None
    booted: Entry | None
    staged: Entry | None
    same_attributes: bool
    message: bytes | None
    cut_off: bool
    lacks_rights: bool = False
    below_swapped: bool = False
    below_unsteady: bool = False


@dataclass(frozen=True)
class Arrival:
    """The state of a path (None: rsync did not reach it), why, and whether it goes to its place."""

    state: PathState | None
    why: str = ""
    goes: bool = True


_SWAPPED = (
    "it was read through a directory that was swapped while it was copied; what came through is"
    " thrown away, and the next sync copies it"
)
_ODD = "it did not arrive as it is on the booted system"


def judge(evidence: Evidence) -> Arrival:
    """What has become of a path.

    What arrived whole goes to its place even if an attribute is missing: then it has failed, and
    the next run does it again. A wrong owner or mode does not go, nor does a file that was changing
    if rsync says that it could not set them: it would let in those that the booted one does not.
    """
    planned, staged, message = evidence.planned, evidence.staged, evidence.message
    assert planned is not None
    if evidence.below_swapped:
        return Arrival(PathState.FAILED, _SWAPPED, goes=False)
    steady = _is_steady(evidence.booted, planned)
    vanished = message is not None and _VANISHED.search(message) is not None
    if staged is None or vanished:  # what lies there then was made for what is below it
        return _absent(evidence, steady=steady and not vanished)
    if steady and staged.visible == planned.visible:
        if evidence.same_attributes and message is None:
            return Arrival(PathState.COPIED)
        if evidence.cut_off and message is None:
            return Arrival(None, goes=False)
        if message is None and _has_moved(evidence.booted, planned):
            return Arrival(PathState.CHANGING)  # an attribute was set after rsync was there
        odd = "its ACL or attributes are not those of the booted system"
        return Arrival(PathState.FAILED, in_words(message) if message else odd)
    if not steady or evidence.below_unsteady:
        goes = staged.type == planned.type and not evidence.lacks_rights
        return Arrival(PathState.CHANGING, goes=goes)
    if evidence.cut_off and message is None:
        return Arrival(None, goes=False)
    if _lacks_only_time(staged, planned):
        return Arrival(PathState.FAILED, "the clone's file system cannot keep its time")
    return Arrival(PathState.FAILED, in_words(message), goes=False)


def _absent(evidence: Evidence, *, steady: bool) -> Arrival:
    message = evidence.message
    if not steady or evidence.below_unsteady:
        return Arrival(PathState.CHANGING, goes=False)
    if message is None and evidence.cut_off:
        return Arrival(None, goes=False)
    return Arrival(PathState.FAILED, in_words(message), goes=False)


def _is_steady(now: Entry | None, planned: Entry) -> bool:
    """Whether the booted path still is what the scan saw; a new link to it is no change."""
    return now is not None and now.visible == planned.visible and now.inode == planned.inode


def _has_moved(now: Entry | None, planned: Entry) -> bool:
    """Whether the booted path's change time is another one, as after a change of an attribute."""
    return now is not None and now.ctime != planned.ctime


def _lacks_only_time(staged: Entry, planned: Entry) -> bool:
    """Whether everything has arrived but the modification time."""
    alike = staged.visible[:-1] == planned.visible[:-1] and staged.mtime != planned.mtime
    return alike and not staged.is_directory


def in_words(message: bytes | None) -> str:
    """rsync's message about one path, without the path; fit for a screen."""
    if message is None:
        return _ODD
    if attribute := _OF_ATTRIBUTE.search(message):
        return for_screen(b"%s: %s" % attribute.groups())
    if call := _OF_CALL.search(message):
        return for_screen(b"%s failed: %s" % call.groups())
    return for_screen(message.rpartition(b'"')[2].strip(b" :")) or "rsync failed"
