"""What a machine says on its console while it boots, and what follows from it."""

import re
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["up", "broken", "inconclusive"]

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
_UP = re.compile(r"Reached target .*(?:Multi-User System|Graphical Interface)|^\S+ login: ", re.M)
_FAILED = re.compile(r"\[FAILED\] Failed to (?:start|mount|listen on|activate)\s+(.+)")
_DISK_SEEN = re.compile(r"\] +(?:vd|sd|nvme\d+n)[a-z0-9]*: (?:vd|sd|nvme|p)\w*", re.M)
_NEEDS_NETWORK = re.compile(r"network|ifup|online|dhcp|nfs|remote|time sync|ntp|chrony", re.I)

_BROKEN = (
    (re.compile(r"Kernel panic - not syncing: (.*)"), "the kernel panicked: {0}"),
    (re.compile(r"You are in (emergency|rescue) mode"), "it ended in {0} mode"),
    (re.compile(r"Entering (emergency|rescue) mode"), "it ended in {0} mode"),
    (re.compile(r"^error: (.*(?:not found|no such device).*)", re.M), "GRUB: {0}"),
    (re.compile(r"^(grub rescue)>", re.M), "GRUB found no menu ({0})"),
)
_NO_ROOT = re.compile(
    r"ALERT!\s+(\S+) does not exist|\(initramfs\)"
    r"|dracut-initqueue.*: Warning: (\S+) does not exist|Warning: dracut-initqueue: timeout"
)
_PASSPHRASE = re.compile(r"Please unlock disk|Please enter passphrase for")


@dataclass(frozen=True)
class Boot:
    """How a boot went: `found` says it in a sentence, `failed` are units (by description) that did
    not start; `for_want_of_network` are those among them that need a network."""

    verdict: Verdict
    found: str
    failed: tuple[str, ...] = ()
    for_want_of_network: tuple[str, ...] = ()


def plain(console: bytes) -> str:
    """The console's text without what steers a terminal."""
    return _COLOURS.sub("", console.decode("utf-8", "replace"))


def judged(text: str) -> Boot | None:
    """What the text says so far; None while it may still come up."""
    if _UP.search(text):
        failed = dict.fromkeys(name.strip().rstrip(".") for name in _FAILED.findall(text))
        lacking = tuple(name for name in failed if _NEEDS_NETWORK.search(name))
        return Boot("up", "it came up", tuple(failed), lacking)
    for pattern, said in _BROKEN:
        if match := pattern.search(text):
            return Boot("broken", said.format(match[1].strip()), tuple(_FAILED.findall(text)))
    if match := _NO_ROOT.search(text):
        name = next((group for group in match.groups() if group), "the root file system")
        if not _DISK_SEEN.search(text):
            return Boot(
                "inconclusive",
                "its initramfs has no driver for the disk of a virtual machine",
            )
        return Boot("broken", f"its initramfs does not find {name}")
    if _PASSPHRASE.search(text):
        return Boot("inconclusive", "it asks for a passphrase, which nobody can type here")
    return None


def timed_out(text: str, seconds: float) -> Boot:
    """The verdict when the time is over."""
    if not text.strip():
        found = "no kernel has started, or it says nothing on a serial console"
    else:
        found = f"it was not up after {seconds:.0f} s"
    return Boot("broken", found, tuple(_FAILED.findall(text)))
