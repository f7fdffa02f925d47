"""`python -m tests.integration.crashes`: disturb a run at its calls, one after another."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import click

from ..lab.images import NoImages
from . import calls
from .chain import Chains
from .scene import RUNS, Scene, scene
from .trial import HOWS, Trials

CANNOT = 77


@click.command(context_settings={"show_default": True})
@click.option("--what", type=click.Choice([*RUNS]), multiple=True, default=["sync"])
@click.option("--how", type=click.Choice([*HOWS]), multiple=True, default=["kill"])
@click.option("--all", "everything", is_flag=True, help="Every call, in every way.")
@click.option("--every", default=1, type=click.IntRange(1), help="With --all: one in so many.")
@click.option("--first", default=1, type=click.IntRange(1), help="Leave out the calls before it.")
@click.option("--seconds", default=60.0, help="Without --all: so long for each kind of run.")
@click.option("--chains", type=click.IntRange(1), help="Instead: so many chains of 2 to 4 crashes.")
@click.option("--seed", default=1, help="The number of the first chain.")
def main(
    what: Sequence[str],
    how: Sequence[str],
    everything: bool,
    every: int,
    first: int,
    seconds: float,
    chains: int | None,
    seed: int,
) -> None:
    """Disturb a run at its calls that change the clone or the state directory, one after another.

    The run is killed there, or the call fails once, or the power is cut. Two undisturbed runs
    follow; then the clone, the record and the reports must be those of a run that nothing
    disturbed. Prints a line for each point, and what differs. Status 1 if anything does, 77 where
    this cannot be tried.
    """
    if why := calls.unknown_here():
        click.echo(why)
        sys.exit(CANNOT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what is mounted goes
    bad = 0
    ways = [way for name in how for way in HOWS[name]]
    try:
        if chains:
            with scene() as made:
                bad = _chains(made, range(seed, seed + chains))
        for one in () if chains else what:
            with scene() as made:
                trials = Trials(made, one)
                numbers = range(first, trials.calls + 1)
                points = product(numbers[::every], ways) if everything else _spread(numbers, ways)
                bad += _points(trials, one, points, len(ways), math.inf if everything else seconds)
    except (NoImages, PermissionError) as reason:
        click.echo(str(reason))
        sys.exit(CANNOT)
    sys.exit(bad > 0)


def _spread(numbers: Sequence[int], ways: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Points of which any number that are tried first lie evenly among all calls."""
    for turn in range(len(numbers) * len(ways)):
        place = (turn + 1) * (math.sqrt(5) - 1) / 2 % 1  # the golden ratio
        yield numbers[int(place * len(numbers))], ways[turn % len(ways)]


def _points(
    trials: Trials, what: str, points: Iterable[tuple[int, str]], ways: int, seconds: float
) -> int:
    """Try these points for so long. The number of bad ones."""
    begun, tried, bad = time.monotonic(), 0, 0
    for number, way in points:
        if time.monotonic() - begun > seconds:
            break
        point = trials.at(number, way)
        tried, bad = tried + 1, bad + bool(point.bad)
        click.echo(f"{'BAD' if point.bad else 'ok '} {point}")
    took = time.monotonic() - begun
    click.echo(f"{what}: tried {tried} of {trials.calls * ways} points, {bad} bad, {took:.0f} s")
    return bad


def _chains(made: Scene, seeds: Sequence[int]) -> int:
    """Try these chains. The number of bad ones."""
    begun, bad = time.monotonic(), 0
    chains = Chains(made)
    for seed in seeds:
        chain = chains.run(seed)
        bad += bool(chain.bad)
        click.echo(f"{'BAD' if chain.bad else 'ok '} {chain}")
    click.echo(f"{len(seeds)} chains, {bad} bad, {time.monotonic() - begun:.0f} s")
    return bad


if __name__ == "__main__":
    main()
