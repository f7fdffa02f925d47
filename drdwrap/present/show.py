"""What the commands print on stdout: for a person, or one JSON object."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from drdwrap.checks import Check
from drdwrap.cli.options import Settings
from drdwrap.errors import ConfigError, DrdwrapError, Interrupted, in_words
from drdwrap.log import default_verbosity
from drdwrap.pair.mounting import FileSystem
from drdwrap.paths.escaping import for_screen
from drdwrap.reports import REPORTS
from drdwrap.rsync.output import Progress
from drdwrap.sync.result import RunResult

if TYPE_CHECKING:
    from rich.console import Console

    from drdwrap.install.apply import Done

_ITEMIZED = 20
"""Lines of rsync's dry run that a preview shows unless it is asked for more with -v."""


def _json(value: Any) -> None:
    print(json.dumps(value, indent=1))


def _console() -> "Console":
    from rich.console import Console

    # Without a terminal nothing is to be cut to a width that nobody sees, nor to be in bold,
    # whatever the environment says to please other programs.
    terminal = sys.stdout.isatty()
    return Console(highlight=False, force_terminal=terminal, width=None if terminal else 160)


def error(found: DrdwrapError | Interrupted | OSError) -> None:
    """An error as the JSON object of whatever was asked for."""
    if isinstance(found, Interrupted):
        told = {"error": f"interrupted by signal {found.signum}"}
        _json({**told, "hint": "", "exit_status": 128 + found.signum})
    elif isinstance(found, DrdwrapError):
        problems = found.problems if isinstance(found, ConfigError) else [found.message]
        _json({"error": "; ".join(problems), "hint": found.hint, "exit_status": 1})
    else:
        _json({"error": in_words(found), "hint": "", "exit_status": 1})


@contextmanager
def progress(settings: Settings, what: str) -> Iterator[Callable[[Progress], None] | None]:
    """A progress bar with rsync's own figures, on a terminal; nothing elsewhere."""
    if settings.as_json or settings.verbosity < 0 or not sys.stderr.isatty():
        yield None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TextColumn("{task.completed:.0f}/{task.total:.0f} files, {task.fields[size]}"),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1, visible=False, size="")

        def tell(now: Progress) -> None:
            bar.update(
                task,
                completed=now.files,
                total=max(now.files_known, 1),
                size=_size(now.bytes),
                visible=True,
            )

        yield tell


def outcome(settings: Settings, result: RunResult, *, always: bool) -> None:
    """A preview's, a sync's or a clone's result.

    Unless `always`, a run without warnings says nothing where there is no terminal (cron).
    """
    if result.error:
        print(f"drdwrap: {result.error}", file=sys.stderr)
    if settings.as_json:
        _json(result.as_json())
        return
    if not always and default_verbosity() + settings.verbosity < 3:
        return
    for line in result.plan:
        print(line)
    if "in_step" in result.counts:
        _reports_table(result)
    elif not (result.plan or result.error):
        wanted = result.counts["files_to_be_copied"]
        print(f"{result.counts['copied']} of {wanted} files are on the clone.")
    if always:
        _preview_details(settings, result)
    elif "in_step" in result.counts:
        print(f"Copied {result.counts['copied']}, removed {result.counts['deleted']}.")
    if result.advice:
        print(f"Advice: {result.advice}.")


def _reports_table(result: RunResult) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("")  # on a narrow terminal the titles are folded, and the figures whole
    table.add_column("files", justify="right", no_wrap=True)
    table.add_column("bytes", justify="right", no_wrap=True)
    table.add_column("report", no_wrap=True)
    table.add_row("on the initial list", f"{result.counts['initial']:,}", "", "")
    table.add_row("in step", f"{result.counts['in_step']:,}", "", "")
    for short, title in REPORTS.values():
        count, size = result.counts.get(short, 0), result.sizes.get(short, 0)
        table.add_row(title, f"{count:,}", f"{size:,}" if count else "", short if count else "")
    console = _console()
    console.print(f"{result.booted_root} -> {result.clone_root}", markup=False)
    console.print(table)


def _preview_details(settings: Settings, result: RunResult) -> None:
    if result.directories:
        print("\nMost to copy:")
        for name, size, number in result.directories:
            print(f"  {_size(size):>10}  {number:>6} files  {name}")
    if result.itemized:
        most = len(result.itemized) if settings.verbosity > 0 else _ITEMIZED
        print("\nrsync would do:")
        for line in result.itemized[:most]:
            print(f"  {line}")
        if len(result.itemized) > most:
            print(f"  ... and {len(result.itemized) - most} more (-v shows all)")


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def accepted(settings: Settings, result: dict[str, list[str]], status: int) -> None:
    """What `accept` did, a line for each path."""
    if settings.as_json:
        _json({**result, "exit_status": status})
        return
    for path in result["accepted"]:
        print(f"accepted: {path}")
    for path in result["nothing_to_accept"]:
        print(f"nothing to accept: {path} (it was not changed on the clone)", file=sys.stderr)


def explanation(settings: Settings, result: dict[str, Any]) -> None:
    """One path's fate, as `explain` has it."""
    if settings.as_json:
        _json(result)
        return
    titles = {
        "path": "path",
        "booted": "booted",
        "clone": "clone",
        "record": "record",
        "outcome": "outcome",
        "reason": "because",
        "would_change": "to change it",
    }
    for key, title in titles.items():
        if result[key]:
            print(f"{title + ':':14}{result[key]}")


def checks(settings: Settings, found: Sequence[Check]) -> None:
    """Every check with its verdict, and a remedy where it failed."""
    if settings.as_json:
        _json({"checks": [check.__dict__ for check in found], "ok": all(c.ok for c in found)})
        return
    for check in found:
        print(f"{'ok    ' if check.ok else 'FAILED'}  {check.name}: {check.found}")
        if not check.ok and check.remedy:
            print(f"        remedy: {check.remedy}")


def configuration(settings: Settings, path: str | None) -> None:
    """The configuration at `path` has no problems; without a file the defaults hold."""
    if settings.as_json:
        _json({"file": path, "ok": True})
    elif path is None:
        print("There is no configuration file: the defaults hold.")
    else:
        print(f"{for_screen(os.fsencode(path))}: no problems found")


def sample(settings: Settings, text: str) -> None:
    """The sample configuration."""
    if settings.as_json:
        _json({"sample": text})
    else:
        print(text, end="")


def keys(settings: Settings, found: Iterable[tuple[str, str, str]]) -> None:
    """The configuration's keys: each with its default and what it means."""
    if settings.as_json:
        titles = ("key", "default", "meaning")
        _json({"keys": [dict(zip(titles, one, strict=True)) for one in found]})
        return
    for key, default, meaning in found:
        print(f"{key}={default}\n    {meaning}")


def demo(settings: Settings, run: Callable[[Callable[[str], None]], int]) -> int:
    """What the demo tells while it runs; its exit status."""
    if not settings.as_json:
        return run(print)
    told: list[str] = []
    status = run(told.append)
    _json({"told": told, "exit_status": status})
    return status


def nothing_done(settings: Settings) -> None:
    """Another run is going, or the clone is what runs: there was nothing to do here."""
    if settings.as_json:
        _json({"skipped": True, "exit_status": 0})


def report_list(settings: Settings, found: dict[str, int]) -> None:
    """The reports there are, with the number of paths in each."""
    if settings.as_json:
        _json(found)
        return
    for name, count in found.items():
        print(f"{count:>10,}  {name}")
    if not found:
        print("There are no reports yet: 'drdwrap preview' writes them.", file=sys.stderr)


def report(settings: Settings, name: str, paths: Sequence[bytes], *, raw: bool) -> None:
    """The paths of report `name`: escaped, a line each, or raw and NUL-separated."""
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(b"".join(path + b"\0" for path in paths))
        sys.stdout.buffer.flush()
    elif settings.as_json:
        _json({"report": name, "paths": [for_screen(path) for path in paths]})
    else:
        for path in paths:
            print(for_screen(path))


def status(settings: Settings, result: dict[str, Any]) -> None:
    """What `status` found."""
    if settings.as_json:
        _json(result)
        return
    for side in ("booted", "clone"):
        print(f"{side + ':':16}{_side(result[side])}")
    for key in ("booted_from", "next_boot"):
        if key in result:
            print(f"{key.replace('_', ' ') + ':':16}{result[key] or 'unknown'}")
    print(f"{'clone created:':16}{result['created'] or 'unknown'}")
    for key in ("last_sync", "last_preview", "last_clone"):
        print(f"{key.replace('_', ' ') + ':':16}{_run(result[key], preview=key == 'last_preview')}")
    print(f"{'at shutdown:':16}{_at_shutdown(result['shutdown'])}")
    print(f"{'periodic sync:':16}{_periodic(result['periodic'])}")
    for problem in result["shutdown"]["problems"]:
        print(f"warning: {problem}")
    if result["shutdown"]["failed"]:
        print("warning: the last sync at shutdown failed, and none has succeeded since")
    if result["running"]:
        print(result["running"])
    if result["half_filled"]:
        print(
            "The last 'drdwrap clone' was cut off: the clone is half filled, and 'drdwrap clone"
            " --overwrite' fills it anew."
        )
    elif result["interrupted"]:
        print("The last run was cut off; the next one puts it right.")
    if result["overdue"]:
        print("warning: no sync has succeeded for longer than max_sync_age allows")
    for problem in result["problems"]:
        print(f"problem: {problem}")
    if result["problems"]:
        print("'drdwrap check' says what to do about each.")


def _at_shutdown(found: dict[str, Any]) -> str:
    state = (
        f"installed ({', '.join(found['installed'])})" if found["installed"] else "not installed"
    )
    if found["installed"] and not found["enabled"]:
        state += ", without effect" if found["problems"] else ", switched off"
    run = found["last_run"]
    if run is None:
        return state
    return f"{state}; last {run['ended']}, {run['result']}: {run['message']}"


def _periodic(found: dict[str, Any]) -> str:
    times = [f"{kind} {found[kind]!r}" for kind in ("cron", "timer") if found[kind]]
    state = ", ".join(times) or "not installed"
    if times and not found["enabled"]:
        state += ", switched off"
    if found["last_run"]:
        state += f"; last {_run(found['last_run'])}"
    return f"{state}; next {found['next_run']}" if found["next_run"] else state


def installed(settings: Settings, done: "Done") -> None:
    """What `install` or `uninstall` has done, a line for each path."""
    if settings.as_json:
        _json(done.__dict__)
        return
    for what in ("written", "removed", "kept"):
        for path in getattr(done, what):
            print(f"{what + ':':9} {path}" + (" (it was edited)" if what == "kept" else ""))
    if not done.written and not done.removed:
        print("There is nothing to do.")
    for note in done.notes:
        print(note)


def mounted(settings: Settings, root: str, systems: Sequence[FileSystem]) -> None:
    """What `mount` has mounted, or would mount, below `root`."""
    points = [
        (system.device, f"{root}/{for_screen(system.mount_point)}".rstrip("/"))
        for system in systems
    ]
    if settings.as_json:
        _json({"mounted": [{"device": device, "mount_point": at} for device, at in points]})
        return
    for device, at in points:
        print(f"{device} on {at}")


def unmounted(settings: Settings, points: Sequence[bytes]) -> None:
    """What `umount` has unmounted, or would unmount."""
    names = [for_screen(point) for point in points]
    if settings.as_json:
        _json({"unmounted": names})
        return
    for name in names:
        print(name)


def _side(side: dict[str, Any]) -> str:
    mounted = "mounted" if side["mounted"] else "not mounted"
    if "volume_group" not in side:
        return f"{side['root']} ({side['device']}, {mounted})"
    group = side["volume_group"] or "no volume group"
    return f"{group} on {side['device'] or 'no disk'}, {mounted} at {side['root']}"


def _run(outcome: dict[str, Any] | None, *, preview: bool = False) -> str:
    if not outcome:
        return "never"
    text = f"{outcome['ended']}, exit status {outcome['exit_status']}"
    counts = outcome.get("counts") or {}
    if preview and "files_to_be_copied" in counts:
        text += f", {counts['files_to_be_copied']} to be copied"
    elif "files_to_be_copied" in counts:
        text += f", {counts['copied']} copied, {counts['deleted']} removed"
    if "target_changed" in counts:
        text += f", {counts['target_changed']} target changed"
        text += f", {counts['changed_on_clone_only']} changed on the clone only"
    if outcome.get("error"):
        text += f": {outcome['error']}"
    return text
