"""`python -m bench`: build a tree, let the contenders run over it, print the ratios."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import FrameType

import click

from bench import contenders, images, machine, measure, table
from bench.contenders import Place
from bench.scenarios import Bench, progress

SCENARIOS = ("fill", "unchanged", "cold", "changed", "packages")


def _sizes(_context: click.Context, _option: click.Parameter, value: str | None) -> list[int]:
    """50000,500000 as numbers."""
    try:
        sizes = [int(size) for size in (value or "").split(",") if size]
    except ValueError:
        raise click.BadParameter("numbers of files, with commas between them") from None
    if any(size < 1 for size in sizes):
        raise click.BadParameter("a tree has at least one file")
    return sizes


@click.command(context_settings={"show_default": True})
@click.option("--files", default=500_000, type=click.IntRange(1), help="Size of the tree.")
@click.option("--seed", default=1, help="Same seed, same tree and same changes.")
@click.option(
    "--work-dir",
    default="/var/tmp/drdwrap-bench",
    type=click.Path(path_type=Path),
    help="Holds the images while the bench runs.",
)
@click.option("--rounds", default=5, type=click.IntRange(1), help="Nothing changed, 1 % changed.")
@click.option("--fill-rounds", default=5, type=click.IntRange(1), help="First fill.")
@click.option("--cold-rounds", default=3, type=click.IntRange(1), help="Cold caches.")
@click.option("--only", multiple=True, type=click.Choice(SCENARIOS), help="Not all scenarios.")
@click.option(
    "--without", multiple=True, type=click.Choice(contenders.NAMES), help="Leave out a contender."
)
@click.option("--scale", callback=_sizes, metavar="N,N,...", help="Only time per file by size.")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
@click.option("--check", is_flag=True, help="Exit 1 if a target is missed.")
def main(
    files: int,
    seed: int,
    work_dir: Path,
    rounds: int,
    fill_rounds: int,
    cold_rounds: int,
    only: tuple[str, ...],
    without: tuple[str, ...],
    scale: list[int],
    json_file: Path | None,
    markdown: bool,
    check: bool,
) -> None:
    """Measure drdwrap, rsync, find and cp side by side over one pair of ext4 file systems."""
    if os.geteuid() != 0:
        raise click.ClickException("only root can mount the file systems that are measured over")
    about = machine.facts(work_dir.resolve().parent)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _stop)
    scaled: list[table.ScaleSample] = []
    with _place(work_dir.resolve()) as place:
        bench = Bench(place, frozenset(without), seed)
        try:
            built_in = 0.0
            if scale:
                scaled = bench.scale(scale, rounds)
            else:
                built_in = bench.build(files)
                counts = {"fill": fill_rounds, "cold": cold_rounds}
                for name in (name for name in SCENARIOS if name in (only or SCENARIOS)):
                    _scenario(bench, name)(counts.get(name, rounds))
        finally:
            bench.remove()
    measured = [] if scale else table.rows(bench.samples)
    missed = table.missed(measured, scaled)
    if json_file:
        report = {
            "machine": about,
            "settings": {"files": scale or files, "seed": seed, "without": without},
            "entries": bench.built.entries,
            "build_seconds": built_in,
            "rows": table.as_data(measured),
            "missed": missed,
            "not_measured": bench.not_measured,
            "differences_left": bench.differences,
            "scale": [asdict(one) for one in scaled],
            "samples": [asdict(sample) for sample in bench.samples],
        }
        json_file.write_text(json.dumps(report, indent=1) + "\n")
    if scale:
        click.echo(table.render_scale(scaled, markdown), nl=False)
    else:
        click.echo(table.render(measured, bench.not_measured, markdown), nl=False)
    failed = any(sample.exit_status != 0 for sample in bench.samples)
    sys.exit(1 if failed or (check and missed) else 0)


def _scenario(bench: Bench, name: str) -> Callable[[int], None]:
    """The measurement of that name, its clones in step where it wants them so."""
    if name != "fill" and not bench.in_step:
        bench.bring_in_step()
    by_name = {
        "fill": bench.fill,
        "unchanged": bench.unchanged,
        "cold": bench.cold,
        "changed": bench.changed,
        "packages": bench.packages,
    }
    return by_name[name]


@contextlib.contextmanager
def _place(work_dir: Path) -> Iterator[Place]:
    """The work directory, locked, in a mount namespace of our own; emptied at the end."""
    work_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (work_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(f"another bench runs in {work_dir}") from None
        images.enter_private_mounts()
        place = Place(work_dir)
        images.mount_tmpfs(place.scratch)
        contenders.write_config(place)
        try:
            yield place
        finally:
            images.unmount(place.scratch)
            for file in (place.config, place.log_file, work_dir / "lock"):
                file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # someone else's things lie there too
                work_dir.rmdir()


def _stop(number: int, _frame: FrameType | None) -> None:
    progress(f"stopped by {signal.Signals(number).name}")
    sys.exit(128 + number)


if __name__ == "__main__":
    try:
        main()
    except (images.ImageError, measure.MeasureError) as failure:
        sys.exit(f"bench: {failure}")
