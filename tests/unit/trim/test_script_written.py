"""What scripts of packages write: held where the packages differ, and some of it always."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.trim.trimmed import packages

from drdwrap.packages.database import Packages
from drdwrap.packages.sides import PackageSides
from drdwrap.trim.script_written import ALWAYS, PLACES, ScriptPlaces

ONE = packages()
NEWER = packages(installed=frozenset({("tool", "2"), ("more", "1")}))
NOTHING = packages(installed=frozenset())


def reason(path: bytes, booted: Packages, clone: Packages, unreadable: str = "") -> str:
    return ScriptPlaces(PackageSides(booted, clone, unreadable)).reason(path)


@pytest.mark.parametrize(
    "path",
    [
        b"var/lib/dkms/zfs/kernel",
        b"usr/lib/modules/6.1/modules.dep",
        b"lib/modules/6.1/modules.dep",
        b"etc/x.conf.dpkg-new",
        b"usr/bin/x.dpkg-tmp",
        b"etc/d.dpkg-new/below",
    ],
)
def test_some_of_it_is_each_sides_own_whatever_the_packages_are(path: bytes) -> None:
    for clone in (ONE, NEWER, NOTHING):
        assert any(text in reason(path, ONE, clone) for _, text in ALWAYS)
    assert reason(path, NOTHING, ONE) == ""


@pytest.mark.parametrize(
    "path",
    [
        b"etc/alternatives/vi",
        b"etc/pam.d/common-auth",
        b"etc/ssl/certs/ca.pem",
        b"usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache",
        b"usr/share/info/dir.old",
        b"usr/lib/python3/dist-packages/__pycache__/a.pyc",
        b"__pycache__/a.pyc",
        b"opt/x/__pycache__/d/a.pyc",
    ],
)
def test_the_rest_is_each_sides_own_where_the_packages_differ(path: bytes) -> None:
    assert reason(path, ONE, ONE) == ""
    assert reason(path, ONE, NEWER).endswith("; 2 packages are not the same on both sides")
    assert reason(path, NEWER, ONE) == reason(path, ONE, NEWER)
    assert reason(path, ONE, ONE, "the clone's is torn").endswith("; the clone's is torn")
    assert reason(path, NOTHING, ONE) == ""


@pytest.mark.parametrize(
    "path",
    [
        b"etc/alternatives",
        b"etc/pam.d/sshd",
        b"usr/lib/modules",
        b"home/u/__pycache__/a.pyc",
        b"root/__pycache__/a.pyc",
        b"srv/x/__pycache__/a.pyc",
        b"usr/local/lib/__pycache__/a.pyc",
        b"usr/lib/x__pycache__/a.pyc",
        b"usr/lib/__pycache__",
        b"etc/motd",
    ],
)
def test_what_the_administrator_and_users_write_is_not(path: bytes) -> None:
    assert reason(path, ONE, NEWER) == ""


def test_links_that_update_alternatives_keeps_are() -> None:
    link = b"usr/bin/vi"
    for booted, clone in ((packages(written=[link]), NEWER), (NEWER, packages(written=[link]))):
        assert "update-alternatives" in reason(link, booted, clone)
        assert reason(b"usr/bin/ex", booted, clone) == ""
    assert reason(link, packages(written=[link]), ONE) == ""


WANTED = b"etc/systemd/system/multi-user.target.wants/x.service"


@pytest.mark.parametrize(
    ("targets", "held"),
    [
        (set(), True),  # no link
        ({b"usr/lib/systemd/system/x.service"}, True),
        ({b"opt/tool/x.service"}, True),
        ({b"etc/systemd/system/x.service"}, False),
        ({b"etc/systemd/system/x.service", b"opt/tool/x.service"}, True),
    ],
)
def test_a_service_is_enabled_by_packages_if_they_have_its_unit(
    targets: set[bytes], held: bool
) -> None:
    theirs = replace(NEWER, holders={b"opt/tool/x.service": ["tool"]})
    for booted, clone in ((ONE, theirs), (theirs, ONE)):
        sides = PackageSides(booted, clone, targets={WANTED: frozenset(targets)})
        assert bool(ScriptPlaces(sides).reason(WANTED)) is held
        elsewhere = PackageSides(booted, clone, targets={b"etc/alternatives/x": frozenset(targets)})
        assert ScriptPlaces(elsewhere).reason(b"etc/alternatives/x")


@pytest.mark.parametrize(("text", "why"), PLACES)
def test_each_place_has_its_reason(text: str, why: str) -> None:
    path = text.strip("/").replace("*", "x").encode()
    assert reason(path, ONE, NEWER).startswith(f"in {text}: {why}; ")
