"""Two images of one machine, each with drdwrap's state on its own disk, either of them booted.

To boot the other one is to exchange the two roots in the configuration: with `layout: directories`
they are the booted image's and the other one's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from drdwrap.linux import syscalls
from drdwrap.record import marker, store
from drdwrap.record.marker import Marker
from drdwrap.record.store import Header

from .pair import Pair
from .snapshot import Tree, snapshot

STATE = "var/lib/drdwrap"


class TwoImages:
    """`original` was booted when the clone was made; `clone` is that. The original is booted."""

    def __init__(self, home: Path, original: Path, clone: Path, *, shared: bool = False) -> None:
        self.original, self.clone = original, clone
        self.pair = Pair(home, original, clone)
        self._shared = shared
        self.boot(original)

    @property
    def booted(self) -> Path:
        return self.pair.booted

    @property
    def other(self) -> Path:
        return self.pair.clone

    def boot(self, image: Path) -> None:
        """Let this image be the booted one."""
        other = self.clone if image == self.original else self.original
        pair = self.pair
        pair.booted, pair.clone = image, other
        if not self._shared:
            pair.state, pair.log = image / STATE, image / "var/log/drdwrap.log"
            pair.state.parent.mkdir(parents=True, exist_ok=True)
        pair.configure(
            booted={"root": str(image)},
            clone={"root": str(other)},
            state_dir=str(pair.state),
            log_file=str(pair.log),
        )

    def boot_the_other(self) -> None:
        self.boot(self.other)

    def state_of(self, image: Path) -> Path:
        return self.pair.state if self._shared else image / STATE

    def header(self, image: Path) -> Header | None:
        return store.read_header(os.fsencode(self.state_of(image) / "record"))

    def marker(self, image: Path) -> Marker | None:
        return marker.read(os.fsencode(image))

    def trees(self) -> Mapping[Path, Tree]:
        """Both images, without what is drdwrap's own on each."""
        return {
            image: {
                path: entry
                for path, entry in snapshot(image).items()
                if not path.startswith((os.fsencode(STATE) + b"/", b"var/log/drdwrap.log"))
            }
            for image in (self.original, self.clone)
        }

    def bring_to_disk(self) -> None:
        for image in (self.original, self.clone):
            syscalls.syncfs(os.fsencode(image))
