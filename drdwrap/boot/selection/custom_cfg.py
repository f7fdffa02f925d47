"""drdwrap's part of GRUB's custom.cfg, which grub.cfg reads at its end (41_custom). Pure.

The rest of the file is the administrator's. `update-grub` does not touch the file.
"""

import re
from dataclasses import dataclass

from drdwrap.templates import environment

_BEGIN = "### BEGIN drdwrap ###"
_END = "### END drdwrap ###"


@dataclass(frozen=True)
class GrubSide:
    """An image as GRUB finds it: the UUID of the file system with its state, and the path of the
    state there. `modules` let GRUB see it: those of partition tables are not loaded by themselves.
    `esp` and `loader` are the UUID of its ESP and the path of its boot loader, under
    UEFI."""

    title: str
    uuid: str
    path: str
    modules: tuple[str, ...] = ()
    esp: str = ""
    loader: str = ""


def rendered(
    mine: GrubSide | None, other: GrubSide | None, entry: str, *, firmware_chooses: bool
) -> str:
    """The part of the image `mine`. Either is None if that image's state is out of GRUB's reach.

    `entry` is the body of the trial's entry, or empty. `firmware_chooses`: the firmware starts the
    image that was chosen (UEFI), and GRUB hands over only after a failed trial.
    """
    template = environment("templates/trial", lines=True).get_template("custom.cfg.j2")
    return template.render(
        mine=mine,
        other=other,
        modules=sorted({name for side in (mine, other) if side for name in side.modules}),
        entry=entry,
        firmware_chooses=firmware_chooses,
    )


def with_part(text: str, part: str) -> str:
    """The file with this part in place of the former one, or at its end."""
    before, _, after = _split(text)
    head = before if not before or before.endswith("\n") else before + "\n"
    return f"{head}{_BEGIN}\n{part}{_END}\n{after}"


def without_part(text: str) -> str:
    """The file without drdwrap's part."""
    before, _, after = _split(text)
    return before + after


def part_of(text: str) -> str | None:
    """drdwrap's part of the file, or None."""
    return _split(text)[1]


def _split(text: str) -> tuple[str, str | None, str]:
    """What is before the part, the part, what is after it. A part without an end is none."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)  # as GRUB splits them, with their ends
    bare = [line.rstrip("\r\n") for line in lines]
    if _BEGIN not in bare or _END not in bare[bare.index(_BEGIN) :]:
        return text, None, ""
    begin = bare.index(_BEGIN)
    end = bare.index(_END, begin)
    return "".join(lines[:begin]), "".join(lines[begin + 1 : end]), "".join(lines[end + 1 :])
