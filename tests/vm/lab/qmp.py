"""QEMU's control socket. https://www.qemu.org/docs/master/interop/qmp-spec.html"""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

from .processes import LabError


class Qmp:
    """A connection; close it when done. LabError for whatever QEMU refuses."""

    def __init__(self, path: Path, patience: float = 10) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        until = time.monotonic() + patience
        while True:
            try:
                self._socket.connect(str(path))
                break
            except OSError as error:
                if time.monotonic() > until:
                    self._socket.close()
                    raise LabError(f"QEMU does not answer at {path}: {error}") from error
                time.sleep(0.05)
        self._lines = self._socket.makefile("r")
        try:
            self._line()  # the greeting
            self.ask("qmp_capabilities")
        except LabError:
            self.close()
            raise

    def _line(self) -> str:
        try:
            line = self._lines.readline()
        except ConnectionError:
            line = ""
        if not line:
            raise LabError("QEMU has ended")
        return line

    def ask(self, command: str, **arguments: object) -> Any:
        """One command and what it returns."""
        request = {"execute": command, "arguments": arguments}
        try:
            self._socket.sendall(json.dumps(request).encode() + b"\n")
        except ConnectionError as error:
            raise LabError(f"QEMU has ended before {command}") from error
        while True:
            answer = json.loads(self._line())
            if "error" in answer:
                raise LabError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def close(self) -> None:
        self._lines.close()
        self._socket.close()
