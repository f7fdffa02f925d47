"""`preview` and `sync`: determine the list, trim it, report it; then show, or copy."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from drdwrap import reports
from drdwrap.actions.package_notes import add_package_notes
from drdwrap.config.model import Config
from drdwrap.errors import RefusedError
from drdwrap.inventory.storage import EMPTY
from drdwrap.linux import run_note
from drdwrap.log import Log
from drdwrap.paths.arithmetic import parent
from drdwrap.paths.escaping import for_screen
from drdwrap.record.state_directory import StateDirectory
from drdwrap.rsync.output import Progress, noting
from drdwrap.rsync.run import Rsync, dry_run
from drdwrap.sync import space
from drdwrap.sync.begin import Run, opened
from drdwrap.sync.copy import copy_over
from drdwrap.sync.determine import Determined, determine
from drdwrap.sync.make_room import left_out_for_room
from drdwrap.sync.move_in import put_back
from drdwrap.sync.result import RunResult
from drdwrap.sync.rules_file import write_rules
from drdwrap.sync.staging import Staging
from drdwrap.sync.trust import trusted_record

MUCH = 0.2
"""If more than this share (0 to 1) of the initial list was changed on the clone, drdwrap advises to
make the clone again."""


@dataclass(frozen=True)
class SyncRequest:
    """What was asked for. `newer` is `--adopt newer`; `unencrypted` allows what the booted system
    has encrypted to be readable on the clone, from now on."""

    preview: bool = False
    newer: bool = False
    unencrypted: bool = False
    tell: Callable[[Progress], None] | None = None


def sync(config: Config, state: StateDirectory, log: Log, request: SyncRequest) -> RunResult:
    """Run a preview or a sync to its end. The lock is held; errors: DrdwrapError, Interrupted."""
    with opened(config, state, log) as run:
        record, intent = trusted_record(run)
        if request.newer and record is not None:
            raise RefusedError(
                "--adopt is for a clone without a record, and there is one",
                "to let a path follow the booted system again, use 'drdwrap accept'",
            )
        if intent is not None and not request.preview:
            recorded = record.clone if record else EMPTY
            put_back(Staging(run.trees, run.pair), intent.own_moves, recorded)
        if request.unencrypted:
            run = replace(run, unencrypted=True)
            if record is not None:
                record = replace(record, header=replace(record.header, unencrypted=True))
        log.item("Reading the booted system and the clone.")
        seen = determine(run, record, intent, newer=request.newer)
        result = described(run, seen)
        add_package_notes(run, seen, result, is_preview=request.preview)
        log.item("Writing the reports.")
        reports.write(state.reports, seen.paths)
        if request.preview:
            log.item("Previewing the copy: nothing on the clone changes.")
            _preview(run, seen, result)
        else:
            run_note.note("copying", f"0 of {len(seen.plan.copies):,} files")
            copy_over(run, seen, record, intent, result, noting("copying", request.tell))
    return result


def described(run: Run, seen: Determined) -> RunResult:
    """What was seen and decided, as the result of a run that has done nothing yet."""
    counts = seen.counts()
    candidates = seen.candidates
    sizes = {
        short: sum(candidates[path].size for path in seen.paths.get(kind, ()))
        for kind, (short, _) in reports.REPORTS.items()
    }
    return RunResult(
        booted_root=for_screen(run.pair.booted_root),
        clone_root=for_screen(run.pair.clone_root),
        counts={**counts, "copied": 0, "deleted": 0},
        sizes=sizes,
        bytes_to_be_copied=seen.plan.bytes_to_be_copied,
        warnings=list(seen.warnings),
        directories=_directories(seen),
        advice=_advice(counts),
    )


def _directories(seen: Determined, most: int = 5) -> list[tuple[str, int, int]]:
    """The directories with most to copy: path, bytes, number of paths."""
    sizes: Counter[bytes] = Counter()
    numbers: Counter[bytes] = Counter()
    for path, candidate in seen.plan.copies.items():
        sizes[parent(path)] += candidate.size
        numbers[parent(path)] += 1
    ranked = sorted(numbers, key=lambda d: (-sizes[d], -numbers[d], d))[:most]
    return [("/" + for_screen(d), sizes[d], numbers[d]) for d in ranked]


def _advice(counts: dict[str, int]) -> str:
    apart = counts["target_changed"] + counts["changed_on_clone_only"]
    if counts["initial"] and apart > MUCH * counts["initial"]:
        return (
            f"{apart} of {counts['initial']} files were changed on the clone and stay as they are"
            " there: consider making the clone again with 'drdwrap clone --overwrite'"
        )
    return ""


def _preview(run: Run, seen: Determined, result: RunResult) -> None:
    if seen.plan.copies:
        rules_file = write_rules(run)
        options = run.config.rsync.options
        rsync = Rsync(run.trees, run.state.rendered, rules_file, options)
        lines = dry_run(rsync, seen.plan)
        result.itemized = [for_screen(line) for line in lines]
    add_room_warnings(run, seen, result)


def add_room_warnings(run: Run, seen: Determined, result: RunResult) -> None:
    """Name what a sync would leave out for want of room."""
    left_out = left_out_for_room(run, seen)
    for path, why in space.reasons(left_out, seen.plan.copies).items():
        result.warnings.append(f"/{for_screen(path)} would not be copied: {why}")
