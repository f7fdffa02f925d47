"""What the image that is booted next would not have: files that no sync has brought over yet, and
data of packages that only one side has."""

from drdwrap.actions.package_notes import add_package_notes
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, in_words
from drdwrap.log import Log
from drdwrap.pair import layout
from drdwrap.paths.escaping import for_screen
from drdwrap.record import store
from drdwrap.record.state_directory import StateDirectory
from drdwrap.sync.begin import opened
from drdwrap.sync.determine import determine
from drdwrap.sync.result import RunResult
from drdwrap.sync.trust import trusted_record


def left_behind(config: Config, state: StateDirectory, log: Log) -> list[str]:
    """Sentences, with bytes. Looks at both sides as a preview does, and writes nothing. The lock is
    held. None without a record: then nothing was ever brought over."""
    if layout.of(config).booted_from_clone(config) or store.read_header(state.record) is None:
        return []
    log.item("Looking for what would stay behind.")
    try:
        with opened(config, state, log) as run:
            record, intent = trusted_record(run)
            seen = determine(run, record, intent)
            found = RunResult(for_screen(run.pair.booted_root), for_screen(run.pair.clone_root))
            add_package_notes(run, seen, found, is_preview=True)
    except (DrdwrapError, OSError) as error:
        why = error.message if isinstance(error, DrdwrapError) else in_words(error)
        return [f"what would stay behind on the booted image cannot be told: {why}"]
    warnings = list(found.warnings)
    if seen.plan.copies:
        warnings.append(
            f"{len(seen.plan.copies)} paths of the booted image are not on the other one yet: run"
            " 'drdwrap sync' first, or install the sync at shutdown"
        )
    return warnings
