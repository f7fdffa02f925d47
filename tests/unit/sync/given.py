"""Evidence about one path after the copy, with given answers, and what the clone may have of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st
from unit.entries import changed, edited, file, new

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.entry import Entry
from drdwrap.sync.arrival import Evidence

BEFORE = file(b"a")
BOOTED = edited(BEFORE)
PUT = BOOTED._replace(inode=b"8", ctime=b"900.0")
"""What rsync makes of it on the clone."""
HALF = PUT._replace(size=3, mtime=b"900.0")
MINE = file(b"a", size=99, mtime=b"950.0", ctime=b"950.0", inode=b"6")
"""What somebody else makes of it there."""
COPY = changed(BEFORE)
"""What is to be copied: the clone is as drdwrap put it before."""
DENIED = b'rsync: [receiver] mkstemp "/c/.drdwrap.tmp/a.1Abcde" failed: Operation not permitted (1)'


def its_own(_: bool) -> bool:
    return True


def nobodys(_: bool) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Given(Evidence):
    """Evidence with answers that are given: by default all went well, except what a test says."""

    candidate: Candidate = COPY
    clone: Entry | None = PUT
    booted: Entry | None = BOOTED
    made: Entry | None = PUT
    message: bytes | None = None
    unexplained: bool = False
    cut_off: bool = False
    below_swapped: bool = False
    below_unsteady: bool = False
    left_behind: bool = False
    same_attributes: bool | OSError = True
    its_work: Callable[[bool], bool] = its_own
    time_is_kept: bool = True

    def has_same_attributes(self) -> bool:
        if isinstance(self.same_attributes, OSError):
            raise self.same_attributes
        return self.same_attributes

    def may_be_its_work(self, changing: bool) -> bool:
        return self.its_work(changing)

    def keeps_time(self) -> bool:
        return self.time_is_kept


ENTRIES = st.sampled_from([None, BEFORE, BOOTED, PUT, HALF, MINE, PUT._replace(links=2)])
EVIDENCE = st.builds(
    Given,
    candidate=st.sampled_from([COPY, new(BOOTED)]),
    clone=ENTRIES,
    booted=ENTRIES,
    made=ENTRIES,
    message=st.sampled_from([None, DENIED]),
    unexplained=st.booleans(),
    cut_off=st.booleans(),
    below_swapped=st.booleans(),
    below_unsteady=st.booleans(),
    left_behind=st.just(False),
    same_attributes=st.sampled_from([True, False, OSError(5, "")]),
    its_work=st.sampled_from([its_own, nobodys, bool]),
    time_is_kept=st.booleans(),
)
"""Any that there may be."""
