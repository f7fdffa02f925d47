"""Messages to syslog, or to the journal, which has the same socket."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drdwrap import log as log_module
from drdwrap.log import Log


@pytest.fixture
def syslog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    place = tmp_path / "log"
    monkeypatch.setattr(log_module, "SYSLOG", str(place))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(place))
        listening.settimeout(5)
        yield listening


def opened(tmp_path: Path) -> Log:
    log = Log(0, io.StringIO())
    log.open_file(bytes(tmp_path / "drdwrap.log"), lambda _: None)
    return log


def test_the_result_and_what_went_wrong_are_told(syslog: socket.socket, tmp_path: Path) -> None:
    log = opened(tmp_path)
    log.begin("Synchronize System Image")
    log.item("Copying 3 files.")
    log.warning("/etc/motd could not be copied")
    log.file_error("the clone is full")
    log.end("failed")
    told = [syslog.recv(1000).rstrip(b"\0").partition(b"]: ")[2] for _ in range(3)]
    assert told == [
        b"/etc/motd could not be copied",
        b"the clone is full",
        b"Synchronize System Image failed",
    ]


def test_a_full_socket_is_not_waited_for(syslog: socket.socket, tmp_path: Path) -> None:
    log = opened(tmp_path)
    start = time.monotonic()
    for _ in range(3000):  # more than a socket's queue holds
        log.warning("x" * 100)
    assert time.monotonic() - start < 5


def test_a_run_goes_on_without_syslog(syslog: socket.socket, tmp_path: Path) -> None:
    syslog.close()
    opened(tmp_path).end("succeeded")
    assert "succeeded" in (tmp_path / "drdwrap.log").read_text()
