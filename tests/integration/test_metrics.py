"""Metrics for Prometheus are written after each run, whole and readable, and never end one."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from .lab.files import populate, put
from .lab.pair import Pair

Samples = dict[tuple[str, str], float]
"""By name without `drdwrap_`, and the label's value or ""."""


@pytest.fixture
def measured(filled: Pair) -> Pair:
    (filled.home / "collector").mkdir()
    filled.configure(metrics_file=str(filled.home / "collector/drdwrap.prom"))
    return filled


def samples(pair: Pair) -> Samples:
    text = (pair.home / "collector/drdwrap.prom").read_text()
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            (label,) = sample.labels.values() or ("",)
            assert sample.timestamp is None  # the collector refuses these
            found[sample.name.removeprefix("drdwrap_"), label] = sample.value
    return found


def test_a_sync_writes_what_it_did(measured: Pair) -> None:
    put(measured.booted, "etc/motd", b"booted\n")
    begun = time.time()
    counts = measured.sync()
    found = samples(measured)
    assert found["last_run_exit_status", "sync"] == 0
    assert begun - 1 <= found["last_success_timestamp_seconds", "sync"] <= time.time()
    assert found["last_run_timestamp_seconds", "sync"] >= begun - 1
    assert 0 <= found["last_run_duration_seconds", "sync"] < 60
    assert found["last_run_warnings", "sync"] == 0
    assert {key: found["files", key] for key in counts} == counts
    assert found["files", "copied"] == 1
    assert found["to_be_copied_bytes", ""] == len(b"booted\n")
    assert found["booted_from_clone", ""] == 0
    assert begun - 600 < found["clone_created_timestamp_seconds", ""] <= time.time()
    assert found["last_run_exit_status", "clone"] == 0
    assert os.stat(measured.home / "collector/drdwrap.prom").st_mode & 0o7777 == 0o644
    assert os.listdir(measured.home / "collector") == ["drdwrap.prom"]


def test_a_failure_keeps_the_date_of_the_last_success(measured: Pair) -> None:
    measured.sync()
    before = samples(measured)
    measured.configure(hooks={"before": [["/bin/false"]]})
    measured.run("sync", ok=1)
    found = samples(measured)
    key = "last_success_timestamp_seconds", "sync"
    assert found["last_run_exit_status", "sync"] == 1
    assert found[key] == before[key]


def test_no_name_of_a_file_is_in_them(measured: Pair) -> None:
    put(measured.booted, "srv/secret-name", b"booted\n")
    put(measured.clone, "srv/secret-name", b"clone\n")
    measured.sync()
    assert samples(measured)["files", "target_changed"] == 1
    assert "secret" not in (measured.home / "collector/drdwrap.prom").read_text()


def test_booted_from_the_clone_they_say_so(measured: Pair) -> None:
    measured.sync()
    booted, clone = measured.booted, measured.clone
    measured.configure(booted={"root": str(clone)}, clone={"root": str(booted)})
    measured.run("sync", ok=1)
    assert samples(measured)["booted_from_clone", ""] == 1


def test_where_they_cannot_be_written_the_run_goes_on_and_says_so(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    missing = filled.home / "nowhere/drdwrap.prom"
    filled.configure(metrics_file=str(missing))
    told = filled.run("sync").stderr
    assert b"warning: metrics_file could not be written: " in told
    assert os.fsencode(missing.parent) in told
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"


def test_a_first_fill_writes_them_too(pair: Pair) -> None:
    populate(pair.booted)
    pair.configure(metrics_file=str(pair.home / "drdwrap.prom"))
    pair.clone_fill()
    text = Path(pair.home / "drdwrap.prom").read_text()
    assert 'drdwrap_last_run_exit_status{command="clone"} 0.0' in text
    assert 'command="sync"' not in text
