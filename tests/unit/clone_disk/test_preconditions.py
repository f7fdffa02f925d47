"""What must hold of the booted system before a clone is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.lab.block_reports import GIB, device, origin, system_disk, tree
from integration.lab.files import put

from drdwrap.checks import Check
from drdwrap.clone_disk.booted_tree import BootedTree
from drdwrap.clone_disk.existing_disk import CloneDisk
from drdwrap.clone_disk.preconditions.encryption import encryption_checks
from drdwrap.clone_disk.preconditions.filling import is_apart
from drdwrap.clone_disk.preconditions.making import making_checks
from drdwrap.linux import lvm

from .existing import clone


def failed(root: Path, name: str, key_file: Path | None = None) -> list[Check]:
    disk = system_disk()
    below = disk["children"][1]
    crypt = device("/dev/mapper/pv_crypt", "253:9", "crypt", GIB, children=below["children"])
    below |= {"fstype": "crypto_LUKS", "children": [crypt]}
    booted, key = BootedTree(bytes(root), lambda _: False), str(key_file) if key_file else None
    checks = making_checks(origin(disk), tree(disk), "drd00", {}, key, booted)
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
def test_a_clone_that_lvm_would_not_activate_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: list[str] | None, activated: bool
) -> None:
    """lvmconfig's answer is made up here."""
    monkeypatch.setattr(lvm, "volume_list", lambda: listed)
    found = failed(tmp_path, "LVM activates the clone's LVs")
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
def test_a_passphrase_that_cannot_be_typed_is_refused(
    tmp_path: Path, crypttab: str, key: bytes, usable: bool
) -> None:
    put(tmp_path, "etc/crypttab", crypttab.encode())
    file = put(tmp_path, "key", key)
    found = failed(tmp_path, "the clone's passphrase can be typed", file)
    assert (found == []) is usable
    assert usable or "printf %s" in found[0].remedy


def test_a_clone_on_a_disk_of_the_booted_system_is_refused() -> None:
    assert is_apart(origin(), clone()).ok
    shared = CloneDisk(tree(system_disk()).roots[0], *([None] * 4))  # type: ignore[arg-type]
    assert not is_apart(origin(), shared).ok


def test_the_clone_is_encrypted_like_the_source_or_as_the_user_allows() -> None:
    disk = system_disk()
    below = disk["children"][1]
    crypt = device("/dev/mapper/pv", "253:9", "crypt", GIB, children=below["children"])
    below |= {"fstype": "crypto_LUKS", "children": [crypt]}

    def failed(*, encrypted: bool, unencrypted: bool, secret: bool) -> list[str]:
        system = origin(disk) if secret else origin()
        checks = encryption_checks(system, encrypted=encrypted, unencrypted=unencrypted)
        return [check.name for check in checks if not check.ok]

    open_ = "an encrypted source gets an encrypted clone"
    assert failed(encrypted=False, unencrypted=False, secret=True) == [open_]
    assert failed(encrypted=True, unencrypted=False, secret=True) == []
    assert failed(encrypted=False, unencrypted=True, secret=True) == []
    assert failed(encrypted=False, unencrypted=False, secret=False) == []
    only = "only an encrypted source gets an encrypted clone"
    assert failed(encrypted=True, unencrypted=False, secret=False) == [only]
