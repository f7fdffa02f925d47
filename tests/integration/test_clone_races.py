"""What somebody changes on the clone while a run is going stays, and is told.

It is made to happen just before rsync starts, or just after it: see `interpose`.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from drdwrap.sync import adjust, copy

from .lab.files import put, rewrite_unnoticed
from .lab.images import command
from .lab.moments import after_the_copy, before, kill
from .lab.pair import Pair
from .lab.rsync import interpose, interposed

NOTE = "user.note"


def kept(pair: Pair, name: str, content: bytes) -> None:
    """The clone's file has this content after another run, which says so."""
    pair.sync()
    assert (pair.clone / name).read_bytes() == content
    path = b"/" + os.fsencode(name)
    assert path in pair.report("target_changed") + pair.report("clone_only")


@pytest.mark.parametrize("signal", ["INT", "TERM"])
def test_a_file_that_an_interrupted_run_did_not_reach(filled: Pair, signal: str) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.booted, "etc/hosts", b"booted\n")
    edit = f"echo clone >{filled.clone}/etc/motd"
    interpose(filled, before=f"{edit}; kill -{signal} $PPID; sleep 20")
    filled.run("sync", ok=130 if signal == "INT" else 143)
    assert interposed(filled)
    kept(filled, "etc/motd", b"clone\n")
    assert (filled.clone / "etc/hosts").read_bytes() == b"booted\n"


def test_a_file_that_vanished_before_it_was_copied(filled: Pair) -> None:
    motd = put(filled.booted, "etc/motd", b"booted\n")
    interpose(filled, before=f"echo clone >{filled.clone}/etc/motd; rm {motd}")
    filled.sync()
    assert interposed(filled)
    filled.sync()
    assert (filled.clone / "etc/motd").read_bytes() == b"clone\n"
    assert filled.report("target_changed") == [b"/etc/motd"]


def test_a_file_of_a_later_run_of_rsync(filled: Pair) -> None:
    """Each looks at all that it is about to copy."""
    put(filled.booted, "etc/motd", b"booted\n")
    rewrite_unnoticed(filled.booted / "srv/data/07")
    interpose(filled, after=f"echo clone >{filled.clone}/srv/data/07")
    filled.sync()
    assert interposed(filled)
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"
    kept(filled, "srv/data/07", b"clone\n")


def test_a_file_that_was_to_be_removed(filled: Pair) -> None:
    """Its contents are as they were, and so are its times."""
    (filled.booted / "srv/data/07").unlink()
    put(filled.booted, "etc/motd", b"booted\n")
    interpose(filled, after=f"setfattr -n {NOTE} -v clone {filled.clone}/srv/data/07")
    filled.sync()
    assert interposed(filled)
    assert os.getxattr(filled.clone / "srv/data/07", NOTE) == b"clone"
    filled.sync()
    assert filled.report("target_changed") == [b"/srv/data/07"]


def test_a_linked_file_that_was_to_be_removed(filled: Pair) -> None:
    for name in ("one", "two", "three"):
        (filled.booted / f"srv/{name}").hardlink_to(filled.booted / "etc/hosts")
    filled.sync()
    for name in ("srv/one", "srv/two"):
        (filled.booted / name).unlink()
    put(filled.booted, "etc/motd", b"booted\n")
    interpose(filled, after=f"setfattr -n {NOTE} -v clone {filled.clone}/srv/one")
    assert filled.sync()["deleted"] == 0
    assert (filled.clone / "srv/one").exists()
    assert (filled.clone / "srv/two").exists()


def test_an_attribute_of_a_directory_in_which_something_was_made(filled: Pair) -> None:
    put(filled.booted, "srv/data/new", b"booted\n")
    data = filled.clone / "srv/data"
    interpose(filled, before=f"setfattr -n {NOTE} -v clone {data}")
    filled.sync()
    assert interposed(filled)
    filled.sync()
    assert filled.report("clone_only") == [b"/srv/data"]
    put(filled.booted, "srv/data/newer", b"booted\n")
    filled.sync()
    assert os.getxattr(data, NOTE) == b"clone"
    assert (data / "newer").exists()


def test_an_attribute_of_a_directory_that_was_to_be_removed(filled: Pair) -> None:
    """What was in it is removed before, and moves its times."""
    put(filled.booted, "srv/going/file", b"booted\n")
    filled.sync()
    (filled.booted / "srv/going/file").unlink()
    (filled.booted / "srv/going").rmdir()
    put(filled.booted, "etc/motd", b"booted\n")
    interpose(filled, after=f"setfattr -n {NOTE} -v clone {filled.clone}/srv/going")
    filled.sync()
    assert os.getxattr(filled.clone / "srv/going", NOTE) == b"clone"


def test_an_attribute_of_the_root_directory(filled: Pair) -> None:
    """It comes last of all."""
    filled.booted.chmod(0o750)
    put(filled.booted, "etc/motd", b"booted\n")
    interpose(filled, before=f"setfattr -n {NOTE} -v clone {filled.clone}")
    filled.sync()
    assert interposed(filled)
    filled.sync()
    assert os.getxattr(filled.clone, NOTE) == b"clone"
    assert filled.report("target_changed") == [b"/"]


def test_an_attribute_of_a_directory_after_a_kill(filled: Pair) -> None:
    """The run was to give it another mode, and the booted one's attributes."""
    data = filled.clone / "srv/data"
    (filled.booted / "srv/data").chmod(0o750)
    filled.start("sync", prepare=before(adjust, "adjust_all", kill)).wait()
    filled.wait_for_lock()
    os.setxattr(data, NOTE, b"clone")
    filled.sync()
    assert filled.report("target_changed") == [b"/srv/data"]
    assert os.getxattr(data, NOTE) == b"clone"


@pytest.mark.parametrize("reached", [True, False])
def test_a_directory_whose_attributes_a_killed_run_was_to_change_is_put_right(
    filled: Pair, reached: bool
) -> None:
    os.setxattr(filled.booted / "srv/data", NOTE, b"booted")
    put(filled.booted, "srv/data/new", b"booted\n")
    kill = "kill -KILL $PPID"
    interpose(filled, **({"after": kill} if reached else {"before": f"{kill}; exit"}))
    filled.start("sync").wait()
    filled.wait_for_lock()
    put(filled.booted, "srv/data/newer", b"booted\n")
    os.setxattr(filled.booted / "srv/data", NOTE, b"again")
    filled.sync()
    assert filled.report("target_changed") == []
    assert filled.differences() == []


def test_a_log_that_grows_before_and_after_a_kill_is_put_right(filled: Pair) -> None:
    """It changed between the scan and its turn: what came over is neither what the scan saw nor
    what there is after the kill."""
    log, there = filled.booted / "srv/data/07", filled.clone / "srv/data/07"
    put(filled.booted, "etc/motd", b"booted\n")
    rewrite_unnoticed(log)
    interpose(filled, before=f"echo more >>{log}")
    filled.start("sync", prepare=after_the_copy(kill)).wait()
    filled.wait_for_lock()
    assert (filled.state / "intent").exists(), "killed too late"
    assert there.read_bytes().endswith(b"more\n")
    with log.open("ab") as file:
        file.write(b"and more\n")
    filled.sync()
    assert filled.report("target_changed") == []
    assert filled.differences() == []


def test_a_journal_is_removed_only_once_its_database_has_arrived(filled: Pair) -> None:
    for name in ("app.db", "app.db-wal"):
        put(filled.booted, f"srv/{name}", b"first\n")
    filled.sync()
    database = put(filled.booted, "srv/app.db", b"second\n")
    (filled.booted / "srv/app.db-wal").unlink()
    put(filled.booted, "etc/motd", b"booted\n")
    interpose(filled, before=f"mv {database} {database}.aside")
    filled.sync()
    told = "/srv/app.db-wal is not removed: kept together with /srv/app.db, which has not arrived"
    assert told in filled.log.read_text()
    assert (filled.clone / "srv/app.db-wal").read_bytes() == b"first\n"
    database.with_name("app.db.aside").rename(database)
    filled.sync()
    assert filled.differences() == []


def test_a_journal_goes_though_its_database_has_changed_again(filled: Pair) -> None:
    """What came is newer than the journal in any case."""
    for name in ("app.db", "app.db-journal"):
        put(filled.booted, f"srv/{name}", b"first\n")
    filled.sync()
    database = put(filled.booted, "srv/app.db", b"second\n")
    (filled.booted / "srv/app.db-journal").unlink()
    interpose(filled, after=f"echo third >{database}")
    assert filled.sync()["deleted"] == 1
    assert (filled.clone / "srv/app.db").read_bytes() == b"second\n"


def test_what_came_and_went_on_the_booted_system_is_not_waited_for(filled: Pair) -> None:
    """As a database's temporary files do."""
    old = put(filled.booted, "var/lib/mysql/old", b"first\n")
    filled.sync()
    old.unlink()
    temporary = put(filled.booted, "var/lib/mysql/temporary", b"first\n")
    interpose(filled, before=f"rm {temporary}")
    assert filled.sync()["deleted"] == 1


def test_a_directory_that_holds_what_waits_stays_with_it_and_is_no_failure(filled: Pair) -> None:
    filled.configure(kept_together=[["/srv/q/*/state", "/srv/q/journal"]])
    journal = put(filled.booted, "srv/q/journal", b"first\n")
    state = put(filled.booted, "srv/q/7/state", b"first\n")
    filled.sync()
    state.unlink()
    state.parent.rmdir()
    put(filled.booted, "srv/q/journal", b"second\n")
    interpose(filled, before=f"mv {journal} {journal}.aside")
    assert filled.sync()["deleted"] == 0
    assert (filled.clone / "srv/q/7/state").exists()
    journal.with_name("journal.aside").rename(journal)
    filled.sync()
    assert filled.differences() == []


def test_a_set_of_which_a_member_changes_while_it_is_copied_is_left_out_whole(filled: Pair) -> None:
    filled.configure(kept_together=[["/etc/motd", "/srv/data/07"]])
    motd = put(filled.booted, "etc/motd", b"booted\n")
    rewrite_unnoticed(filled.booted / "srv/data/07")
    there = filled.clone / "srv/data/07"
    interpose(filled, after=f"echo clone >{there}")
    filled.sync()
    assert (filled.clone / "etc/motd").read_bytes() == b"welcome\n"
    motd.write_bytes(b"booted again\n")
    there.unlink()
    filled.sync()
    assert filled.report("target_changed") == []
    assert filled.differences() == []


def save_as_new_file(path: Path, content: bytes) -> None:
    """As an editor does: written beside it, and put in its place."""
    first, beside = path.with_name("first"), path.with_name(f"{path.name}.new")
    first.write_bytes(b"")  # it may get the inode that the file had before the run
    beside.write_bytes(content)
    beside.rename(path)
    first.unlink()


@pytest.mark.parametrize("fate", ["changes", "vanishes"])
def test_a_file_saved_after_it_was_copied_when_the_booted_one_changes_too(
    filled: Pair, fate: str
) -> None:
    """Nothing that is on the clone then is what the scan saw, nor what is on the booted system."""
    motd = put(filled.booted, "etc/motd", b"booted\n")
    interpose(filled, after=f"echo more >>{motd}" if fate == "changes" else f"rm {motd}")
    edit = after_the_copy(lambda: save_as_new_file(filled.clone / "etc/motd", b"clone\n"))
    assert filled.start("sync", prepare=edit).wait().returncode == 0
    assert interposed(filled)
    kept(filled, "etc/motd", b"clone\n")


def test_a_file_saved_after_it_was_copied_that_looks_the_same(filled: Pair) -> None:
    motd = put(filled.booted, "etc/motd", b"booted\n")
    edit = after_the_copy(lambda: rewrite_unnoticed(filled.clone / "etc/motd", b"cloned\n"))
    assert filled.start("sync", prepare=edit).wait().returncode == 0
    filled.sync()
    assert filled.report("clone_only") == [b"/etc/motd"]
    motd.write_bytes(b"booted again\n")
    kept(filled, "etc/motd", b"cloned\n")


def test_an_owner_given_to_a_file_that_a_run_was_to_give_another_mode(filled: Pair) -> None:
    """Interrupted, it has not reached the file, whose time tells nothing."""
    (filled.booted / "etc/motd").chmod(0o640)
    motd = filled.clone / "etc/motd"

    def give_away() -> None:
        os.chown(motd, 5, -1)
        os.kill(os.getpid(), signal.SIGTERM)

    done = filled.start("sync", prepare=before(adjust, "adjust_all", give_away)).wait()
    assert done.returncode == 143
    kept(filled, "etc/motd", b"welcome\n")
    assert (motd.stat().st_uid, motd.stat().st_mode & 0o777) == (5, 0o644)


def test_an_owner_given_to_such_a_file_after_a_kill(filled: Pair) -> None:
    (filled.booted / "etc/motd").chmod(0o640)
    filled.start("sync", prepare=after_the_copy(kill)).wait()
    filled.wait_for_lock()
    motd = filled.clone / "etc/motd"
    assert motd.stat().st_mode & 0o777 == 0o640
    os.chown(motd, 5, -1)
    kept(filled, "etc/motd", b"welcome\n")
    assert motd.stat().st_uid == 5


def test_a_file_saved_after_it_was_copied_below_a_directory_that_was_swapped(
    filled: Pair,
) -> None:
    put(filled.booted, "home/ann/mail/letter", b"booted\n")
    mail = filled.booted / "home/ann/mail"
    interpose(filled, after=f"mv {mail} {mail}.aside; ln -s /etc {mail}")
    edit = after_the_copy(
        lambda: save_as_new_file(filled.clone / "home/ann/mail/letter", b"clone\n")
    )
    filled.start("sync", prepare=edit).wait()
    assert interposed(filled)
    assert (filled.clone / "home/ann/mail/letter").read_bytes() == b"clone\n"
    filled.sync()
    assert (filled.clone / "home/ann/mail/letter").read_bytes() == b"clone\n"
    assert filled.report("target_changed") == [b"/home/ann/mail"]


def test_a_log_that_grows_as_rsync_comes_to_it_before_a_kill_is_put_right(filled: Pair) -> None:
    """What came over has a time that no intent could have foreseen."""
    log = put(filled.booted, "var/log/app", b"first\n")
    filled.sync()
    log.write_bytes(b"second\n")
    interpose(filled, before=f"echo more >>{log}")
    filled.start("sync", prepare=after_the_copy(kill)).wait()
    filled.wait_for_lock()
    assert (filled.clone / "var/log/app").read_bytes() == b"second\nmore\n"
    with log.open("ab") as file:
        file.write(b"and more\n")
    filled.sync()
    assert filled.report("target_changed") == []
    assert filled.differences() == []


def test_a_directory_in_which_an_interrupted_run_made_something_is_put_right(
    filled: Pair,
) -> None:
    """It was to get another mode itself, in a run of rsync that did not come any more."""
    filled.configure(kept_together=[["/srv/data", "/srv/other"]])
    rewrite_unnoticed(filled.booted / "srv/data/07")
    put(filled.booted, "srv/data/new", b"booted\n")
    filled.booted.chmod(0o750)
    interpose(filled, after="kill -TERM $PPID")
    filled.run("sync", ok=143)
    assert interposed(filled)
    filled.sync()
    assert filled.report("target_changed") == []
    assert filled.differences(with_root=True) == []


def test_a_member_of_a_set_that_was_to_make_way(filled: Pair) -> None:
    """The others are left out as well."""
    filled.configure(kept_together=[["/etc/motd", "/srv/data/07"]])
    (filled.booted / "etc/motd").unlink()
    (filled.booted / "etc/motd").symlink_to("hosts")
    put(filled.booted, "srv/data/07", b"booted\n")
    edit = before(copy, "copy", lambda: put(filled.clone, "etc/motd", b"clone\n"))
    assert filled.start("sync", prepare=edit).wait().returncode == 0
    kept(filled, "etc/motd", b"clone\n")
    assert (filled.clone / "srv/data/07").read_bytes() != b"booted\n"
    assert b"/srv/data/07" in filled.report("target_changed")


@pytest.mark.parametrize("name", ["srv/aside/copy", "srv/copy"])
def test_another_name_on_the_clone_of_a_file_that_gets_another_mode(
    filled: Pair, name: str
) -> None:
    """One that is excluded, or the clone's own: it does not get the booted file's mode."""
    filled.configure(exclude_list=["/srv/aside"])
    motd, other = filled.clone / "etc/motd", filled.clone / name
    other.parent.mkdir(exist_ok=True)
    other.hardlink_to(motd)
    filled.sync()
    (filled.booted / "etc/motd").chmod(0o600)
    filled.sync()
    assert motd.stat().st_mode & 0o777 == 0o600
    assert other.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("signal", ["KILL", "TERM"])
def test_an_attribute_set_on_a_file_that_a_run_that_was_cut_off_was_to_copy(
    filled: Pair, signal: str
) -> None:
    """Nothing that lstat shows has changed but its change time."""
    put(filled.booted, "etc/motd", b"booted\n")
    motd = filled.clone / "etc/motd"
    interpose(filled, before=f"setfattr -n {NOTE} -v clone {motd}; kill -{signal} $PPID; sleep 2")
    filled.start("sync").wait()
    assert interposed(filled)
    filled.wait_for_lock()
    if motd.read_bytes() == b"welcome\n":  # a killed run's rsync may have gone on
        kept(filled, "etc/motd", b"welcome\n")
        assert os.getxattr(motd, NOTE) == b"clone"
    else:
        assert signal == "KILL"


def test_a_member_of_a_set_that_has_made_way_is_put_back_though_another_cannot(
    filled: Pair,
) -> None:
    filled.configure(kept_together=[["/etc/motd", "/etc/hosts"]])
    hosts = filled.clone / "etc/hosts"
    command("chattr", "+i", hosts)
    try:
        filled.sync()  # it is as it was, except for its change time
        for name in ("etc/motd", "etc/hosts"):
            (filled.booted / name).unlink()
            (filled.booted / name).symlink_to("hostname")
        done = filled.run("sync", ok=2)
    finally:
        command("chattr", "-i", hosts)
    assert b"/etc/hosts could not be copied: Operation not permitted" in done.stderr
    assert (filled.clone / "etc/motd").is_symlink()
    hosts.unlink()
    filled.sync()
    assert filled.differences() == []


def test_a_change_between_the_look_at_a_transfer_and_its_moves_is_kept(filled: Pair) -> None:
    """What has arrived is brought to the disk and declared in between, which takes a while."""
    from drdwrap.linux import syscalls

    from .lab.moments import before

    for name in ("etc/motd", "srv/data/03"):
        put(filled.booted, name, b"of the booted system\n")

    def change() -> None:
        for name in ("etc/motd", "srv/data/03"):
            put(filled.clone, name, b"of the administrator\n")

    filled.start("sync", prepare=before(syscalls, "syncfs", change)).wait()
    for name in ("etc/motd", "srv/data/03"):
        assert (filled.clone / name).read_bytes() == b"of the administrator\n"
