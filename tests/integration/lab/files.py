"""Making and changing files, in the few ways the tests need again and again."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

LONG_AGO = 1_577_836_800_123_456_789
"""A modification time in January 2020, with nanoseconds."""


def at(root: Path, name: str | bytes) -> Path:
    """The path of a name of any bytes."""
    return root / os.fsdecode(name)


def put(
    root: Path,
    name: str | bytes,
    content: bytes = b"content\n",
    *,
    mode: int = 0o644,
    mtime_ns: int | None = None,
) -> Path:
    """Make a file, and the directories above it."""
    path = at(root, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    if mtime_ns is not None:
        set_mtime(path, mtime_ns)
    return path


def set_mtime(path: Path, mtime_ns: int) -> None:
    os.utime(path, ns=(mtime_ns, mtime_ns), follow_symlinks=False)


def rewrite_unnoticed(path: Path, content: bytes | None = None) -> bytes:
    """Change the contents and put size and modification time back; the new contents."""
    before = path.stat()
    old = path.read_bytes()
    new = bytes(byte ^ 1 for byte in old) if content is None else content
    assert len(new) == len(old)
    path.write_bytes(new)
    set_mtime(path, before.st_mtime_ns)
    return new


def populate(root: Path) -> None:
    """A tree like a small system's: enough files for a few changes to be few."""
    put(root, "etc/hostname", b"lab\n")
    put(root, "etc/hosts", b"127.0.0.1 localhost\n")
    put(root, "etc/motd", b"welcome\n")
    put(root, "etc/ssh/sshd_config", b"PermitRootLogin no\n", mode=0o600)
    put(root, "usr/bin/tool", b"#!/bin/sh\n", mode=0o755)
    put(root, "usr/lib/libtool.so.1", b"\x7fELF")
    (root / "usr/lib/libtool.so").symlink_to("libtool.so.1")
    put(root, "var/lib/app/state", b"7\n")
    put(root, "var/spool/app/queue/job", b"")
    put(root, "home/ann/notes", b"remember the milk\n", mode=0o640)
    os.chown(root / "home/ann/notes", 1001, 1001)
    for number in range(20):
        put(root, f"srv/data/{number:02}", bytes([48 + number % 10]) * 100)
    os.link(root / "srv/data/00", root / "srv/same-as-00")


def copy_as_is(source: Path, target: Path) -> None:
    """Another tool's clone: everything of ``source`` but lost+found, as it is."""
    names = [entry for entry in sorted(source.iterdir()) if entry.name != "lost+found"]
    subprocess.run(["cp", "-a", *map(str, names), str(target)], check=True)


def setfacl(path: Path, *arguments: str) -> None:
    subprocess.run(["setfacl", *arguments, "--", str(path)], check=True, capture_output=True)
