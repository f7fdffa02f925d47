"""What directories demand.

Nothing is copied below a path that is no longer a directory on the clone, and no directory is
removed that still holds something.
"""

from bisect import bisect_left
from collections.abc import Iterable

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import REASONS, Outcome
from drdwrap.paths.arithmetic import climb, parent
from drdwrap.paths.escaping import for_screen
from drdwrap.trim.trimming import Trimming


def hold(trimming: Trimming) -> bool:
    """Apply all three rules once. Returns whether any verdict changed."""
    changed = _parents(trimming)
    changed = _changed_types(trimming) or changed
    return _erased_directories(trimming) or changed


def _parents(trimming: Trimming) -> bool:
    """Nothing is written, or removed, where a parent is no longer a directory on the clone."""
    changed = False
    touching = (Outcome.COPY, Outcome.ERASED, Outcome.FORGOTTEN)
    known: dict[bytes, bytes] = {}
    for path in sorted(trimming.verdicts):  # so that what is above a path is decided before it
        if trimming.outcome(path) in touching and (blocker := _blocker(trimming, path, known)):
            if trimming.outcome(path) is Outcome.FORGOTTEN and _gives_way(trimming, blocker):
                continue
            name = for_screen(blocker)
            reason = f"/{name} is not a directory on the clone, and stays as it is"
            trimming.hold(path, Outcome.TARGET_CHANGED, reason)
            changed = True
    return changed


def _gives_way(trimming: Trimming, path: bytes) -> bool:
    """Whether `path` is, or will be, on the clone what it is on the booted system."""
    agreed = (Outcome.COPY, Outcome.IN_STEP, Outcome.ERASED, Outcome.REPLACED)
    return trimming.outcome(path) in agreed


def _blocker(trimming: Trimming, path: bytes, known: dict[bytes, bytes]) -> bytes:
    """The nearest ancestor that keeps `path` off the clone, or b"". `known` keeps the answers for
    directories: what they hold has the same one."""
    if trimming.outcome(path) is Outcome.COPY:
        above = trimming.candidates.get(parent(path))
        if above and above.clone is None and trimming.outcome(above.path) is not Outcome.COPY:
            return above.path
    climbed, blocker = [], b""
    for directory in climb(path):
        if directory in known:
            blocker = known[directory]
            break
        climbed.append(directory)
        above = trimming.candidates.get(directory)
        if above is None or above.clone is not None:
            blocker = directory if above and not _will_be_directory(trimming, above) else b""
            break
    known.update(dict.fromkeys(climbed, blocker))
    return blocker


def _will_be_directory(trimming: Trimming, candidate: Candidate) -> bool:
    """Whether something that the clone has is a directory there, or becomes one."""
    booted, clone = candidate.booted, candidate.clone
    copied = trimming.outcome(candidate.path) is Outcome.COPY
    return bool(clone and clone.is_directory) or bool(copied and booted and booted.is_directory)


def _changed_types(trimming: Trimming) -> bool:
    """A directory gives way to something else only if everything below it is as drdwrap put it.

    If another criterion holds the directory, it stays, and so does what was to go with it.
    """
    changing = [path for path, c in trimming.candidates.items() if _stops_being_directory(c)]
    if not changing:
        return False
    changed = False
    everything, own = sorted(trimming.candidates), sorted(trimming.own)
    for path in changing:
        inside = [p for p in _below(everything, path) if trimming.candidates[p].clone is not None]
        if trimming.outcome(path) is not Outcome.COPY:
            left = [p for p in inside if trimming.outcome(p) is Outcome.REPLACED]
            _keep_below(trimming, path, left)
            changed = changed or bool(left)
            continue
        free = all(trimming.outcome(p) in (Outcome.ERASED, Outcome.REPLACED) for p in inside)
        if free and not _below(own, path) and path not in trimming.own:
            for p in inside:
                changed = changed or trimming.outcome(p) is not Outcome.REPLACED
                trimming.hold(p, Outcome.REPLACED, REASONS[Outcome.REPLACED])
            continue
        changed = True
        reason = "a directory on the clone, and not everything in it is as drdwrap put it"
        trimming.hold(path, Outcome.TARGET_CHANGED, reason)
        going = (Outcome.ERASED, Outcome.REPLACED)
        _keep_below(trimming, path, [p for p in inside if trimming.outcome(p) in going])
    return changed


def _keep_below(trimming: Trimming, directory: bytes, paths: Iterable[bytes]) -> None:
    for path in paths:
        reason = f"below /{for_screen(directory)}, which stays as it is"
        trimming.hold(path, Outcome.TARGET_CHANGED, reason)


def _stops_being_directory(candidate: Candidate) -> bool:
    booted, clone = candidate.booted, candidate.clone
    return bool(booted and clone and clone.is_directory and not booted.is_directory)


def _below(everything: list[bytes], directory: bytes) -> list[bytes]:
    start = bisect_left(everything, directory + b"/")
    end = bisect_left(everything, directory + b"0")  # the byte after the slash
    return everything[start:end]


def _erased_directories(trimming: Trimming) -> bool:
    """An erased directory is not removed while anything in it stays."""
    if not trimming.deletions:
        return False
    occupied: set[bytes] = set()
    for path in trimming.own:
        _occupy(path, occupied)
    erased = []
    for path, candidate in trimming.candidates.items():
        outcome = trimming.outcome(path)
        if outcome is Outcome.ERASED and candidate.clone and candidate.clone.is_directory:
            erased.append(path)
        elif candidate.clone and outcome not in (Outcome.ERASED, Outcome.REPLACED):
            _occupy(path, occupied)
    held = [path for path in erased if path in occupied]
    for path in held:
        reason = "erased on the booted system, but it holds something that stays on the clone"
        trimming.hold(path, Outcome.TARGET_CHANGED, reason)
    return bool(held)


def _occupy(path: bytes, occupied: set[bytes]) -> None:
    for directory in climb(path):
        if directory in occupied:
            return
        occupied.add(directory)
