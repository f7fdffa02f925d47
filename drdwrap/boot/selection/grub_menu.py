"""The default entry of GRUB's menu (grub.cfg), of which the entry for a trial is made. Pure.

What grub-mkconfig writes is understood: entries and submenus, `set default="..."`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from drdwrap.errors import RefusedError
from drdwrap.paths.line_ends import lines_of

_BEGIN = re.compile(r"^\s*(menuentry|submenu)\s")
_WORD = re.compile(r"'((?:[^'])*)'|\"((?:[^\"\\]|\\.)*)\"|(\S+)")
_ID = re.compile(r"(?:--id[ =]|\$menuentry_id_option\s+)\s*(?:'([^']*)'|\"([^\"]*)\"|(\S+))")
_DEFAULT = re.compile(r'^\s*set default="?([^"\n]*)"?\s*$', re.MULTILINE)
_KERNEL = re.compile(r"^\s*linux(?:16|efi)?\s+(\S+)")
_INITRD = re.compile(r"^\s*initrd(?:16|efi)?\s+(.+)$")
_NOT_ON_TRIAL = re.compile(r"^\s*(?:savedefault|recordfail)\b")
"""They would make the trial's entry the saved default, or change the next menu's timeout."""

_BY_HAND = (
    "choose the other image by hand: its disk in the firmware's boot menu, or its entry in GRUB's"
)


@dataclass(frozen=True)
class MenuEntry:
    """An entry: its title, its id (or ""), and the lines of its body. A submenu has `entries`."""

    title: str
    id: str
    body: tuple[str, ...]
    entries: tuple["MenuEntry", ...] = ()

    @property
    def kernel(self) -> str:
        """The path of the kernel, as GRUB sees it; empty if the entry starts none."""
        return next((m[1] for line in self.body if (m := _KERNEL.match(line))), "")

    @property
    def initrds(self) -> list[str]:
        """The paths of the initramfs images, as GRUB sees them."""
        return [word for line in self.body if (m := _INITRD.match(line)) for word in m[1].split()]

    def on_trial(self, arguments: str) -> str:
        """The body with further arguments for the kernel. RefusedError without a kernel."""
        if not self.kernel or any(line.endswith("\\") for line in self.body):
            raise RefusedError(f"the menu entry '{self.title}' starts no Linux kernel", _BY_HAND)
        lines = [line for line in self.body if not _NOT_ON_TRIAL.match(line)]
        return "\n".join(f"{line} {arguments}" if _KERNEL.match(line) else line for line in lines)


def default_entry(menu: str, environment: Mapping[str, str]) -> MenuEntry:
    """The entry that GRUB starts by default. `environment` are the values of its grubenv.
    RefusedError if it cannot be told."""
    entries = _entries(lines_of(menu))
    values = [value for value in _DEFAULT.findall(menu) if value != "${next_entry}"]
    wanted = values[-1] if values else "0"
    if wanted == "${saved_entry}":
        wanted = environment.get("saved_entry", "") or "0"
    if "$" in wanted:
        raise RefusedError(f"GRUB's default entry cannot be told from '{wanted}'", _BY_HAND)
    found = _chosen(entries, wanted) or _chosen(entries, "0")
    if found is None or not found.kernel:
        raise RefusedError(
            "GRUB's menu has no default entry that starts a Linux kernel (drdwrap does not know"
            " menus made of boot loader entries)",
            _BY_HAND,
        )
    return found


def includes_custom_cfg(menu: str) -> bool:
    """Whether the menu reads custom.cfg, as grub-mkconfig makes it do (41_custom)."""
    return any(re.match(r"\s*(?:source|\.)\s+\S*/custom\.cfg\s*$", line) for line in lines_of(menu))


def _chosen(entries: list[MenuEntry], wanted: str) -> MenuEntry | None:
    """The entry of that number, id or title; `>` leads into a submenu."""
    first, _, rest = wanted.partition(">")
    found = next((one for one in entries if first in (one.id, one.title) and first), None)
    if found is None and first.isdigit() and int(first) < len(entries):
        found = entries[int(first)]
    if found is not None and found.entries:
        return _chosen(list(found.entries), rest or "0")
    return found


def _entries(lines: list[str]) -> list[MenuEntry]:
    """The entries and submenus that begin in these lines, in order."""
    found = []
    number = 0
    while number < len(lines):
        begin = _BEGIN.match(lines[number])
        if begin is None or not lines[number].rstrip().endswith("{"):
            number += 1
            continue
        body, number = _body(lines, number)
        head = lines[number - len(body) - 2]
        inside = tuple(_entries(body)) if begin[1] == "submenu" else ()
        found.append(MenuEntry(_title(head), _id(head), tuple(body), inside))
    return found


def _body(lines: list[str], number: int) -> tuple[list[str], int]:
    """The lines after line `number` up to the closing brace, and the number after that."""
    depth = 1
    body: list[str] = []
    for line in lines[number + 1 :]:
        bare = re.sub(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|\$\{[^}]*\}", "", line).strip()
        words = bare.split()
        depth += sum(word == "{" for word in words) - sum(word == "}" for word in words)
        if depth == 0:
            return body, number + len(body) + 2
        body.append(line)
    raise RefusedError("GRUB's menu cannot be understood: a brace is not closed", _BY_HAND)


def _title(head: str) -> str:
    word = _WORD.search(head, _BEGIN.match(head).end())  # type: ignore[union-attr]
    return next((part for part in word.groups() if part is not None), "") if word else ""


def _id(head: str) -> str:
    found = _ID.search(head)
    return next((part for part in found.groups() if part is not None), "") if found else ""
