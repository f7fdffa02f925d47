"""Samples to rows, ratios, targets met, and text. Pure: nothing is measured here."""

from __future__ import annotations

import io
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from bench.contenders import CP, DRDWRAP, FIND, RSYNC, WITHOUT_PACKAGES

UNCHANGED = "nothing changed"
CHANGED = "sync, 1 % changed"
CHANGED_DURABLE = "sync, 1 % changed, then sync -f"
FILL = "first fill, sync -f included"
COLD = "nothing changed, cold caches"
PACKAGES = "1 % changed, beside 4,000 packages"
MEMORY_LIMIT_MB = 500.0
FLAT_WITHIN = 1.2
"""Time per file at the largest size against the smallest: above this it is not flat."""

LABELS = {
    (UNCHANGED, DRDWRAP): "drdwrap preview",
    (UNCHANGED, RSYNC): "rsync -aAXHS -n --delete",
    (UNCHANGED, FIND): "two concurrent find -printf",
    (CHANGED, DRDWRAP): "drdwrap sync",
    (CHANGED, RSYNC): "rsync -aAXHS --delete",
    (FILL, DRDWRAP): "drdwrap clone --overwrite",
    (FILL, RSYNC): "rsync -aAXHS",
    (FILL, CP): "cp -a",
    (PACKAGES, DRDWRAP): "drdwrap preview",
    (PACKAGES, WITHOUT_PACKAGES): "drdwrap preview, packages: none",
}
LABELS |= {(COLD, name): text for (where, name), text in LABELS.items() if where == UNCHANGED}
LABELS |= {(CHANGED_DURABLE, name): text for (at, name), text in LABELS.items() if at == CHANGED}


@dataclass(frozen=True)
class Sample:
    """One timed run."""

    scenario: str
    contender: str
    round: int
    seconds: float
    cpu_seconds: float
    peak_kib: int
    own_peak_kib: int
    exit_status: int


@dataclass(frozen=True)
class ScaleSample:
    """One timed look at a tree of a given size."""

    files: int
    entries: int
    sample: Sample

    @property
    def microseconds_per_entry(self) -> float:
        """Wall time for each file, link or directory of the tree."""
        return self.sample.seconds / self.entries * 1e6


@dataclass(frozen=True)
class Target:
    """A promise: a ratio of medians, drdwrap's over the other's or the reverse; or the seconds
    that drdwrap takes longer."""

    scenario: str
    against: str
    bound: float
    drdwrap_on_top: bool
    seconds: bool = False

    @property
    def text(self) -> str:
        """As the table shows it."""
        if self.seconds:
            return f"drdwrap − it ≤ {self.bound} s"
        return f"drdwrap/it ≤ {self.bound}" if self.drdwrap_on_top else f"it/drdwrap ≥ {self.bound}"

    def met(self, drdwrap: float, other: float) -> bool:
        """Whether two medians keep it."""
        if self.seconds:
            return drdwrap - other <= self.bound
        if self.drdwrap_on_top:
            return drdwrap <= self.bound * other
        return other >= self.bound * drdwrap


TARGETS = (
    Target(UNCHANGED, FIND, 1.7, drdwrap_on_top=True),
    Target(UNCHANGED, RSYNC, 2.5, drdwrap_on_top=False),
    Target(CHANGED, RSYNC, 2.0, drdwrap_on_top=False),
    Target(FILL, RSYNC, 1.1, drdwrap_on_top=True),
    Target(PACKAGES, WITHOUT_PACKAGES, 1.5, drdwrap_on_top=True, seconds=True),
)
MEMORY_TARGET = f"peak < {MEMORY_LIMIT_MB:.0f} MB"


@dataclass(frozen=True)
class Row:
    """One contender in one scenario. Ratios are None where drdwrap did not run."""

    scenario: str
    contender: str
    runs: int
    failed: int
    median_seconds: float | None
    fastest: float | None
    slowest: float | None
    peak_mb: float | None
    """Of drdwrap its own process; of the others the largest process."""
    largest_peak_mb: float | None
    """The largest process, children included."""
    drdwrap_over_it: float | None
    it_over_drdwrap: float | None
    target: str
    met: bool | None
    """None: no target here, or not measured."""


def rows(samples: Iterable[Sample]) -> list[Row]:
    """Summarize, in the order in which scenarios and contenders first appear."""
    groups: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.scenario, sample.contender), []).append(sample)
    medians = {key: _median_seconds(group) for key, group in groups.items()}
    order = {scenario: place for place, (scenario, _) in reversed(list(enumerate(groups)))}
    keys = sorted(groups, key=lambda key: (order[key[0]], key[1] != DRDWRAP))
    return [_row(key, groups[key], medians[key], medians.get((key[0], DRDWRAP))) for key in keys]


def missed(measured: Iterable[Row], scaled: Sequence[ScaleSample]) -> list[str]:
    """The targets that were measured and not kept."""
    named = [f"{row.scenario}, {row.contender}: {row.target}" for row in measured
             if row.met is False]  # fmt: skip
    if flat(scaled) is False:
        named.append(f"time per file flat within {FLAT_WITHIN}")
    return named


def flat(scaled: Sequence[ScaleSample]) -> bool | None:
    """Whether drdwrap's time per file at the largest size keeps to that at the smallest.

    Less is welcome: at small sizes the start of the program counts. None with fewer than two
    sizes measured.
    """
    per_entry = _per_entry(scaled, DRDWRAP)
    if len(per_entry) < 2:
        return None
    return per_entry[max(per_entry)] <= FLAT_WITHIN * per_entry[min(per_entry)]


def render(measured: Sequence[Row], not_measured: dict[str, str], markdown: bool) -> str:
    """The table of ratios, and what is not in it and why."""
    table = _table(
        markdown,
        ("scenario", "contender"),
        ("median s", "range s", "peak MB", "drdwrap/it", "it/drdwrap", "target", ""),
    )
    previous = ""
    for row in measured:
        table.add_row(
            "" if row.scenario == previous else row.scenario,
            LABELS.get((row.scenario, row.contender), row.contender),
            "failed" if row.median_seconds is None else f"{row.median_seconds:.2f}",
            "" if row.fastest is None else f"{row.fastest:.2f}–{row.slowest:.2f}",
            "" if row.peak_mb is None else f"{row.peak_mb:.0f}",
            _ratio(row.drdwrap_over_it),
            _ratio(row.it_over_drdwrap),
            row.target,
            _pass_or_fail(row.met),
        )
        previous = row.scenario
    text = _text(table)
    for scenario, reason in not_measured.items():
        text += f"\n{scenario}: not measured: {reason}\n"
    return text


def render_scale(scaled: Sequence[ScaleSample], markdown: bool) -> str:
    """Microseconds per file at each size, and whether drdwrap's is flat."""
    names = list(dict.fromkeys(one.sample.contender for one in scaled))
    table = _table(markdown, (), ("files", "entries", *(f"{name} µs/entry" for name in names),
                                  *(f"{name} s" for name in names)))  # fmt: skip
    per_entry = {name: _per_entry(scaled, name) for name in names}
    for files, entries in dict.fromkeys((one.files, one.entries) for one in scaled):
        costs = [per_entry[name].get(files) for name in names]
        table.add_row(
            f"{files:,}",
            f"{entries:,}",
            *("" if cost is None else f"{cost:.2f}" for cost in costs),
            *("" if cost is None else f"{cost * entries / 1e6:.2f}" for cost in costs),
        )
    is_flat = _pass_or_fail(flat(scaled)) or "not measured"
    return f"{_text(table)}\nlargest ≤ {FLAT_WITHIN} × smallest per entry: {is_flat}\n"


def as_data(measured: Iterable[Row]) -> list[dict[str, object]]:
    """Rows for JSON."""
    return [asdict(row) for row in measured]


def _row(
    key: tuple[str, str], group: list[Sample], median: float | None, drdwrap: float | None
) -> Row:
    scenario, contender = key
    good = [sample for sample in group if sample.exit_status == 0]
    seconds = [sample.seconds for sample in good]
    largest = max((_mb(sample.peak_kib) for sample in good), default=None)
    own = max((_mb(sample.own_peak_kib) for sample in good), default=None)
    against = contender != DRDWRAP and drdwrap is not None and median is not None
    target, met = "", None
    if contender == DRDWRAP:
        target = MEMORY_TARGET
        met = None if own is None else own < MEMORY_LIMIT_MB
    for promise in TARGETS:
        if (promise.scenario, promise.against) == key:
            target = promise.text
            if drdwrap is not None and median is not None:
                met = promise.met(drdwrap, median)
    return Row(
        scenario=scenario,
        contender=contender,
        runs=len(good),
        failed=len(group) - len(good),
        median_seconds=median,
        fastest=min(seconds, default=None),
        slowest=max(seconds, default=None),
        peak_mb=own if contender == DRDWRAP else largest,
        largest_peak_mb=largest,
        drdwrap_over_it=drdwrap / median if against and drdwrap and median else None,
        it_over_drdwrap=median / drdwrap if against and drdwrap and median else None,
        target=target,
        met=met,
    )


def _median_seconds(group: Iterable[Sample]) -> float | None:
    seconds = [sample.seconds for sample in group if sample.exit_status == 0]
    return statistics.median(seconds) if seconds else None


def _per_entry(scaled: Iterable[ScaleSample], contender: str) -> dict[int, float]:
    """Median microseconds per entry, by number of files."""
    by_size: dict[int, list[float]] = {}
    for one in scaled:
        if one.sample.contender == contender:
            by_size.setdefault(one.files, []).append(one.microseconds_per_entry)
    return {files: statistics.median(costs) for files, costs in by_size.items()}


def _mb(kib: int) -> float:
    return kib * 1024 / 1e6


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def _pass_or_fail(met: bool | None) -> str:
    return {True: "pass", False: "FAIL", None: ""}[met]


def _table(markdown: bool, words: Sequence[str], figures: Sequence[str]) -> Table:
    table = Table(box=box.MARKDOWN if markdown else box.SIMPLE_HEAD)
    for heading in words:
        table.add_column(heading, no_wrap=True)
    for heading in figures:
        table.add_column(heading, no_wrap=True, justify="left" if heading == "target" else "right")
    return table


def _text(table: Table) -> str:
    console = Console(file=io.StringIO(), width=240, color_system=None)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()).strip("\n") + "\n"
