"""What users and administrators do to a tree, one small step at a time, on any path."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from .files import at, rewrite_unnoticed, set_mtime

Operation = Callable[[Path, Path, int], object]
"""Done to a path, with another path and a number to draw variety from."""


def create(path: Path, _other: Path, number: int) -> None:
    with path.open("xb") as file:
        file.write(bytes([number % 256]) * (number * 37 % 9000))


def write(path: Path, _other: Path, number: int) -> None:
    path.write_bytes(b"%d\n" % number)


def append(path: Path, _other: Path, number: int) -> None:
    with path.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(b"%d\n" % number)


def write_unnoticed(path: Path, _other: Path, _number: int) -> None:
    rewrite_unnoticed(path)


def chmod(path: Path, _other: Path, number: int) -> None:
    if not path.is_symlink():
        path.chmod((0o600, 0o644, 0o755, 0o700, 0o4755, 0o1777)[number % 6])


def chown(path: Path, _other: Path, number: int) -> None:
    os.chown(path, number % 3 * 1000, number % 2 * 1000, follow_symlinks=False)


def touch(path: Path, _other: Path, number: int) -> None:
    """Times before, after and just beside one another."""
    set_mtime(path, 1_600_000_000_000_000_000 + number)


def rename(path: Path, other: Path, _number: int) -> None:
    path.rename(other)


def unlink(path: Path, _other: Path, _number: int) -> None:
    path.unlink()


def mkdir(path: Path, _other: Path, number: int) -> None:
    path.mkdir((0o755, 0o700)[number % 2])


def remove_tree(path: Path, _other: Path, _number: int) -> None:
    if path.is_symlink() or not path.is_dir():
        raise NotADirectoryError(path)  # rmtree would open a FIFO
    shutil.rmtree(path)


def symlink(path: Path, other: Path, number: int) -> None:
    path.symlink_to((other.name, "/nowhere", "..")[number % 3])


def hard_link(path: Path, other: Path, _number: int) -> None:
    if path.is_dir() and not path.is_symlink():
        raise IsADirectoryError(path)
    os.link(path, other, follow_symlinks=False)


def set_attribute(path: Path, _other: Path, number: int) -> None:
    name = ("user.note", "trusted.note", "security.note")[number % 3]
    if path.is_symlink():
        name = "trusted.note"
    os.setxattr(path, name, b"%d" % (number % 4), follow_symlinks=False)


def remove_attributes(path: Path, _other: Path, _number: int) -> None:
    for name in os.listxattr(path, follow_symlinks=False):
        os.removexattr(path, name, follow_symlinks=False)


def set_acl(path: Path, _other: Path, number: int) -> None:
    if path.is_symlink() or not path.exists():
        return
    entry = f"u:{1000 + number % 2}:{('r', 'rw', 'rwx')[number % 3]}"
    default = path.is_dir() and number % 2
    subprocess.run(
        ["setfacl", "-m", f"d:{entry}" if default else entry, "--", os.fsencode(path)],
        check=True,
        capture_output=True,
    )


def turn_into_directory(path: Path, _other: Path, number: int) -> None:
    path.unlink()
    path.mkdir()
    (path / "inside").write_bytes(b"%d\n" % number)


def turn_into_file(path: Path, _other: Path, number: int) -> None:
    remove_tree(path, path, number)
    path.write_bytes(b"%d\n" % number)


def turn_into_link(path: Path, other: Path, number: int) -> None:
    (remove_tree if path.is_dir() and not path.is_symlink() else unlink)(path, path, number)
    path.symlink_to(other.name)


def make_fifo(path: Path, _other: Path, _number: int) -> None:
    os.mkfifo(path)


def replace_with_copy(path: Path, other: Path, _number: int) -> None:
    """What editors do: the new file takes the old one's place, breaking its hard links."""
    if not path.is_file() or path.is_symlink() or other.exists() or other.is_symlink():
        raise FileNotFoundError(path)
    shutil.copy2(path, other)
    with other.open("ab") as file:
        file.write(b"edited\n")
    other.rename(path)


OPERATIONS: list[Operation] = [
    create,
    write,
    append,
    write_unnoticed,
    chmod,
    chown,
    touch,
    rename,
    unlink,
    mkdir,
    remove_tree,
    symlink,
    hard_link,
    set_attribute,
    remove_attributes,
    set_acl,
    turn_into_directory,
    turn_into_file,
    turn_into_link,
    make_fifo,
    replace_with_copy,
]

NAMES = [
    b"a",
    b"b",
    b"c",
    b"#d",
    b"new\nline",
    b"\xff{{ x }}",
    b"d1",
    b"d1/a",
    b"d1/b",
    b"d1/-e",
    b"d2",
    b"d2/a",
    b"d2/s",
    b"d2/s/a",
    b"d2/s/*",
    b"boot",
    b"boot/x",
]


def operate(root: Path, operation: Operation, name: bytes, other: bytes, number: int) -> None:
    """Do it if the tree lets it be done; a FIFO is never opened, a link never followed."""
    path, second = at(root, name), at(root, other)
    opens = operation in (write, append, write_unnoticed, replace_with_copy)
    if opens and (path.is_symlink() or (path.exists() and not path.is_file())):
        return
    if any(parent.is_symlink() for p in (path, second) for parent in p.parents):
        return
    with contextlib.suppress(OSError):
        operation(path, second, number)
