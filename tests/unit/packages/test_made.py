"""What packages make and have in no list: read from scripts, units and tmpfiles.d files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from integration.lab.dpkg_root import DpkgRoot

from drdwrap.packages import dpkg
from drdwrap.packages.made import Made, PackageScripts, made_by, named_in


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (b"rm -rf /var/log/a /var/spool/a/input\n", {"var/log/a", "var/spool/a/input"}),
        (b'mkdir -p "$DPKG_ROOT/var/lib/x" "${DPKG_ROOT}/etc/y"', {"var/lib/x", "etc/y"}),
        (b"${DPKG_ROOT:-}/var/cache/z", {"var/cache/z"}),
        (b"see /etc/mailname.", {"etc/mailname"}),
        (b"ReadWritePaths=-/var/lib/redis", {"var/lib/redis"}),
        (b"d /var/lib/colord 0755 colord colord -", {"var/lib/colord"}),
        (b"$CHROOT/etc/passwd ${HOME}/var/lib/x a/var/lib/x ./var/lib/x", set()),
        (b"/srv/tftp /var/www/html /home/x /usr/local/etc/x /var/lib /etc", set()),
        (b"/etc/systemd/system/x.service.d", set()),
        (b"d /var/lib/%i 0755", set()),
    ],
)  # fmt: skip
def test_places_that_are_named_in_full(text: bytes, places: set[str]) -> None:
    assert named_in(text) == {os.fsencode(place) for place in places}


def test_places_of_a_units_directories() -> None:
    unit = b"[Service]\nStateDirectory=x:y z/w\nLogsDirectory = x\nCacheDirectory=c\n"
    assert named_in(unit + b"ConfigurationDirectory=e\nRuntimeDirectory=r\n") == {
        *(b"var/lib/x", b"var/lib/private/x", b"var/lib/z/w", b"var/lib/private/z/w"),
        *(b"var/log/x", b"var/cache/c", b"etc/e"),
    }


def test_a_word_is_found_whole() -> None:
    made = Made({}, {"b": b"USER=redis\n", "a": b"redis-server pre-redis", "c": b"userdel redis"})
    assert made.package_that_names(b"redis") == "b"
    assert made.package_that_names(b"red") == ""
    assert Made().package_that_names(b"redis") == ""


PLACES = [b"var/lib/one/data", b"var/lib/two/data", b"var/lib/both/data", b"var/lib/none/data"]


def source(path: Path, **scripts: str) -> PackageScripts:
    """A side on which each of these packages has this as its postinst."""
    root = DpkgRoot.make(path)
    for name, text in scripts.items():
        root.package(name, f"/usr/bin/{name}")
        root.write(f"var/lib/dpkg/info/{name}.postinst", text)
    at = os.fsencode(path)
    return PackageScripts(dpkg, at, b"", dpkg.begin(at, PLACES, b"")())


def test_each_sides_own_packages_make_what_they_name(tmp_path: Path) -> None:
    booted = source(tmp_path / "a", common="true", here="mkdir /var/lib/one /var/lib/else")
    clone = source(tmp_path / "b", common="true", there="mkdir /var/lib/two")
    here, there = made_by(booted, clone, PLACES)
    assert here.places == {b"var/lib/one": "here:amd64"}
    assert there.places == {b"var/lib/two": "there:amd64"}
    assert here.texts.keys() == {"here:amd64"}


def test_what_more_than_one_of_them_names_is_no_ones(tmp_path: Path) -> None:
    booted = source(
        tmp_path / "a", common="test -d /var/lib/one", here="mkdir /var/lib/one /var/lib/both"
    )
    clone = source(
        tmp_path / "b", common="test -d /var/lib/one", there="mkdir /var/lib/both /var/lib/two"
    )
    here, there = made_by(booted, clone, PLACES)
    assert here.places == {}
    assert there.places == {b"var/lib/two": "there:amd64"}


def test_what_a_unit_of_a_common_package_names_is_no_ones(tmp_path: Path) -> None:
    booted = source(tmp_path / "a", here="mkdir /var/lib/one")
    clone = source(tmp_path / "b")
    DpkgRoot(tmp_path / "b").write("usr/lib/systemd/system/x.service", "StateDirectory=one\n")
    assert made_by(booted, clone, PLACES)[0].places == {}


def test_nothing_is_read_where_both_sides_have_the_same_packages(tmp_path: Path) -> None:
    booted, clone = (source(tmp_path / name, common="mkdir /var/lib/one") for name in "ab")
    for side in "ab":
        (tmp_path / side / "var/lib/dpkg/info/common.postinst").unlink()
        (tmp_path / side / "var/lib/dpkg/info").rename(tmp_path / side / "gone")
    assert made_by(booted, clone, PLACES) == (Made(), Made())
