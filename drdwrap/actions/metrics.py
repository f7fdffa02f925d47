"""Metrics of the last runs, for the textfile collector of Prometheus' node_exporter.

No file name is in them. The collector reads only names that end in `.prom`, so it never sees the
file that they are first written to.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from drdwrap.config.model import Config
from drdwrap.linux import clock, durable
from drdwrap.record import own_role, store
from drdwrap.record import results as kept
from drdwrap.record.own_role import Role
from drdwrap.record.results import Results, last_success
from drdwrap.record.state_directory import StateDirectory

_COMMANDS = ("sync", "preview", "clone")
_READABLE = 0o644


class Metric(NamedTuple):
    """A gauge: its name without `drdwrap_`, its help text, and its values by label; without a
    `label` there is one value. What is not known is None, and is left out."""

    name: str
    text: str
    values: Mapping[str, float | None]
    label: str = ""


def write(config: Config, path: bytes) -> None:
    """Write the metrics to the file at `path`, in one step. OSError, DrdwrapError."""
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    for metric in metrics(config):
        known = {key: value for key, value in metric.values.items() if value is not None}
        if not known:
            continue
        labels = [metric.label] if metric.label else []
        gauge = Gauge(f"drdwrap_{metric.name}", metric.text, labels, registry=registry)
        for key, value in known.items():
            (gauge.labels(key) if labels else gauge).set(value)
    durable.write(path, [generate_latest(registry)], _READABLE)


def metrics(config: Config) -> Iterator[Metric]:
    """What is known now. DrdwrapError, OSError."""
    state = StateDirectory.of(config)
    yield from of_runs(kept.read(state.results)[0])
    header = store.read_header(state.record)
    made = float(header.created) if header and header.created else None
    yield Metric("clone_created_timestamp_seconds", "When the clone was made.", {"": made})
    booted = float(own_role.role(config, state) is Role.CLONE)
    yield Metric("booted_from_clone", "1 if the machine is booted from the clone.", {"": booted})


def of_runs(results: Results) -> Iterator[Metric]:
    """What is known of the last run of each command, and of the files of the last sync."""
    runs = {command: results[command] for command in _COMMANDS if command in results}
    for name, text, value in (
        ("last_success_timestamp_seconds", "When a run last succeeded.", _succeeded),
        ("last_run_timestamp_seconds", "When the last run ended.", _ended),
        ("last_run_duration_seconds", "How long the last run took.", _duration),
        ("last_run_exit_status", "The exit status of the last run.", _status),
        ("last_run_warnings", "The warnings of the last run, at most 100.", _warnings),
    ):
        yield Metric(name, text, {key: value(run) for key, run in runs.items()}, "command")
    last = results.get("sync", {})
    counts = {outcome: float(number) for outcome, number in last.get("counts", {}).items()}
    yield Metric("files", "Files of the last sync, by what became of them.", counts, "outcome")
    size = last.get("bytes_to_be_copied")
    text = "Bytes that the last sync had to copy."
    yield Metric("to_be_copied_bytes", text, {"": None if size is None else float(size)})


def _succeeded(run: Mapping[str, Any]) -> float | None:
    return _seconds(last_success(run))


def _ended(run: Mapping[str, Any]) -> float | None:
    return _seconds(run.get("ended"))


def _duration(run: Mapping[str, Any]) -> float | None:
    started, ended = _seconds(run.get("started")), _seconds(run.get("ended"))
    return None if started is None or ended is None else max(ended - started, 0.0)


def _status(run: Mapping[str, Any]) -> float:
    return float(run["exit_status"])


def _warnings(run: Mapping[str, Any]) -> float:
    return float(len(run.get("warnings", ())))


def _seconds(date: str | None) -> float | None:
    with suppress(ValueError, OverflowError):
        return clock.from_text(date) if date else None
    return None
