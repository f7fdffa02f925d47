"""May the record and the open intent be believed? They must be this pair's, and the clone agree."""

from dataclasses import replace

from drdwrap.errors import RecordError
from drdwrap.pair.pair import Pair
from drdwrap.record import intent as intents
from drdwrap.record import made_here, marker, store
from drdwrap.record.intent import Intent
from drdwrap.record.state_directory import StateDirectory
from drdwrap.record.store import Header, Record
from drdwrap.sync.begin import Run

_WAY_OUT = (
    "move 'record' and 'intent' in the state directory away and run 'drdwrap sync', which then"
    " compares both sides in full; or 'drdwrap clone --overwrite'"
)


def trusted_record(run: Run) -> tuple[Record | None, Intent | None]:
    """The record and the open intent, if they are this pair's and the clone agrees.

    RecordError otherwise: a foreign or outdated record would take the clone's changes for its own.
    """
    return believed(run.state, run.pair, run.trees.clone.root)


def believed(
    state: StateDirectory, pair: Pair, clone_root: bytes
) -> tuple[Record | None, Intent | None]:
    """The record and the open intent in `state`, if they are this pair's and the clone's marker
    agrees. RecordError otherwise."""
    record = store.read(state.record)
    intent = intents.read(state.intent)
    carried = marker.read(clone_root)
    header = record.header if record else None
    if intent is not None and intent.is_done(header):
        intent = None
    if intent is not None and intent.kind == "fill":
        raise RecordError(
            "the last 'drdwrap clone' was cut off: the clone is half filled",
            "run 'drdwrap clone --overwrite' to fill it again",
        )
    if header is not None:
        _same_pair("record", header, pair)
    if intent is not None:
        _same_pair("open intent", intent, pair)
        if header is not None and header.record_id != intent.record_id:
            raise RecordError("the open intent belongs to another record", _WAY_OUT)
    _same_generation(header, intent, carried)
    return record, intent


def _same_pair(name: str, found: Header | Intent, pair: Pair) -> None:
    if found.clone_id != pair.clone_id:
        raise RecordError(f"the {name} belongs to another clone", _WAY_OUT)
    if found.booted_id != pair.booted_id:
        raise RecordError(f"the {name} belongs to another booted system", _WAY_OUT)


def _same_generation(
    header: Header | None, intent: Intent | None, carried: marker.Marker | None
) -> None:
    expected = set()
    if header is not None:
        expected.add(marker.Marker.of(header))
    if intent is not None:
        expected.add(marker.Marker(intent.record_id, intent.generation))
        if header is None:
            return  # the first sync onto this clone was cut off, maybe before the marker
    if carried is None and header is None:
        return
    if header is None:
        return  # the clone belongs to a record that is gone: compared as one without a record
    if carried is None:
        raise RecordError(
            "the clone has no marker of this record: it was probably made again without drdwrap",
            _WAY_OUT,
        )
    if carried not in expected:
        raise RecordError(
            "the record and the clone are of different generations: the state directory was"
            " restored, or the clone was synced from elsewhere",
            _WAY_OUT,
        )


def first_header(run: Run) -> Header:
    """The header of a record that begins on a clone that is there. RecordError."""
    header = Header.first(run.pair, *made_here.read(run.state.made_here, run.pair.clone_id))
    return replace(header, unencrypted=run.unencrypted)
