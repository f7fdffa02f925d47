"""After a `reverse`, the files of a newer database server do not go under an older one."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab.dpkg_root import DpkgRoot
from .lab.files import put
from .lab.mounts import Mounts
from .lab.two_images import TwoImages

MYSQL, POSTGRESQL = "var/lib/mysql/ibdata1", "var/lib/postgresql/15/main/base/1"


@pytest.fixture
def images(on_disk: Path, mounts: Mounts) -> TwoImages:
    """Two images of a machine with two database servers; the clone's packages are at hand."""
    booted, clone = mounts.image("booted").point, mounts.image("clone").point
    made = TwoImages(on_disk, booted, clone)
    made.pair.configure(packages="dpkg")
    root = DpkgRoot.make(booted)
    root.package("base", "/srv/base")
    root.package("mariadb-server-10.11", "/usr/sbin/mariadbd", "/var/lib/mysql", version="10.11.6")
    root.package("postgresql-15", "/usr/lib/postgresql/15/bin/postgres", version="15.5")
    for path in (MYSQL, POSTGRESQL, "srv/base"):
        put(booted, path, b"first\n")
    made.pair.clone_fill()
    return made


def upgrade(image: Path, name: str, old: str, new: str) -> None:
    status = image / "var/lib/dpkg/status"
    before = status.read_text()
    start = before.index(f"Package: {name}\n")
    status.write_text(before[:start] + before[start:].replace(f": {old}\n", f": {new}\n", 1))


def a_week(images: TwoImages) -> None:
    """On the clone, which is booted."""
    images.boot(images.clone)
    put(images.clone, MYSQL, b"written by the newer server\n")
    put(images.clone, POSTGRESQL, b"of the week\n")
    put(images.clone, "srv/data", b"of the week\n")


def test_a_database_whose_server_was_upgraded_is_held_back_and_named(images: TwoImages) -> None:
    upgrade(images.clone, "mariadb-server-10.11", "10.11.6", "10.11.9")
    a_week(images)
    previewed = images.pair.json("reverse", "-p", ok=2)
    images.pair.run("reverse")
    for result in (previewed, images.pair.json("sync", ok=2), images.pair.json("sync", ok=2)):
        (warning,) = result["warnings"]
        assert "/var/lib/mysql (28 bytes) is held back" in warning
        assert "mariadb-server-10.11 10.11.9 on the booted system" in warning
        assert "mariadb-server-10.11 10.11.6 on the clone" in warning
    assert images.pair.report("nonvolatile") == [b"/" + MYSQL.encode()]
    assert (images.original / MYSQL).read_bytes() == b"first\n"
    assert (images.original / POSTGRESQL).read_bytes() == b"of the week\n"
    assert (images.original / "srv/data").read_bytes() == b"of the week\n"
    assert "a database's data" in images.pair.run("explain", f"/{MYSQL}").stdout.decode()


def test_a_database_that_another_package_serves_is_held_back(images: TwoImages) -> None:
    root = DpkgRoot(images.clone)
    root.package("mariadb-server-11.8", "/var/lib/mysql", version="11.8")
    gone = "deinstall ok not-installed"
    upgrade(images.clone, "mariadb-server-10.11", "install ok installed", gone)
    a_week(images)
    images.pair.run("reverse")
    (warning,) = images.pair.json("sync", ok=2)["warnings"]
    assert "mariadb-server-11.8 11.8" in warning and "/var/lib/mysql" in warning
    assert (images.original / MYSQL).read_bytes() == b"first\n"


def test_one_that_changed_on_both_images_is_named_as_well(images: TwoImages) -> None:
    upgrade(images.clone, "mariadb-server-10.11", "10.11.6", "10.11.9")
    put(images.original, MYSQL, b"after the last sync\n")
    a_week(images)
    images.pair.run("reverse")
    (warning,) = images.pair.json("sync", ok=2)["warnings"]
    assert "/var/lib/mysql (28 bytes) is held back" in warning
    assert (images.original / MYSQL).read_bytes() == b"after the last sync\n"


def test_with_the_same_servers_databases_come_home(images: TwoImages) -> None:
    a_week(images)
    images.pair.run("reverse")
    assert images.pair.sync()["copied"] == 3
    assert (images.original / MYSQL).read_bytes() == b"written by the newer server\n"


def test_towards_a_patched_clone_they_are_copied_as_before(images: TwoImages) -> None:
    upgrade(images.clone, "mariadb-server-10.11", "10.11.6", "10.11.9")
    put(images.original, MYSQL, b"changed\n")
    assert images.pair.sync()["copied"] == 1
