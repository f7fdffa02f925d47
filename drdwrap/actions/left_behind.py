"""What the image that is booted next would not have: files that no sync has brought over yet, and
data of packages that only one side has."""

from dataclasses import dataclass

from drdwrap.actions.package_notes import add_package_notes
from drdwrap.config.model import Config
from drdwrap.errors import BootedFromCloneError, DrdwrapError, RefusedError, in_words
from drdwrap.log import Log
from drdwrap.paths.escaping import for_screen
from drdwrap.record import own_role, store
from drdwrap.record.own_role import Role
from drdwrap.record.state_directory import StateDirectory
from drdwrap.sync.begin import opened
from drdwrap.sync.determine import determine
from drdwrap.sync.result import RunResult
from drdwrap.sync.trust import trusted_record

_ON_CLONE = (
    "what was written since this image was booted is on this image only: 'drdwrap reverse' and"
    " 'drdwrap sync' take it along"
)


@dataclass(frozen=True)
class LeftBehind:
    """What the image that is started would lack: sentences. `databases` are those that no sync
    carries over."""

    notes: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()

    def refuse_databases(self) -> None:
        """RefusedError if there are any: somebody has to say what becomes of them."""
        if self.databases:
            raise RefusedError(
                f"the other image does not get these databases: {'; '.join(self.databases)}",
                "or lose what was written to them, with --leave-databases",
            )


def left_behind(config: Config, state: StateDirectory, log: Log) -> LeftBehind:
    """Looks at both sides as a preview does, and writes nothing. The lock is held. Without a record
    nothing is known of the other image."""
    if store.read_header(state.record) is None:
        return LeftBehind((_ON_CLONE,) if own_role.role(config, state) is Role.CLONE else ())
    log.item("Looking for what would stay behind.")
    try:
        with opened(config, state, log) as run:
            record, intent = trusted_record(run)
            seen = determine(run, record, intent)
            found = RunResult(for_screen(run.pair.booted_root), for_screen(run.pair.clone_root))
            add_package_notes(run, seen, found, is_preview=True)
    except BootedFromCloneError:
        return LeftBehind((_ON_CLONE,))
    except (DrdwrapError, OSError) as error:
        why = error.message if isinstance(error, DrdwrapError) else in_words(error)
        return LeftBehind((f"what would stay behind on the booted image cannot be told: {why}",))
    notes = list(found.warnings)
    if seen.plan.copies:
        notes.append(
            f"{len(seen.plan.copies)} paths of the booted image are not on the other one yet: run"
            " 'drdwrap sync' first, or install the sync at shutdown"
        )
    return LeftBehind(tuple(notes), tuple(one.sentence for one in seen.databases))
