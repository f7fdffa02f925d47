"""`demo`: a clone and a sync on a throwaway pair, made on the spot. Nothing else is touched.

For root the pair is two small ext4 images, mounted where only this process sees them. Without the
right to mount it is two plain directories.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import md5
from pathlib import Path

from drdwrap import exit_status
from drdwrap.errors import DrdwrapError
from drdwrap.linux import mount_namespace, process

Say = Callable[[str], object]


def demo(say: Say) -> bool:
    """Run it; `say` gets each line. Returns whether every step ended as it should."""
    with (
        tempfile.TemporaryDirectory(prefix="drdwrap-demo-") as name,
        _pair(Path(name), say) as pair,
    ):
        return _story(pair, say)


class _Demo:
    """The pair, and drdwrap run on it."""

    def __init__(self, directory: Path, mounted: bool, say: Say) -> None:
        self.booted, self.clone = directory / "booted", directory / "clone"
        self.configuration = directory / "drdwrap.yaml"
        self._say = say
        self.failed = False
        self.configuration.write_text(
            "layout: directories\n"
            f"booted: {{root: {self.booted}}}\n"
            f"clone: {{root: {self.clone}, require_mount: {str(mounted).lower()}}}\n"
            f"state_dir: {directory / 'state'}\n"
            f"log_file: {directory / 'drdwrap.log'}\n"
            "max_deletions: 50%\n"
            "exclude_list: ['*.iso']\n"
        )

    def run(self, *arguments: str) -> None:
        """Run drdwrap, show the command and what it prints."""
        self._say(f"\n$ drdwrap {' '.join(arguments)}")
        command = [sys.executable, "-m", "drdwrap", "--config", str(self.configuration)]
        done = subprocess.run(  # noqa: S603
            [*command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self._say(done.stdout.rstrip())
        if done.returncode != exit_status.SUCCESS:
            self._say(f"exit status {done.returncode}, but {exit_status.SUCCESS} was expected")
            self.failed = True


@contextmanager
def _pair(directory: Path, say: Say) -> Iterator[_Demo]:
    for name in ("booted", "clone"):
        (directory / name).mkdir()
    mounted: list[Path] = []
    try:
        if os.geteuid() == 0:
            with suppress(OSError, DrdwrapError, subprocess.SubprocessError):
                mount_namespace.unshare_mounts()
                for name in ("booted", "clone"):
                    _mount_image(directory / f"{name}.img", directory / name)
                    mounted.append(directory / name)
        if len(mounted) == 2:
            say("Two ext4 file systems of 64 MB stand for the booted system and its clone.")
        else:
            say("Two plain directories stand for the booted system and its clone.")
        yield _Demo(directory, len(mounted) == 2, say)
    finally:
        for path in mounted:
            process.run("umount", [str(path)])


def _mount_image(image: Path, at: Path) -> None:
    with image.open("wb") as file:
        file.truncate(64 << 20)
    process.run("mkfs.ext4", ["-q", "-F", str(image)])
    process.run("mount", ["-o", "loop", str(image), str(at)])


def _story(demo: _Demo, say: Say) -> bool:
    _make_system(demo.booted)
    say("\n1. The clone is filled with all of the booted system.")
    demo.run("clone", "-v")

    say("\n2. Both sides change: the running system goes on, and the clone is patched.")
    _change_both(demo.booted, demo.clone, say)

    say("\n3. What would a sync do? Nothing on the clone changes, and every path has a reason.")
    demo.run("preview")
    demo.run("explain", "/etc/ssh/sshd_config")
    demo.run("explain", "/etc/tool.conf")

    say("\n4. The sync: what changed on the booted system is copied, the clone's changes stay.")
    demo.run("sync", "-v")
    _compare(demo, say)

    say("\n5. The administrator decides to let one file follow the booted system again.")
    demo.run("accept", "/etc/ssh/sshd_config")
    demo.run("sync", "-v")
    say("\n6. A second sync has nothing to do, and without -v or a terminal it says nothing.")
    demo.run("sync", "-q")
    demo.run("status")
    say("\nThe demo failed." if demo.failed else "\nDone. The pair is thrown away.")
    return not demo.failed


def _make_system(root: Path) -> None:
    files = {
        "etc/hostname": "demo\n",
        "etc/hosts": "127.0.0.1 localhost\n",
        "etc/fstab": "/dev/vg00/root / ext4 defaults 0 1\n",
        "etc/motd": "Welcome.\n",
        "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
        "etc/ssh/sshd_config": "Port 22\n",
        "etc/tool.conf": "speed = 1\n",
        "home/user/notes": "remember the milk\n",
        "home/user/old": "to be removed\n",
        "home/user/big.iso": "excluded\n" * 1000,
        "srv/www/index.html": "<p>It works.</p>\n",
        "usr/bin/tool": "#!/bin/sh\necho 1.0\n",
        "usr/bin/local-tool": "#!/bin/sh\necho local\n",
        "usr/share/tool/words": "one two\n",
        "var/lib/dpkg/info/tool.list": "/usr/bin/tool\n/usr/share/tool/words\n/etc/tool.conf\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _install_tool(root, "1.0", "speed = 1\n")
    for number in range(200):
        (root / f"srv/www/page{number:03d}.html").write_text(f"<p>{number}</p>\n")
    for name in ("tmp", "var/tmp", "var/lib/app", "run"):
        (root / name).mkdir(parents=True)
    (root / "tmp/scratch").write_text("not worth keeping\n")
    with sqlite3.connect(root / "var/lib/app/data.db") as database:
        database.execute("create table visits (number integer)")
    database.close()


def _install_tool(root: Path, version: str, shipped: str) -> None:
    """Enter the package in the database, with the configuration file that it shipped."""
    digest = md5(shipped.encode(), usedforsecurity=False).hexdigest()
    (root / "var/lib/dpkg/status").write_text(
        "Package: tool\nStatus: install ok installed\nArchitecture: all\n"
        f"Version: {version}\nConffiles:\n /etc/tool.conf {digest}\n\n"
    )


def _change_both(booted: Path, clone: Path, say: Say) -> None:
    def change(what: str, path: Path, text: str) -> None:
        path.write_text(text)
        say(f"   {what}")

    change("booted: /home/user/notes is edited", booted / "home/user/notes", "milk, bread\n")
    change("booted: /home/user/new is created", booted / "home/user/new", "new\n")
    (booted / "home/user/old").unlink()
    say("   booted: /home/user/old is erased")
    change("booted: /etc/fstab is edited", booted / "etc/fstab", "/dev/vg00/root / ext4 ro 0 1\n")
    change("booted: sshd_config gets another port", booted / "etc/ssh/sshd_config", "Port 2222\n")
    change("clone:  sshd_config is hardened", clone / "etc/ssh/sshd_config", "PermitRootLogin no\n")
    change("booted: local-tool is edited", booted / "usr/bin/local-tool", "#!/bin/sh\necho mine\n")
    change("booted: a package's file is edited", booted / "usr/share/tool/words", "one two three\n")
    change("booted: its configuration is edited", booted / "etc/tool.conf", "speed = 9\n")
    change("clone:  the package is upgraded", clone / "usr/bin/tool", "#!/bin/sh\necho 2.0\n")
    _install_tool(clone, "2.0", "speed = 2\n")
    _draw_the_same_number(booted, clone, say)
    with sqlite3.connect(booted / "var/lib/app/data.db") as database:
        database.executemany("insert into visits values (?)", [(n,) for n in range(100)])
    database.close()
    say("   booted: a database has new rows")


def _draw_the_same_number(booted: Path, clone: Path, say: Say) -> None:
    for root, name in ((booted, "web"), (clone, "mail")):
        with (root / "etc/passwd").open("a") as file:
            file.write(f"{name}:x:999:999::/nonexistent:/bin/false\n")
    with suppress(PermissionError):  # only root can give files away
        page = booted / "srv/www/page000.html"
        os.chown(page, 999, 999)
        say("   booted: a page is given to user 999, who is 'web' here and 'mail' on the clone")


def _compare(demo: _Demo, say: Say) -> None:
    expected = {
        "home/user/notes": "milk, bread\n",
        "home/user/new": "new\n",
        "etc/ssh/sshd_config": "PermitRootLogin no\n",
        "usr/bin/tool": "#!/bin/sh\necho 2.0\n",
        "usr/bin/local-tool": "#!/bin/sh\necho mine\n",
        "usr/share/tool/words": "one two\n",
        "etc/tool.conf": "speed = 1\n",
        "etc/fstab": "/dev/vg00/root / ext4 defaults 0 1\n",
    }
    for name, text in expected.items():
        right = (demo.clone / name).read_text() == text
        demo.failed = demo.failed or not right
        say(f"   /{name} on the clone is {'as it should be' if right else 'WRONG'}")
    gone = not (demo.clone / "home/user/old").exists()
    demo.failed = demo.failed or not gone
    say(f"   /home/user/old on the clone is {'gone' if gone else 'STILL THERE'}")
