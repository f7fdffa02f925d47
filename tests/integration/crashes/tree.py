"""A small tree, and every kind of change to it on both sides."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ..lab.files import put, rewrite_unnoticed, setfacl

LARGE = 200_000
_CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")
"""cap_net_bind_service, effective and permitted."""


def make(root: Path) -> None:
    """The tree as it is filled."""
    for number in range(12):
        put(root, f"ballast/{number}", b"")
    for name in ("changed", "grown", "mode", "owner", "acl", "xattr", "capability", "quiet"):
        put(root, f"etc/{name}", b"%s\n" % name.encode() * 10)
    os.setxattr(root / "etc/grown", "user.note", b"kept")
    for name in ("both", "both-alike", "on-clone", "erased-changed", "gone-on-clone"):
        put(root, f"etc/{name}", b"first\n")
    for name in ("one", "three", "five"):
        put(root, f"links/{name}", name.encode())
    os.link(root / "links/one", root / "links/two")
    os.link(root / "links/five", root / "links/six")
    for name in ("file-directory", "file-link", "file-fifo"):
        put(root, f"turned/{name}", b"a file\n")
    for name in ("directory-file", "directory-link", "directory-held"):
        put(root, f"turned/{name}/inside/deep", b"inside\n")
    for name in ("link-file", "link-directory"):
        (root / "turned" / name).symlink_to("nowhere")
    os.mkfifo(root / "turned/fifo-file")
    put(root, "erased/file", b"erased\n")
    put(root, "erased/tree/below/file", b"erased\n")
    put(root, "erased/tree/own-inside/file", b"erased\n")
    put(root, "erased/large", bytes(LARGE))
    (root / "erased/link").symlink_to("file")
    put(root, "shared/file", b"shared\n")
    os.chown(root / "shared", 0, 50)
    (root / "shared").chmod(0o2775)
    setfacl(root / "shared", "-m", "d:u:1000:rwx,d:g:50:rx")
    (root / "times").mkdir()
    put(root, "times/file", b"times\n")


def change_booted(root: Path) -> None:
    """Every kind of change."""
    put(root, "etc/changed", b"changed on the booted system\n")
    with (root / "etc/grown").open("ab") as file:
        file.write(b"grown\n" * 1000)
    (root / "etc/mode").chmod(0o4750)
    os.chown(root / "etc/owner", 1000, 50)
    setfacl(root / "etc/acl", "-m", "u:1000:rw")
    os.setxattr(root / "etc/xattr", "user.note", b"set")
    os.setxattr(root / "etc/capability", "security.capability", _CAPABILITY)
    rewrite_unnoticed(root / "etc/quiet")
    put(root, "etc/both", b"booted\n")
    put(root, "etc/both-alike", b"alike\n", mtime_ns=1_700_000_000_000_000_000)
    put(root, "etc/both-new", b"booted\n")
    (root / "etc/erased-changed").unlink()
    (root / "links/two").unlink()
    put(root, "links/two", b"a file of its own\n")
    os.link(root / "links/three", root / "links/four")
    with (root / "links/five").open("ab") as file:
        file.write(b" changed under both names\n")
    put(root, "links/new-one", b"new, with two names\n")
    os.link(root / "links/new-one", root / "links/new-two")
    _turn(root / "turned")
    shutil.rmtree(root / "erased")
    (root / "erased").mkdir()
    put(root, "shared/new", b"inherits\n")
    (root / "shared/new-directory").mkdir()
    put(root, "shared/file", b"changed\n")
    put(root, "new/directory/below/file", b"new\n")
    put(root, "new/large", os.urandom(LARGE))
    (root / "new/link").symlink_to("directory")
    os.mkfifo(root / "new/fifo")
    (root / "new/directory").chmod(0o555)
    (root / "times").chmod(0o750)


def _turn(root: Path) -> None:
    for name in ("file-directory", "file-link", "file-fifo", "link-file", "link-directory"):
        (root / name).unlink()
    (root / "fifo-file").unlink()
    for name in ("directory-file", "directory-link", "directory-held"):
        shutil.rmtree(root / name)
    for name in ("link-file", "fifo-file", "directory-file", "directory-held"):
        put(root, name, b"a file now\n")
    for name in ("file-directory", "link-directory"):
        put(root, f"{name}/inside/deep", b"a directory now\n")
    for name in ("file-link", "directory-link"):
        (root / name).symlink_to("elsewhere")
    os.mkfifo(root / "file-fifo")


def change_clone(root: Path) -> None:
    """What the clone's administrator has done."""
    put(root, "etc/both", b"the clone's\n")
    put(root, "etc/both-alike", b"alike\n", mtime_ns=1_700_000_000_000_000_000)
    put(root, "etc/both-new", b"the clone's\n")
    put(root, "etc/on-clone", b"the clone's\n")
    put(root, "etc/own", b"the clone's\n")
    put(root, "etc/erased-changed", b"the clone's\n")
    (root / "etc/gone-on-clone").unlink()
    put(root, "turned/directory-held/own", b"the clone's\n")
    put(root, "erased/tree/own-inside/own", b"the clone's\n")
    os.setxattr(root / "ballast/3", "user.note", b"the clone's")
