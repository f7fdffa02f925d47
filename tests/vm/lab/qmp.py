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
        self._lines.readline()  # the greeting
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: object) -> Any:
        """One command and what it returns."""
        request = {"execute": command, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            line = self._lines.readline()
            if not line:
                raise LabError(f"QEMU ended at {command}")
            answer = json.loads(line)
            if "error" in answer:
                raise LabError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def close(self) -> None:
        self._lines.close()
        self._socket.close()
