"""Replace a file's contents in place, so that everything else stays: owner, mode, ACL, attributes,
SELinux label, and its other names."""

import os
from contextlib import suppress


def overwrite(descriptor: int, old: bytes, new: bytes) -> None:
    """Replace `old`, the whole contents of the open file, with `new`, and write it to disk.

    The space is reserved first, so a full disk leaves the file as it was. OSError.
    """
    try:
        if len(new) > len(old):
            os.posix_fallocate(descriptor, len(old), len(new) - len(old))
        _write(descriptor, new)
    except OSError:
        with suppress(OSError):  # the first error is the one to report
            _write(descriptor, old)
        raise
    os.fsync(descriptor)


def _write(descriptor: int, text: bytes) -> None:
    done = 0
    while done < len(text):
        done += os.pwrite(descriptor, text[done:], done)
    os.ftruncate(descriptor, len(text))
