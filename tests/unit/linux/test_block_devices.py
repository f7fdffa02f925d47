"""The contents of a device that udev, and so lsblk, does not know."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from drdwrap.linux import block_devices


def row(name: str, kind: str, fstype: str | None = None, *children: dict[str, Any]) -> Any:
    empty = dict.fromkeys(("uuid", "label", "partuuid", "partlabel", "parttype", "pttype"))
    return {
        **empty, "name": name, "path": f"/dev/{name}", "maj:min": "1:1", "type": kind, "size": 1,
        "ro": False, "fstype": fstype, "mountpoints": [None], "log-sec": 512,
        "children": list(children),
    }  # fmt: skip


def test_only_a_device_whose_contents_the_report_lacks_is_probed() -> None:
    disk = row(
        "vda", "disk", None,
        row("vda1", "part", "ext4"),
        row("vda2", "part", "LVM2_member", row("vg-root", "lvm"), row("vg-var", "lvm", "xfs")),
    )  # fmt: skip
    asked = []

    def probe(path: str) -> dict[str, str]:
        asked.append(path)
        return {"fstype": "swap", "uuid": "u-1"}

    report = json.dumps({"blockdevices": [disk, row("vdb", "disk")]}).encode()
    found = {d.path: d for root in block_devices.parse(report, probe).roots for d in root.family()}
    assert asked == ["/dev/vg-root"]
    assert (found["/dev/vg-root"].contents, found["/dev/vg-root"].uuid) == ("swap", "u-1")
    assert (found["/dev/vg-root"].label, found["/dev/vg-var"].contents) == ("", "xfs")


def test_what_is_found_has_lsblks_names(tmp_path: Path) -> None:
    if not shutil.which("mkswap", path="/usr/sbin:/sbin:/usr/bin"):
        pytest.skip("mkswap is not installed")
    image = tmp_path / "image"
    image.touch()
    assert block_devices.probed(str(image)) == {}
    with image.open("wb") as file:
        file.truncate(1 << 20)
    uuid = "12345678-1234-4234-8234-123456789abc"
    subprocess.run(["mkswap", "-q", "-L", "a b\\c", "-U", uuid, image], check=True)
    assert block_devices.probed(str(image)) == {"fstype": "swap", "uuid": uuid, "label": "a b\\c"}
    assert block_devices.probed(str(tmp_path / "nothing")) == {}


LABEL = "a\rb\x85c\x1cé \\x41"
"""All that Python takes for line ends, and that the label of a file system may hold."""


def test_a_label_is_told_whole(tmp_path: Path) -> None:
    if not shutil.which("mkfs.ext4", path="/usr/sbin:/sbin:/usr/bin"):
        pytest.skip("mkfs.ext4 is not installed")
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(1 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-L", LABEL, image], check=True, capture_output=True)
    assert block_devices.probed(str(image))["label"] == LABEL


def test_two_signatures_are_more_than_none(tmp_path: Path) -> None:
    """lsblk and blkid show nothing of ext4 on a disk that was ZFS's."""
    if not shutil.which("wipefs", path="/usr/sbin:/sbin:/usr/bin"):
        pytest.skip("wipefs is not installed")
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(64 << 20)
    report = {**row("image", "disk", None), "path": str(image)}
    disk = block_devices.parse(json.dumps({"blockdevices": [report]}).encode()).roots[0]
    assert block_devices.signatures(disk) == []
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    with image.open("r+b") as file:
        for number in range(4):  # the last label's uberblocks
            file.seek((64 << 20) - (128 << 10) + (number << 10))
            file.write((0x00BAB10C).to_bytes(8, "little"))
    assert block_devices.probed(str(image)) == {}
    assert set(block_devices.signatures(disk)) == {f"{image} has ext4", f"{image} has zfs_member"}
    image.unlink()
    assert "wipefs ended" in block_devices.signatures(disk)[0]
