"""Where one name of a hard-linked file is copied, all its names that are in step are copied too.

rsync links only what is in its list: alone, the one name would become a file of its own.
"""

from collections.abc import Iterable, Mapping, Set

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.changes.links import LinkGroups
from drdwrap.inventory.entry import Entry
from drdwrap.inventory.finder import Finder
from drdwrap.paths.escaping import for_screen
from drdwrap.trim.trimming import Verdict


def join_linked_names(
    candidates: Mapping[bytes, Candidate],
    verdicts: Mapping[bytes, Verdict],
    links: LinkGroups | None,
    unknown: Set[bytes],
    finders: tuple[Finder, Finder],
) -> tuple[dict[bytes, Candidate], dict[bytes, Verdict]]:
    """Candidates and verdicts, with all names of the files that are copied.

    `links` are the booted side's (None: nothing that differs has several names). `finders` (booted,
    clone) find the lines of names that are in step, and so no candidates yet. About what is
    `unknown` nothing is decided.
    """
    joined, decided = dict(candidates), dict(verdicts)
    if links is None:
        return joined, decided
    missing = {}
    copied = [path for path, verdict in verdicts.items() if verdict.outcome is Outcome.COPY]
    for file, path in links.files(copied).items():
        for name in links.names_of(file):
            verdict = verdicts.get(name)
            if verdict is None and name not in unknown:
                missing[name] = path
            elif verdict is not None and verdict.outcome is Outcome.IN_STEP:
                decided[name] = _verdict(path)
    for candidate in _in_step(missing.keys(), *finders):
        joined[candidate.path] = candidate
        decided[candidate.path] = _verdict(missing[candidate.path])
    return joined, decided


def _in_step(names: Set[bytes], booted: Finder, clone: Finder) -> Iterable[Candidate]:
    """Candidates for those of these names that both sides have: both as the record has them."""
    here, there = booted.select(names), clone.select(names)
    for name in here.keys() & there.keys():
        mine, other = Entry.parse(here[name]), Entry.parse(there[name])
        yield Candidate(name, mine, mine, other, other)


def _verdict(path: bytes) -> Verdict:
    return Verdict(Outcome.COPY, f"another name of /{for_screen(path)}, which is copied")
