"""Loop devices over parts of the build's own files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vagrant.box.run import run


@dataclass(frozen=True)
class Place:
    """A part of a file, in bytes."""

    offset: int
    size: int


@contextmanager
def opened(image: Path, place: Place) -> Iterator[str]:
    """A loop device over a part of `image`."""
    part = ("--offset", str(place.offset), "--sizelimit", str(place.size))
    device = run("losetup", "--find", "--show", *part, image).strip()
    try:
        yield device
    finally:
        run("losetup", "--detach", device)


def detach(directory: Path) -> None:
    """Detach the loop devices over files below `directory`, which a killed build left."""
    listed = json.loads(run("losetup", "--json", "--list", "--output", "NAME,BACK-FILE") or "{}")
    for loop in listed.get("loopdevices", []):
        if str(loop["back-file"]).startswith(f"{directory}/"):
            run("losetup", "--detach", loop["name"])
