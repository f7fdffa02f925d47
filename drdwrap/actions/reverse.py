"""`reverse`: make the other image the one that is kept in step with the booted one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from drdwrap import exit_status, reports
from drdwrap.actions.package_notes import add_package_notes
from drdwrap.actions.sync import add_room_warnings, described
from drdwrap.config.model import Config
from drdwrap.errors import RecordError, RefusedError
from drdwrap.linux import clock
from drdwrap.log import Log
from drdwrap.paths.escaping import for_screen
from drdwrap.record import own_role, results, reversal, store
from drdwrap.record.intent import Intent
from drdwrap.record.state_directory import StateDirectory
from drdwrap.sync.begin import Run, opened
from drdwrap.sync.determine import Determined, determine
from drdwrap.sync.result import RunResult
from drdwrap.sync.roles import is_clone, state_on_other
from drdwrap.sync.trust import believed
from drdwrap.sync.turn_round import settle_cut_off, turn_round
from drdwrap.sync.turned_record import TurnedRecord, turned
from drdwrap.trim import locations

MOST_NAMED = 50
"""Paths that are named one by one when they are held back. (JSON has them all.)"""


@dataclass(frozen=True)
class Reversed:
    """How a `reverse` ended, or would end.

    `held` are paths (for the screen) that a run in the old roles may have left torn on the image
    that is booted: no sync copies them. `preview` is what a sync in the new roles would do.
    `only_here` and `only_there` count what only the booted image has, and only the other one; they
    are known in a preview alone.
    """

    generation: int
    held: tuple[str, ...] = ()
    preview: RunResult | None = None
    only_here: int = 0
    only_there: int = 0

    @property
    def exit_status(self) -> int:
        warnings = bool(self.preview and self.preview.warnings)
        return exit_status.of_run("", warnings or bool(self.held))

    def as_json(self) -> dict[str, Any]:
        """The JSON object of `reverse`."""
        result: dict[str, Any] = {
            "generation": self.generation,
            "held": list(self.held),
            "exit_status": self.exit_status,
        }
        if self.preview is not None:
            counted = {"only_here": self.only_here, "only_there": self.only_there}
            result = {**self.preview.as_json(), **result, **counted}
        return result


def reverse(config: Config, state: StateDirectory, log: Log, *, preview: bool) -> Reversed:
    """Exchange the roles, or show what a sync in the new roles would do. The lock is held.

    Errors: DrdwrapError. RefusedError if the booted image is not the clone.
    """
    started = clock.now()
    begun = reversal.read(state.reversal)
    with opened(config, state, log, in_any_role=True) as run:
        if not is_clone(config, state, run.pair, run.trees):
            header = store.read_header(state.record)
            if begun is not None and header is not None and begun.is_done(header):
                log.item("The roles were exchanged already; the rest of it is done now.")
                _name(begun.held, log)
                return Reversed(header.generation, _for_screen(begun.held))
            raise RefusedError(
                "this machine is not booted from the clone: the other image is kept in step with"
                " this one already",
                _HOW_TO_BOOT[config.layout],
            )
        new, cut_off = _turned(run)
        if preview:
            return _preview(run, new)
        if cut_off is not None:
            settle_cut_off(run, cut_off, new)
            new, _ = _turned(run)
        turn_round(run, new)
    _name(new.held, log)
    log.item("The other image is kept in step with this one from now on.")
    done = Reversed(new.header.generation, _for_screen(new.held))
    warnings = [f"{path} is held back" for path in done.held]
    results.keep(state.results, "reverse", started, done.exit_status, warnings, error="")
    return done


def _for_screen(paths: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(f"/{for_screen(path)}" for path in paths)


def _name(held: Sequence[bytes], log: Log) -> None:
    """Name what is held back."""
    for path in _for_screen(held[:MOST_NAMED]):
        log.warning(f"{path} is held back: the sync to this image was cut off, and it may be torn")
    if len(held) > MOST_NAMED:
        log.warning(
            f"{len(held) - MOST_NAMED} more paths are held back: the next preview's report"
            " target changed has all of them"
        )


_HOW_TO_BOOT = {
    "lvm": "boot the clone first",
    "directories": "boot the clone first, or exchange booted.root and clone.root in the"
    " configuration",
}


def _turned(run: Run) -> tuple[TurnedRecord, Intent | None]:
    """The record turned round, and the open intent of a run in the old roles. RecordError."""
    there = state_on_other(run.state, run.pair, run.trees)
    mine = store.read_header(run.state.record)
    both = (run.pair, run.pair.turned())
    if there is not None and mine is not None and not any(own_role.is_of(mine, p) for p in both):
        raise RecordError(
            "the record in state_dir is of this image and a third one",
            f"move {for_screen(run.state.record)} away and run 'drdwrap reverse' again; the pair"
            " with the third image then needs 'drdwrap clone --overwrite'",
        )
    record, cut_off = believed(there or run.state, run.pair.turned(), run.trees.booted.root)
    if record is None:
        raise RecordError(
            "there is no record of both images, so nothing tells what has changed on which",
            "boot the other image, and sync there; or 'drdwrap clone --overwrite'",
        )
    return turned(record, cut_off, run.trees), cut_off


def _preview(run: Run, new: TurnedRecord) -> Reversed:
    header = new.header
    places = locations.in_force(run.config, run.pair.booted_root, run.swap_files, header.made_here)
    run = replace(run, locations=places, unencrypted=header.unencrypted)
    seen = determine(run, new.in_memory(), None)
    result = described(run, seen)
    add_package_notes(run, seen, result, is_preview=True)
    add_room_warnings(run, seen, result)
    reports.write(run.state.reports, seen.paths)
    for note in result.notes:
        run.log.item(note)
    for warning in result.warnings:
        run.log.warning(warning)
    here, there = _lacking(run, seen)
    return Reversed(header.generation, _for_screen(new.held), result, here, there)


def _lacking(run: Run, seen: Determined) -> tuple[int, int]:
    """How many paths only the booted image has, and only the other one, apart from places that are
    not synchronized."""
    here, there = set(), set()
    for path, one in seen.candidates.items():
        if one.booted is not None and one.clone is None:
            here.add(path)
        elif one.clone is not None and one.booted is None:
            there.add(path)
    there |= seen.comparison.own
    outside = [{path for path in side if not run.locations.cover(path)} for side in (here, there)]
    return len(outside[0]), len(outside[1])
