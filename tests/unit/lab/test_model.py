"""The model asks of drdwrap what it can know, and no more."""

from dataclasses import replace

from integration.lab.model import Model, unreported
from integration.lab.snapshot import Entry

FILE = Entry("file", 0o644, 0, 0, 6, 1, b"first\n", (), 0, ctime_ns=1)
ANOTHER = Entry("file", 0o644, 0, 0, 5, 2, b"mine\n", (), 0, ctime_ns=2)


def test_what_neither_side_had_when_a_run_was_killed_may_be_forgotten() -> None:
    model = Model()
    model.completed({b"a": FILE}, {b"a": FILE})
    assert unreported({}, {b"a": FILE}, set(), model.recorded()) == ["b'a': should not be there"]
    model.killed({}, {}, {}, in_doubt=True)  # between the new record and the end of the intent
    model.look({b"a": ANOTHER})
    assert unreported({}, {b"a": ANOTHER}, set(), model.recorded()) == []
    assert model.broken_promises({}, {b"a": ANOTHER}, {}) == ["b'a': missing"]


def test_a_clone_back_at_what_a_killed_run_found_on_record_has_not_changed() -> None:
    private = replace(FILE, mode=0o600, ctime_ns=3)
    back = replace(FILE, ctime_ns=4)
    for in_doubt, broken in ((True, []), (False, ["b'a': mode is 384 and not 420"])):
        model = Model()
        model.completed({b"a": FILE}, {b"a": FILE})
        model.killed({b"a": private}, {b"a": private}, {b"a": private}, in_doubt=in_doubt)
        model.look({b"a": back})
        assert model.broken_promises({b"a": private}, {b"a": back}, {b"a": private}) == broken
        assert model.broken_promises({b"a": private}, {b"a": ANOTHER}, {b"a": private}) != []
