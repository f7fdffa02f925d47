"""`verify`: is the clone what the record says, and does it boot?"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from drdwrap import exit_status, reports
from drdwrap.config.model import Config
from drdwrap.linux import clock
from drdwrap.linux.links_in_root import Resolver
from drdwrap.log import Log
from drdwrap.pair.private_trees import Trees
from drdwrap.patching.clone import mounted_clone
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.record import results
from drdwrap.record.state_directory import StateDirectory
from drdwrap.rsync.output import Progress
from drdwrap.sync.begin import opened
from drdwrap.verify.compare_contents import first_difference
from drdwrap.verify.contents import compare_contents
from drdwrap.verify.package_verdict import PackageFile, package_verdict

CONTENTS = "verify-contents"
"""The name under which the result is kept."""

CONTENTS_TITLE = "Verify Contents of Clone"
_SHOWN = 20


@dataclass(frozen=True)
class ContentsVerdict:
    """`files` were compared, `size` bytes in all. `differing` are the paths (relative) that differ
    from the booted system's though nobody has changed them, each with what was found; `of_packages`
    those that are not as the clone's packages shipped them, and not as on the booted system
    either."""

    files: int
    size: int
    differing: dict[bytes, str]
    of_packages: tuple[PackageFile, ...]
    exit_status: int

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "files": self.files,
            "bytes": self.size,
            "differing": {"/" + for_screen(p): what for p, what in self.differing.items()},
            "of_packages": ["/" + for_screen(one.path) for one in self.of_packages],
            "exit_status": self.exit_status,
        }


def contents(
    config: Config,
    state: StateDirectory,
    log: Log,
    tell: Callable[[Progress], None] | None = None,
) -> ContentsVerdict:
    """Compare contents, and ask the clone's package manager. The lock is held. DrdwrapError,
    OSError."""
    started = clock.now()
    log.item("Asking the clone's package manager.")
    with mounted_clone(config, state, log) as clone:
        asked = package_verdict(clone)
    log.item("Comparing contents with the booted system's.")
    with opened(config, state, log) as run:
        found = compare_contents(run, tell, log.item)
        of_packages = tuple(one for one in asked if not _is_same_on_both(run.trees, one))
    of_packages = tuple(one for one in of_packages if one.path not in found.differing)
    status = exit_status.of_run("", bool(found.differing or of_packages))
    verdict = ContentsVerdict(found.compared, found.size, found.differing, of_packages, status)
    warnings = list(_warnings(verdict))
    for warning in warnings[:_SHOWN]:
        log.warning(warning)
    reports.write_contents(state.reports, [*found.differing, *(one.path for one in of_packages)])
    results.keep(state.results, CONTENTS, started, status, warnings)
    return verdict


def _is_same_on_both(trees: Trees, one: PackageFile) -> bool:
    """Whether the booted system has the file as the clone has it: somebody has changed both."""
    booted, clone = (
        absolute(side.root, Resolver(side.root).file(one.path))  # packages still have /bin/ls
        for side in (trees.booted, trees.clone)
    )
    if one.missing:
        return not os.path.lexists(booted)
    try:
        return first_difference(booted, clone) is None
    except OSError:
        return False


def _warnings(verdict: ContentsVerdict) -> Iterator[str]:
    for path, what in verdict.differing.items():
        yield f"/{for_screen(path)} {what}, though nobody has changed it"
    for one in verdict.of_packages:
        how = "is missing" if one.missing else "is not as its package shipped it"
        yield f"/{for_screen(one.path)} on the clone {how}"
