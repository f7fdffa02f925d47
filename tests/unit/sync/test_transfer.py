"""What rsync has left in the staging directory is judged, declared and moved; on real files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from unit.sync.jobs import Sides

from drdwrap.record import intent as intents
from drdwrap.record.intent import Intent
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync import adjust
from drdwrap.sync.declare import Declaration
from drdwrap.sync.job import Job
from drdwrap.sync.last_look import look_at_arrivals
from drdwrap.sync.ledger import Ledger, Note, PathState
from drdwrap.sync.transfer import link_all, move_staged

INTENT = Intent("record", 2, "booted", "clone", "sync")
DENIED = "failed: Operation not permitted (1)"


class Copy(Sides):
    """A copy of files whose contents changed on the booted system, between rsync and the move."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        for side in (self.booted, self.clone):
            (side / "var").mkdir()
        self.ledger = Ledger()
        self.transcript = Transcript()
        self.intent = os.fsencode(place / "intent")
        intents.write(self.intent, INTENT)

    def edit(self, *names: str) -> None:
        """New contents on the booted system."""
        for name in names:
            (self.booted / name).parent.mkdir(parents=True, exist_ok=True)
            (self.booted / name).write_text("new")
            os.utime(self.booted / name, (200, 200))

    def stage(self, job: Job, *paths: bytes) -> None:
        """Let rsync have copied these files."""
        for path in paths:
            job.staging.make_parents(job.pair.volume_of(path), [path])
            new = Path(os.fsdecode(job.staging.new(path)))
            new.write_text((self.booted / os.fsdecode(path)).read_text())
            os.utime(new, (200, 200))

    def say(self, job: Job, path: bytes) -> None:
        """Let rsync have complained about this path."""
        new = os.fsdecode(job.staging.new(path))
        message = f'rsync: [receiver] mkstemp "{new}" {DENIED}\n'
        self.transcript.note(os.fsencode(message), self.trees, job.copies)

    def move(self, job: Job, paths: Iterable[bytes], volume: bytes = b"") -> None:
        declaration = Declaration(self.intent, INTENT)
        move_staged(job, self.ledger, declaration, self.transcript, volume, paths)

    def moved(self, *paths: bytes, volume: bytes = b"") -> None:
        """Copy and move these."""
        job = self.job(*paths)
        self.stage(job, *paths)
        self.move(job, paths, volume)

    def states(self) -> dict[bytes, PathState]:
        return {path: note.state for path, note in self.ledger.copies.items()}

    def text(self, name: str) -> str:
        return (self.clone / name).read_text()

    def declared(self) -> set[bytes]:
        intent = intents.read(self.intent)
        assert intent is not None
        return {move.staged.path for move in intent.moves}


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize(("name", "volume"), [("a", b""), ("var/a", b"var")])
def test_what_is_like_the_booted_file_goes_to_its_place(
    copy: Copy, name: str, volume: bytes, there: bool
) -> None:
    if there:
        copy.write(name)
    copy.edit(name)
    path = os.fsencode(name)
    copy.moved(path, volume=volume)
    assert copy.ledger.copies == {path: Note(PathState.COPIED, "", copy.on_clone(path))}
    assert copy.text(name) == "new"
    assert copy.declared() == {path}


def test_it_is_declared_before_it_is_moved(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    copy.edit("a")
    seen = []
    add = intents.add

    def note(*arguments: object) -> None:
        seen.append(copy.on_clone(b"a"))
        add(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(intents, "add", note)
    copy.moved(b"a")
    assert seen == [None]
    assert copy.on_clone(b"a") is not None


def test_a_file_of_several_names_goes_as_one(copy: Copy) -> None:
    copy.edit("a")
    os.link(copy.booted / "a", copy.booted / "b")
    job = copy.job(b"a", b"b")
    copy.stage(job, b"a")
    os.link(job.staging.new(b"a"), job.staging.new(b"b"))
    copy.move(job, (b"a", b"b"))
    assert copy.states() == {b"a": PathState.COPIED, b"b": PathState.COPIED}
    assert (copy.clone / "a").stat().st_ino == (copy.clone / "b").stat().st_ino
    assert look_at_arrivals(job, copy.ledger).overtaken == ()


def test_a_message_about_it_makes_it_a_failure_even_if_it_goes(copy: Copy) -> None:
    copy.edit("a", "b")
    job = copy.job(b"a", b"b")
    copy.stage(job, b"a", b"b")
    copy.say(job, b"a")
    copy.move(job, (b"a", b"b"))
    assert copy.states() == {b"a": PathState.FAILED, b"b": PathState.COPIED}
    assert "Operation not permitted" in copy.ledger.copies[b"a"].why
    assert copy.ledger.copies[b"a"].put == copy.on_clone(b"a")
    assert copy.text("a") == "new"


def test_what_rsync_did_not_copy_has_failed_and_what_was_there_stays(copy: Copy) -> None:
    copy.write("a")
    copy.edit("a")
    job = copy.job(b"a")
    copy.move(job, [b"a"])
    why = "it did not arrive as it is on the booted system"
    assert copy.ledger.copies == {b"a": Note(PathState.FAILED, why)}
    assert copy.text("a") == "old"
    assert copy.declared() == set()


def test_what_does_not_look_like_the_booted_file_does_not_go(copy: Copy) -> None:
    copy.write("a")
    copy.edit("a")
    job = copy.job(b"a")
    copy.stage(job, b"a")
    os.chmod(job.staging.new(b"a"), 0o666)
    copy.move(job, [b"a"])
    assert copy.states() == {b"a": PathState.FAILED}
    assert copy.text("a") == "old"
    assert job.staging.entry(b"a") is None


def test_what_changed_on_the_booted_system_again_goes_and_is_for_the_next_run(copy: Copy) -> None:
    copy.write("a")
    copy.edit("a")
    job = copy.job(b"a")
    copy.stage(job, b"a")
    (copy.booted / "a").write_text("newer still")
    copy.move(job, [b"a"])
    assert copy.ledger.copies == {b"a": Note(PathState.CHANGING, "", copy.on_clone(b"a"))}
    assert copy.text("a") == "new"


def test_so_is_what_vanished_there(copy: Copy) -> None:
    copy.edit("a", "b")
    job = copy.job(b"a", b"b")
    copy.stage(job, b"a")
    for name in ("a", "b"):
        (copy.booted / name).unlink()
    copy.move(job, (b"a", b"b"))
    assert copy.states() == {b"a": PathState.CHANGING, b"b": PathState.CHANGING}
    assert copy.ledger.copies[b"b"].put is None


def test_other_attributes_are_a_failure_even_if_it_goes(copy: Copy) -> None:
    copy.edit("a", "b")
    for name in ("a", "b"):
        os.setxattr(copy.booted / name, "user.note", b"1")
    job = copy.job(b"a", b"b")
    copy.stage(job, b"a", b"b")
    os.setxattr(job.staging.new(b"b"), "user.note", b"1")
    copy.move(job, (b"a", b"b"))
    why = "its ACL or attributes are not those of the booted system"
    assert copy.ledger.copies[b"a"] == Note(PathState.FAILED, why, copy.on_clone(b"a"))
    assert copy.states()[b"b"] is PathState.COPIED


def test_what_a_cut_off_rsync_did_not_reach_has_no_note(copy: Copy) -> None:
    copy.write("a")
    copy.write("b")
    copy.edit("a", "b")
    job = copy.job(b"a", b"b")
    copy.stage(job, b"b")
    copy.transcript.cut_off = "a full disk"
    copy.move(job, (b"a", b"b"))
    assert copy.states() == {b"b": PathState.COPIED}
    assert (copy.text("a"), copy.text("b")) == ("old", "new")


def test_what_came_through_a_swapped_directory_is_thrown_away(copy: Copy) -> None:
    copy.write("d/a")
    copy.edit("d/a")
    job = copy.job(b"d/a")
    copy.stage(job, b"d/a")
    (copy.booted / "d").rename(copy.booted / "elsewhere")
    (copy.booted / "elsewhere/a").write_text("foreign")
    (copy.booted / "d").symlink_to("elsewhere")
    copy.move(job, [b"d/a"])
    note = copy.ledger.copies[b"d/a"]
    assert (note.state, note.put) == (PathState.FAILED, None)
    assert "swapped" in note.why
    assert copy.text("d/a") == "old"
    assert job.staging.entry(b"d/a") is None


def test_what_changed_on_the_clone_while_it_was_copied_stays_with_its_set(copy: Copy) -> None:
    names = ("a", "a-wal", "b")
    for name in names:
        copy.write(name)
    copy.edit(*names)
    paths = [os.fsencode(name) for name in names]
    job = copy.job(*paths)
    copy.stage(job, *paths)
    (copy.clone / "a-wal").write_text("mine")
    copy.move(job, paths)
    assert copy.states() == {
        b"a": PathState.CHANGED,
        b"a-wal": PathState.CHANGED,
        b"b": PathState.COPIED,
    }
    assert [copy.text(name) for name in names] == ["old", "mine", "new"]
    assert copy.declared() == {b"b"}
    assert job.staging.entry(b"a") is None


def test_a_set_of_which_a_member_did_not_arrive_is_left_alone(copy: Copy) -> None:
    for name in ("a", "a-wal"):
        copy.write(name)
    copy.edit("a", "a-wal")
    job = copy.job(b"a", b"a-wal")
    copy.stage(job, b"a")
    copy.move(job, (b"a", b"a-wal"))
    assert copy.states() == {b"a": PathState.CHANGED, b"a-wal": PathState.FAILED}
    assert copy.text("a") == "old"


def test_what_is_of_another_type_now_takes_the_place_of_what_was_there(copy: Copy) -> None:
    copy.write("a")
    (copy.booted / "a").unlink()
    (copy.booted / "a").symlink_to("b")
    job = copy.job(b"a")
    job.staging.make_parents(b"", [b"a"])
    os.symlink("b", job.staging.new(b"a"))
    os.utime(
        job.staging.new(b"a"),
        ns=(0, (copy.booted / "a").lstat().st_mtime_ns),
        follow_symlinks=False,
    )
    copy.move(job, [b"a"])
    assert copy.states() == {b"a": PathState.COPIED}
    assert os.readlink(copy.clone / "a") == "b"


class TestFurtherNames:
    """Names that the booted system has given to files that the clone has."""

    def link(self, copy: Copy, *paths: bytes) -> Job:
        """Set the attributes, compare the contents and make the names, as a copy does."""
        job = copy.job(*paths)
        adjust.compare_contents(job, copy.ledger, adjust.adjust_all(job, copy.ledger))
        link_all(job, copy.ledger, Declaration(copy.intent, INTENT))
        return job

    def linked(self, copy: Copy, *names: str) -> None:
        """Names that both sides have of the file `a`."""
        copy.write("a")
        for side in (copy.booted, copy.clone):
            for name in names:
                os.link(side / "a", side / name)

    def assert_copied(self, copy: Copy, job: Job) -> None:
        assert set(copy.states().values()) == {PathState.COPIED}
        assert copy.states().keys() == job.copies.keys()
        assert len({(copy.clone / os.fsdecode(path)).stat().st_ino for path in job.copies}) == 1
        assert look_at_arrivals(job, copy.ledger).overtaken == ()

    @pytest.mark.parametrize("others", [(), ("b",)])
    @pytest.mark.parametrize("mode", [0o644, 0o600])
    def test_become_names_of_the_clones_file(
        self, copy: Copy, others: tuple[str, ...], mode: int
    ) -> None:
        self.linked(copy, *others)
        os.link(copy.booted / "a", copy.booted / "c")
        (copy.booted / "a").chmod(mode)
        job = self.link(copy, b"a", b"c", *map(os.fsencode, others))
        self.assert_copied(copy, job)
        assert (copy.clone / "c").stat().st_mode & 0o777 == mode

    def test_are_not_given_to_what_somebody_has_changed_meanwhile(self, copy: Copy) -> None:
        self.linked(copy)
        os.link(copy.booted / "a", copy.booted / "c")
        job = copy.job(b"a", b"c")
        (copy.clone / "a").write_text("mine")
        link_all(job, copy.ledger, Declaration(copy.intent, INTENT))
        why = "the file that it is a name of changed meanwhile"
        assert copy.ledger.copies == {b"c": Note(PathState.CHANGED, why)}
        assert not (copy.clone / "c").exists()

    def test_do_not_go_where_something_has_appeared(self, copy: Copy) -> None:
        self.linked(copy)
        os.link(copy.booted / "a", copy.booted / "c")
        job = copy.job(b"a", b"c")
        (copy.clone / "c").write_text("mine")
        link_all(job, copy.ledger, Declaration(copy.intent, INTENT))
        assert copy.states() == {b"c": PathState.CHANGED}
        assert copy.text("c") == "mine"
