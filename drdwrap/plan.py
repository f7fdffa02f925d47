"""What a run will do, as data: made from the verdicts, before anything is done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import IntFlag

from drdwrap.inventory.entry import Entry
from drdwrap.inventory.links import LinkGroups
from drdwrap.trim.candidate import Candidate
from drdwrap.trim.table import Outcome
from drdwrap.trim.verdict import Verdict
from drdwrap.volumes.pair import Pair, parent

LARGE = 256 << 20
"""Files of this size in bytes, and larger ones, are copied last."""


WORTH_TWO = 1000
"""Files from which on two runs of rsync at once are faster than one."""


class Phase(IntFlag):
    """The runs of rsync over one volume, in their order."""

    ORDINARY = 0
    BY_CONTENTS = 1
    """Size and time are alike on both sides: only a checksum shows what differs."""
    LARGE = 2
    LARGE_BY_CONTENTS = 3

    @property
    def by_contents(self) -> bool:
        return self in (Phase.BY_CONTENTS, Phase.LARGE_BY_CONTENTS)


@dataclass(frozen=True)
class Transfer:
    """What rsync copies at one go: these paths, sorted, of one volume.

    Those that are `independent` are files of one name in directories that are there already: they
    can be copied in any order, and by two runs of rsync at once.
    """

    volume: bytes
    phase: Phase
    paths: tuple[bytes, ...]
    independent: frozenset[bytes]

    def halves(self) -> tuple["Transfer", ...]:
        """Two transfers of half the paths, as far as that is allowed and worth the second start."""
        anywhere = [path for path in self.paths if path in self.independent]
        if len(anywhere) < WORTH_TWO:
            return (self,)
        second = tuple(anywhere[-(len(self.paths) // 2) :])
        first = tuple(sorted(set(self.paths).difference(second)))
        return replace(self, paths=first), replace(self, paths=second)


@dataclass(frozen=True)
class Plan:
    """All that a run does to the clone.

    `clearings` are removed before the copy, because what is copied cannot take their place
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
) -> Plan:
    """The plan that follows from the verdicts. `links` are the booted side's and the clone's."""
    booted_links, clone_links = links
    copies = {p: candidates[p] for p, v in verdicts.items() if v.outcome is Outcome.COPY}
    replaced = [candidates[p] for p, v in verdicts.items() if v.outcome is Outcome.REPLACED]
    erased = [candidates[p] for p, v in verdicts.items() if v.outcome is Outcome.ERASED]
    in_the_way = [
        c
        for c in copies.values()
        if c.clone is not None and (_other_type(c) or _wrongly_linked(c, booted_links, clone_links))
    ]
    return Plan(
        copies,
        _transfers(copies, pair, booted_links),
        _innermost_first([*replaced, *in_the_way]),
        _innermost_first(erased) if deletions else (),
    )


def _innermost_first(candidates: Collection[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda candidate: candidate.path, reverse=True))


def _other_type(candidate: Candidate) -> bool:
    booted, clone = candidate.booted, candidate.clone
    return booted is not None and clone is not None and booted.type != clone.type


def _wrongly_linked(
    candidate: Candidate, booted: LinkGroups | None, clone: LinkGroups | None
) -> bool:
    """Linked on the clone to what it is not linked to on the booted system.

    rsync makes links but leaves alone those there are; without the name it makes the file anew.
    """
    if booted is None or clone is None or candidate.path not in clone:
        return False
    return not set(clone.names(candidate.path)) <= set(booted.names(candidate.path))


def _transfers(
    copies: Mapping[bytes, Candidate], pair: Pair, links: LinkGroups | None
) -> tuple[Transfer, ...]:
    phases = {path: _phase(candidate) for path, candidate in copies.items() if path}
    if links is not None:
        alone = dict(phases)
        for path in phases:  # rsync links only names of one run
            for name in links.names(path):
                phases[path] = Phase(phases[path] | alone.get(name, Phase.ORDINARY))
    chosen: dict[tuple[Phase, bytes], list[bytes]] = {}
    for path in sorted(phases):
        chosen.setdefault((phases[path], pair.volume_of(path)), []).append(path)
    return tuple(
        Transfer(
            volume, phase, tuple(paths), frozenset(p for p in paths if _independent(copies, p))
        )
        for (phase, volume), paths in sorted(chosen.items())
    )


def _independent(copies: Mapping[bytes, Candidate], path: bytes) -> bool:
    booted = copies[path].booted
    assert booted is not None
    return booted.is_file and booted.links == 1 and parent(path) not in copies


def _phase(candidate: Candidate) -> Phase:
    booted, clone = candidate.booted, candidate.clone
    assert booted is not None
    large = booted.is_file and booted.size >= LARGE
    alike = booted.is_file and clone is not None and clone.is_file and _alike(booted, clone)
    return Phase(large * Phase.LARGE | alike * Phase.BY_CONTENTS)


def _alike(booted: Entry, clone: Entry) -> bool:
    return booted.size == clone.size and booted.mtime == clone.mtime
