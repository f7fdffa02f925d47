"""Run rsync over a plan's transfers, one after the other."""

import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from drdwrap import process
from drdwrap.errors import DrdwrapError, Interrupted
from drdwrap.plan import Phase, Transfer
from drdwrap.rsync import command, render
from drdwrap.rsync.exit_status import Meaning, status_of
from drdwrap.rsync.output import Progress, ProgressReader, paths_named
from drdwrap.trees import Trees
from drdwrap.volumes.pair import absolute

Tell = Callable[[Progress], None]

_NOISE = re.compile(rb"rsync error: |rsync warning: |sent .* bytes|.*\(code \d+\) at ")


@dataclass
class Copied:
    """How the transfers went. `failed` are the paths that rsync's messages name, with the message.

    `cut_off` says why not all of them were gone through, or is empty. `interrupted` is the signal
    that ended them.
    """

    failed: dict[bytes, bytes] = field(default_factory=dict)
    messages: list[bytes] = field(default_factory=list)
    cut_off: str = ""
    interrupted: Interrupted | None = None


def transfer_all(
    transfers: Sequence[Transfer],
    trees: Trees,
    directory: bytes,
    rules_file: bytes,
    options: Sequence[str],
    tell: Tell | None = None,
) -> Copied:
    """Copy; lists are written to `directory`. A signal ends rsync cleanly and is noted, not raised.

    What each status says about single files is not taken for the truth: the caller looks at them.
    """
    copied = Copied()
    try:
        for transfer in transfers:
            listed = render.write(directory, b"files", render.files_from(transfer.paths))
            arguments = command.transfer(
                listed,
                rules_file,
                transfer.volume,
                options,
                by_contents=transfer.phase is Phase.BY_CONTENTS,
            )
            temporary = _temporary(trees, transfer.volume)
            os.makedirs(temporary, mode=0o700, exist_ok=True)
            run_one(arguments, trees, copied, tell)
            if copied.cut_off:
                break
    except Interrupted as interrupted:
        copied.interrupted = interrupted
        copied.cut_off = "interrupted by a signal"
    except OSError as error:
        copied.cut_off = str(error)
    return copied


def run_one(
    arguments: Sequence[bytes | str], trees: Trees, copied: Copied, tell: Tell | None = None
) -> None:
    """Run rsync once from the booted tree to the clone, and add what it said to `copied`."""
    running = process.start(
        "rsync",
        [*arguments, trees.booted.root + b"/", trees.clone.root + b"/"],
        stdout=ProgressReader(tell or (lambda _: None)),
    )
    finished = running.wait()
    status = status_of(finished.status)
    for line in finished.stderr.splitlines():
        if line.strip() and not _NOISE.match(line):
            copied.messages.append(line)
            for path in paths_named(line, (trees.clone.root, trees.booted.root)):
                copied.failed.setdefault(_final_name(path), line)
    if status.meaning is Meaning.CUT_OFF:
        copied.cut_off = status.text


def _final_name(path: bytes) -> bytes:
    """The path that a message about a temporary file is about, as far as its name tells."""
    directory, found, name = path.rpartition(command.TEMPORARY + b"/")
    if not found:
        return path
    return directory + name.removeprefix(b".").rpartition(b".")[0]


def dry_run(
    transfers: Sequence[Transfer],
    trees: Trees,
    directory: bytes,
    rules_file: bytes,
    options: Sequence[str],
) -> list[bytes]:
    """rsync's own itemized account of what it would do: one line a path. Nothing is changed."""
    itemized = []
    for transfer in transfers:
        listed = render.write(directory, b"files", render.files_from(transfer.paths))
        arguments = command.transfer(
            listed,
            rules_file,
            transfer.volume,
            options,
            by_contents=transfer.phase is Phase.BY_CONTENTS,
            dry_run=True,
        )
        finished = process.run(
            "rsync",
            [*arguments, trees.booted.root + b"/", trees.clone.root + b"/"],
            ok=(0, 23, 24),
        )
        itemized += finished.stdout.splitlines()
    return itemized


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
            raise DrdwrapError(f"{os.fsdecode(path)} cannot be removed: {error}") from error


def _temporary(trees: Trees, volume: bytes) -> bytes:
    return absolute(absolute(trees.clone.root, volume), command.TEMPORARY)
