"""What the firmware boots next, as efibootmgr shows it."""

from __future__ import annotations

from drdwrap.linux.efibootmgr import chosen_partition

ENTRIES = """\
BootCurrent: 0001
Timeout: 0 seconds
BootOrder: 0003,0001,0000
Boot0000* UiApp\tFvVol(7cb8bdc9)/FvFile(462caa21)
Boot0001* debian\tHD(1,GPT,3e6d8d1e-2c0f-4bf0-8f4a-6a8b0c1d2e3f,0x800,0x32000)/File(\\EFI\\debian\\shimx64.efi)
Boot0002* other\tHD(2,GPT,AAAAAAAA-2C0F-4BF0-8F4A-6A8B0C1D2E3F,0x800,0x32000)/File(\\EFI\\BOOT\\BOOTX64.EFI)
Boot0003  off\tHD(1,GPT,bbbbbbbb-2c0f-4bf0-8f4a-6a8b0c1d2e3f,0x800,0x32000)
"""  # noqa: E501


def test_it_is_the_first_active_entry() -> None:
    assert chosen_partition(ENTRIES) == "3e6d8d1e-2c0f-4bf0-8f4a-6a8b0c1d2e3f"


def test_what_is_chosen_for_once_comes_first() -> None:
    once = "BootNext: 0002\n" + ENTRIES
    assert chosen_partition(once) == "aaaaaaaa-2c0f-4bf0-8f4a-6a8b0c1d2e3f"


def test_what_is_first_and_on_no_disk_is_no_disk() -> None:
    network = "BootNext: 0000\n" + ENTRIES
    assert chosen_partition(network) is None


def test_without_entries_nothing_is_known() -> None:
    assert chosen_partition("") is None
    assert chosen_partition("BootOrder: 0000\nBoot0000* UiApp\tFvVol(7cb8bdc9)\n") is None
