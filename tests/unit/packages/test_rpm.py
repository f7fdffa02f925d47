"""rpm's databases, as rpm itself makes them."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from integration.lab.dpkg_root import locked
from integration.lab.rpm_root import DATABASE, RpmRoot, build, lacking

from drdwrap.packages import rpm
from drdwrap.packages.database import Packages, UnreadableError

pytestmark = pytest.mark.skipif(bool(lacking()), reason=lacking() or "-")

FILES = (
    "usr/bin/tool",
    "etc/moving.conf",
    "etc/kept.conf",
    "usr/share/doc/tool",
    "usr/share/doc/tool/README",
    "var/log/tool.log",
)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("rpm"), "1")


@pytest.fixture
def root(tmp_path: Path, package: Path) -> RpmRoot:
    made = RpmRoot(tmp_path / "root")
    made.install(package)
    return made


def read(root: RpmRoot, tmp_path: Path, *paths: str) -> Packages:
    scratch = tmp_path / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    wanted = [os.fsencode(path) for path in paths or FILES]
    return rpm.begin(os.fsencode(root.path), wanted, os.fsencode(scratch))()


def test_what_a_package_delivers_is_its_own_and_ghosts_are_not(
    root: RpmRoot, tmp_path: Path
) -> None:
    answer = read(root, tmp_path)
    assert answer.installed == {("tool.noarch", "1-1")}
    assert set(answer.owners) == {os.fsencode(name) for name in FILES} - {b"var/log/tool.log"}
    assert set(answer.owners.values()) == {"tool 1-1"}
    assert answer.directories == {b"usr/share/doc/tool"}


def test_configuration_is_told_from_documentation_and_has_its_digest(
    root: RpmRoot, tmp_path: Path
) -> None:
    answer = read(root, tmp_path)
    assert set(answer.templates) == {b"etc/moving.conf", b"etc/kept.conf"}
    shipped = root.rpm("-q", "--qf", "[%{FILENAMES} %{FILEDIGESTS}\n]", "tool")
    for path, template in answer.templates.items():
        assert f"/{path.decode()} {template.digest}\n" in shipped


def test_names_lead_through_directories_that_are_links_here(root: RpmRoot, tmp_path: Path) -> None:
    (root.path / "usr/bin").rename(root.path / "usr/programs")
    (root.path / "usr/bin").symlink_to("programs")
    assert read(root, tmp_path, "usr/programs/tool").owners == {b"usr/programs/tool": "tool 1-1"}


def test_reading_leaves_the_root_as_it_is(root: RpmRoot, tmp_path: Path) -> None:
    (root.path / DATABASE / "rpmdb.sqlite-shm").unlink()
    (root.path / DATABASE / "rpmdb.sqlite-wal").unlink()
    before = {path: path.stat().st_mtime_ns for path in root.path.rglob("*")}
    read(root, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in root.path.rglob("*")} == before


def test_the_database_is_found_where_a_link_leads(root: RpmRoot, tmp_path: Path) -> None:
    (root.path / "usr/lib/sysimage").mkdir(parents=True)
    (root.path / DATABASE).rename(root.path / "usr/lib/sysimage/rpm")
    (root.path / DATABASE).symlink_to("../../usr/lib/sysimage/rpm")
    assert rpm.is_present(os.fsencode(root.path))
    assert read(root, tmp_path).installed


@pytest.mark.skipif(not shutil.which("db_load"), reason="no db_load is installed (Debian: db-util)")
def test_a_database_of_berkeley_db_is_read_as_well(root: RpmRoot, tmp_path: Path) -> None:
    expected = read(root, tmp_path)
    root.turn_into_bdb()
    assert read(root, tmp_path) == expected


def test_a_database_of_an_unknown_format_is_reported_as_unreadable(
    root: RpmRoot, tmp_path: Path
) -> None:
    for file in (root.path / DATABASE).iterdir():
        file.unlink()
    (root.path / DATABASE / "Packages.db").write_bytes(b"RpmP" + bytes(range(256)) * 64)
    with pytest.raises(UnreadableError, match="which may come from a newer rpm"):
        read(root, tmp_path)


@pytest.mark.parametrize("cut", [100, 5000, 50_000])
def test_a_torn_database_is_not_relied_on(root: RpmRoot, tmp_path: Path, cut: int) -> None:
    with closing(sqlite3.connect(root.path / DATABASE / "rpmdb.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(root.path / DATABASE / "rpmdb.sqlite", cut)
    with pytest.raises(UnreadableError, match="rpm"):
        read(root, tmp_path)


def test_one_that_is_being_changed_is_not_relied_on(root: RpmRoot, tmp_path: Path) -> None:
    with (
        locked(root.path / DATABASE / ".rpm.lock") as pid,
        pytest.raises(UnreadableError, match=f"process {pid}"),
    ):
        read(root, tmp_path)


def test_a_root_without_one_has_none(tmp_path: Path) -> None:
    assert not rpm.is_present(os.fsencode(tmp_path))


def test_who_has_a_directory_is_told_for_all_above_a_path(root: RpmRoot, tmp_path: Path) -> None:
    """A package has the directories of its files, whether or not it lists them; and its ghosts."""
    holders = read(root, tmp_path, "usr/share/doc/tool/mine", "var/log/tool.log", "srv/x").holders
    everywhere = (b"usr", b"usr/share", b"usr/share/doc", b"usr/share/doc/tool", b"var", b"var/log")
    assert {path: list(names) for path, names in holders.items()} == {
        path: ["tool.noarch"] for path in (*everywhere, b"var/log/tool.log")
    }


def test_scripts_and_files_are_read_of_those_that_are_asked_for(
    root: RpmRoot, tmp_path: Path
) -> None:
    read(root, tmp_path)
    scratch = os.fsencode(tmp_path / "scratch")
    assert dict(rpm.scripts(b"", {"other.noarch"}, scratch)) == {}
    assert dict(rpm.scripts(b"", {"tool.noarch"}, scratch)) == {"tool.noarch": b""}
    assert b"/usr/bin/tool" in dict(rpm.files(b"", {"tool.noarch"}, scratch))["tool.noarch"]
