"""What the sync at shutdown needs is not on the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from drdwrap.errors import RefusedError
from drdwrap.install import reachable
from drdwrap.linux import fstab, mountinfo

TABLE = mountinfo.mounts(
    b"1 0 253:0 / / rw - ext4 /dev/mapper/vg00-root rw\n"
    b"2 1 0:40 / /opt rw - nfs4 server:/opt rw\n"
    b"3 1 8:1 / /srv/far rw - ext4 /dev/sda1 rw\n"
    b"4 1 8:2 / /srv/near rw - ext4 /dev/sdb1 rw\n"
)
FSTAB = fstab.entries(b"/dev/sda1 /srv/far ext4 _netdev 0 0\n/dev/sdb1 /srv/near ext4 rw 0 0\n")


@pytest.fixture(autouse=True)
def mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mountinfo, "mounts", lambda: TABLE)
    monkeypatch.setattr(fstab, "of", lambda root: FSTAB)


@pytest.mark.parametrize("path", [b"/opt/drdwrap/bin/drdwrap", b"/srv/far/state"])
def test_what_comes_by_the_network_is_refused(path: bytes) -> None:
    with pytest.raises(RefusedError, match="network"):
        reachable.at_shutdown([b"/usr/bin/drdwrap", path])


def test_a_root_that_comes_by_the_network_is_there_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fstab, "of", lambda root: fstab.entries(b"/dev/sda1 / ext4 _netdev 0 0\n"))
    reachable.at_shutdown([b"/usr/bin/drdwrap"])


def test_in_a_chroot_what_is_not_there_yet_is_where_it_will_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The mount that holds its root is out of sight there."""
    monkeypatch.setattr(mountinfo, "mounts", list)
    reachable.at_shutdown([b"/nowhere/drdwrap/state"])


def test_what_is_here_is_not() -> None:
    reachable.at_shutdown([b"/usr/bin/drdwrap", b"/srv/near/state", b"/var/lib/drdwrap"])


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/opt/drdwrap")
    with pytest.raises(RefusedError, match="network"):
        reachable.at_shutdown([bytes(tmp_path / "link")])
