"""What keeps machines from running is said in a line, before anything is made."""

from pathlib import Path

import pytest
from vm.lab import needs, place

from vagrant.box import cache
from vagrant.box.run import BuildError, run


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(needs, "missing", lambda programs: ["qemu-img"])
    assert needs.lacking() == "not installed: qemu-img"
    assert needs.lacking_for_vagrant() == "not installed: qemu-img"


def test_anyone_but_root_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert needs.lacking().startswith("not root")


def test_a_disk_without_room_is_named_with_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(needs, "missing", lambda programs: [])
    monkeypatch.setattr(place, "NEEDED", 1 << 60)
    monkeypatch.setattr("pathlib.Path.exists", lambda path: True)
    assert "are needed" in needs.lacking()


def test_a_failing_program_of_a_build_is_one_line() -> None:
    with pytest.raises(BuildError, match=r"^ls exited 2: .*no-such-file") as raised:
        run("ls", "/no-such-file")
    assert "\n" not in str(raised.value)
    with pytest.raises(BuildError, match="no-such-program: no such program"):
        run("no-such-program")


def test_the_cache_is_keyed_by_what_goes_in() -> None:
    assert cache.key(["a", "b"]) == cache.key(["a", b"b"])
    assert len({cache.key(["a", "b"]), cache.key(["ab"]), cache.key(["b", "a"])}) == 3


def test_work_that_failed_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def fail() -> None:
        with cache.being_made() as work:
            (work / "half").write_text("done")
            raise BuildError("no")

    with pytest.raises(BuildError):
        fail()
    assert list(cache.directory().iterdir()) == []


def test_work_under_way_is_not_a_leftover(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with cache.being_made() as work:
        cache.remove_leftovers(before=lambda path: pytest.fail(f"{path} is not one"))
        assert work.is_dir()
