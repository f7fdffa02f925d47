"""What links are for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drdwrap.packages.links import targets

ENABLED = b"var/lib/systemd/deb-systemd-helper-enabled"


def made(root: Path, **links: str) -> bytes:
    """A root with a merged /usr and these links in /etc."""
    (root / "usr/lib/systemd").mkdir(parents=True)
    (root / "lib").symlink_to("usr/lib")
    (root / "etc/systemd/system").mkdir(parents=True)
    (root / "etc/systemd/user").mkdir()
    for name, target in links.items():
        (root / "etc" / name).symlink_to(target)
    return os.fsencode(root)


@pytest.mark.parametrize(
    ("target", "real"),
    [
        ("/lib/systemd/x", b"usr/lib/systemd/x"),
        ("../lib/systemd/x", b"usr/lib/systemd/x"),
        ("systemd/x/", b"etc/systemd/x"),
        ("x", b"etc/x"),
        ("/x", b"x"),
        ("../../../x", b"x"),
        ("/lib/..", b"usr"),
        ("/lib/../bin", b"usr/bin"),
        ("/", b""),
        (".", b"etc"),
    ],
)
def test_a_target_is_found_through_the_links_above_it(
    tmp_path: Path, target: str, real: bytes
) -> None:
    root = made(tmp_path / "root", link=target)
    assert targets((root, root), ({b"etc/link"}, ()), ()) == {b"etc/link": {real}}


def test_a_link_that_is_the_target_is_not_followed(tmp_path: Path) -> None:
    root = made(tmp_path / "root", one="two", two="/usr/bin/x", round="round")
    asked = {b"etc/one", b"etc/round", b"etc/none"}
    assert targets((root, root), (asked, ()), ()) == {
        b"etc/one": {b"etc/two"},
        b"etc/round": {b"etc/round"},
    }


def test_both_sides_links_count(tmp_path: Path) -> None:
    booted, clone = made(tmp_path / "a", link="one"), made(tmp_path / "b", link="two")
    both = {b"etc/link"}
    assert targets((booted, clone), (both, both), ()) == {b"etc/link": {b"etc/one", b"etc/two"}}


def test_a_masked_unit_is_meant_where_packages_have_it(tmp_path: Path) -> None:
    root = made(tmp_path / "root", **{"systemd/system/x@1.service": "/dev/null", "x": "/dev/null"})
    asked = {b"etc/systemd/system/x@1.service", b"etc/x"}
    assert targets((root, root), (asked, ()), ()) == {
        b"etc/systemd/system/x@1.service": {
            b"usr/lib/systemd/system/x@1.service",
            b"usr/lib/systemd/system/x@.service",
        },
        b"etc/x": {b"dev/null"},
    }


def test_notes_of_debians_helper_are_about_units(tmp_path: Path) -> None:
    root = made(tmp_path / "root")
    unit = b"usr/lib/systemd/system/x.service"
    user = b"var/lib/systemd/deb-systemd-user-helper-masked/x.service"
    notes = [
        ENABLED + b"/x.service.dsh-also",
        ENABLED + b"/multi-user.target.wants/x.service",
        user,
    ]
    assert targets((root, root), ((), ()), [*notes, b"var/lib/systemd/random-seed"]) == {
        notes[0]: {unit},
        notes[1]: {unit},
        user: {b"usr/lib/systemd/user/x.service"},
    }
