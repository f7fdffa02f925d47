"""What a run will do, as data: made from the verdicts, before anything is done."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import IntEnum

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


class Phase(IntEnum):
    """The runs of rsync over one volume, in their order."""

    ORDINARY = 0
    LARGE = 1


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

    Of the `copies`, what is in `transfers` is copied. What is in `links` becomes a further name of
    a file that the clone has. Of what is in `adjustments`, outermost first, only attributes are
    set: directories, and files whose size and time are the same on both sides, whose contents are
    compared afterwards. `replaced` is what goes with a directory that becomes something else,
    `deletions` what is removed after the copy, innermost first.
    """

    copies: Mapping[bytes, Candidate]
    transfers: tuple[Transfer, ...]
    links: Mapping[bytes, bytes]
    adjustments: tuple[bytes, ...]
    replaced: Mapping[bytes, Candidate]
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

    def compared(self) -> Iterator[tuple[bool, tuple[bytes, ...]]]:
        """What a dry run of rsync is to compare: whether by contents, and the paths, sorted."""
        alike = {path for path, candidate in self.copies.items() if path and _is_alike(candidate)}
        for by_contents, paths in ((False, self.copies.keys() - alike - {b""}), (True, alike)):
            if paths:
                yield by_contents, tuple(sorted(paths))


def make(
    candidates: Mapping[bytes, Candidate],
    verdicts: Mapping[bytes, Verdict],
    pair: Pair,
    deletions: bool,
    links: tuple[LinkGroups | None, LinkGroups | None],
    kept_together: KeptTogether,
) -> Plan:
    """The plan that follows from the verdicts. `links` are the booted side's and the clone's."""
    copies = {p: candidates[p] for p, v in verdicts.items() if v.outcome is Outcome.COPY}
    adjusted, linked = _in_place(copies, *links)
    copied = {path: copies[path] for path in copies.keys() - adjusted - linked.keys()}
    erased = [candidates[p] for p, v in verdicts.items() if v.outcome is Outcome.ERASED]
    return Plan(
        copies,
        transfers_of(copied, copies, pair, links[0], kept_together),
        linked,
        tuple(sorted(adjusted)),
        {p: candidates[p] for p, v in verdicts.items() if v.outcome is Outcome.REPLACED},
        tuple(sorted(erased, key=lambda c: c.path, reverse=True)) if deletions else (),
    )


def _in_place(
    copies: Mapping[bytes, Candidate], booted: LinkGroups | None, clone: LinkGroups | None
) -> tuple[set[bytes], dict[bytes, bytes]]:
    """What need not be copied: paths of which only attributes are set, and further names of files
    that the clone has, each with a name that it has.

    The first are directories that stay directories, and files that look alike, if all names that
    the clone's file has are names of the booted one and are copied: what is set in place is set for
    all names at once.
    """
    within = _linked_within(copies, booted, clone)
    adjusted = {
        path
        for path, candidate in copies.items()
        if _stays_in_place(candidate) and _is_linked_within(candidate, clone, within)
    }
    linked: dict[bytes, bytes] = {}
    if booted is None or clone is None:
        return adjusted, linked
    files = {booted.file(path): path for path in copies if path in booted}
    for path in files.values():
        names = [name for name in booted.names(path) if name in copies]
        source = min((name for name in names if name in adjusted), default=None)
        if source is not None:
            kept = set(clone.names(source))
            linked.update((name, source) for name in names if name not in kept)
    return adjusted - linked.keys(), linked


def _stays_in_place(candidate: Candidate) -> bool:
    booted, clone = candidate.booted, candidate.clone
    if booted is None or clone is None or booted.type != clone.type:
        return False
    return booted.is_directory or (_is_alike(candidate) and candidate.hidden != "contents")


def _is_alike(candidate: Candidate) -> bool:
    """Whether two files have the same size and modification time."""
    booted, clone = candidate.booted, candidate.clone
    if booted is None or clone is None or not (booted.is_file and clone.is_file):
        return False
    return booted.size == clone.size and booted.mtime == clone.mtime


def _linked_within(
    copies: Mapping[bytes, Candidate], booted: LinkGroups | None, clone: LinkGroups | None
) -> set[bytes]:
    """The names of those files of the clone of which all names are copied, and are names of one
    booted file. Each file is looked at once, since it can have 65,000 names."""
    found: set[bytes] = set()
    if booted is None or clone is None:  # nothing that differs has several names
        return found
    for file in clone.files(copies):
        names = clone.names_of(file)
        if all(name in copies for name in names):
            files = {booted.file(name) if name in booted else name for name in names}
            found.update(names if len(files) == 1 else ())
    return found


def _is_linked_within(candidate: Candidate, clone: LinkGroups | None, within: Set[bytes]) -> bool:
    """Whether all names of the clone's file are seen, copied, and names of one booted file."""
    there, path = candidate.clone, candidate.path
    if there is None or there.is_directory:
        return True
    if clone is None or path not in clone:
        return there.links == 1
    return there.links == len(clone.names(path)) and path in within


def transfers_of(
    copied: Mapping[bytes, Candidate],
    copies: Mapping[bytes, Candidate],
    pair: Pair,
    links: LinkGroups | None,
    kept_together: KeptTogether,
) -> tuple[Transfer, ...]:
    """The runs of rsync that copy what is `copied`, of all the `copies`."""
    chosen: dict[tuple[Phase, bytes], list[list[bytes]]] = {}
    for group in groups_of(copied, links, kept_together):
        phase = Phase.LARGE if any(_is_large(copied[path]) for path in group) else Phase.ORDINARY
        parts: dict[bytes, list[bytes]] = {}
        for path in group:  # a set may lie on several volumes
            parts.setdefault(pair.volume_of(path), []).append(path)
        for volume, part in parts.items():
            chosen.setdefault((phase, volume), []).append(part)
    return tuple(
        Transfer(volume, phase, paths, frozenset(p for p in paths if _independent(copies, p)))
        for phase, volume in sorted(chosen)
        for paths in _slices(copied, chosen[phase, volume])
    )


def groups_of(
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
