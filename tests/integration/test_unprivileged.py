"""Without root, plain directories of one's own can be kept in step."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab.files import populate, put
from .lab.pair import Pair
from .lab.program import NOBODY, Program, become_nobody, closed_to_others
from .lab.rsync import interpose


@pytest.fixture
def plain() -> Iterator[Pair]:
    """A pair of directories that are no mount points and belong to nobody."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    if reason := closed_to_others():
        pytest.skip(reason)
    home = Path(tempfile.mkdtemp(prefix="drdwrap-test-plain-", dir="/var/tmp"))
    try:
        for name in ("booted", "clone"):
            (home / name).mkdir()
        pair = Pair(home, home / "booted", home / "clone")
        pair.configure(clone={"require_mount": False})
        populate(pair.booted)
        give_away(pair)
        yield pair
    finally:
        shutil.rmtree(home)


def give_away(pair: Pair) -> None:
    for path in [pair.home, *pair.home.rglob("*")]:
        if path.lstat().st_uid != NOBODY:  # only these: a change of owner moves the change time
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def run(pair: Pair, *arguments: str, ok: int = 0) -> bytes:
    command = ["--config", str(pair.config), *arguments]
    done = Program(command, pair.env, fresh=False, prepare=become_nobody).wait()
    assert done.returncode == ok, (done.stdout + done.stderr).decode(errors="replace")
    assert b"Traceback" not in done.stderr
    return done.stderr


def test_a_clone_is_filled_and_kept_in_step(plain: Pair) -> None:
    run(plain, "clone")
    assert plain.differences() == []
    put(plain.booted, "etc/motd", b"booted\n")
    put(plain.booted, "etc/hosts", b"booted\n")
    put(plain.clone, "etc/hosts", b"clone\n")
    (plain.booted / "srv/data/07").unlink()
    give_away(plain)
    run(plain, "sync")
    assert b"/etc/hosts" in plain.report("target_changed")
    assert plain.differences("etc/hosts") == []
    assert (plain.clone / "etc/hosts").read_bytes() == b"clone\n"


def test_what_cannot_be_read_is_named_and_not_removed(plain: Pair) -> None:
    run(plain, "clone")
    (plain.booted / "srv/data").chmod(0)
    put(plain.booted, "etc/motd", b"booted\n")
    give_away(plain)
    assert b"/srv/data" in run(plain, "sync", ok=2)
    assert len(os.listdir(plain.clone / "srv/data")) == 20
    assert (plain.clone / "etc/motd").read_bytes() == b"booted\n"


def test_rsync_is_left_to_watch_for_links_where_the_kernel_follows_them(plain: Pair) -> None:
    run(plain, "clone")
    put(plain.booted, "etc/motd", b"booted\n")
    interpose(plain, before="tr '\\0' ' ' </proc/$$/cmdline")
    give_away(plain)
    run(plain, "sync")
    assert (plain.clone / "etc/motd").read_bytes() == b"booted\n"
    told = (plain.home / "interposed/log").read_bytes()
    assert b"--files-from" in told and b"--insecure-links" not in told


def test_a_plain_directory_needs_to_be_allowed_as_a_clone(plain: Pair) -> None:
    plain.configure(clone={"require_mount": True})
    give_away(plain)
    assert b"mount" in run(plain, "clone", ok=1)


def test_a_root_volume_group_is_for_root(plain: Pair) -> None:
    plain.configure(layout="lvm")
    give_away(plain)
    for command in ("sync", "preview", "check"):
        done = Program(
            ["--config", str(plain.config), command], plain.env, fresh=False, prepare=become_nobody
        ).wait()
        assert done.returncode == 1
        assert "running as root" in (done.stdout + done.stderr).decode()


def test_how_things_stand_is_not_told_to_those_who_may_not_know(plain: Pair) -> None:
    """That nothing was ever done, or reported, would be wrong."""
    os.chown(plain.config, 0, 0)
    plain.config.chmod(0o644)
    plain.home.chmod(0o755)
    plain.run("clone")
    plain.run("sync")
    for command in (["status"], ["report"], ["report", "target_changed"]):
        said = run(plain, *command, ok=1)
        assert b"state_dir cannot be read: Permission denied (run it as root)" in said
