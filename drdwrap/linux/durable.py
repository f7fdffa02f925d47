"""Files that are the old or the new one, whole, whatever happens: kill, full disk, power cut."""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from drdwrap.linux import syscalls

_MUCH = 8 << 20


def write(
    path: bytes,
    pieces: Iterable[bytes],
    mode: int = 0o600,
    before: Callable[[], object] | None = None,
    suffix: bytes = b".new",
) -> None:
    """Replace the file at `path` by `pieces`, written whole and on the disk, or not at all.

    It is written beside it first, under its name with `suffix`. `before` is called right before the
    new file takes the old one's place, and may prevent that by an exception. OSError (a full disk,
    say) leaves the old file as it was, and no temporary one.
    """
    temporary = path + suffix
    try:
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode
        )
        with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
            written = on_its_way = 0
            for piece in pieces:
                written += file.write(piece)
                if written - on_its_way >= _MUCH:  # so that the disk has not all to do at the end
                    file.flush()
                    syscalls.begin_to_write(file.fileno(), on_its_way, written - on_its_way)
                    on_its_way = written
            file.flush()
            os.fsync(file.fileno())
        if before is not None:
            before()
        os.rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    sync_directory(os.path.dirname(path))


def write_all(directory: bytes, files: Mapping[bytes, bytes], mode: int = 0o600) -> None:
    """Replace these files of `directory`, given by name, each whole or not at all.

    One `syncfs` brings them all to the disk, before any of them takes its place. OSError leaves
    those not yet replaced as they were, and no temporary ones.
    """
    temporary = {name: directory + b"/" + name + b".new" for name in files}
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        for name, content in files.items():
            with os.fdopen(os.open(temporary[name], flags, mode), "wb") as file:
                file.write(content)
        syscalls.syncfs(directory)
        for name in files:
            os.rename(temporary[name], directory + b"/" + name)
    except BaseException:
        for path in temporary.values():
            with suppress(OSError):
                os.unlink(path)
        raise
    sync_directory(directory)


def remove(path: bytes) -> None:
    """Remove the file at `path`, on the disk too. No error if there is none."""
    with suppress(FileNotFoundError):
        os.unlink(path)
        sync_directory(os.path.dirname(path))


def sync_directory(path: bytes) -> None:
    """Bring the names in directory `path` to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
