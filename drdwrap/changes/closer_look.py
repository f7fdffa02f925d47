"""The closer look: contents, attributes and links of the candidates that lstat leaves open."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.compare import Comparison
from drdwrap.changes.links import File, LinkComparison
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
    links = _links(comparison, lambda _: True)
    look = _Look(comparison, trees)
    for path, candidate in comparison.candidates.items():
        if locations.cover(path):
            on_both = candidate.booted is not None and candidate.clone is not None
            if links and on_both and not links.alike(path):
                candidates[path] = replace(candidate, hidden=_HARD_LINKS)
        elif candidate.needs_look:
            candidates[path] = replace(candidate, hidden=look.at(candidate))
    own = comparison.own.union(_excluded_below(comparison.candidates, excluded, trees))
    return replace(comparison, candidates=candidates, own=own)


def _links(comparison: Comparison, counts: Callable[[bytes], bool]) -> LinkComparison | None:
    booted, clone = comparison.booted_links, comparison.clone_links
    return None if booted is None or clone is None else LinkComparison(booted, clone, counts)


class _Look:
    """Looks at candidates, at a file with several names once."""

    def __init__(self, comparison: Comparison, trees: Trees) -> None:
        self._trees = trees
        # A name that only one side has is a change by itself, and says nothing about others.
        self._links = _links(comparison, lambda path: _on_both_sides(comparison, path))
        self._found: dict[tuple[File | None, ...], str] = {}

    def at(self, candidate: Candidate) -> str:
        """What differs, or the empty string."""
        path = candidate.path
        try:
            found = self._hidden_difference(path)
        except OSError as error:
            return f"unreadable: {os.strerror(error.errno or 0)}"
        return found or ("" if self._links is None or self._links.alike(path) else _HARD_LINKS)

    def _hidden_difference(self, path: bytes) -> str:
        both = self._links.files(path) if self._links else ()
        if both in self._found:
            return self._found[both]
        trees = self._trees
        found = hidden_difference(
            absolute(trees.booted.root, path), absolute(trees.clone.root, path)
        )
        if both and None not in both:
            self._found[both] = found
        return found


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
