"""Run rsync from the booted tree to the clone."""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from drdwrap.errors import Interrupted
from drdwrap.linux import holes, process
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.plan import Plan, Transfer
from drdwrap.rsync import command, list_and_rules
from drdwrap.rsync.output import Progress, ProgressReader, Total, unescaped
from drdwrap.rsync.stalls import Stall, Stalls
from drdwrap.rsync.status_codes import Meaning, status_of
from drdwrap.rsync.transcript import Transcript

Tell = Callable[[Progress], None]


@dataclass(frozen=True)
class Rsync:
    """What every rsync of a sync is given: the trees, the directory that lists are written to, the
    file with the filter rules, and the configured options."""

    trees: Trees
    directory: bytes
    rules_file: bytes
    options: Sequence[bytes]


def transfer(
    rsync: Rsync, wanted: Transfer, into: bytes, transcript: Transcript, total: Total | None
) -> list[Stall]:
    """Copy what is wanted to the directory `into`, by two runs of rsync where that is faster.

    A signal ends rsync cleanly and is noted in `transcript`, not raised. What rsync's status says
    about single files is not taken for the truth: the caller looks at them. Returns the runs that
    made no progress and were ended. OSError.
    """
    runs = []
    for number, half in enumerate(wanted.halves()):
        listed = list_and_rules.write(
            rsync.directory, b"files-%d" % number, list_and_rules.files_from(half.paths)
        )
        told = total is not None
        arguments = command.transfer(listed, rsync.rules_file, rsync.options, progress=told)
        runs.append((arguments, len(half.paths)))
    try:
        return _run(runs, rsync.trees, into, transcript, total, frozenset(wanted.paths))
    except Interrupted as interrupted:
        transcript.interrupt(interrupted)
        return []


def run_once(
    arguments: Sequence[bytes | str],
    trees: Trees,
    transcript: Transcript,
    tell: Tell | None = None,
) -> None:
    """Run rsync once with these arguments, and add what it said to `transcript`."""
    total = Total(tell) if tell else None
    for stall in _run([(arguments, 0)], trees, trees.clone.root, transcript, total, None):
        name = for_screen(trees.message_for_all(stall.opening or b""))
        transcript.cut_off = f"{name}: {stall.why}" if name else stall.why


def _run(
    runs: Sequence[tuple[Sequence[bytes | str], int]],
    trees: Trees,
    into: bytes,
    transcript: Transcript,
    total: Total | None,
    listed: Container[bytes] | None,
) -> list[Stall]:
    """Run rsync with each of these arguments, all at once, and wait for all of them. The numbers
    are how many files each has in its list, or 0 for one without a list."""
    trees_given = _from_to(trees, into)
    started: list[process.Running] = []
    try:
        for arguments, number in runs:
            output = ProgressReader(total.part(number)) if total else _ignore
            given = [*arguments, *trees_given]
            started.append(process.start("rsync", given, stdout=output, dies_with_us=True))
        stalls = Stalls(trees.booted.root)
        process.watch(started, stalls.look)
        ended = [running.wait() for running in started]
    except Interrupted:
        process.stop_all()
        raise
    for finished in ended:
        status = status_of(finished.status)
        noted = transcript.note(finished.stderr, trees, listed)
        if status.meaning is Meaning.PARTIAL and not noted:
            transcript.unexplained.append(b"rsync: %s, without saying which" % status.text.encode())
        if status.meaning is Meaning.CUT_OFF and not stalls.found:
            transcript.cut_off = status.text
    return stalls.found


def _from_to(trees: Trees, into: bytes) -> list[bytes | str]:
    """The last arguments: the trees, and how their paths are to be walked.

    rsync 3.5.0 opens every directory on the way to every file, so that it follows nobody else's
    link. That is two fifths of its work, and for nothing where the kernel follows no link.
    """
    walk = ["--insecure-links"] if trees.without_links and _can_walk_plainly() else []
    return [*walk, trees.booted.root + b"/", into + b"/"]


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
        itemized += _itemized(command.dry_run_of_root(), rsync.trees)
    for by_contents, paths in _compared(rsync, plan):
        listed = list_and_rules.write(rsync.directory, b"files", list_and_rules.files_from(paths))
        arguments = command.dry_run(
            listed, rsync.rules_file, rsync.options, by_contents=by_contents
        )
        itemized += _itemized(arguments, rsync.trees)
    return itemized


def _compared(rsync: Rsync, plan: Plan) -> Iterator[tuple[bool, tuple[bytes, ...]]]:
    """What is to be compared, by contents or not; large holes are not read."""
    compared = dict(plan.compared())
    alike, root = compared.get(True, ()), rsync.trees.booted.root
    hollow = {path for path in alike if holes.has_large(absolute(root, path))}
    others = (*compared.get(False, ()), *hollow)
    for by_contents, paths in ((False, others), (True, set(alike) - hollow)):
        if paths:
            yield by_contents, tuple(sorted(paths))


def _itemized(arguments: Sequence[bytes | str], trees: Trees) -> list[bytes]:
    given = _from_to(trees, trees.clone.root)
    finished = process.run("rsync", [*arguments, *given], ok=(0, 23, 24))
    return [unescaped(line) for line in finished.stdout.splitlines()]
