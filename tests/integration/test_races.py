"""Files that change, vanish, appear, grow or give way to a link while they are copied.

What happens between the scan and the copy is made to happen just before rsync starts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest

from drdwrap.linux import syscalls
from drdwrap.sync import guard

from .lab.files import put
from .lab.moments import after_the_copy, before
from .lab.pair import Pair
from .lab.rsync import OLD, interpose, interposed

both_versions = pytest.mark.usefixtures("rsync")


def settle(pair: Pair, *ignoring: str) -> None:
    """The next run takes what this one noted; the one after has nothing to do."""
    pair.sync()
    assert pair.differences(*ignoring) == []
    assert pair.report("target_changed") == []
    again = pair.sync()
    assert again["copied"] == again["deleted"] == 0


@both_versions
def test_a_file_that_vanishes_is_no_error(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.booted, "srv/new/file", b"booted\n")
    put(filled.booted, "etc/hosts", b"booted\n")
    interpose(filled, before=f"rm -r {filled.booted}/etc/motd {filled.booted}/srv/new")
    filled.sync()
    assert interposed(filled)
    assert (filled.clone / "etc/hosts").read_bytes() == b"booted\n"
    settle(filled)
    assert not (filled.clone / "etc/motd").exists()


def test_all_files_vanish_and_it_is_no_error(filled: Pair) -> None:
    put(filled.booted, "srv/new/file", b"booted\n")
    interpose(filled, before=f"rm -r {filled.booted}/srv/new")
    filled.sync()
    settle(filled)


@both_versions
def test_a_file_that_changes_before_it_is_read_is_taken_by_the_next_run(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"first\n")
    interpose(filled, before=f"echo second >{filled.booted}/etc/motd")
    filled.sync()
    settle(filled)
    assert (filled.clone / "etc/motd").read_bytes() == b"second\n"


def test_a_file_that_changes_after_it_was_read_is_taken_by_the_next_run(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"first\n")
    interpose(filled, after=f"echo second >{filled.booted}/etc/motd")
    filled.sync()
    assert (filled.clone / "etc/motd").read_bytes() == b"first\n"
    settle(filled)
    assert (filled.clone / "etc/motd").read_bytes() == b"second\n"


def test_a_file_that_changes_unnoticed_after_it_was_read_is_taken_by_the_next_run(
    filled: Pair,
) -> None:
    """Same size, time put back: only the change time is later than what was scanned."""
    motd = put(filled.booted, "etc/motd", b"first.\n")
    interpose(
        filled,
        after=f"touch -r {motd} {filled.home}/times; printf 'second\\n' >{motd}; "
        f"touch -r {filled.home}/times {motd}",
    )
    filled.sync()
    settle(filled)
    assert (filled.clone / "etc/motd").read_bytes() == b"second\n"


def test_a_mode_that_changes_during_the_copy_is_taken_by_the_next_run(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"first\n")
    put(filled.booted, "srv/new/file", b"first\n")
    interpose(
        filled,
        before=f"chmod 600 {filled.booted}/etc/motd; chmod 700 {filled.booted}/srv/new",
        after=f"chmod 640 {filled.booted}/etc/motd; chmod 750 {filled.booted}/srv/new/file",
    )
    filled.sync()
    settle(filled)


def test_files_that_appear_are_taken_by_the_next_run(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    interpose(
        filled,
        before=f"echo new >{filled.booted}/etc/before; echo x >>{filled.booted}/srv/data/07",
        after=f"echo new >{filled.booted}/etc/after; mkdir {filled.booted}/srv/later",
    )
    filled.sync()
    settle(filled)


def test_all_that_changes_while_a_clone_is_filled_is_taken_by_the_next_run(filled: Pair) -> None:
    """The fill looks at the booted system after the copy: what changed unnoticed meanwhile looks
    the same there by then."""
    motd = put(filled.booted, "etc/motd", b"first.\n")
    put(filled.booted, "etc/hosts", b"hosts\n")
    put(filled.booted, "etc/going", b"going\n")
    time.sleep(0.1)
    interpose(
        filled,
        after=f"touch -r {motd} {filled.home}/times; printf 'second\n' >{motd}; "
        f"touch -r {filled.home}/times {motd}; echo new >{filled.booted}/etc/appeared; "
        f"rm {filled.booted}/etc/going; chmod 600 {filled.booted}/etc/hosts; "
        f"echo changed >{filled.booted}/etc/issue; mkdir {filled.booted}/srv/later",
    )
    made = filled.json("clone", "--overwrite")
    assert interposed(filled)
    assert made["warnings"] == []
    assert motd.read_bytes() != (filled.clone / "etc/motd").read_bytes()
    assert (filled.clone / "etc/going").exists()
    filled.sync()
    assert motd.read_bytes() == (filled.clone / "etc/motd").read_bytes() == b"second\n"
    assert not (filled.clone / "etc/going").exists()
    assert (filled.clone / "etc/appeared").exists()
    settle(filled)


@both_versions
def test_a_file_that_becomes_a_directory_or_a_link_is_taken_by_the_next_run(
    filled: Pair,
) -> None:
    for name in ("one", "two", "three"):
        put(filled.booted, f"srv/{name}", b"booted\n")
    here = filled.booted
    interpose(
        filled,
        before=f"cd {here}/srv; rm one two three; mkdir one; echo x >one/x; ln -s /etc two; "
        "mkfifo three",
    )
    filled.run("sync", timeout=20)
    settle(filled)


def test_a_name_that_moves_during_the_copy_is_taken_by_the_next_run(filled: Pair) -> None:
    for number in range(10):
        put(filled.booted, f"srv/new/{number}", b"%d\n" % number)
    interpose(filled, before=f"cd {filled.booted}/srv/new; mv 3 33; mv 5 3; mv 9 ../data")
    filled.sync()
    settle(filled)


def test_a_file_that_grows_all_the_while_ends_whole(filled: Pair) -> None:
    log = put(filled.booted, "var/log/growing", b"x" * 1_000_000)
    writer = subprocess.Popen(
        ["sh", "-c", f"while :; do echo line >>{log}; done"], stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(4):
            filled.sync()
            copied = (filled.clone / "var/log/growing").read_bytes()
            assert log.read_bytes().startswith(copied)
            time.sleep(0.05)
    finally:
        writer.kill()
        writer.wait()
    settle(filled)


@both_versions
def test_a_file_that_shrinks_while_it_is_read_is_no_error(filled: Pair) -> None:
    log = put(filled.booted, "var/log/rotated", os.urandom(3_000_000))
    filled.configure(rsync={"options": ["--bwlimit=4000"]})
    interpose(filled, before=f"(sleep 0.2; truncate -s 10 {log}) >/dev/null 2>&1 &")
    filled.sync()
    filled.configure(rsync={"options": []})
    settle(filled)


def swap(pair: Pair, directory: str, target: str) -> str:
    """Shell commands that put a link where a directory was."""
    path = pair.booted / directory
    return f"mv {path} {path}.aside; ln -s {target} {path}"


@both_versions
def test_what_came_through_a_parent_swapped_for_a_link_is_removed_and_reported(
    filled: Pair,
) -> None:
    """An unprivileged owner of the directory could have root's copy read any file there is."""
    put(filled.booted, "home/ann/mail/secret", b"harmless\n")
    put(filled.home, "outside/secret", b"read through the link\n", mode=0o600)
    interpose(filled, before=swap(filled, "home/ann/mail", str(filled.home / "outside")))
    done = filled.run("sync", ok=2)
    assert interposed(filled)
    assert b"/home/ann/mail" in done.stdout + done.stderr
    assert b"read through the link\n" not in {
        path.read_bytes() for path in filled.clone.rglob("*") if path.is_file()
    }
    settle(filled)


@both_versions
def test_a_parent_swapped_for_a_link_never_overwrites_with_what_it_reads(filled: Pair) -> None:
    """The file was known before; what the clone then holds is not the file behind the link."""
    put(filled.booted, "home/ann/mail/known", b"first\n")
    filled.sync()
    put(filled.booted, "home/ann/mail/known", b"second\n")
    put(filled.home, "outside/known", b"read through the link\n", mode=0o600)
    interpose(filled, before=swap(filled, "home/ann/mail", str(filled.home / "outside")))
    filled.run("sync", ok=2)
    known = filled.clone / "home/ann/mail/known"
    assert not known.exists() or known.read_bytes() != b"read through the link\n"
    settle(filled)


def test_a_parent_swapped_for_a_link_and_back_is_put_right(filled: Pair) -> None:
    """When the run looks again all is as it was; the contents are not."""
    mail = filled.booted / "home/ann/mail"
    put(filled.booted, "home/ann/mail/secret", b"harmless\n")
    put(filled.home, "outside/secret", b"read through the link\n")
    interpose(
        filled,
        before=swap(filled, "home/ann/mail", str(filled.home / "outside")),
        after=f"rm {mail}; mv {mail}.aside {mail}",
    )
    filled.start("sync").wait()
    filled.sync()
    assert (filled.clone / "home/ann/mail/secret").read_bytes() == b"harmless\n"
    settle(filled)


@both_versions
def test_a_parent_that_becomes_a_link_on_the_clone_is_not_written_through(filled: Pair) -> None:
    outside = filled.home / "outside"
    outside.mkdir()
    put(filled.booted, "srv/data/new", b"booted\n")
    put(filled.booted, "srv/data/07", b"booted\n")
    data = filled.clone / "srv/data"
    interpose(filled, before=f"mv {data} {data}.aside; ln -s {outside} {data}")
    filled.start("sync").wait()
    assert interposed(filled)
    assert list(outside.iterdir()) == []


@both_versions
def test_rsync_is_told_to_walk_plainly_where_the_kernel_follows_no_link(
    filled: Pair, rsync: str
) -> None:
    """Only a version that has the option is: an older one would refuse it, and copy nothing."""
    put(filled.booted, "etc/motd", b"booted\n")
    running = "tr '\\0' ' ' </proc/$$/cmdline"
    interpose(filled, before=running)
    filled.sync()
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"
    told = b"--insecure-links" in (filled.home / "interposed/log").read_bytes()
    assert told == (rsync != OLD)


def test_a_change_made_on_the_clone_after_the_copy_is_kept(filled: Pair) -> None:
    """Between the copy and the record: what is recorded is what drdwrap put."""
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.booted, "srv/new/file", b"booted\n")
    edit = after_the_copy(lambda: put(filled.clone, "srv/new/file", b"clone\n"))
    filled.start("sync", prepare=edit).wait()
    assert (filled.clone / "srv/new/file").read_bytes() == b"clone\n"
    filled.sync()
    put(filled.booted, "srv/new/file", b"booted again\n")
    filled.sync()
    assert (filled.clone / "srv/new/file").read_bytes() == b"clone\n"


def test_an_attribute_set_on_the_clone_after_the_copy_is_kept_and_named(filled: Pair) -> None:
    new = put(filled.booted, "srv/new/file", b"booted\n")
    there = filled.clone / "srv/new/file"
    edit = after_the_copy(lambda: os.setxattr(there, "user.note", b"clone"))
    assert filled.start("sync", prepare=edit).wait().returncode == 0
    assert "/srv/new/file changed on the clone while the run was going" in filled.log.read_text()
    new.chmod(0o600)
    filled.sync()
    assert filled.report("target_changed") == [b"/srv/new/file"]
    assert os.getxattr(there, "user.note") == b"clone"


@both_versions
@pytest.mark.parametrize("name", ["srv/new", "srv/new/", "etc/motd"])
def test_an_attribute_set_on_the_booted_system_after_the_copy_is_no_error(
    filled: Pair, name: str
) -> None:
    """A file or a directory that the clone has not, and one that it has."""
    there = filled.booted / name
    there.mkdir() if name.endswith("/") else put(filled.booted, name, b"booted\n")
    interpose(filled, after=f"setfattr -n user.late -v 1 {there}")
    assert filled.json("sync")["warnings"] == []
    assert interposed(filled)
    assert "changed on the booted system while it was copied" in filled.log.read_text()
    settle(filled)
    assert os.getxattr(filled.clone / name, "user.late") == b"1"


def test_a_tree_that_never_rests_is_followed(filled: Pair) -> None:
    work = filled.booted / "srv/work"
    work.mkdir()
    script = (
        f"cd {work}; while :; do mkdir -p d; echo $$ >d/a; mv d/a b; ln b c; rm -f c d/x;"
        " ln -s b d/x; rm -rf d; done"
    )
    writer = subprocess.Popen(["sh", "-c", script], stderr=subprocess.DEVNULL)
    try:
        for _ in range(5):
            filled.sync()
            assert filled.report("target_changed") == []
    finally:
        writer.kill()
        writer.wait()
    settle(filled)
    shutil.rmtree(work)
    settle(filled)


def an_older_kernel() -> None:
    """Before Linux 5.10 a mount follows symbolic links, like it or not: the flag is ignored."""
    mount = syscalls.mount

    def ignoring(
        source: bytes, target: bytes, kind: bytes, flags: int, options: bytes = b""
    ) -> None:
        mount(source, target, kind, flags & ~syscalls.MS_NOSYMFOLLOW, options)

    syscalls.mount = ignoring


@both_versions
@pytest.mark.parametrize("known", [True, False])
def test_what_came_through_a_link_that_the_kernel_followed_is_removed(
    filled: Pair, known: bool
) -> None:
    if known:
        put(filled.booted, "home/ann/mail/secret", b"first\n")
        filled.sync()
    put(filled.booted, "home/ann/mail/secret", b"harmless\n")
    put(filled.home, "outside/secret", b"read through the link\n", mode=0o600)
    interpose(filled, before=swap(filled, "home/ann/mail", str(filled.home / "outside")))
    done = filled.start("sync", prepare=an_older_kernel).wait()
    assert interposed(filled)
    assert done.returncode == 2
    assert b"/home/ann/mail" in done.stderr
    left = {path.read_bytes() for path in filled.clone.rglob("*") if path.is_file()}
    assert b"read through the link\n" not in left
    settle(filled)


@both_versions
def test_a_link_on_the_clone_is_not_written_through_where_the_kernel_would(filled: Pair) -> None:
    outside = filled.home / "outside"
    outside.mkdir()
    put(filled.booted, "srv/data/07", b"booted\n")
    data = filled.clone / "srv/data"
    data.rename(f"{data}.aside")
    data.symlink_to(outside)
    filled.start("sync", prepare=an_older_kernel).wait()
    assert list(outside.iterdir()) == []
    assert b"/srv/data/07" in filled.report("target_changed")


@both_versions
@pytest.mark.parametrize("older", [True, False])
def test_a_directory_of_the_clone_that_is_moved_and_linked_to_during_the_run(
    filled: Pair, older: bool
) -> None:
    """Through the link, the file is just as the scan saw it."""
    put(filled.booted, "srv/data/07", b"booted\n")
    data = filled.clone / "srv/data"
    before_it = (data / "07").read_bytes()

    def swap_once() -> None:
        if not data.is_symlink():
            data.rename(f"{data}.aside")
            data.symlink_to("data.aside")

    def prepare() -> None:
        if older:
            an_older_kernel()
        before(guard, "leave_out_changed", swap_once)()

    done = filled.start("sync", prepare=prepare).wait()
    assert data.is_symlink(), done.stderr
    assert (filled.clone / "srv/data.aside/07").read_bytes() == before_it
    assert (
        "/srv/data/07 is not copied: its directory changed on the clone meanwhile"
        in filled.log.read_text()
    )
    filled.sync()
    assert (filled.clone / "srv/data.aside/07").read_bytes() == before_it
    assert b"/srv/data/07" in filled.report("target_changed")
