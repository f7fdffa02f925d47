"""Choosing an image under UEFI. efibootmgr is fake: no firmware can be had here."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from drdwrap.boot.selection import grub_uefi
from drdwrap.boot.selection.image import Image
from drdwrap.errors import DrdwrapError
from drdwrap.linux.block_devices import ESP, BlockDevice

FAKE = """#!{python}
import json, sys
path = {path!r}
nvram = json.load(open(path))
words = [word for word in sys.argv[1:] if word != "--quiet"]
if words and words[0] != "-v" and nvram["full"]:
    sys.exit("Could not prepare Boot variable: No space left on device")
if words and words[0] == "--create-only":
    if not nvram["drops"]:
        number = "%04X" % len(nvram["entries"])
        nvram["entries"][number] = [nvram["partuuids"][words[4]], words[-1]]
elif words and words[0] == "--bootnext":
    nvram["next"] = words[1] if not nvram["drops"] else None
elif words and words[0] == "--delete-bootnext":
    nvram["next"] = None
elif words and words[0] == "--bootorder":
    nvram["order"] = words[1].split(",")
json.dump(nvram, open(path, "w"))
print("BootCurrent: 0000")
if nvram["next"]:
    print("BootNext: " + nvram["next"])
print("BootOrder: " + ",".join(nvram["order"]))
for number, (partuuid, loader) in nvram["entries"].items():
    print(f"Boot{{number}}* name\\tHD(1,GPT,{{partuuid}},0x800,0x20000)/File({{loader}})")
"""
MINE = "AAAAAAAA-0000-0000-0000-000000000001".lower()
OTHER = "bbbbbbbb-0000-0000-0000-000000000002"


class Nvram:
    """The firmware's variables, as a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set(
            entries={"0000": [MINE, r"\EFI\debian\grubx64.efi"], "0001": ["", ""]},
            order=["0000", "0001"],
            next=None,
            full=False,
            drops=False,
            partuuids={"1": OTHER},
        )

    def set(self, **values: object) -> None:
        now = json.loads(self.path.read_text()) if self.path.exists() else {}
        self.path.write_text(json.dumps({**now, **values}))

    def __getitem__(self, name: str) -> Any:
        return json.loads(self.path.read_text())[name]


@pytest.fixture
def nvram(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nvram:
    import sys

    fake = tmp_path / "bin/efibootmgr"
    fake.parent.mkdir()
    path = tmp_path / "nvram"
    fake.write_text(FAKE.format(python=sys.executable, path=str(path)))
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    from drdwrap.linux import process

    process._environment.cache_clear()
    return Nvram(path)


def device(path: str, partuuid: str = "") -> BlockDevice:
    return BlockDevice(
        path, "1:1", "part" if partuuid else "disk", 1, False, "vfat", "AAAA-BBBB", "", partuuid,
        "", ESP if partuuid else "", "gpt", (), 512, (),
    )  # fmt: skip


def image(root: Path, name: str, partuuid: str, *loaders: str) -> Image:
    for loader in loaders:
        path = root / "boot/efi" / loader
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    esp = device(f"/dev/{name}1", partuuid)
    disk = device(f"/dev/{name}")
    return Image(name, bytes(root), disk, b"boot/grub", None, esp, b"boot/efi", "systemd")


@pytest.fixture
def mine(tmp_path: Path) -> Image:
    return image(tmp_path / "mine", "vda", MINE, "EFI/debian/grubx64.efi")


@pytest.fixture
def other(tmp_path: Path) -> Image:
    return image(tmp_path / "other", "vdb", OTHER, "EFI/BOOT/BOOTX64.EFI")


def test_a_trial_is_the_next_boot_alone(nvram: Nvram, mine: Image, other: Image) -> None:
    number = grub_uefi.prepare(mine, other)
    assert (number, nvram["order"]) == ("0002", ["0000", "0001", "0002"])
    assert not nvram["next"]
    grub_uefi.choose(number, permanently=False)
    assert (nvram["next"], nvram["order"]) == ("0002", ["0000", "0001", "0002"])
    grub_uefi.keep(mine, number)
    assert (nvram["next"], nvram["order"]) == (None, ["0000", "0001", "0002"])


def test_for_good_it_is_put_first_and_taken_back(nvram: Nvram, mine: Image, other: Image) -> None:
    number = grub_uefi.prepare(mine, other)
    grub_uefi.choose(number, permanently=True)
    assert nvram["order"] == ["0002", "0000", "0001"]
    grub_uefi.keep(mine, number)
    assert nvram["order"] == ["0000", "0002", "0001"]


def test_the_entry_is_made_once(nvram: Nvram, mine: Image, other: Image) -> None:
    assert grub_uefi.prepare(mine, other) == grub_uefi.prepare(mine, other) == "0002"
    assert nvram["order"] == ["0000", "0001", "0002"]


def test_a_full_nvram_is_one_message_and_changes_nothing(
    nvram: Nvram, mine: Image, other: Image
) -> None:
    nvram.set(full=True)
    with pytest.raises(DrdwrapError, match="memory for boot entries is full") as raised:
        grub_uefi.prepare(mine, other)
    assert "the next boot is as before" in raised.value.hint
    assert "dump-type0" in raised.value.hint
    assert (nvram["next"], nvram["order"]) == (None, ["0000", "0001"])


def test_what_the_firmware_drops_is_noticed(nvram: Nvram, mine: Image, other: Image) -> None:
    nvram.set(drops=True)
    with pytest.raises(DrdwrapError, match="did not keep a boot entry for vdb"):
        grub_uefi.prepare(mine, other)
    nvram.set(drops=False)
    number = grub_uefi.prepare(mine, other)
    nvram.set(drops=True)
    with pytest.raises(DrdwrapError, match="did not keep the entry for the next boot"):
        grub_uefi.choose(number, permanently=False)


@pytest.mark.parametrize(
    ("loaders", "chosen"),
    [
        (["EFI/BOOT/BOOTX64.EFI"], "/EFI/BOOT/BOOTX64.EFI"),
        (["EFI/BOOT/BOOTX64.EFI", "EFI/debian/grubx64.efi"], "/EFI/debian/grubx64.efi"),
        (["EFI/debian/grubx64.efi", "EFI/debian/shimx64.efi"], "/EFI/debian/shimx64.efi"),
        (["EFI/Boot/bootx64.efi"], "/EFI/Boot/bootx64.efi"),
        (["EFI/memtest/memtest.efi"], None),
    ],
)
def test_the_distributions_own_loader_is_preferred(
    tmp_path: Path, loaders: list[str], chosen: str | None
) -> None:
    assert grub_uefi.loader_of(image(tmp_path / "x", "vdb", OTHER, *loaders)) == chosen
