"""The command line and the environment that a command on the clone finds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from drdwrap.patching import surroundings


def test_nothing_of_the_callers_environment_leads_into_the_running_system() -> None:
    own = {b"TERM": b"xterm", b"http_proxy": b"http://proxy", b"LC_ALL": b"C", b"LD_PRELOAD": b"/x"}
    given = surroundings.environment({**own, b"DBUS_SESSION_BUS_ADDRESS": b"x", b"PATH": b"/x"})
    assert (given[b"TERM"], given[b"http_proxy"], given[b"LC_ALL"]) == (
        b"xterm",
        own[b"http_proxy"],
        b"C",
    )
    assert given[b"SYSTEMD_OFFLINE"] == given[b"NEEDRESTART_SUSPEND"] == b"1"
    assert not {b"LD_PRELOAD", b"DBUS_SESSION_BUS_ADDRESS"} & given.keys()
    assert b"/x" not in given[b"PATH"].split(b":")


def test_the_kernels_command_line_is_the_clones(tmp_path: Path) -> None:
    root = bytes(tmp_path)
    assert surroundings.command_line(root, b"/dev/x") == b"root=/dev/x ro"
    (tmp_path / "boot/grub").mkdir(parents=True)
    (tmp_path / "boot/grub/grub.cfg").write_text(
        "  linux /vmlinuz-1 root=/dev/mapper/a ro  quiet\n"
    )
    assert surroundings.command_line(root, b"/dev/x") == b"root=/dev/mapper/a ro  quiet"
    (tmp_path / "boot/loader/entries").mkdir(parents=True)
    (tmp_path / "boot/loader/entries/a.conf").write_text("options $kernelopts\n")
    assert surroundings.command_line(root, b"/dev/x") == b"root=/dev/mapper/a ro  quiet"
    (tmp_path / "boot/loader/entries/b.conf").write_text("options root=/dev/b ro\n")
    assert surroundings.command_line(root, b"/dev/x") == b"root=/dev/b ro"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--container"], "none\n"),
        (["-c"], "none\n"),
        (["--quiet", "--container"], ""),
        (["--container", "-q"], ""),
        (["-qc"], ""),
    ],
)
def test_kernel_scripts_are_told_that_this_is_no_container(
    options: list[str], said: str, tmp_path: Path
) -> None:
    """As systemd-detect-virt says it where there is none: status 1."""
    files = {file.path: file for file in surroundings.made(bytes(tmp_path))}
    found = files[b"run/drdwrap/bin/systemd-detect-virt"]
    assert found.mode == 0o755
    script = tmp_path / "systemd-detect-virt"
    script.write_bytes(found.content)
    done = subprocess.run(["sh", script, *options], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, said, "")
