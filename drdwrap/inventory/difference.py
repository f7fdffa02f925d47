"""What one inventory has that another has not, at the speed of comparing memory.

Two inventories of a tree that hardly changed are the same lines in the same order but for a few.
Blocks that are equal are skipped unread. Where two differ, their lines are compared as sets, and
the last line of the block is looked for in the other inventory, to go on side by side from there.
What has moved farther than that search reaches turns up on both sides and cancels out.
"""

from dataclasses import dataclass

from drdwrap.inventory.entry import path_of
from drdwrap.inventory.storage import Storage

_BLOCK = 8 << 10
_NEAR = 128 << 10


@dataclass(frozen=True)
class Difference:
    """Lines by path: `now` those that only the later inventory has, `then` only the earlier one.

    A path in both has changed; in `now` alone it is new; in `then` alone it is gone.
    """

    now: dict[bytes, bytes]
    then: dict[bytes, bytes]


def difference(now: Storage, then: Storage) -> Difference:
    """Compare two inventories, line by line whatever the order. Time is linear in their size."""
    only_now: set[bytes] = set()
    only_then: set[bytes] = set()
    here = there = misses = 0
    while here < len(now):
        end = now.find(b"\0", min(here + _BLOCK, len(now) - 1)) + 1
        size = end - here
        if now[here:end] == then[there : there + size]:
            here, there = end, there + size
            continue
        # Search near by; and, ever more seldom, in all that is left.
        misses += 1
        reach = len(then) if misses & (misses - 1) == 0 else there + size + _NEAR
        last = now[now.rfind(b"\0", here, end - 1) + 1 if end - 1 > here else here : end]
        there_end = _after(then, last, there, reach)
        if there_end:
            misses = 0
        else:
            there_end = then.find(b"\0", min(there + size, max(len(then) - 1, 0))) + 1 or len(then)
        lines_now = set(now[here : end - 1].split(b"\0"))
        lines_then = set(then[there : there_end - 1].split(b"\0")) if there_end > there else set()
        _cancel(lines_now - lines_then, only_now, only_then)
        _cancel(lines_then - lines_now, only_then, only_now)
        here, there = end, max(there, there_end)
    if there < len(then):
        _cancel(set(then[there : len(then) - 1].split(b"\0")), only_then, only_now)
    return Difference(
        {path_of(line): line for line in only_now}, {path_of(line): line for line in only_then}
    )


def _after(then: Storage, line: bytes, start: int, end: int) -> int:
    """The position after `line` (with its NUL) in `then`, or 0 if it is not there as a line."""
    found = then.find(line, start, end)
    if found < 0 or (found > 0 and then[found - 1 : found] != b"\0"):
        return 0
    return found + len(line)


def _cancel(lines: set[bytes], own: set[bytes], other: set[bytes]) -> None:
    own |= lines - other
    other -= lines
