"""What one inventory has that another has not, at the speed of comparing memory.

Two inventories of a tree that hardly changed have nearly the same lines in the same order. Equal
blocks are skipped unread; the blocks grow as long as they are equal. Where two blocks differ, their
lines are compared as sets, and the last line of the block is searched for in the other inventory:
the comparison goes on from there. What has moved farther than that search reaches turns up on both
sides and cancels out.
"""

from dataclasses import dataclass

from drdwrap.inventory.entry import path_of
from drdwrap.inventory.storage import Storage

_BLOCK = 2 << 10
_LARGEST_BLOCK = 64 << 10
_NEAR = 128 << 10

_Stretch = tuple[int, int]
"""Start and end of lines that were compared at once. Single lines aside, no longer than a block."""


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
    only_now: dict[bytes, _Stretch] = {}
    only_then: dict[bytes, _Stretch] = {}
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
        last = now[max(now.rfind(b"\0", here, end - 1) + 1, here) : end]
        there_end = _after(then, last, there, reach)
        if there_end:
            misses = 0
        else:
            there_end = then.find(b"\0", min(there + size, max(len(then) - 1, 0))) + 1 or len(then)
        lines_now = set(now[here : end - 1].split(b"\0"))
        lines_then = set(then[there : there_end - 1].split(b"\0")) if there_end > there else set()
        _cancel(lines_now - lines_then, (here, end), only_now, only_then)
        _cancel(lines_then - lines_now, (there, there_end), only_then, only_now)
        here, there = end, max(there, there_end)
    if there < len(then):
        rest = set(then[there : len(then) - 1].split(b"\0"))
        _cancel(rest, (there, len(then)), only_then, only_now)
    return Difference(
        {path_of(line): line for line in only_now},
        {path_of(line): line for line in only_then},
        {path_of(line): _position(now, line, *stretch) for line, stretch in only_now.items()},
    )


def _position(storage: Storage, line: bytes, start: int, end: int) -> int:
    """Where `line` stands in this stretch."""
    return start + (b"\0" + storage[start:end]).find(b"\0" + line + b"\0")


def _after(then: Storage, line: bytes, start: int, end: int) -> int:
    """The position after `line` (with its NUL) in `then`, or 0 if it is not there as a line.

    With the NUL before it, a search takes linear time: mmap compares anew at each place, which
    among thousands of equal letters takes thousands of times as long.
    """
    if start == 0 and then[: len(line)] == line:
        return len(line)
    found = then.find(b"\0" + line, max(start - 1, 0), end)
    return found + 1 + len(line) if found >= 0 else 0


def _cancel(
    lines: set[bytes], stretch: _Stretch, own: dict[bytes, _Stretch], other: dict[bytes, _Stretch]
) -> None:
    for line in lines:
        if other.pop(line, None) is None:
            own[line] = stretch
