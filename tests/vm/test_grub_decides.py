"""drdwrap's part of custom.cfg decides as `at_start` does, in GRUB itself.

GRUB is started by QEMU, without a disk to boot from: one start works through all of them.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from drdwrap.boot.selection import environment_block
from drdwrap.boot.selection.at_start import HAND_OVER, SELF, TRIAL, at_start
from drdwrap.boot.selection.custom_cfg import GrubSide, rendered
from drdwrap.boot.selection.image_state import (
    FAILED,
    GOOD,
    HANDED,
    HELD,
    OFF,
    ONCE,
    ONCE_HANDED,
    SPENT,
    TRY,
    TRYING,
    ImageState,
)

MODULES = Path("/usr/lib/grub/i386-pc")
WANTED = (
    "biosdisk ext2 serial terminal echo test search search_fs_uuid loadenv normal minicmd regexp"
    " configfile sleep reboot chain linux"
).split()
STATES = (TRY, HANDED, TRYING, GOOD, FAILED, ONCE, ONCE_HANDED, SPENT, OFF, HELD)
UUIDS = {
    "mine": "11111111-1111-1111-1111-111111111111",
    "other": "22222222-2222-2222-2222-222222222222",
}
HEAD = """\
serial --unit=0
terminal_output serial
"""
DEFAULTS = {SELF: "none", TRIAL: "drdwrap-trial", HAND_OVER: "drdwrap-other"}


def cases() -> list[tuple[ImageState, ImageState | None]]:
    """Every state alone and beside an image that is good; every state beside two others."""
    pairs: list[tuple[ImageState, ImageState | None]] = []
    for state in STATES:
        pairs += [(ImageState(state, 1), None), (ImageState(state, 1), ImageState(GOOD, 2))]
        pairs += [(ImageState(mine, 1), ImageState(state, 2)) for mine in (GOOD, TRYING)]
    pairs.append((ImageState(GOOD, 10), ImageState(GOOD, 9)))
    return pairs


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    """What GRUB has decided in each case, and the directory with the states after that."""
    for program in ("qemu-system-x86_64", "grub-mkimage", "mke2fs", "debugfs"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    if not (MODULES / "lnxboot.img").exists():
        pytest.skip("GRUB's modules for BIOS (Debian's grub-pc-bin) are not installed")
    home = tmp_path_factory.mktemp("grub")
    menu = [HEAD]
    for number, (mine, other) in enumerate(cases()):
        for side, state in (("mine", mine), ("other", other)):
            if state is not None:
                path = home / side / f"{number}.env"
                path.parent.mkdir(exist_ok=True)
                environment_block.write(bytes(path), state.values())
        sides = {side: GrubSide("x", uuid, f"/{number}.env") for side, uuid in UUIDS.items()}
        part = rendered(sides["mine"], sides["other"], "    true", firmware_chooses=False)
        menu += ["set default=none\n", part, f'echo "case {number} $default"\n']
    (home / "grub.cfg").write_text("".join([*menu, "reboot\n"]))
    (home / "mine/grub.cfg").write_text("".join([*menu, "reboot\n"]))
    early = f"search --fs-uuid --set=root {UUIDS['mine']}\nconfigfile ($root)/grub.cfg\n"
    (home / "early.cfg").write_text(early)
    image = ["grub-mkimage", "-O", "i386-pc", "-p", "(memdisk)", "-c", str(home / "early.cfg")]
    subprocess.run([*image, "-o", str(home / "core.img"), *WANTED], check=True)
    kernel = home / "kernel"
    kernel.write_bytes((MODULES / "lnxboot.img").read_bytes() + (home / "core.img").read_bytes())
    drives: list[str | Path] = []
    for side, uuid in UUIDS.items():
        disk = home / f"{side}.img"
        make = ["mke2fs", "-q", "-t", "ext4", "-U", uuid, "-d", str(home / side)]
        subprocess.run([*make, str(disk), "8M"], check=True)
        drives += ["-drive", f"file={disk},format=raw,if=ide,cache=unsafe"]
    done = subprocess.run(
        ["qemu-system-x86_64", "-accel", "tcg", "-nodefaults", "-display", "none", "-m", "256",
         "-serial", "stdio", "-no-reboot", "-kernel", kernel, *drives],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    said = done.stdout.decode(errors="replace")
    return [line.strip() for line in said.splitlines() if "case " in line], home


def test_it_decides_as_the_model_does(decided: tuple[list[str], Path]) -> None:
    said, _ = decided
    told = {line[line.index("case ") :] for line in said}
    for number, (mine, other) in enumerate(cases()):
        action = at_start(mine, other).action
        assert f"case {number} {DEFAULTS[action]}" in told, (mine.state, other, sorted(told))


def test_it_writes_as_the_model_does(decided: tuple[list[str], Path]) -> None:
    _, home = decided
    for side in UUIDS:
        subprocess.run(
            ["debugfs", "-R", f"rdump / {home / side}", home / f"{side}.img"],
            check=True,
            capture_output=True,
        )
    for number, (mine, other) in enumerate(cases()):
        start = at_start(mine, other)
        for side, expected in (("mine", start.mine), ("other", start.other)):
            if expected is not None:
                path = home / side / f"{number}.env"
                found = ImageState.of(environment_block.read(bytes(path)))
                assert found == expected, (side, mine.state, other)
