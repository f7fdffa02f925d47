"""In a chroot or a container a run ends where it began, and not outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import os
from drdwrap import linux
os.chroot({root!r})
os.chdir("/inside")
before = [os.stat(path).st_ino for path in ("/", ".")]
with linux.private_mounts():
    linux.mount(b"none", b"/", b"none", linux.MS_REC | linux.MS_PRIVATE)
    linux.mount(b"none", b"/inside", b"tmpfs", 0)
assert [os.stat(path).st_ino for path in ("/", ".")] == before
assert sorted(os.listdir("/")) == ["inside", "proc"]
"""


def test_the_root_and_the_working_directory_are_as_before(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("chroot is for root only")
    for name in ("inside", "proc"):
        (tmp_path / name).mkdir()
    mount = f"mount --bind {tmp_path} {tmp_path}; mount -t proc proc {tmp_path}/proc"
    program = [sys.executable, "-c", SCRIPT.format(root=str(tmp_path))]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-ec", f'{mount}; exec "$@"', "sh", *program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


NESTED = """
import os
from drdwrap import linux
before = os.readlink("/proc/self/ns/mnt")
try:
    with linux.private_mounts():
        print("private")
except PermissionError:
    print("refused")
assert os.readlink("/proc/self/ns/mnt") == before
"""


@pytest.mark.parametrize(("options", "told"), [("-Ur", "refused"), ("-Urm", "private")])
def test_there_is_no_way_in_where_there_is_none_back(options: str, told: str) -> None:
    """The mounts of a user namespace may be those of the one above it."""
    program = ["unshare", options, sys.executable, "-c", NESTED]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    if done.stderr.startswith("unshare: "):
        pytest.skip("user namespaces cannot be made here")
    assert (done.stdout, done.stderr) == (f"{told}\n", "")
