"""Run rsync from the booted tree to the clone."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cache

from drdwrap.errors import Interrupted
from drdwrap.linux import process
from drdwrap.pair.private_trees import Trees
from drdwrap.plan import Plan, Transfer
from drdwrap.rsync import command, list_and_rules
from drdwrap.rsync.output import Progress, ProgressReader, Total, unescaped
from drdwrap.rsync.status_codes import Meaning, status_of
from drdwrap.rsync.temporary import make_temporary
from drdwrap.rsync.transcript import Transcript

Tell = Callable[[Progress], None]


@dataclass(frozen=True)
class Rsync:
    """What every rsync of a sync is given: the trees, the directory that lists are written to, the
    file with the filter rules, and the configured options."""

    trees: Trees
    directory: bytes
    rules_file: bytes
    options: Sequence[str]


def transfer(rsync: Rsync, wanted: Transfer, transcript: Transcript, total: Total | None) -> None:
    """Copy what is wanted, by two runs of rsync at once where that is faster.

    A signal ends rsync cleanly and is noted in `transcript`, not raised. What rsync's status says
    about single files is not taken for the truth: the caller looks at them. OSError.
    """
    make_temporary(rsync.trees, wanted.volume)
    runs = []
    for number, half in enumerate(wanted.halves()):
        listed = list_and_rules.write(
            rsync.directory, b"files-%d" % number, list_and_rules.files_from(half.paths)
        )
        arguments = command.transfer(
            listed,
            rsync.rules_file,
            half.volume,
            rsync.options,
            by_contents=half.phase.by_contents,
            progress=total is not None,
        )
        runs.append((arguments, len(half.paths)))
    try:
        _run(runs, rsync.trees, transcript, total, frozenset(wanted.paths))
    except Interrupted as interrupted:
        transcript.interrupt(interrupted)


def run_once(
    arguments: Sequence[bytes | str],
    trees: Trees,
    transcript: Transcript,
    tell: Tell | None = None,
) -> None:
    """Run rsync once with these arguments, and add what it said to `transcript`."""
    _run([(arguments, 0)], trees, transcript, Total(tell) if tell else None, None)


def _run(
    runs: Sequence[tuple[Sequence[bytes | str], int]],
    trees: Trees,
    transcript: Transcript,
    total: Total | None,
    listed: Container[bytes] | None,
) -> None:
    """Run rsync with each of these arguments, all at once, and wait for all of them. The numbers
    are how many files each has in its list, or 0 for one without a list."""
    trees_given = _from_to(trees)
    started: list[process.Running] = []
    try:
        for arguments, number in runs:
            output = ProgressReader(total.part(number)) if total else _ignore
            started.append(process.start("rsync", [*arguments, *trees_given], stdout=output))
        ended = [running.wait() for running in started]
    except Interrupted:
        process.stop_all()
        raise
    for finished in ended:
        status = status_of(finished.status)
        transcript.note(finished.stderr, trees, listed)
        if status.meaning is Meaning.CUT_OFF:
            transcript.cut_off = status.text


def _from_to(trees: Trees) -> list[bytes | str]:
    """The last arguments: the trees, and how their paths are to be walked.

    rsync 3.5.0 opens every directory on the way to every file, so that it follows nobody else's
    link. That is two fifths of its work, and for nothing where the kernel follows no link.
    """
    walk = ["--insecure-links"] if trees.without_links and _can_walk_plainly() else []
    return [*walk, trees.booted.root + b"/", trees.clone.root + b"/"]


@cache
def _can_walk_plainly() -> bool:
    """Whether rsync has that option. Before 3.5.0 it has not, and walks plainly in any case."""
    return process.run("rsync", ["--insecure-links", "--version"], ok=(0, 1)).status == 0


def _ignore(_: str) -> None:
    """rsync's figures, where nobody looks."""


def dry_run(rsync: Rsync, plan: Plan) -> list[bytes]:
    """rsync's own itemized account of what it would do: one line a path. Nothing is changed."""
    itemized = []
    if b"" in plan.copies:
        itemized += _itemized(command.root_directory(dry_run=True), rsync.trees)
    for planned in plan.transfers:
        listed = list_and_rules.write(
            rsync.directory, b"files", list_and_rules.files_from(planned.paths)
        )
        arguments = command.transfer(
            listed,
            rsync.rules_file,
            planned.volume,
            rsync.options,
            by_contents=planned.phase.by_contents,
            dry_run=True,
        )
        itemized += _itemized(arguments, rsync.trees)
    return itemized


def _itemized(arguments: Sequence[bytes | str], trees: Trees) -> list[bytes]:
    finished = process.run("rsync", [*arguments, *_from_to(trees)], ok=(0, 23, 24))
    return [unescaped(line) for line in finished.stdout.splitlines()]
