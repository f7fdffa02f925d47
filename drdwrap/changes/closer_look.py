"""The closer look: contents, attributes and links of the candidates that lstat leaves open."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.compare import Comparison
from drdwrap.changes.links import linked_alike
from drdwrap.inventory.beyond_lstat import hidden_difference
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.patterns import PatternList

_HARD_LINKS = "hard links"
"""What differs where a file has other names on one side than on the other."""


def look_closer(
    comparison: Comparison, excluded: PatternList, locations: PatternList, trees: Trees
) -> Comparison:
    """The comparison, with what only a look shows.

    Contents and attributes are read of candidates that look alike or were touched. In a place that
    is not synchronized (`locations`) nothing is read: the scan tells which names a file has. What
    is `excluded` below a directory that may have to go is added to the clone's own.
    """
    candidates = dict(comparison.candidates)
    for path, candidate in comparison.candidates.items():
        if locations.cover(path):
            if _is_linked_otherwise(comparison, candidate):
                candidates[path] = replace(candidate, hidden=_HARD_LINKS)
        elif candidate.needs_look:
            candidates[path] = replace(candidate, hidden=_look(comparison, candidate, trees))
    own = comparison.own.union(_excluded_below(comparison.candidates, excluded, trees))
    return replace(comparison, candidates=candidates, own=own)


def _is_linked_otherwise(comparison: Comparison, candidate: Candidate) -> bool:
    here, there = comparison.booted_links, comparison.clone_links
    if here is None or there is None or candidate.booted is None or candidate.clone is None:
        return False
    return not linked_alike(candidate.path, here, there, lambda _: True)


def _look(comparison: Comparison, candidate: Candidate, trees: Trees) -> str:
    path = candidate.path
    try:
        found = hidden_difference(
            absolute(trees.booted.root, path), absolute(trees.clone.root, path)
        )
    except OSError as error:
        return f"unreadable: {os.strerror(error.errno or 0)}"
    return found or ("" if _linked_alike(comparison, candidate) else _HARD_LINKS)


def _linked_alike(comparison: Comparison, candidate: Candidate) -> bool:
    booted, clone = candidate.booted, candidate.clone
    assert booted is not None
    assert clone is not None
    if booted.is_directory or (booted.links == 1 and clone.links == 1):
        return True
    assert comparison.booted_links is not None
    assert comparison.clone_links is not None
    # A name that only one side has is a change by itself, and says nothing about this one.
    return linked_alike(
        candidate.path,
        comparison.booted_links,
        comparison.clone_links,
        lambda path: _on_both_sides(comparison, path),
    )


def _on_both_sides(comparison: Comparison, path: bytes) -> bool:
    if path in comparison.own:
        return False
    candidate = comparison.candidates.get(path)
    return candidate is None or (candidate.booted is not None and candidate.clone is not None)


def _excluded_below(
    candidates: Mapping[bytes, Candidate], excluded: PatternList, trees: Trees
) -> Iterator[bytes]:
    """What is excluded directly below directories of the clone that may have to go.

    The scan has not entered it; a directory that holds it must stay nevertheless.
    """
    for path, candidate in candidates.items():
        booted, clone = candidate.booted, candidate.clone
        goes = booted is None or not booted.is_directory
        if clone is not None and clone.is_directory and goes:
            with suppress(OSError):  # then it cannot be emptied either, and that is reported
                for name in os.listdir(absolute(trees.clone.root, path)):
                    child = absolute(path, name)
                    if excluded.cover(child):
                        yield child
