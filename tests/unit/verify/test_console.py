"""What follows from a console: texts as Debian 12 and 13 print them."""

from __future__ import annotations

import pytest

from drdwrap.verify.boot.console import Boot, judged, plain, timed_out

UP = (
    "[\x1b[0;32m  OK  \x1b[0m] Reached target \x1b[0;1;39mmulti-user.target\x1b[0m - "
    "Multi-User System.\r\n"
)
FAILED = "[\x1b[0;1;31mFAILED\x1b[0m] Failed to start \x1b[0;1;39m{0}.service\x1b[0m - {1}.\r\n"
DISK = "[    3.1] virtio_blk virtio1: [vda] 1 512-byte\n[    3.2]  vda: vda1 vda2\n"
PANIC = "VFS: Unable to mount root fs on unknown-block(0,0)"
EMERGENCY = "You are in emergency mode. After logging in, type\n"
NO_ROOT = "ALERT!  /dev/mapper/drd00-r00t does not exist.  Dropping to a shell!\n(initramfs) "


def boot(text: str) -> Boot | None:
    return judged(plain(text.encode()))


def test_it_may_still_come_up() -> None:
    assert boot("") is None
    assert boot(DISK + "[  OK  ] Reached target local-fs.target - Local File Systems.\n") is None


def test_it_came_up() -> None:
    assert boot(DISK + UP) == Boot("up", "it came up")
    # SysV init says nothing of targets.
    assert boot("Debian GNU/Linux 12 host ttyS0\n\nhost login: ") == Boot("up", "it came up")


def test_units_that_failed_are_named_and_those_that_need_a_network_told_apart() -> None:
    failed = FAILED.format("networking", "Raise network interfaces") + FAILED.format("x", "My data")
    found = boot(failed + UP)
    assert found is not None and found.verdict == "up"
    assert found.failed == (
        "networking.service - Raise network interfaces",
        "x.service - My data",
    )
    assert found.for_want_of_network == ("networking.service - Raise network interfaces",)


@pytest.mark.parametrize(
    ("text", "verdict", "found"),
    [
        (DISK + NO_ROOT, "broken", "its initramfs does not find /dev/mapper/drd00-r00t"),
        (NO_ROOT, "inconclusive", "its initramfs has no driver for the disk of a virtual machine"),
        (
            f"[ 1.2] Kernel panic - not syncing: {PANIC}\n",
            "broken",
            f"the kernel panicked: {PANIC}",
        ),
        (
            "You are in emergency mode. After logging in, type\n",
            "broken",
            "it ended in emergency mode",
        ),
        (DISK + "Please unlock disk vda2_crypt: ", "inconclusive", "it asks for a passphrase"),
    ],
)
def test_it_did_not_come_up(text: str, verdict: str, found: str) -> None:
    said = boot(text)
    assert said is not None
    assert said.verdict == verdict and said.found.startswith(found)


def test_the_time_is_over() -> None:
    assert timed_out("", 900).found.startswith("no kernel has started")
    late = timed_out(plain((DISK + FAILED.format("x", "My data")).encode()), 900)
    assert (late.verdict, late.found) == ("broken", "it was not up after 900 s")
    assert late.failed == ("x.service - My data.",)
