"""`accept`: take the clone's present state of some paths as what drdwrap put."""

import os
import time
from collections.abc import Sequence

from drdwrap.changes.compare import never_seen
from drdwrap.changes.decision_table import Outcome
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, in_words
from drdwrap.inventory.entry import Entry, look_at
from drdwrap.linux.links_in_root import Resolver
from drdwrap.log import Log
from drdwrap.paths.arithmetic import absolute, is_below
from drdwrap.paths.escaping import for_report, for_screen, unescaped
from drdwrap.record import intent as intents
from drdwrap.record import marker, store
from drdwrap.record.intent import Intent
from drdwrap.record.state_directory import State
from drdwrap.sync.begin import Run, first_header, opened, trusted_record
from drdwrap.sync.commit import commit, syncing
from drdwrap.sync.determine import Survey, survey
from drdwrap.sync.next_record import Lines, carried_over

_TICK = 0.03
"""Seconds: longer than a tick of the kernel's clock."""


def accept(config: Config, state: State, log: Log, paths: Sequence[bytes]) -> dict[str, list[str]]:
    """Accept these paths (as on the booted system) and, of a directory, all below it.

    Returns the paths accepted and those there was nothing to accept of, fit for a screen. The lock
    is held. Errors: DrdwrapError; nothing is copied in any case.
    """
    with opened(config, state, log) as run:
        record, intent = trusted_record(run)
        if intent is not None:
            raise DrdwrapError("the last sync was cut off", "run 'drdwrap sync' first")
        time.sleep(_TICK)  # so that what is changed after this has another change time
        seen = survey(run, record, None, newer=False)
        wanted = [named(path, run, seen) for path in paths]
        accepted = [path for path in seen.verdicts if _acceptable(seen, path, wanted)]
        if accepted:
            header = (record.header if record else first_header(run)).next()
            _write(run, seen, header, accepted)
    idle = [path for path in wanted if not any(is_below(done, path) for done in accepted)]
    for path in dict.fromkeys(wanted):
        if path not in idle:
            log.item(f"/{for_screen(path)} follows the booted system again.")
    return {
        "accepted": ["/" + for_screen(path) for path in sorted(accepted)],
        "nothing_to_accept": ["/" + for_screen(path) for path in idle],
    }


def named(path: bytes, run: Run, seen: Survey) -> bytes:
    r"""A path as on the booted system, or one below either root, relative to the root.

    Links on the way are followed: `/bin/sh` is `/usr/bin/sh` where `/bin` is one. A path that is
    nowhere is taken as a report prints it, with its `\ooo`.
    """
    found, meant = _relative(path, run, seen), unescaped(path)
    # Only what a report does print so: not `\057..`, which no name holds.
    printed = path in (for_report(meant), os.fsencode(for_screen(meant))) and b"\0" not in meant
    if meant == path or not printed or _is_there(found, run, seen):
        return found
    return _relative(meant, run, seen)


def _is_there(path: bytes, run: Run, seen: Survey) -> bool:
    roots = (run.trees.booted.root, run.trees.clone.root)
    return path in seen.verdicts or any(os.path.lexists(absolute(root, path)) for root in roots)


def _relative(path: bytes, run: Run, seen: Survey) -> bytes:
    path = os.path.normpath(path)
    for root in (run.pair.booted_root, run.pair.clone_root):
        if root != b"/" and (path == root or path.startswith(root + b"/")):
            path = path[len(root) :]
            break
    path = path.strip(b"/")
    return path if path in seen.verdicts else Resolver(run.trees.booted.root).file(path)


def _acceptable(seen: Survey, path: bytes, wanted: Sequence[bytes]) -> bool:
    outcome = seen.verdicts[path].outcome
    return (
        outcome in (Outcome.TARGET_CHANGED, Outcome.CLONE_ONLY)
        and seen.comparison.candidates[path].clone is not None
        and any(is_below(path, directory) for directory in wanted)
    )


def _write(run: Run, seen: Survey, header: store.Header, accepted: Sequence[bytes]) -> None:
    """Write the record with the clone's side of these paths as it is now, all else unmoved."""
    booted, clone = carried_over(seen.comparison)
    for path, candidate in seen.comparison.candidates.items():
        here, there = candidate.booted_then, candidate.clone_then
        if here is None and seen.verdicts[path].outcome is Outcome.IN_STEP:
            here, there = candidate.booted, candidate.clone
        booted[path] = here.line if here else None
        clone[path] = there.line if there else None
    for path in accepted:
        candidate = seen.comparison.candidates[path]
        now = candidate.clone
        assert now is not None
        then = candidate.booted_then
        if then is None or (then.is_directory and not now.is_directory):
            # The next sync puts the directory back: what is in it cannot follow without.
            then = never_seen(candidate.booted or now)
        booted[path] = then.line
        clone[path] = now.line
    try:
        intents.write(run.state.intent, Intent.of(header, "sync"))
        marker.write(run.trees.clone.root, marker.Marker(header.pair, header.generation))
        _note_marked(run, seen, clone)
        lines = seen.booted.finder.replaced(booted), seen.clone.finder.replaced(clone)
        with syncing(run) as synced:
            commit(run, header, *lines, synced)
    except OSError as error:
        raise DrdwrapError(f"the record could not be written: {in_words(error)}") from error


def _note_marked(run: Run, seen: Survey, clone: Lines) -> None:
    """The mark has moved the change time of the clone's root, which stays as it was otherwise."""
    now, before = look_at(run.trees.clone.root, b""), seen.clone.finder.select([b""])[b""]
    unmoved = clone.get(b"", before) == before
    if unmoved and now is not None and now.visible == Entry.parse(before).visible:
        clone[b""] = now.line
