"""In a chroot or a container a run ends where it began, and not outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .lab.mounts import UNSHARE

SCRIPT = """
import os
from drdwrap.linux import mount_namespace, syscalls
outside = open(f"/proc/{{os.getppid()}}/mounts")
os.chroot({root!r})
os.chdir("/inside")
before = [os.stat(path).st_ino for path in ("/", ".")]
with mount_namespace.private_mounts():
    syscalls.mount(b"none", b"/inside", b"tmpfs", 0)
    assert open("/proc/self/mounts").read().count("/inside tmpfs ") == 1
    assert outside.read().count("/inside tmpfs ") == 0
assert [os.stat(path).st_ino for path in ("/", ".")] == before
assert sorted(os.listdir("/")) == ["inside", "proc"]
"""


@pytest.mark.parametrize("root", ["a mount point", "a plain directory"])
def test_all_is_as_before_and_nothing_is_seen_outside(root: str, tmp_path: Path) -> None:
    """Mounts around the chroot are shared, as systemd has them: what is mounted in a mere copy of
    them would be mounted in all copies."""
    if os.geteuid() != 0:
        pytest.skip("chroot is for root only")
    tree = tmp_path / "tree"
    for name in ("inside", "proc"):
        (tree / name).mkdir(parents=True)
    steps = [f"mount --bind {tmp_path} {tmp_path}", f"mount --make-shared {tmp_path}"]
    if root == "a mount point":
        steps.append(f"mount --bind {tree} {tree}")
    steps += [f"mount -t proc proc {tree}/proc", '"$@" || exit 1']
    program = [sys.executable, "-c", SCRIPT.format(root=str(tree))]
    done = subprocess.run(
        [sys.executable, UNSHARE, "sh", "-ec", "; ".join(steps), "sh", *program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


NESTED = """
import os
from drdwrap.linux import mount_namespace, syscalls
before = os.readlink("/proc/self/ns/mnt")
try:
    with mount_namespace.private_mounts():
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
