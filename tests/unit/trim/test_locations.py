"""The locations in force: the built-in ones, what the configuration changes, what a system adds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from drdwrap.config.model import from_mapping
from drdwrap.trim.locations import Locations, in_force


def locations(
    *,
    root: bytes = b"/",
    swap: tuple[bytes, ...] = (),
    made: tuple[bytes, ...] = (),
    **settings: Any,
) -> Locations:
    return in_force(from_mapping(settings), root, swap, made)


def changed(add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"non_synced_locations": {"add": list(add), "remove": list(remove)}}


@pytest.mark.parametrize(
    "path",
    [
        b"tmp/x",
        b"var/lib/dpkg/info/x.list",
        b"var/log/dpkg.log.1",
        b"boot/vmlinuz",
        b"etc/fstab",
        b"etc/fstab.orig",
        b"etc/lvm/lvm.conf",
        b"var/lib/drdwrap/record",
        b"var/log/drdwrap.log",
        b"var/log/drdwrap.log.1.gz",
        b"var/log/drdwrap.log-20240101",
        b"dev/drd00/root",
        b"dev/mapper/drd00-root",
    ],
)
def test_these_are_locations_by_default(path: bytes) -> None:
    places = locations()
    assert places.cover(path)
    assert places.reason(path)


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"tmp",
        b"boot",
        b"var/lib/dpkg",
        b"var/lib/drdwrap",
        b"var/log/drdwrap.logger",
        b"dev/drd00",
        b"dev/mapper/drd000-root",
        b"etc/lvm/profile/x",
        b"srv/tmp/x",
    ],
)
def test_these_are_not(path: bytes) -> None:
    places = locations()
    assert not places.cover(path)
    assert places.reason(path) == ""


def test_the_reason_names_the_place() -> None:
    places = locations(**changed(add=("/srv/cache/*",)), swap=(b"swapfile",), made=(b"etc/conf",))
    assert places.reason(b"etc/mtab").startswith("in /etc/mtab: names the file systems")
    assert "non_synced_locations.add" in places.reason(b"srv/cache/x")
    assert "swap file" in places.reason(b"swapfile")
    assert "'drdwrap clone'" in places.reason(b"etc/conf")
    assert "volume group" in places.reason(b"dev/drd00/root")
    assert places.reason(b"var/lib/drdwrap/lock").endswith(": drdwrap's own state")
    assert places.reason(b"var/log/drdwrap.log.1").endswith(": drdwrap's own log")


def test_a_volume_group_is_named_as_the_device_mapper_names_it() -> None:
    clone = {"volume_group": "vg-a*", "root": "/c", "require_mount": True}
    places = locations(clone=clone)
    assert places.cover(b"dev/vg-a*/root")
    assert places.cover(b"dev/mapper/vg--a*-root")
    assert not places.cover(b"dev/mapper/vg-a*-root")
    assert not places.cover(b"dev/vg-abc/root")


def test_what_is_removed_is_synchronized() -> None:
    places = locations(**changed(remove=("/etc/mtab", "/tmp/*")))
    assert not places.cover(b"etc/mtab")
    assert not places.cover(b"tmp/x")
    assert not places.cover_transient(b"tmp/x")
    assert places.cover(b"etc/fstab")
    assert places.not_found == ()


def test_what_is_no_location_cannot_be_removed() -> None:
    assert locations(**changed(remove=("/etc/mtab/", "/srv/*"))).not_found == (
        b"/etc/mtab/",
        b"/srv/*",
    )


def test_a_log_is_removed_with_those_it_was_rotated_to() -> None:
    places = locations(**changed(remove=("/var/log/drdwrap.log",)))
    for name in (b"drdwrap.log", b"drdwrap.log.1", b"drdwrap.log-1"):
        assert not places.cover(b"var/log/" + name)
    assert locations(**changed(remove=("/var/log/drdwrap.log.*",))).cover(b"var/log/drdwrap.log")


def test_what_clone_made_stays_the_clones_own_though_it_is_named_to_be_removed() -> None:
    places = locations(**changed(remove=("/etc/conf",)), made=(b"etc/conf", b"etc/mtab", b"a[1]"))
    assert places.cover(b"etc/conf")
    assert places.cover(b"a[1]")
    assert not places.cover(b"a1")
    assert places.not_found == ()
    assert "names the file systems" in places.reason(b"etc/mtab")
    assert locations(**changed(remove=("/etc/mtab",)), made=(b"etc/mtab",)).cover(b"etc/mtab")


def test_what_is_transient_is_not_taken_along_by_a_fill() -> None:
    places = locations(swap=(b"swap[1]",), **changed(add=("/srv/cache/*",)))
    for path in (
        b"tmp/x",
        b"var/tmp/x",
        b"run/x",
        b"swap[1]",
        b"var/lib/drdwrap/lock",
        b"var/log/drdwrap.log-1",
    ):
        assert places.cover_transient(path), path
    for path in (b"boot/vmlinuz", b"etc/fstab", b"srv/cache/x", b"swap1", b"dev/drd00/root"):
        assert not places.cover_transient(path), path
    assert places.cover(b"swap[1]")
    assert not places.cover(b"swap1")


def test_own_files_are_found_by_where_they_really_are(tmp_path: Path) -> None:
    root = tmp_path / "booted"
    (root / "data/state").mkdir(parents=True)
    (tmp_path / "state").symlink_to(root / "data/state")
    settings: dict[str, Any] = {
        "state_dir": str(tmp_path / "state"),
        "log_file": str(tmp_path / "drdwrap.log"),
    }
    for name in (os.fsencode(root), os.fsencode(root) + b"/"):
        places = locations(root=name, **settings)
        assert places.cover(b"data/state/record")
        assert not places.cover(b"data/state")
        assert not places.cover(b"var/lib/drdwrap/record")
        assert not any(b"drdwrap.log" in pattern for pattern in places.reasons)


def test_a_state_directory_beside_the_root_or_the_root_itself_is_no_location(
    tmp_path: Path,
) -> None:
    root = os.fsencode(tmp_path / "booted")
    for state in ("booted", "booted-state"):
        places = locations(root=root, state_dir=str(tmp_path / state))
        assert "drdwrap's own state" not in places.reasons.values()
    assert "drdwrap's own state" not in locations(state_dir="/").reasons.values()
