"""Two roots with real rpm databases: the clone's packages move on, the booted one is edited."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from .lab.dpkg_root import DpkgRoot
from .lab.files import put
from .lab.pair import Pair
from .lab.rpm_root import DATABASE, RpmRoot, build, build_service, lacking
from .lab.snapshot import Tree, snapshot

pytestmark = pytest.mark.skipif(bool(lacking()), reason=lacking() or "-")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    directory = tmp_path_factory.mktemp("rpm")
    return build(directory, "1"), build(directory, "2")


@pytest.fixture
def installed(pair: Pair, packages: tuple[Path, Path]) -> Pair:
    """Version 1 on both sides."""
    pair.configure(packages="auto")
    RpmRoot(pair.booted).install(packages[0])
    put(pair.booted, "etc/hosts", b"first\n")
    pair.clone_fill()
    return pair


def test_an_upgraded_clone_and_an_edited_original_do_each_other_no_harm(
    installed: Pair, packages: tuple[Path, Path]
) -> None:
    booted, clone = RpmRoot(installed.booted), RpmRoot(installed.clone)
    put(installed.booted, "etc/moving.conf", b"set on both sides\n")
    put(installed.booted, "etc/kept.conf", b"set on both sides\n")
    installed.sync()
    assert clone.verify() == booted.verify()
    clone.install(packages[1])
    before = clone.verify()
    put(installed.booted, "usr/bin/tool", b"changed by hand\n")
    put(installed.booted, "etc/moving.conf", b"set here\n")
    put(installed.booted, "etc/staying.conf", b"set here\n")
    put(installed.booted, "etc/kept.conf", b"set here\n")
    put(installed.booted, "usr/share/doc/tool/README", b"changed by hand\n")
    put(installed.booted, "var/log/tool.log", b"a line\n")
    put(installed.booted, "etc/hosts", b"second\n")

    told = installed.json("sync")
    assert told["warnings"] == []

    assert clone.verify() == before
    for name in ("etc/kept.conf", "var/log/tool.log", "etc/hosts"):
        assert (installed.clone / name).read_bytes() == (installed.booted / name).read_bytes(), name
    # rpm has moved the edited one aside and written its own, and touched those that nobody had
    # edited: the clone's change wins.
    assert (installed.clone / "etc/moving.conf").read_bytes() == b"moves with 2\n"
    changed = {b"/etc/moving.conf", b"/etc/staying.conf", b"/usr/bin/tool"}
    assert changed <= set(installed.report("target_changed"))
    assert installed.report("nonvolatile") == [b"/usr/bin/old-tool"]
    assert not (installed.clone / "usr/bin/old-tool").exists()
    assert installed.sync()["copied"] == 0


def test_a_file_that_a_package_delivered_is_held_whatever_it_is(installed: Pair) -> None:
    put(installed.booted, "usr/share/doc/tool/README", b"changed by hand\n")
    put(installed.booted, "var/log/tool.log", b"a ghost\n")
    put(installed.booted, "etc/kept.conf", b"set here\n")
    installed.sync()
    assert installed.report("nonvolatile") == [b"/usr/share/doc/tool/README"]
    for name in ("var/log/tool.log", "etc/kept.conf"):
        assert (installed.clone / name).read_bytes() == (installed.booted / name).read_bytes(), name


def test_a_template_that_moved_holds_a_file_that_the_clone_kept(
    installed: Pair, packages: tuple[Path, Path]
) -> None:
    clone = RpmRoot(installed.clone)
    clone.rpm("-U", "--nodeps", "--justdb", packages[1])
    put(installed.booted, "etc/moving.conf", b"set here\n")
    installed.sync()
    assert installed.report("volatile") == [b"/etc/moving.conf"]
    reason = installed.json("explain", "/etc/moving.conf")["reason"]
    assert "tool 1-1" in reason
    assert "tool 2-1" in reason


def test_a_clones_database_that_this_rpm_cannot_read_is_said_and_no_package_file_copied(
    installed: Pair,
) -> None:
    with closing(sqlite3.connect(installed.clone / DATABASE / "rpmdb.sqlite")) as database:
        database.execute("ALTER TABLE Packages RENAME COLUMN blob TO header")
    put(installed.booted, "usr/bin/tool", b"changed by hand\n")
    put(installed.booted, "etc/kept.conf", b"set here\n")
    put(installed.booted, "etc/hosts", b"second\n")
    told = installed.json("sync", ok=2)
    assert "newer" in told["warnings"][0]
    assert installed.report("nonvolatile") == [b"/usr/bin/tool"]
    assert installed.report("volatile") == [b"/etc/kept.conf"]
    assert (installed.clone / "etc/hosts").read_bytes() == b"second\n"


def test_both_managers_are_asked_where_both_are_present(
    installed: Pair, packages: tuple[Path, Path]
) -> None:
    for root in (installed.booted, installed.clone):
        DpkgRoot.make(root).package("other", "/usr/bin/other")
    put(installed.booted, "usr/bin/other", b"of dpkg's\n")
    put(installed.booted, "usr/bin/tool", b"of rpm's\n")
    installed.sync()
    assert installed.report("nonvolatile") == [b"/usr/bin/other", b"/usr/bin/tool"]


@pytest.fixture
def with_unused_rpm(pair: Pair) -> Pair:
    """dpkg's system, on which rpm has been run: its database is there and has no package."""
    pair.configure(packages="auto")
    DpkgRoot.make(pair.booted).package("other", "/usr/bin/other")
    (pair.booted / DATABASE).mkdir(parents=True)
    subprocess.run(["rpm", "--dbpath", pair.booted / DATABASE, "--initdb"], check=True)
    put(pair.booted, "etc/hosts", b"first\n")
    pair.clone_fill()
    return pair


@pytest.mark.parametrize("on_the_clone", ["as well", "missing", "torn"])
def test_rpm_that_is_there_for_its_tools_alone_has_no_say(
    with_unused_rpm: Pair, on_the_clone: str
) -> None:
    if on_the_clone == "missing":
        shutil.rmtree(with_unused_rpm.clone / DATABASE)
    put(with_unused_rpm.booted, "etc/hosts", b"second\n")
    put(with_unused_rpm.booted, "usr/bin/other", b"upgraded\n")
    if on_the_clone == "torn":
        put(with_unused_rpm.clone, f"{DATABASE}/rpmdb.sqlite", b"torn")
        assert "rpm" in with_unused_rpm.json("sync", ok=2)["warnings"][0]
    else:
        with_unused_rpm.sync()
    assert with_unused_rpm.report("nonvolatile") == [b"/usr/bin/other"]
    assert (with_unused_rpm.clone / "etc/hosts").read_bytes() == b"second\n"


def test_a_database_that_has_lost_all_packages_stops_the_run(installed: Pair) -> None:
    shutil.rmtree(installed.booted / DATABASE)
    (installed.booted / DATABASE).mkdir()
    subprocess.run(["rpm", "--dbpath", installed.booted / DATABASE, "--initdb"], check=True)
    put(installed.booted, "etc/hosts", b"second\n")
    assert b"no package in rpm's database" in installed.run("sync", ok=1).stderr


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_service(tmp_path_factory.mktemp("rpm-service"))


WANTS = "etc/systemd/system/multi-user.target.wants"


@pytest.fixture
def with_service(pair: Pair, packages: tuple[Path, Path], service: Path) -> Pair:
    """A tool and a service on both sides, and what the service has made."""
    pair.configure(packages="auto")
    root = RpmRoot(pair.booted)
    root.install(packages[0])
    root.install(service)
    for name in ("etc/mta/made", "var/lib/mta/data", "var/spool/mta/1", "usr/share/mta/cache"):
        put(pair.booted, name, b"made\n")
    put(pair.booted, "var/log/mta.log", b"a line\n")
    put(pair.booted, "etc/logrotate.d/mine", b"mine\n")
    (pair.booted / WANTS).mkdir(parents=True)
    (pair.booted / WANTS / "mta.service").symlink_to("/usr/lib/systemd/system/mta.service")
    for number in range(60):
        put(pair.booted, f"srv/{number}", b"")
    pair.clone_fill()
    return pair


def of_service(root: Path) -> Tree:
    return {path: entry for path, entry in snapshot(root).items() if b"mta" in path}


def erase_service(root: Path) -> None:
    """As `rpm -e` and its scripts do, and then the administrator."""
    RpmRoot(root).rpm("-e", "mta")
    for name in ("etc/mta", "var/lib/mta", "var/spool/mta", "usr/share/mta"):
        shutil.rmtree(root / name, ignore_errors=True)
    (root / WANTS / "mta.service").unlink()


def test_a_package_erased_on_the_booted_system_is_still_whole_on_the_clone(
    with_service: Pair,
) -> None:
    before = of_service(with_service.clone)
    erase_service(with_service.booted)
    (with_service.booted / "etc/logrotate.d/mine").unlink()
    with_service.sync()
    assert of_service(with_service.clone) == before
    assert not (with_service.clone / "etc/logrotate.d/mine").exists()
    assert "mta.noarch 1-1" in with_service.json("explain", "/var/spool/mta/1")["reason"]
    assert b"/var/log/mta.log" in with_service.report("nonvolatile")
    assert with_service.sync()["deleted"] == 0


def test_a_package_erased_on_the_clone_does_not_come_back(with_service: Pair) -> None:
    erase_service(with_service.clone)
    put(with_service.booted, "var/lib/mta/data", b"more\n")
    put(with_service.booted, "etc/logrotate.d/mine", b"changed\n")
    for _ in range(2):
        with_service.sync()
        assert of_service(with_service.clone) == {}
    assert (with_service.clone / "etc/logrotate.d/mine").read_bytes() == b"changed\n"
    assert set(with_service.report("nonvolatile")) | set(with_service.report("volatile")) == {
        b"/" + path for path in of_service(with_service.booted)
    }


def test_what_both_sides_have_installed_follows_as_before(with_service: Pair) -> None:
    for name in ("etc/mta/made", "var/lib/mta/data", "var/spool/mta/1", "var/log/mta.log"):
        put(with_service.booted, name, b"changed\n")
    (with_service.booted / WANTS / "mta.service").unlink()
    with_service.sync()
    assert with_service.differences("var/lib/rpm") == []
