"""The administrator's own programs before and after a run, and when one fails."""

from __future__ import annotations

from typing import Any

from drdwrap.actions import sync

from .lab.files import put
from .lab.pair import Pair
from .lab.processes import lock_is_held


def hook(pair: Pair, name: str, status: int = 0) -> list[str]:
    """A program that notes its arguments and its environment."""
    script = put(
        pair.home,
        f"hook-{name}",
        f"""#!/bin/sh
for argument; do printf '%s\\n' "$argument"; done >{pair.home}/{name}.arguments
env >{pair.home}/{name}.environment
cat {pair.clone}/etc/motd >{pair.home}/{name}.clone
exit {status}
""".encode(),
        mode=0o700,
    )
    return [str(script), "$HOME; *", name]


def ran(pair: Pair, name: str) -> bool:
    return (pair.home / f"{name}.arguments").exists()


def environment(pair: Pair, name: str) -> dict[str, str]:
    lines = (pair.home / f"{name}.environment").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_they_run_before_and_after_as_given(filled: Pair) -> None:
    filled.configure(hooks={"before": [hook(filled, "one")], "after": [hook(filled, "two")]})
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    assert (filled.home / "one.arguments").read_text() == "$HOME; *\none\n"
    assert (filled.home / "two.arguments").read_text() == "$HOME; *\ntwo\n"
    assert (filled.home / "one.clone").read_bytes() == b"welcome\n"
    assert (filled.home / "two.clone").read_bytes() == b"booted\n"


def test_several_run_in_their_order(filled: Pair) -> None:
    order = filled.home / "order"
    filled.configure(
        hooks={"before": [["/bin/sh", "-c", f"echo {number} >>{order}"] for number in range(3)]}
    )
    filled.sync()
    assert order.read_text() == "0\n1\n2\n"


def test_their_environment_tells_what_happened(filled: Pair) -> None:
    filled.configure(hooks={"after": [hook(filled, "after")]})
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    told = environment(filled, "after")
    expected = {
        "DRDWRAP_HOOK": "after",
        "DRDWRAP_COMMAND": "sync",
        "DRDWRAP_BOOTED_ROOT": str(filled.booted),
        "DRDWRAP_CLONE_ROOT": str(filled.clone),
        "DRDWRAP_STATE_DIR": str(filled.state),
        "DRDWRAP_EXIT_STATUS": "0",
        "DRDWRAP_ERROR": "",
        "DRDWRAP_WARNINGS": "",
        "DRDWRAP_COPIED": "1",
        "DRDWRAP_DELETED": "0",
        "DRDWRAP_TARGET_CHANGED": "0",
    }
    assert {name: told.get(name) for name in expected} == expected


def test_they_do_not_run_in_a_preview(filled: Pair) -> None:
    filled.configure(hooks={"before": [hook(filled, "before")], "after": [hook(filled, "after")]})
    filled.run("preview")
    filled.run("sync", "-p")
    assert not ran(filled, "before") and not ran(filled, "after")


def test_what_they_leave_running_does_not_keep_the_lock(filled: Pair) -> None:
    """A service that a hook has started, say."""
    filled.configure(hooks={"after": [["/bin/sh", "-c", "sleep 30 >/dev/null 2>&1 &"]]})
    filled.sync()
    assert not lock_is_held(filled.state / "lock")


def test_more_warnings_than_a_program_can_be_given_are_cut(filled: Pair) -> None:
    """A service that was stopped before the sync has to be started again nevertheless."""
    filled.configure(hooks={"after": [hook(filled, "after")]})
    warnings = [f"/srv/{number:04}-{'x' * 200} could not be copied" for number in range(700)]

    def prepare() -> None:
        described = sync.described

        def more(*arguments: Any) -> Any:
            outcome = described(*arguments)
            outcome.warnings += warnings
            return outcome

        setattr(sync, "described", more)  # noqa: B010 (mypy knows it as a function)

    assert filled.start("sync", prepare=prepare).wait().returncode == 2
    told = environment(filled, "after")["DRDWRAP_WARNINGS"]
    assert told.startswith("/srv/")


def test_a_failing_one_before_stops_the_run(filled: Pair) -> None:
    filled.configure(
        hooks={
            "before": [hook(filled, "before", status=3)],
            "after": [hook(filled, "after")],
            "on_error": [hook(filled, "on_error")],
        }
    )
    put(filled.booted, "etc/motd", b"booted\n")
    before = filled.both(ctimes=True)
    done = filled.run("sync", ok=1)
    assert b"hook-before" in done.stderr
    assert filled.both(ctimes=True) == before
    assert not ran(filled, "after")
    assert ran(filled, "on_error")


def test_one_that_does_not_exist_stops_the_run(filled: Pair) -> None:
    filled.configure(hooks={"before": [["/nowhere/hook"]]})
    put(filled.booted, "etc/motd", b"booted\n")
    assert b"/nowhere/hook" in filled.run("sync", ok=1).stderr
    assert (filled.clone / "etc/motd").read_bytes() == b"welcome\n"


def test_what_one_before_erases_on_the_clone_is_copied_in_the_same_run(filled: Pair) -> None:
    motd = filled.clone / "etc/motd"
    filled.configure(hooks={"before": [["/bin/rm", str(motd)]]})
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_the_one_for_errors_runs_when_a_run_fails(filled: Pair) -> None:
    filled.configure(
        hooks={"after": [hook(filled, "after")], "on_error": [hook(filled, "on_error")]}
    )
    (filled.state / "record").write_bytes(b"garbage\n")
    filled.run("sync", ok=1)
    assert ran(filled, "on_error")
    told = environment(filled, "on_error")
    assert (told["DRDWRAP_HOOK"], told["DRDWRAP_EXIT_STATUS"]) == ("on_error", "1")
    assert "record" in told["DRDWRAP_ERROR"]


def test_the_one_for_errors_does_not_run_when_all_is_well(filled: Pair) -> None:
    filled.configure(hooks={"on_error": [hook(filled, "on_error")]})
    filled.sync()
    assert not ran(filled, "on_error")


def test_a_failing_one_after_is_said_and_what_was_copied_is_recorded(filled: Pair) -> None:
    filled.configure(hooks={"after": [hook(filled, "after", status=3)]})
    put(filled.booted, "etc/motd", b"booted\n")
    done = filled.start("sync").wait()
    assert done.returncode in (1, 2)
    assert b"hook-after" in done.stderr
    filled.configure(hooks={"after": []})
    assert filled.sync()["copied"] == 0
    assert filled.reports() == {}


def test_their_output_does_not_spoil_the_json(filled: Pair) -> None:
    filled.configure(hooks={"before": [["/bin/echo", "noise"]], "after": [["/bin/echo", "x"]]})
    assert filled.json("sync")["exit_status"] == 0


def test_they_have_the_callers_environment_too(filled: Pair) -> None:
    """Where a database's client looks for its settings, say."""
    filled.configure(hooks={"before": [hook(filled, "before")]})
    filled.run("sync", env={"HOME": "/home/admin", "PGPORT": "5433"})
    found = environment(filled, "before")
    assert (found["HOME"], found["PGPORT"]) == ("/home/admin", "5433")
    assert "/usr/sbin" in found["PATH"]


def test_a_failing_one_after_is_no_reason_to_leave_out_the_next(filled: Pair) -> None:
    """It may start again what `before` has stopped."""
    filled.configure(
        hooks={"after": [hook(filled, "one", status=3), hook(filled, "two"), ["/no/such"]]}
    )
    done = filled.run("sync", ok=2)
    assert ran(filled, "two")
    assert b"hook-one" in done.stderr and b"/no/such" in done.stderr
