"""`accept`: take the clone's present state of some paths as what drdwrap put."""

from collections.abc import Sequence

from drdwrap.actions.named_path import named
from drdwrap.changes.decision_table import Outcome
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError
from drdwrap.linux import clock
from drdwrap.log import Log
from drdwrap.paths.arithmetic import is_below
from drdwrap.paths.escaping import for_screen
from drdwrap.record.state_directory import StateDirectory
from drdwrap.sync.accepted_record import write_accepted
from drdwrap.sync.begin import opened
from drdwrap.sync.determine import Determined, determine
from drdwrap.sync.trust import first_header, trusted_record


def accept(
    config: Config, state: StateDirectory, log: Log, paths: Sequence[bytes]
) -> dict[str, list[str]]:
    """Accept these paths (as on the booted system) and, of a directory, all below it.

    Returns the paths accepted and those where there was nothing to accept, fit for a screen. The
    lock is held. Errors: DrdwrapError; nothing is copied in any case.
    """
    with opened(config, state, log) as run:
        record, intent = trusted_record(run)
        if intent is not None:
            what = "sync" if intent.command == "sync" else f"'drdwrap {intent.command}'"
            raise DrdwrapError(f"the last {what} was cut off", "run 'drdwrap sync' first")
        clock.wait()  # so that what is changed after this has another change time
        seen = determine(run, record, None)
        wanted = [named(path, run, seen) for path in paths]
        accepted = [path for path in seen.verdicts if _acceptable(seen, path, wanted)]
        if accepted:
            header = (record.header if record else first_header(run)).next()
            write_accepted(run, seen, header, accepted)
    idle = [path for path in wanted if not any(is_below(done, path) for done in accepted)]
    for path in dict.fromkeys(wanted):
        if path not in idle:
            log.item(f"/{for_screen(path)} follows the booted system again.")
    return {
        "accepted": ["/" + for_screen(path) for path in sorted(accepted)],
        "nothing_to_accept": ["/" + for_screen(path) for path in idle],
    }


def _acceptable(seen: Determined, path: bytes, wanted: Sequence[bytes]) -> bool:
    outcome = seen.verdicts[path].outcome
    return (
        outcome in (Outcome.TARGET_CHANGED, Outcome.CLONE_ONLY)
        and seen.candidates[path].clone is not None
        and any(is_below(path, directory) for directory in wanted)
    )
