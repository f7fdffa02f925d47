"""`reverse`: the roles of the two images exchanged, each with drdwrap's state on its own disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .lab.files import populate, put
from .lab.mounts import Mounts
from .lab.snapshot import differences
from .lab.two_images import TwoImages


@pytest.fixture(params=["own", "shared"])
def images(request: pytest.FixtureRequest, on_disk: Path, mounts: Mounts) -> TwoImages:
    """The clone filled, the original booted; the state on each image, or on neither."""
    booted, clone = mounts.image("booted").point, mounts.image("clone").point
    made = TwoImages(on_disk, booted, clone, shared=request.param == "shared")
    populate(booted)
    made.pair.clone_fill()
    return made


def test_the_clone_carries_the_marker_and_the_booted_system_the_record(images: TwoImages) -> None:
    assert images.marker(images.clone) is not None
    assert images.marker(images.original) is None
    assert images.header(images.original) is not None


def test_booted_from_the_clone_nothing_is_synchronized_until_reverse(images: TwoImages) -> None:
    before = images.trees()
    images.boot(images.clone)
    for command in ("sync", "preview"):
        told = images.pair.run(command, ok=1).stderr.decode()
        assert "booted from the clone: nothing is synchronized" in told
        assert "'drdwrap reverse'" in told
    assert "booted from the clone" in images.pair.run("check", ok=1).stdout.decode()
    assert images.trees() == before


def test_a_run_by_itself_says_once_that_there_is_nothing_to_do(images: TwoImages) -> None:
    images.boot(images.clone)
    done = images.pair.run("sync", "--occasion", "shutdown")
    assert done.stderr == b"drdwrap: booted from the clone: nothing is synchronized\n"
    assert images.pair.json("status")["last_sync"] is None


def test_reverse_where_the_original_is_booted_is_refused(images: TwoImages) -> None:
    told = images.pair.run("reverse", ok=1).stderr.decode()
    assert "this machine is not booted from the clone" in told
    assert images.pair.sync()["target_changed"] == 0


def test_the_week_on_the_clone_comes_home(images: TwoImages) -> None:
    pair = images.pair
    put(images.original, "etc/of-the-original", b"changed after the last sync\n")
    put(images.original, "etc/motd", b"the original's\n")
    images.boot(images.clone)
    put(images.clone, "etc/motd", b"the clone's\n")
    put(images.clone, "etc/hosts", b"written in the week\n")
    put(images.clone, "srv/new/of-the-week", b"new\n")
    (images.clone / "srv/data/07").unlink()
    previewed = pair.json("reverse", "-p")
    assert (previewed["only_here"], previewed["only_there"]) == (2, 2)
    assert previewed["counts"]["files_to_be_copied"] == 3
    assert images.marker(images.original) is None, "a preview changes nothing"
    done = pair.json("reverse")
    assert (done["exit_status"], done["held"]) == (0, [])
    assert not (images.original / "srv/new").exists(), "nothing is copied yet"
    counts = pair.sync()
    assert (counts["copied"], counts["deleted"], counts["target_changed"]) == (3, 1, 1)
    assert (images.original / "etc/hosts").read_bytes() == b"written in the week\n"
    assert (images.original / "srv/new/of-the-week").read_bytes() == b"new\n"
    assert not (images.original / "srv/data/07").exists()
    assert (images.original / "etc/motd").read_bytes() == b"the original's\n"
    assert (images.original / "etc/of-the-original").exists()
    assert pair.sync()["copied"] == 0


def test_after_reverse_each_image_knows_its_role(images: TwoImages) -> None:
    images.boot(images.clone)
    images.pair.run("reverse")
    assert images.marker(images.clone) is None
    carried, header = images.marker(images.original), images.header(images.clone)
    assert carried is not None and header is not None
    assert (carried.record_id, carried.generation) == (header.record_id, header.generation)
    assert header.reversals == 1
    status = images.pair.json("status")
    assert (status["role"], status["reversals"], status["overdue"]) == ("booted system", 1, False)
    assert status["last_reverse"]["exit_status"] == 0
    told = images.pair.run("reverse", ok=1).stderr.decode()
    assert "not booted from the clone" in told
    images.boot(images.original)
    told = images.pair.run("sync", ok=1).stderr.decode()
    assert "booted from the clone: nothing is synchronized" in told


def test_reverse_once_more_turns_the_roles_back(images: TwoImages) -> None:
    images.boot(images.clone)
    put(images.clone, "etc/hosts", b"one\n")
    images.pair.run("reverse")
    images.pair.sync()
    images.boot(images.original)
    put(images.original, "etc/hosts", b"two\n")
    put(images.original, "etc/motd", b"two\n")
    images.pair.run("reverse")
    assert images.pair.sync()["copied"] == 2
    trees = images.trees()
    assert differences(trees[images.original], trees[images.clone]) == []


def test_what_clone_mended_stays_each_sides_own(images: TwoImages) -> None:
    put(images.original, "etc/fstab", b"UUID=original / ext4 defaults 0 1\n")
    images.pair.sync()
    put(images.clone, "etc/fstab", b"UUID=clone / ext4 defaults 0 1\n")
    put(images.clone, "boot/grub/grub.cfg", b"clone\n")
    images.boot(images.clone)
    images.pair.run("reverse")
    images.pair.sync()
    assert not (images.original / "boot/grub/grub.cfg").exists()
    assert (images.original / "etc/fstab").read_bytes() == b"UUID=original / ext4 defaults 0 1\n"


@pytest.mark.parametrize("images", ["own"], indirect=True)
def test_a_restored_state_directory_is_refused(images: TwoImages) -> None:
    state = images.state_of(images.original)
    kept = (state / "record").read_bytes()
    put(images.original, "etc/hosts", b"later\n")
    images.pair.sync()
    (state / "record").write_bytes(kept)
    images.boot(images.clone)
    told = images.pair.run("reverse", ok=1).stderr.decode()
    assert "different generations" in told
    assert images.marker(images.original) is None


@pytest.mark.parametrize("images", ["own"], indirect=True)
def test_without_the_other_images_record_it_is_refused(images: TwoImages) -> None:
    shutil.rmtree(images.state_of(images.original))
    images.boot(images.clone)
    told = images.pair.run("reverse", ok=1).stderr.decode()
    assert "there is no record of both images" in told


@pytest.mark.parametrize("images", ["own"], indirect=True)
def test_the_clone_has_a_message_for_its_first_login(images: TwoImages) -> None:
    notice = images.state_of(images.clone) / "clone-notice"
    assert b"'drdwrap reverse'" in notice.read_bytes()
    images.boot(images.clone)
    images.pair.run("reverse")
    assert not notice.exists()
    assert (images.state_of(images.original) / "clone-notice").exists()


def test_what_a_sync_that_was_cut_off_may_have_torn_is_held_back(images: TwoImages) -> None:
    pair = images.pair
    put(images.original, "etc/hosts", b"whole on the original\n")
    for number in range(20):
        put(images.original, f"srv/data/{number:02}", os.urandom(300_000))
    program = pair.start("sync")
    intent = pair.state / "intent.more"
    while program.running() and not intent.exists():
        pass
    program.kill_all()
    pair.wait_for_lock()
    if not intent.exists():
        pytest.skip("the sync was faster")
    images.boot(images.clone)
    put(images.clone, "etc/hosts", b"torn\n")
    put(images.clone, "etc/motd", b"of the week\n")
    done = pair.json("reverse", ok=2)
    assert "/etc/hosts" in done["held"]
    before = images.trees()[images.original]
    counts = pair.sync()
    assert counts["target_changed"] == len(done["held"])
    after = images.trees()[images.original]
    assert after[b"etc/hosts"] == before[b"etc/hosts"]
    assert (images.original / "etc/motd").read_bytes() == b"of the week\n"


@pytest.mark.parametrize("images", ["own"], indirect=True)
def test_a_new_fill_from_the_clone_makes_the_original_its_clone(images: TwoImages) -> None:
    images.boot(images.clone)
    images.pair.run("clone", "--overwrite")
    assert images.marker(images.clone) is None
    assert images.pair.sync()["target_changed"] == 0
    images.boot(images.original)
    told = images.pair.run("sync", ok=1).stderr.decode()
    assert "booted from the clone" in told


@pytest.mark.parametrize("images", ["own"], indirect=True)
def test_a_clone_of_the_clone_is_another_pair(images: TwoImages, mounts: Mounts) -> None:
    """The original still follows nobody, and its record is not mixed up with the third's."""
    third = mounts.image("third").point
    images.boot(images.clone)
    pair = images.pair
    pair.clone = third
    pair.configure(clone={"root": str(third)})
    pair.clone_fill()
    put(images.clone, "etc/hosts", b"of the clone\n")
    assert pair.sync()["copied"] == 1
    assert (third / "etc/hosts").read_bytes() == b"of the clone\n"
    images.boot(images.clone)
    told = pair.run("reverse", ok=1).stderr.decode()
    assert "of this image and a third one" in told
    images.boot(images.original)
    put(images.original, "etc/motd", b"of the original\n")
    assert pair.sync()["copied"] == 1


@pytest.mark.parametrize("images", ["own"], indirect=True)
def test_a_reverse_needs_room_for_the_record(images: TwoImages) -> None:
    images.boot(images.clone)
    status = os.statvfs(images.clone)
    put(images.clone, "srv/ballast", b"")
    size = status.f_bavail * status.f_frsize - (1 << 20)
    with (images.clone / "srv/ballast").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)
    told = images.pair.run("reverse", ok=1).stderr.decode()
    assert "has no room for the record" in told
    assert images.marker(images.original) is None
    (images.clone / "srv/ballast").unlink()
    images.pair.run("reverse")


def test_a_first_result_that_was_cut_off_does_not_make_the_state_foreign(images: TwoImages) -> None:
    """The image that was the clone has a state directory, and no result in it yet."""
    images.boot(images.clone)
    images.pair.run("reverse")
    result = images.pair.state / "outcome.json"
    result.rename(result.with_name("outcome.json.new"))
    images.pair.sync()
    assert not result.with_name("outcome.json.new").exists()
