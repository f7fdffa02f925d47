"""What a run will do, as data: made from the verdicts, before anything is done."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntFlag

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.changes.links import LinkGroups
from drdwrap.pair.pair import Pair
from drdwrap.paths.arithmetic import parent
from drdwrap.trim.kept_together import KeptTogether
from drdwrap.trim.trimming import Verdict

LARGE = 256 << 20
"""Files of this size in bytes, and larger ones, are copied last."""

SLICE = 10_000
SLICE_BYTES = 1 << 30
"""The most files, and bytes, that one run of rsync copies: some seconds' worth. Before each run the
clone is checked once more, and what somebody is changing there meanwhile is left alone."""

WORTH_TWO = 1000
"""With this many files, two runs of rsync at once are faster than one."""


class Phase(IntFlag):
    """The runs of rsync over one volume, in their order."""

    ORDINARY = 0
    BY_CONTENTS = 1
    """Size and time are the same on both sides: only a checksum shows the difference."""
    LARGE = 2
    LARGE_BY_CONTENTS = 3

    @property
    def by_contents(self) -> bool:
        return self in (Phase.BY_CONTENTS, Phase.LARGE_BY_CONTENTS)


@dataclass(frozen=True)
class Transfer:
    """What rsync copies in one run: these paths, sorted, of one volume.

    The `independent` ones are files with one name in directories that are there already: they can
    be copied in any order, and by two runs of rsync at once.
    """

    volume: bytes
    phase: Phase
    paths: tuple[bytes, ...]
    independent: frozenset[bytes]

    def halves(self) -> tuple["Transfer", ...]:
        """Two transfers of half the paths each, where that is allowed and worth a second start."""
        anywhere = [path for path in self.paths if path in self.independent]
        if len(anywhere) < WORTH_TWO:
            return (self,)
        second = tuple(anywhere[-(len(self.paths) // 2) :])
        first = tuple(sorted(set(self.paths).difference(second)))
        return replace(self, paths=first), replace(self, paths=second)


@dataclass(frozen=True)
class Plan:
    """Everything that a run does to the clone.

    `clearings` are removed before the copy, since what is copied could not take their place
    otherwise; `deletions` after it. Both are in an order that empties directories first.
    """

    copies: Mapping[bytes, Candidate]
    transfers: tuple[Transfer, ...]
    clearings: tuple[Candidate, ...]
    deletions: tuple[Candidate, ...]

    @property
    def bytes_to_be_copied(self) -> int:
        """Each hard-linked file once."""
        files = {
            (candidate.booted.inode, candidate.booted.size, candidate.booted.mtime)
            if candidate.booted.links > 1
            else path: candidate.booted.size
            for path, candidate in self.copies.items()
            if candidate.booted is not None and candidate.booted.is_file
        }
        return sum(files.values())


def make(
    candidates: Mapping[bytes, Candidate],
    verdicts: Mapping[bytes, Verdict],
    pair: Pair,
    deletions: bool,
    links: tuple[LinkGroups | None, LinkGroups | None],
    kept_together: KeptTogether,
) -> Plan:
    """The plan that follows from the verdicts. `links` are the booted side's and the clone's."""
    booted_links, clone_links = links
    copies = {p: candidates[p] for p, v in verdicts.items() if v.outcome is Outcome.COPY}
    replaced = [candidates[p] for p, v in verdicts.items() if v.outcome is Outcome.REPLACED]
    erased = [candidates[p] for p, v in verdicts.items() if v.outcome is Outcome.ERASED]
    in_the_way = [
        c
        for c in copies.values()
        if c.clone is not None
        and (_other_type(c) or _wrongly_linked(c, copies, booted_links, clone_links))
    ]
    return Plan(
        copies,
        _transfers(copies, pair, booted_links, kept_together),
        _innermost_first([*replaced, *in_the_way]),
        _innermost_first(erased) if deletions else (),
    )


def _innermost_first(candidates: Collection[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda candidate: candidate.path, reverse=True))


def _other_type(candidate: Candidate) -> bool:
    booted, clone = candidate.booted, candidate.clone
    return booted is not None and clone is not None and booted.type != clone.type


def _wrongly_linked(
    candidate: Candidate,
    copies: Mapping[bytes, Candidate],
    booted: LinkGroups | None,
    clone: LinkGroups | None,
) -> bool:
    """Whether the clone's name is linked to a name that it is not linked to on the booted system,
    or to one that is not copied as well (held, in a location, or excluded and so not seen).

    rsync makes links but leaves existing ones alone, and gives new attributes to all names at once;
    without the name it makes the file anew.
    """
    if booted is None or clone is None:  # nothing that differs has several names
        there = candidate.clone
        return (
            there is not None and there.links > 1 and not (there.is_directory or _anew(candidate))
        )
    if candidate.path not in clone:
        return False
    names = set(clone.names(candidate.path))
    seen = candidate.clone is None or candidate.clone.links == len(names)
    return not (seen and names <= copies.keys() and names <= set(booted.names(candidate.path)))


def _transfers(
    copies: Mapping[bytes, Candidate],
    pair: Pair,
    links: LinkGroups | None,
    kept_together: KeptTogether,
) -> tuple[Transfer, ...]:
    by_contents = _by_contents(copies, links)
    chosen: dict[tuple[Phase, bytes], list[list[bytes]]] = {}
    for group in _groups(copies, links, kept_together):
        size = Phase.LARGE if any(_is_large(copies[path]) for path in group) else Phase.ORDINARY
        parts: dict[tuple[Phase, bytes], list[bytes]] = {}
        for path in group:  # a set may lie on several volumes
            phase = size | (Phase.BY_CONTENTS if path in by_contents else Phase.ORDINARY)
            parts.setdefault((phase, pair.volume_of(path)), []).append(path)
        for key, part in parts.items():
            chosen.setdefault(key, []).append(part)
    return tuple(
        Transfer(volume, phase, paths, frozenset(p for p in paths if _independent(copies, p)))
        for phase, volume in sorted(chosen)
        for paths in _slices(copies, chosen[phase, volume])
    )


def _by_contents(copies: Mapping[bytes, Candidate], links: LinkGroups | None) -> set[bytes]:
    """What looks the same on both sides, with all names of each such file."""
    alike = {path for path, candidate in copies.items() if _alike(candidate)}
    return alike if links is None else (alike | links.names_of_all(alike)) & copies.keys()


def _groups(
    copies: Mapping[bytes, Candidate], links: LinkGroups | None, kept_together: KeptTogether
) -> list[list[bytes]]:
    """What has to be copied in one run: the names of one file, which rsync links only if its list
    has all of them, and sets that are kept together. Single paths come first, directories before
    what they hold; the root is left out."""
    groups: dict[bytes, list[bytes]] = {}
    first: dict[object, bytes] = {}
    for path in sorted(copies):
        if not path:
            continue
        groups[path] = [path]
        for key in () if _stays_alone(copies[path]) else _keys(path, links, kept_together):
            _join(groups, first.setdefault(key, path), path)
    found = {id(group): group for group in groups.values()}
    return sorted(found.values(), key=lambda group: len(group) > 1)


def _stays_alone(candidate: Candidate) -> bool:
    return candidate.booted is not None and candidate.booted.is_directory


def _keys(
    path: bytes, links: LinkGroups | None, kept_together: KeptTogether
) -> Iterator[tuple[object, bytes]]:
    yield from kept_together.sets_of(path)
    if links is not None and path in links:
        yield links.file(path)


def _join(groups: dict[bytes, list[bytes]], one: bytes, other: bytes) -> None:
    """Make one list of both paths' groups, and give it to all their members."""
    if groups[one] is groups[other]:
        return
    smaller, larger = sorted((groups[one], groups[other]), key=len)
    larger += smaller
    groups.update(dict.fromkeys(smaller, larger))


def _slices(
    copies: Mapping[bytes, Candidate], groups: Iterable[Sequence[bytes]]
) -> Iterator[tuple[bytes, ...]]:
    """The groups in slices, each as much as one run of rsync is to copy."""
    paths: list[bytes] = []
    size = 0
    for group in groups:
        more = sum(_size(copies[path]) for path in group)
        if paths and (len(paths) + len(group) > SLICE or size + more > SLICE_BYTES):
            yield tuple(sorted(paths))
            paths, size = [], 0
        paths += group
        size += more
    if paths:
        yield tuple(sorted(paths))


def _size(candidate: Candidate) -> int:
    return candidate.booted.size if candidate.booted is not None else 0


def _independent(copies: Mapping[bytes, Candidate], path: bytes) -> bool:
    booted = copies[path].booted
    assert booted is not None
    return booted.is_file and booted.links == 1 and parent(path) not in copies


def _is_large(candidate: Candidate) -> bool:
    booted = candidate.booted
    return booted is not None and booted.is_file and booted.size >= LARGE


def _anew(candidate: Candidate) -> bool:
    """Whether rsync makes a new file in any case, instead of changing the clone's in place."""
    clone = candidate.clone
    return clone is not None and clone.is_file and not _alike(candidate)


def _alike(candidate: Candidate) -> bool:
    booted, clone = candidate.booted, candidate.clone
    if booted is None or clone is None or not (booted.is_file and clone.is_file):
        return False
    return booted.size == clone.size and booted.mtime == clone.mtime
