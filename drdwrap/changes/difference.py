"""What one inventory has that another has not, at the speed of comparing memory.

Two inventories of a tree that hardly changed have nearly the same lines in the same order. Equal
blocks are skipped unread; the blocks grow as long as they are equal. Where two blocks differ, their
lines are compared as sets, and the last line of the block is searched for in the other inventory:
the comparison goes on from there. What has moved farther than that search reaches turns up on both
sides and cancels out.
"""

from dataclasses import dataclass

from drdwrap.inventory.entry import path_of
from drdwrap.inventory.storage import Storage, position

_BLOCK = 2 << 10
_LARGEST_BLOCK = 64 << 10
_NEAR = 128 << 10


@dataclass(frozen=True)
class Difference:
    """Lines by path: `now` those that only the later inventory has, `then` only the earlier one.

    A path in both has changed; in `now` alone it is new; in `then` alone it is gone. `positions`
    says where the lines of `now` stand.
    """

    now: dict[bytes, bytes]
    then: dict[bytes, bytes]
    positions: dict[bytes, int]


def difference(now: Storage, then: Storage) -> Difference:
    """Compare two inventories, line by line, in any order. Time is linear in their size."""
    only_now: dict[bytes, int] = {}  # the line, and the block that it is in
    only_then: dict[bytes, int] = {}
    here = there = misses = 0
    block = _BLOCK
    while here < len(now):
        end = now.find(b"\0", min(here + block, len(now) - 1)) + 1
        size = end - here
        if now[here:end] == then[there : there + size]:
            here, there = end, there + size
            block = min(2 * block, _LARGEST_BLOCK)
            continue
        if block > _BLOCK:
            block = _BLOCK
            continue
        # Search nearby; after some failures now and then, less and less often, in all that is left.
        misses += 1
        far = misses >= 8 and misses & (misses - 1) == 0
        reach = len(then) if far else there + size + _NEAR
        last = now[now.rfind(b"\0", here, end - 1) + 1 if end - 1 > here else here : end]
        there_end = _after(then, last, there, reach)
        if there_end:
            misses = 0
        else:
            there_end = then.find(b"\0", min(there + size, max(len(then) - 1, 0))) + 1 or len(then)
        lines_now = set(now[here : end - 1].split(b"\0"))
        lines_then = set(then[there : there_end - 1].split(b"\0")) if there_end > there else set()
        _cancel(lines_now - lines_then, here, only_now, only_then)
        _cancel(lines_then - lines_now, there, only_then, only_now)
        here, there = end, max(there, there_end)
    if there < len(then):
        _cancel(set(then[there : len(then) - 1].split(b"\0")), there, only_then, only_now)
    return Difference(
        {path_of(line): line for line in only_now},
        {path_of(line): line for line in only_then},
        {path_of(line): position(now, line, at, len(now)) for line, at in only_now.items()},
    )


def _after(then: Storage, line: bytes, start: int, end: int) -> int:
    """The position after `line` (with its NUL) in `then`, or 0 if it is not there as a line."""
    found = then.find(line, start, end)
    if found < 0 or (found > 0 and then[found - 1 : found] != b"\0"):
        return 0
    return found + len(line)


def _cancel(lines: set[bytes], at: int, own: dict[bytes, int], other: dict[bytes, int]) -> None:
    for line in lines:
        if other.pop(line, None) is None:
            own[line] = at
