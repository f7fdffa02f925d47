"""A note in the state directory while a command runs on the clone: which one, and which empty files
were made there to mount on. They are removed afterwards; if drdwrap was killed, by its next run.

A file that is left does no harm: it is empty and cannot be executed, so a clone that is booted with
it starts its services as ever. What keeps them from starting is mounted over it, where no other
process sees it.
"""

import json
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from drdwrap import kept_json
from drdwrap.linux import clock, durable, safe_file
from drdwrap.pair.pair import Pair
from drdwrap.paths.arithmetic import absolute
from drdwrap.record.state_directory import StateDirectory


@dataclass(frozen=True)
class PatchingNote:
    """`command` is in words, for a screen; `started` a date; `clone_id` names the clone; `made` are
    paths on it (relative, real)."""

    command: str
    started: str
    clone_id: str
    made: tuple[bytes, ...]

    def in_words(self) -> str:
        """What to say of a command that was cut off."""
        return (
            f"'{self.command}', begun {self.started}, was cut off on the clone:"
            " 'drdwrap runcmd -- true' says whether the clone still boots"
        )


def write(state: StateDirectory, command: str, clone_id: str, made: Sequence[bytes]) -> None:
    """Note it durably, before any of the files is made. OSError."""
    kept = {
        "command": command,
        "started": clock.now(),
        "clone_id": clone_id,
        "made": [path.decode("latin-1") for path in made],
    }
    durable.write(state.patching, [json.dumps(kept).encode() + b"\n"])


def read(state: StateDirectory) -> PatchingNote | None:
    """The note, or None if there is none that makes sense."""
    try:
        kept = kept_json.fields(kept_json.parsed(safe_file.contents(state.patching)))
        return PatchingNote(
            kept_json.text(kept.get("command"), "command"),
            kept_json.text(kept.get("started"), "started"),
            kept_json.text(kept.get("clone_id"), "clone_id"),
            tuple(path.encode("latin-1") for path in kept_json.texts(kept.get("made"), "made")),
        )
    except (OSError, ValueError):
        return None


def make_files(root: bytes, made: Sequence[bytes]) -> None:
    """Make the empty files on the clone at `root`. OSError."""
    for path in made:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(absolute(root, path), flags, 0o600))


def clean_up(state: StateDirectory, root: bytes, clone_id: str) -> PatchingNote | None:
    """Remove the files from the clone at `root`, and then the note. Returns the note, if there was
    one of this clone. OSError.

    A file that is no longer as it was made belongs to whoever changed it.
    """
    note = read(state)
    if note is None or note.clone_id != clone_id:
        return None
    for path in note.made:
        with suppress(FileNotFoundError, NotADirectoryError):
            status = os.lstat(absolute(root, path))
            if stat.S_ISREG(status.st_mode) and not status.st_size and not status.st_mode & 0o111:
                os.unlink(absolute(root, path))
                durable.sync_directory(os.path.dirname(absolute(root, path)))
    durable.remove(state.patching)
    return note


def clean_up_and_say(state: StateDirectory, pair: Pair, say: Callable[[str], object]) -> None:
    """Clean up after a `runcmd` that was cut off; `say` is given what follows from it. OSError."""
    note = clean_up(state, pair.clone_root, pair.clone_id)
    if note is not None:
        say(note.in_words())
