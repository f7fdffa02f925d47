"""Run rsync over a plan's transfers, one after the other."""

import os
import re
import shutil
from collections.abc import Callable, Collection, Container, Sequence
from dataclasses import dataclass, field
from functools import cache

from drdwrap.errors import DrdwrapError, Interrupted, in_words
from drdwrap.linux import process, signals
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.plan import Plan, Transfer
from drdwrap.rsync import command, rendering
from drdwrap.rsync.output import Progress, ProgressReader, Total, paths_named, unescaped
from drdwrap.rsync.status_codes import Meaning, status_of

Tell = Callable[[Progress], None]

_NOISE = re.compile(
    rb"rsync error: |rsync warning: |sent .* bytes|IO error encountered|.*\(code \d+\) at "
    rb"|\*\*\* Skipping any contents from this failed directory"
)


_BESIDE = re.compile(rb"(.*/)?\.([^/]+)\.[A-Za-z0-9]{6}", re.DOTALL)
"""rsync's `get_tmpname`: a dot, the name without one at its beginning, six characters."""


def _temporary_of(path: bytes) -> list[bytes]:
    """What a file of this name may be the temporary one of."""
    match = _BESIDE.fullmatch(path)
    if match is None:
        return []
    directory, name = match[1] or b"", match[2]
    return [directory + name, directory + b"." + name]


@dataclass
class Copied:
    """How the transfers went.

    `messages` are rsync's, `unexplained` those of them that name nothing that was to be copied.
    `cut_off` says why not all was gone through, or is empty; `interrupted` is the signal that
    ended it.
    """

    messages: list[bytes] = field(default_factory=list)
    unexplained: list[bytes] = field(default_factory=list)
    _by_path: dict[bytes, bytes] = field(default_factory=dict)
    _by_name: dict[bytes, bytes] = field(default_factory=dict)
    cut_off: str = ""
    interrupted: Interrupted | None = None

    def note(self, line: bytes, trees: Trees, listed: Container[bytes] | None) -> None:
        """Take in a message about one of the paths `listed`, or about any path of the booted tree
        if that is None.

        A message about a temporary file tells the name of what was to be copied, not its directory;
        but where there is no list, rsync has its temporary files beside what they become.
        """
        paths = paths_named(line, (trees.clone.root, trees.booted.root))
        line = trees.message_for_all(line)
        self.messages.append(line)
        found = False
        for path in paths:
            _, temporary, name = path.rpartition(command.TEMPORARY + b"/")
            if temporary:
                self._by_name.setdefault(name.rpartition(b".")[0], line)
                found = True
            elif listed is not None:
                if path in listed:
                    self._by_path.setdefault(path, line)
                    found = True
            else:
                for meant in (path, *_temporary_of(path)):
                    if os.path.lexists(absolute(trees.booted.root, meant)):
                        self._by_path.setdefault(meant, line)
                        found = True
        if not found:
            self.unexplained.append(line)

    def message_about(self, path: bytes) -> bytes | None:
        """The first message that names this path, or that may be about it."""
        return self._by_path.get(path) or self._by_name.get(path.rpartition(b"/")[2])

    def why_cut_off(self) -> str:
        """`cut_off`, with what rsync said last; for a screen."""
        said = [for_screen(unescaped(line)) for line in self.messages[-1:]]
        return ": ".join((self.cut_off, *said))

    def interrupt(self, signal: Interrupted) -> None:
        """Note that this ended it."""
        self.interrupted = signal
        self.cut_off = "interrupted by a signal"

    def named(self) -> Collection[bytes]:
        """The paths that messages name."""
        return self._by_path.keys()


def transfer_all(
    transfers: Sequence[Transfer],
    still_right: Callable[[Transfer], Transfer],
    ended: Callable[[Transfer], None],
    trees: Trees,
    directory: bytes,
    rules_file: bytes,
    options: Sequence[str],
    tell: Tell | None = None,
) -> Copied:
    """Copy; lists are written to `directory`. A signal ends rsync cleanly and is noted, not raised.

    Each transfer goes through `still_right` when its turn comes, which may leave paths out, and is
    given to `ended` when its rsync has ended, in whatever way. What each status says about single
    files is not taken for the truth: the caller looks at them.
    """
    copied = Copied()
    total = Total(tell, sum(len(planned.paths) for planned in transfers)) if tell else None
    try:
        for planned in transfers:
            transfer = still_right(planned)
            if not transfer.paths:
                continue
            os.makedirs(_temporary(trees, transfer.volume), mode=0o700, exist_ok=True)
            runs = []
            for number, half in enumerate(transfer.halves()):
                listed = rendering.write(
                    directory, b"files-%d" % number, rendering.files_from(half.paths)
                )
                arguments = command.transfer(
                    listed,
                    rules_file,
                    half.volume,
                    options,
                    by_contents=half.phase.by_contents,
                    progress=tell is not None,
                )
                runs.append((arguments, len(half.paths)))
            try:
                _run(runs, trees, copied, total, frozenset(transfer.paths))
            except Interrupted as interrupted:
                copied.interrupt(interrupted)
            with signals.deferred():
                ended(transfer)
            if copied.cut_off:
                break
    except Interrupted as interrupted:
        copied.interrupt(interrupted)
    except OSError as error:
        copied.cut_off = in_words(trees.as_seen_by_all(error))
    return copied


def run_one(
    arguments: Sequence[bytes | str], trees: Trees, copied: Copied, tell: Tell | None = None
) -> None:
    """Run rsync once from the booted tree to the clone, and add what it said to `copied`."""
    _run([(arguments, 0)], trees, copied, Total(tell) if tell else None, None)


def _run(
    runs: Sequence[tuple[Sequence[bytes | str], int]],
    trees: Trees,
    copied: Copied,
    total: Total | None,
    listed: Container[bytes] | None,
) -> None:
    """Run rsync with each of these arguments, all at once, and wait for all of them. The numbers
    are how many files each has in its list, or 0 for one without."""
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
        for line in finished.stderr.splitlines():
            if line.strip() and not _NOISE.match(line):
                copied.note(line, trees, listed)
        if status.meaning is Meaning.CUT_OFF:
            copied.cut_off = status.text


def _from_to(trees: Trees) -> list[bytes | str]:
    """The last arguments: the trees, and how their paths are to be walked.

    rsync 3.5.0 opens every directory on the way to every file, so as to follow no link of somebody
    else's. That is two fifths of its work, and for nothing where the kernel follows none.
    """
    walk = ["--insecure-links"] if trees.without_links and _can_walk_plainly() else []
    return [*walk, trees.booted.root + b"/", trees.clone.root + b"/"]


@cache
def _can_walk_plainly() -> bool:
    """Whether rsync has that option. Before 3.5.0 it has not, and walks plainly in any case."""
    return process.run("rsync", ["--insecure-links", "--version"], ok=(0, 1)).status == 0


def _ignore(_: str) -> None:
    """rsync's figures, where nobody looks."""


def dry_run(
    plan: Plan,
    trees: Trees,
    directory: bytes,
    rules_file: bytes,
    options: Sequence[str],
) -> list[bytes]:
    """rsync's own itemized account of what it would do: one line a path. Nothing is changed."""
    itemized = []
    if b"" in plan.copies:
        itemized += _itemized(command.root_directory(dry_run=True), trees)
    for transfer in plan.transfers:
        listed = rendering.write(directory, b"files", rendering.files_from(transfer.paths))
        arguments = command.transfer(
            listed,
            rules_file,
            transfer.volume,
            options,
            by_contents=transfer.phase.by_contents,
            dry_run=True,
        )
        itemized += _itemized(arguments, trees)
    return itemized


def _itemized(arguments: Sequence[bytes | str], trees: Trees) -> list[bytes]:
    finished = process.run("rsync", [*arguments, *_from_to(trees)], ok=(0, 23, 24))
    return [unescaped(line) for line in finished.stdout.splitlines()]


def remove_temporary(trees: Trees, volumes: Sequence[bytes]) -> None:
    """Remove what rsync's temporary files lie in: this run's own, or a killed run's.

    DrdwrapError when it cannot be removed, or is not a directory: then it is not drdwrap's.
    """
    for volume in volumes:
        path = _temporary(trees, volume)
        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            name = for_screen(absolute(b"/" + volume if volume else b"", command.TEMPORARY))
            raise DrdwrapError(
                f"{name} on the clone cannot be removed: {os.strerror(error.errno or 0)}",
                "remove it yourself: drdwrap keeps its temporary files under that name",
            ) from error


def _temporary(trees: Trees, volume: bytes) -> bytes:
    return absolute(absolute(trees.clone.root, volume), command.TEMPORARY)
