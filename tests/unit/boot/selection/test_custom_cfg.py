"""drdwrap's part of custom.cfg, and the trial's entry, read by GRUB's own programs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from drdwrap.boot.selection import environment_block
from drdwrap.boot.selection.custom_cfg import (
    GrubSide,
    part_of,
    rendered,
    with_part,
    without_part,
)
from drdwrap.boot.selection.grub_menu import default_entry, includes_custom_cfg
from drdwrap.boot.selection.image_state import LONGEST_REASON, TRY, ImageState, plain
from drdwrap.errors import RefusedError

MENU = """\
### BEGIN /etc/grub.d/00_header ###
if [ "${next_entry}" ] ; then
   set default="${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="DEFAULT"
fi
### END /etc/grub.d/00_header ###
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-1' {
\tload_video
\tsavedefault
\tif [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
\tsearch --no-floppy --fs-uuid --set=root 1111-2222
\techo\t'Loading Linux 6.1 {...'
\tlinux\t/vmlinuz-6.1 root=/dev/mapper/drd00-root ro  quiet
\tinitrd\t/initrd.img-6.1
}
submenu 'Advanced options' $menuentry_id_option 'gnulinux-advanced-1' {
\tmenuentry 'Linux 6.1' --class debian $menuentry_id_option 'gnulinux-6.1' {
\t\tlinux\t/vmlinuz-6.1 root=/dev/mapper/drd00-root ro
\t\tinitrd\t/initrd.img-6.1
\t}
\tmenuentry 'Linux 5.10' --class debian $menuentry_id_option 'gnulinux-5.10' {
\t\tlinux\t/vmlinuz-5.10 root=/dev/mapper/drd00-root ro
\t\tinitrd\t/initrd.img-5.10
\t}
}
if [ -f  ${config_directory}/custom.cfg ]; then
  source ${config_directory}/custom.cfg
elif [ -z "${config_directory}" -a -f  $prefix/custom.cfg ]; then
  source $prefix/custom.cfg
fi
"""
MINE = GrubSide("drd00 (drdwrap)", "1111-2222", "/grub/drdwrap.env")
OTHER = GrubSide(
    "vg00 (drdwrap)",
    "3333-4444",
    "/grub/drdwrap.env",
    ("part_gpt", "ext2"),
    "AAAA-BBBB",
    "/EFI/debian/grubx64.efi",
)


def menu(default: str = "0") -> str:
    return MENU.replace("DEFAULT", default)


@pytest.mark.parametrize("firmware_chooses", [False, True])
@pytest.mark.parametrize(("mine", "other"), [(MINE, OTHER), (MINE, None), (None, OTHER)])
@pytest.mark.parametrize("trial", [True, False])
def test_grub_understands_it(
    mine: GrubSide | None,
    other: GrubSide | None,
    trial: bool,
    firmware_chooses: bool,
    tmp_path: Path,
) -> None:
    if not shutil.which("grub-script-check"):
        pytest.skip("grub-script-check (Debian's grub-common) is not installed")
    trial = trial and mine is not None
    entry = default_entry(menu(), {}).on_trial("panic=30") if trial else ""
    part = rendered(mine, other, entry, firmware_chooses=firmware_chooses)
    path = tmp_path / "custom.cfg"
    path.write_text(with_part("set color=red\n", part))
    done = subprocess.run(["grub-script-check", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("panic=30" in part) == trial


def test_the_trials_entry_is_the_default_one_with_what_bounds_it() -> None:
    body = default_entry(menu(), {}).on_trial("drdwrap.trial=12 panic=30").splitlines()
    assert (
        "\tlinux\t/vmlinuz-6.1 root=/dev/mapper/drd00-root ro  quiet drdwrap.trial=12 panic=30"
        in body
    )
    assert "\tinitrd\t/initrd.img-6.1" in body
    assert not any("savedefault" in line for line in body)


@pytest.mark.parametrize(
    ("default", "kernel"),
    [("0", "6.1"), ("1>1", "5.10"), ("1", "6.1"), ("gnulinux-advanced-1>gnulinux-5.10", "5.10"),
     ("Debian GNU/Linux", "6.1"), ("${saved_entry}", "5.10"), ("no such entry", "6.1")],
)  # fmt: skip
def test_the_default_entry_is_the_one_grub_starts(default: str, kernel: str) -> None:
    saved = {"saved_entry": "gnulinux-advanced-1>gnulinux-5.10"}
    assert default_entry(menu(default), saved).kernel == f"/vmlinuz-{kernel}"


@pytest.mark.parametrize("text", ["", "blscfg\n", "menuentry 'x' {\n\tchainloader +1\n}\n"])
def test_a_menu_without_a_kernel_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="no default entry"):
        default_entry(text, {})


def test_a_default_that_cannot_be_told_is_refused() -> None:
    with pytest.raises(RefusedError, match="cannot be told"):
        default_entry(menu("${chosen}"), {})


def test_a_menu_that_does_not_read_custom_cfg_is_recognized() -> None:
    assert includes_custom_cfg(menu())
    assert not includes_custom_cfg("# source $prefix/custom.cfg\nmenuentry x {\n}\n")


@pytest.mark.parametrize("text", ["", "set color=red", "set color=red\n", "a\r\nb\r\n"])
def test_what_the_administrator_has_in_it_stays(text: str) -> None:
    once = with_part(text, "one\n")
    twice = with_part(once, "two\n")
    assert part_of(twice) == "two\n"
    assert "one" not in twice
    assert without_part(twice) in (text, text + "\n")


def test_lines_after_the_part_stay_after_it() -> None:
    text = with_part("before\n", "one\n") + "after\n"
    assert with_part(text, "two\n").endswith("two\n### END drdwrap ###\nafter\n")


def test_grub_editenv_reads_the_block_and_changes_it(tmp_path: Path) -> None:
    if not shutil.which("grub-editenv"):
        pytest.skip("grub-editenv (Debian's grub-common) is not installed")
    path = tmp_path / "drdwrap.env"
    longest = ImageState(
        TRY, 123456, "12345678", "started", "x" * 300, "2026-11-29 20:00:00",
        "2026-11-29 20:15:00", "v" * 40, "0007",
    )  # fmt: skip
    environment_block.write(bytes(path), longest.values())
    inode = path.stat().st_ino
    listed = subprocess.run(
        ["grub-editenv", path, "list"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert "drd_state=try" in listed and "drd_serial=123456" in listed
    subprocess.run(["grub-editenv", path, "set", "drd_state=trying"], check=True)
    state = ImageState.of(environment_block.read(bytes(path)))
    assert (state.state, state.serial, state.former) == ("trying", 123456, "v" * 40)
    assert len(state.reason) == LONGEST_REASON
    environment_block.write(bytes(path), state.becoming("good").values())
    assert (path.stat().st_ino, path.stat().st_size) == (inode, 1024)


@pytest.mark.parametrize("block", [b"", b"#" * 1024, b"# GRUB Environment Block\n"])
def test_a_damaged_block_is_none(block: bytes) -> None:
    with pytest.raises(ValueError, match="environment block"):
        environment_block.parsed(block)


def test_a_reason_is_made_plain() -> None:
    assert plain("a\\b\nc\x1bd\u00e9") == "a?b?c?d?"
