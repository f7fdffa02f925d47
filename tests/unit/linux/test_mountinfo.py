"""The mount table as the kernel prints it, whatever is in it."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drdwrap.linux.mountinfo import mounts

PLAIN = b"27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro\n"


def mangled(name: bytes) -> bytes:
    """As the kernel does it: seq_path() with blanks, newlines, backslashes and hashes escaped."""
    return b"".join(b"\\%03o" % byte if byte in b" \t\n\\#" else b"%c" % byte for byte in name)


NAMES = st.binary(min_size=1).filter(lambda name: b"\0" not in name)


@given(root=NAMES, point=NAMES, kind=NAMES, source=NAMES)
def test_a_mount_is_told_whatever_its_names_hold(
    root: bytes, point: bytes, kind: bytes, source: bytes
) -> None:
    odd = b"28 27 0:99 %s %s rw shared:2 master:1 - fuse.%s %s rw,user_id=0\n" % (
        *map(mangled, (root, point, kind, source)),
    )
    first, second, third = mounts(PLAIN + odd + PLAIN)
    assert first == third
    assert (second.root, second.mount_point, second.source) == (root, point, source)
    assert second.type == "fuse." + kind.decode("utf-8", "replace")
    assert (second.device, second.peers) == ("0:99", 2)


def test_a_source_may_be_empty() -> None:
    (found,) = mounts(b"28 27 0:99 / /x rw - tmpfs  rw\n")
    assert (found.type, found.source, found.options) == ("tmpfs", b"", frozenset({"rw"}))


@pytest.mark.skipif(not os.path.exists("/proc/self/mountinfo"), reason="there is no /proc")
def test_this_machines_own() -> None:
    assert isinstance(mounts(), list)
