"""What is measured: each scenario alternates its contenders over the rounds."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench import contenders, measure, packages, tree
from bench.contenders import DRDWRAP, FIND, RSYNC, Place
from bench.images import Image
from bench.table import (
    CHANGED,
    CHANGED_DURABLE,
    COLD,
    FILL,
    PACKAGES,
    UNCHANGED,
    Sample,
    ScaleSample,
)

CHANGED_SHARE = 0.01
SETTLING_SECONDS = 1.5  # a change time as young as the scan makes drdwrap look twice
STARTED = time.monotonic()


def progress(message: str) -> None:
    """One line on stderr: what the bench is doing."""
    print(f"bench {time.monotonic() - STARTED:7.1f} s  {message}", file=sys.stderr, flush=True)


@dataclass
class Bench:
    """One pair of file systems, a tree on it, and the samples so far."""

    place: Place
    without: frozenset[str]
    seed: int
    samples: list[Sample] = field(default_factory=list)
    not_measured: dict[str, str] = field(default_factory=dict)
    differences: dict[str, int] = field(default_factory=dict)
    built: tree.Tree = field(default_factory=lambda: tree.Tree(0, []))
    in_step: bool = False
    """Every clone is filled and the last thing done to it was its own contender's."""
    _images: dict[Path, Image] = field(default_factory=dict)

    def build(self, files: int) -> float:
        """A new tree on a new booted file system; seconds it took."""
        self.remove()
        self.in_step = False
        inodes = int((files + tree.directory_count(files)) * 1.1) + 2000
        for mount_point in (self.place.booted, self.place.clone, self.place.plain):
            image = Image(mount_point.with_suffix(".img"), mount_point, inodes)
            self._images[mount_point] = image
            image.make()
        progress(f"building a tree of {files:,} files")
        started = time.perf_counter()
        self.built = tree.build(self.place.booted, files, self.seed)
        measure.settle()
        seconds = time.perf_counter() - started
        progress(f"built {self.built.entries:,} entries in {seconds:.1f} s")
        return seconds

    def remove(self) -> None:
        """Every image, and drdwrap's state."""
        for image in self._images.values():
            image.remove()
        self._forget()

    def fill(self, rounds: int) -> None:
        """The first fill, each into a new file system, `sync -f` included."""
        commands = self._competing(contenders.fills(self.place))
        self.in_step = False
        for round_, name in _alternate(commands, rounds):
            self._empty_clone(name)
            self._run(FILL, name, round_, commands[name], durable=True)
            self._check(FILL, name)

    def bring_in_step(self) -> None:
        """Fill every clone again, untimed, and let drdwrap settle its record."""
        fills = self._competing(contenders.fills(self.place))
        for name in (DRDWRAP, RSYNC):
            if name in fills:
                progress(f"untimed: filling the clone of {name}")
                self._empty_clone(name)
                self._untimed(name, fills[name])
        if DRDWRAP in fills:
            time.sleep(SETTLING_SECONDS)
            progress("untimed: one drdwrap sync, for the record to settle")
            self._untimed(DRDWRAP, contenders.syncs(self.place)[DRDWRAP])
        self.in_step = True

    def unchanged(self, rounds: int) -> None:
        """Nothing changed, warm caches; a round that is not counted comes first."""
        self._look(UNCHANGED, rounds, measure.settle, warm_up=True)

    def cold(self, rounds: int) -> None:
        """Nothing changed, empty caches."""
        try:
            measure.drop_caches()
        except OSError as refused:
            self.not_measured[COLD] = f"{measure.DROP_CACHES} cannot be written ({refused})"
            progress(f"{COLD}: not measured: {self.not_measured[COLD]}")
            return
        self._look(COLD, rounds, measure.drop_caches, warm_up=False)

    def changed(self, rounds: int) -> None:
        """One set of changes a round, which every contender then brings to a clone of its own.

        (A new set for each contender would pile up: each would find the other's set as well and
        copy two per cent.)
        """
        commands = self._competing(contenders.syncs(self.place))
        if not commands:
            return
        for round_ in range(rounds):
            seed = self.seed * 1000 + round_ + 1
            count = tree.change(self.place.booted, self.built.regular, CHANGED_SHARE, seed)
            progress(f"changed {count:,} files")
            time.sleep(SETTLING_SECONDS)
            for name in _rotated(list(commands), round_):
                self._run(CHANGED, name, round_, commands[name], CHANGED_DURABLE)
        for name in commands:
            self._check(CHANGED, name)

    def packages(self, rounds: int) -> None:
        """A preview that has to ask the package databases about a hundredth of all files.

        They own all but those: so both contenders have the same to show.
        """
        commands = self._competing(contenders.packages(self.place))
        unowned = int(len(self.built.regular) * CHANGED_SHARE)
        for root in (self.place.booted, self.place.clone):
            packages.write(root, self.built.regular[unowned:])
        tree.change(self.place.booted, self.built.regular[:unowned], 1.0, self.seed * 1000 + 999)
        time.sleep(SETTLING_SECONDS)
        for name, argv in commands.items():
            self._untimed(name, argv)
        for round_, name in _alternate(commands, rounds):
            measure.settle()
            self._run(PACKAGES, name, round_, commands[name])

    def scale(self, sizes: list[int], rounds: int) -> list[ScaleSample]:
        """A look with nothing changed at each size, drdwrap and the two finds."""
        scaled = []
        if DRDWRAP not in self.without:
            self.without |= {RSYNC}
        for files in sizes:
            self.build(files)
            self.bring_in_step()
            before = len(self.samples)
            self._look(f"{UNCHANGED}, {files:,} files", rounds, measure.settle, warm_up=True)
            for sample in self.samples[before:]:
                if sample.exit_status == 0:
                    scaled.append(ScaleSample(files, self.built.entries, sample))
        return scaled

    def _look(self, scenario: str, rounds: int, before: Callable[[], None], warm_up: bool) -> None:
        commands = self._competing(contenders.looks(self.place))
        if FIND in commands and DRDWRAP in self.without:
            commands[FIND] = contenders.two_finds(self.place, self.place.plain)
        if warm_up:
            for name, argv in commands.items():
                progress(f"{scenario}, {name}: warming up")
                self._untimed(name, argv)
        for round_, name in _alternate(commands, rounds):
            before()
            self._run(scenario, name, round_, commands[name])

    def _run(
        self,
        scenario: str,
        name: str,
        round_: int,
        argv: list[str],
        durable_scenario: str = "",
        durable: bool = False,
    ) -> None:
        """One timed run.

        With durable_scenario the time with `sync -f` is a sample of its own, with durable it is
        the only one.
        """
        if durable or durable_scenario:
            measure.settle()
        sync_path = self._clone_of(name) if durable or durable_scenario else None
        run = measure.measure(argv, self.place.scratch, sync_path)
        times = {scenario: run.durable_seconds if durable else run.seconds}
        if durable_scenario:
            times[durable_scenario] = run.durable_seconds
        for what, seconds in times.items():
            self.samples.append(
                Sample(
                    what, name, round_, seconds, run.cpu_seconds, run.peak_kib, run.own_peak_kib,
                    run.exit_status,
                )
            )  # fmt: skip
        progress(f"{scenario}, {name}, round {round_ + 1}: {times[scenario]:.2f} s")
        if run.exit_status != 0:
            progress(f"  exit status {run.exit_status}, not counted: {run.errors}")

    def _untimed(self, name: str, argv: list[str]) -> None:
        run = measure.measure(argv, self.place.scratch)
        if run.exit_status != 0:
            progress(f"  {name}: exit status {run.exit_status}: {run.errors}")

    def _check(self, scenario: str, name: str) -> None:
        """Count what the contender left different from the booted tree."""
        self._untimed(name, contenders.differences(self.place, self._clone_of(name)))
        itemized = (self.place.scratch / "output").read_text(errors="backslashreplace")
        found = itemized.splitlines()
        self.differences[f"{scenario}: {name}"] = len(found)
        if found:
            progress(f"  {name} left {len(found)} differences: {'; '.join(found[:5])}")

    def _competing(self, commands: dict[str, list[str]]) -> dict[str, list[str]]:
        return {name: argv for name, argv in commands.items() if name not in self.without}

    def _clone_of(self, name: str) -> Path:
        return self.place.clone if name == DRDWRAP else self.place.plain

    def _empty_clone(self, name: str) -> None:
        self._images[self._clone_of(name)].make()
        if name == DRDWRAP:
            self._forget()

    def _forget(self) -> None:
        shutil.rmtree(self.place.state_dir, ignore_errors=True)


def _alternate(commands: dict[str, list[str]], rounds: int) -> Iterator[tuple[int, str]]:
    """Every contender once a round, another one first each time."""
    for round_ in range(rounds):
        for name in _rotated(list(commands), round_):
            yield round_, name


def _rotated(names: list[str], by: int) -> list[str]:
    by %= len(names) or 1
    return names[by:] + names[:by]
