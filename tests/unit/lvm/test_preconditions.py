"""What has to hold of the booted system for a clone of it to be made."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.lab.block_reports import GIB, device, origin, system_disk, tree
from integration.lab.files import put

from drdwrap.checks import Check
from drdwrap.clone_disk import preconditions
from drdwrap.clone_disk.preconditions import BootedTree
from drdwrap.linux import lvm


def failed(root: Path, name: str, key_file: Path | None = None) -> list[Check]:
    disk = system_disk()
    below = disk["children"][1]
    crypt = device("/dev/mapper/pv_crypt", "253:9", "crypt", GIB, children=below["children"])
    below |= {"fstype": "crypto_LUKS", "children": [crypt]}
    booted, key = BootedTree(bytes(root), lambda _: False), str(key_file) if key_file else None
    checks = preconditions.of_making(origin(disk), tree(disk), "drd00", {}, key, booted)
    return [check for check in checks if check.name == name and not check.ok]


@pytest.mark.parametrize(
    ("listed", "activated"),
    [
        (None, True),
        (["vg00", "drd00"], True),
        (["drd00/root", "drd00/var", "drd00/swap"], True),
        (["vg00", "drd00/root"], False),
        (["vg00", "@tag", "@*"], False),
        ([], False),
    ],
)
def test_what_lvm_would_not_activate_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: list[str] | None, activated: bool
) -> None:
    """What lvmconfig tells is made up here."""
    monkeypatch.setattr(lvm, "volume_list", lambda: listed)
    found = failed(tmp_path, "LVM activates the clone's volumes")
    assert (found == []) is activated
    if listed == ["vg00", "drd00/root"]:
        remedy = 'add it there: volume_list = [ "vg00", "drd00/root", "drd00" ]'
        assert found[0].remedy == remedy


@pytest.mark.parametrize(
    ("crypttab", "key", "usable"),
    [
        ("pv_crypt UUID=u-pv none luks,discard\n", b"secret\n", False),
        ("pv_crypt UUID=u-pv - luks\ndata /dev/sdb /etc/data.key\n", b"secret\n", False),
        ("pv_crypt UUID=u-pv\n", b"secret\n", False),
        ("", b"secret\n", False),
        ("pv_crypt UUID=u-pv none luks\n", b"secret", True),
        ("pv_crypt UUID=u-pv /etc/root.key luks\n", b"\x01\n", True),
    ],
)
def test_a_passphrase_that_cannot_be_typed_is_no_key(
    tmp_path: Path, crypttab: str, key: bytes, usable: bool
) -> None:
    put(tmp_path, "etc/crypttab", crypttab.encode())
    file = put(tmp_path, "key", key)
    found = failed(tmp_path, "what opens the clone's container can be typed", file)
    assert (found == []) is usable
    assert usable or "printf %s" in found[0].remedy
