"""Random changes of both sides between random syncs, previews and kills, against a plain model.

``DRDWRAP_EXAMPLES`` sets how many runs of up to ``DRDWRAP_STEPS`` rounds are tried. What fails
is shown as it was found; ``DRDWRAP_SHRINK=1`` looks for something shorter, for minutes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from .lab.files import put
from .lab.images import Images
from .lab.model import Model, unreported
from .lab.operations import NAMES, OPERATIONS, Operation, operate
from .lab.pair import REPORTS, Pair
from .lab.processes import wait_until
from .lab.snapshot import Tree

EXAMPLES = int(os.environ.get("DRDWRAP_EXAMPLES", "50"))
STEPS = int(os.environ.get("DRDWRAP_STEPS", "6"))
PHASES = [Phase.explicit, Phase.generate]
if os.environ.get("DRDWRAP_SHRINK"):
    PHASES.append(Phase.shrink)

names = st.sampled_from(NAMES)
operations = st.sampled_from(OPERATIONS)
sides = st.sampled_from([("booted",), ("booted",), ("clone",), ("booted", "clone")])
numbers = st.integers(0, 1000)
changes = st.tuples(operations, names, names, numbers)

Change = tuple[Operation, bytes, bytes, int]


class Sync(RuleBasedStateMachine):
    """One pair; every example starts on emptied file systems with a clone just filled."""

    images: Images
    base: Path

    def __init__(self) -> None:
        super().__init__()
        booted, clone = self.images.image("booted"), self.images.image("clone")
        self.home = Path(tempfile.mkdtemp(dir=self.base))
        self.pair = Pair(self.home, booted.point, clone.point)
        self.model = Model()

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    @initialize(made=st.lists(changes, max_size=12))
    def fill(self, made: list[Change]) -> None:
        # Never touched, and so many that no run is refused for a source that lost its files.
        for number in range(2 * len(NAMES)):
            put(self.pair.booted, f"ballast/{number}", b"")
        for directory in ("d1", "d2/s", "boot"):
            (self.pair.booted / directory).mkdir(parents=True)
        for name in (b"a", b"b", b"d1/a", b"d2/s/a"):
            put(self.pair.booted, name, b"first\n")
        for step in made:
            operate(self.pair.booted, *step)
        self.pair.clone_fill()
        booted, clone = self.pair.both(ctimes=True)
        self.model.completed(booted, clone)
        assert unreported(booted, clone, set(), self.model.put) == []

    @rule(
        made=st.lists(st.tuples(sides, changes), min_size=1, max_size=10),
        ending=st.sampled_from(["sync", "sync", "sync", "preview", "kill", "kill"]),
        moment=st.floats(0, 1),
    )
    def change_and_run(
        self, made: list[tuple[tuple[str, ...], Change]], ending: str, moment: float
    ) -> None:
        """One rule and not several: hypothesis would leave out syncs for whole examples."""
        for where, step in made:
            for side in where:
                operate(getattr(self.pair, side), *step)
        if ending == "sync":
            self._sync()
        elif ending == "preview":
            self._preview()
        else:
            self._killed_sync(moment)

    def _sync(self) -> None:
        booted, before = self.pair.both(ctimes=True)
        self.pair.sync()
        self._check_completed(booted, before)
        again = self.pair.sync()
        assert (again["copied"], again["deleted"]) == (0, 0), self._reports()
        assert self.pair.temporary_files() == []

    def _check_completed(self, booted: Tree, before: Tree) -> None:
        after = self.pair.both(ctimes=True)[1]
        assert self.model.broken_promises(booted, before, after) == []
        held = self._reported("target_changed", "clone_only")
        self.model.look(before)
        assert self.model.held_back_for_nothing(held, booted, before) == [], self._reports()
        recorded = self.model.recorded()
        self.model.completed(booted, after)
        reported = held | self._reported("location", "erased")
        assert unreported(booted, after, reported, recorded) == [], self._reports()

    def _reported(self, *names: str) -> set[bytes]:
        return {path[1:] for name in names for path in self.pair.report(name)}

    def _reports(self) -> dict[str, list[bytes]]:
        return {name: self.pair.report(name) for name in REPORTS}

    def _preview(self) -> None:
        options = {"ctimes": True, "directory_times": True, "with_root": True}
        before = self.pair.both(**options)
        self.pair.preview()
        assert self.pair.both(**options) == before

    def _killed_sync(self, moment: float) -> None:
        """Killed at any moment, most often while it copies."""
        booted, before = self.pair.both(ctimes=True)
        self.model.look(before)
        intent = self.pair.state / "intent"
        program = self.pair.start("sync")
        if moment > 0.2:
            wait_until(lambda: intent.exists() or not program.running(), "the copy begins")
        time.sleep(moment * 0.1)
        ended = not program.running()
        program.kill_all()
        status = program.wait().returncode
        self.pair.wait_for_lock()
        after = self.pair.both(ctimes=True)[1]
        assert self.model.broken_promises(booted, before, after) == []
        if ended or status == 0:
            assert status == 0
            self._check_completed(booted, before)
        else:
            self.model.killed(booted, before, after, in_doubt=intent.exists())


def test_no_change_is_ever_lost(images: Images, on_disk: Path) -> None:
    machine = type("Machine", (Sync,), {"images": images, "base": on_disk})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
            report_multiple_bugs=False,
            print_blob=True,
        ),
    )
