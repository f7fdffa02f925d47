"""The manifest knows every file that drdwrap wrote, and whose it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from unit.odd_json import odd_json

from drdwrap.errors import DrdwrapError
from drdwrap.install import manifest
from drdwrap.install.manifest import Installed, Manifest, digest
from drdwrap.install.parts import File, Part

SHARED = "/etc/logrotate.d/drdwrap"


def part(name: str, content: bytes) -> Part:
    return Part(name, (File(SHARED, content), File(f"/etc/{name}", content, settings=True)))


def test_while_a_part_is_written_its_files_may_have_either_content() -> None:
    old, new = Installed.of(part("cron", b"old")), Installed.of(part("cron", b"new"))
    between = old.becoming(new)
    assert between.files[SHARED] == [digest(b"old"), digest(b"new")]
    assert between.settings == ["/etc/cron"]


def test_a_file_that_another_part_has_too_is_not_removed_with_the_first() -> None:
    known = Manifest(
        {"cron": Installed.of(part("cron", b"")), "timer": Installed.of(part("t", b""))}
    )
    assert known.only_in(["cron"], [SHARED, "/etc/cron"]) == ["/etc/cron"]
    assert known.only_in(["cron", "timer"], [SHARED]) == [SHARED]


def test_a_shared_file_that_is_written_anew_is_so_for_every_part() -> None:
    known = Manifest({name: Installed.of(part(name, b"old")) for name in ("cron", "timer")})
    known.replace("cron", Installed.of(part("cron", b"new")))
    assert set(known.digests_of(SHARED)) == {digest(b"new")}
    assert known.digests_of("/etc/timer") == [digest(b"old")]


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "installed.json"
    known = Manifest({"cron": Installed.of(part("cron", b""))}, ["/etc", "/etc/cron.d"])
    manifest.write(file, known)
    assert manifest.read(file) == known
    assert set(json.loads(file.read_bytes())) == {"parts", "directories"}
    assert set(json.loads(file.read_bytes())["parts"]["cron"]) == {"files", "links", "settings"}


def test_without_parts_there_is_no_file(tmp_path: Path) -> None:
    file = tmp_path / "installed.json"
    manifest.write(file, Manifest({"cron": Installed()}))
    manifest.write(file, Manifest({}, ["/etc"]))
    assert not file.exists()
    assert manifest.read(file) == Manifest()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"parts": {"cron": 1}, "directories": []}'])
def test_a_damaged_one_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "installed.json"
    file.write_text(text)
    with pytest.raises(DrdwrapError, match="is damaged, so it is not known what is installed"):
        manifest.read(file)


GOOD = {
    "parts": {
        "cron": {
            "files": {"/etc/cron.d/drdwrap": ["0123"]},
            "links": {"/etc/link": "/etc/cron.d/drdwrap"},
            "settings": ["/etc/default/drdwrap"],
        }
    },
    "directories": ["/etc/drdwrap"],
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=odd_json(GOOD))
def test_whatever_it_holds_it_is_understood_or_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "installed.json"
    file.write_bytes(content)
    try:
        known = manifest.read(file)
    except DrdwrapError as error:
        assert error.hint == "remove it and install again"
        return
    for path in (*known.directories, *(p for part in known.parts.values() for p in part.files)):
        assert path.startswith("/") and ".." not in path.split("/") and "\0" not in path
        assert isinstance(known.digests_of(path), list)


def test_something_else_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "installed.json")
    with pytest.raises(DrdwrapError, match="it is not known what is installed: not a regular file"):
        manifest.read(tmp_path / "installed.json")
