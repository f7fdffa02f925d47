"""Replace files whole: after a kill, a full disk or a power cut there is the old or the new one."""

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
    """Replace the file at `path` by `pieces`: all of them and on the disk, or nothing.

    They are first written to a temporary file beside it, with `suffix` added to the name. `before`
    is called right before that file takes the old one's place; an exception prevents this. An
    OSError (a full disk) leaves the old file as it was and removes the temporary one.
    """
    temporary = path + suffix
    try:
        with os.fdopen(_made(temporary, mode), "wb", buffering=1 << 20) as file:
            written = on_its_way = 0
            for piece in pieces:
                written += file.write(piece)
                if written - on_its_way >= _MUCH:  # else all the writing would be left for the end
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


def append(path: bytes, content: bytes, mode: int = 0o600) -> None:
    """Add to the file at `path`, on the disk too; the file is made if there is none.

    An OSError (a full disk) leaves the file as it was. After a kill or a power cut any part of
    `content` may be there: whoever reads the file has to tell.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags | os.O_NONBLOCK, mode)  # a FIFO is not waited for
    try:
        size = os.fstat(descriptor).st_size
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)
    if size == 0:
        sync_directory(os.path.dirname(path))


def write_all(directory: bytes, files: Mapping[bytes, bytes], mode: int = 0o600) -> None:
    """Replace these files of `directory` (contents by name), each whole or not at all.

    One `syncfs` writes them all to the disk before the first takes its place. An OSError leaves
    the files not yet replaced as they were and removes the temporary ones.
    """
    temporary = {name: directory + b"/" + name + b".new" for name in files}
    try:
        for name, content in files.items():
            with os.fdopen(_made(temporary[name], mode), "wb") as file:
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


def _made(path: bytes, mode: int) -> int:
    """A descriptor of a new file at `path`. What a killed run left there is removed first, and so
    is a FIFO, which would be waited for."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)


def remove(path: bytes) -> None:
    """Remove the file at `path`, on the disk too, if there is one. OSError."""
    with suppress(FileNotFoundError):
        os.unlink(path)
        sync_directory(os.path.dirname(path))


def sync_directory(path: bytes) -> None:
    """Write the names in the directory `path` to the disk. OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
