"""The shutdown script with a fake init system, fake settings and a fake drdwrap."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from drdwrap.install import file_contents

FAKE = """#!/bin/sh
[ "$2" = --time-limit ] || exit 1
word=$1 limit=$3
shift 3
echo "$word" "$@" >> {home}/called
echo "$limit" >> {home}/limits
{body}
"""

AT_THE_LIMIT = "(sleep $limit; kill -s ALRM $$) &"
"""The beginning of a fake drdwrap that gets SIGALRM at its time limit, as the real one does."""


class Shutdown:
    """A script that a test runs. By default systemd runs, and the machine goes down.

    drdwrap has a second to end after its time limit, and another one to be killed.
    """

    def __init__(self, home: Path, shell: Sequence[str]) -> None:
        self.home = home
        self.shell = shell
        self.state = home / "state"
        self.run = home / "run"
        self.settings = home / "settings"
        self.bin = home / "bin"
        self.path = home / "script"
        # TEST_HOME marks every process that it starts.
        self.environment = {"PATH": os.environ["PATH"], "TEST_HOME": str(self.home)}
        self.bin.mkdir()
        (self.run / "systemd/system").mkdir(parents=True)
        self.fake("systemctl", "echo stopping")
        # A second is shorter here.
        self.fake("sleep", "[ $1 != 1 ] || exec /bin/sleep 0.3; exec /bin/sleep $1")
        self.calls("exit 0")

    def fake(self, name: str, body: str) -> Path:
        """Make a program of that name that is found before any other."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    def calls(self, body: str) -> None:
        """Have the script call a fake drdwrap that does this."""
        path = self.fake("drdwrap", "")
        path.write_text(FAKE.format(home=shlex.quote(str(self.home)), body=body))
        self.calls_command([str(path), "sync"], self.state)

    def calls_command(self, command: list[str], state: Path, grace: int = 1) -> None:
        """Have the script call `command`, which uses the state directory `state`.

        `grace`: how many seconds it has to end after its time limit.
        """
        self.state = state
        content = file_contents.script(
            command,
            str(state),
            run=str(self.run),
            settings=(str(self.settings), str(self.home / "other-settings")),
            path=f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin",
            subsys=str(self.home / "subsys"),
            grace=grace,
            patience=1,
        )
        self.path.write_bytes(content)

    def set(self, **settings: object) -> None:
        """Write the settings file."""
        self.settings.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def __call__(self, word: str, ok: int = 0, timeout: float = 20) -> str:
        """Run it and return its output. It must end with the status `ok`."""
        done = subprocess.run(
            [*self.shell, self.path, word],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == ok, done.stdout
        return done.stdout

    def timed(self, word: str, ok: int = 0) -> tuple[str, float]:
        """Run it and return its output, and the seconds that it took."""
        begun = time.monotonic()
        said = self(word, ok)
        return said, time.monotonic() - begun

    @property
    def called(self) -> list[str]:
        """The words of each call of drdwrap, without the time limit."""
        path = self.home / "called"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def limits(self) -> list[int]:
        """The time limit of each call of drdwrap, in seconds."""
        return [int(limit) for limit in (self.home / "limits").read_text().split()]

    @property
    def noted(self) -> dict[str, str]:
        """What the script has kept for `status`."""
        path = self.state / "shutdown"
        lines = path.read_text().splitlines() if path.exists() else []
        return dict(line.split("=", 1) for line in lines)

    @property
    def warning(self) -> str:
        """The message that stays until a sync succeeds."""
        path = self.state / "shutdown-failed"
        return path.read_text() if path.exists() else ""
