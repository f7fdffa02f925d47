"""`python -m docs.pictures [DIRECTORY]`: draw preview.svg, explain.svg and status.svg.

Runs `drdwrap demo`, for which it has to be root, and draws what three of its commands print. What
differs from run to run (names, times, loop devices) is replaced, so two runs give the same files.
"""

import json
import re
import subprocess
import sys
import textwrap
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
PICTURES = {
    "preview": "preview",
    "explain": "explain /etc/ssh/sshd_config",
    "status": "status",
}
"""Names of files, and the commands of the demo whose output they show."""

_WIDTH = 92
_TIMES = {
    "booted": "2026-11-28 10:14:03.664922762",
    "clone": "2026-11-27 22:31:40.248187729",
    "record": "2026-11-20 17:02:11.128568483",
    "clone created": "2026-11-21 09:00:12",
    "last clone": "2026-11-21 09:00:14",
    "last preview": "2026-11-28 10:20:31",
    "last sync": "2026-11-28 10:31:07",
}
"""What stands in for the time in the line of this title."""


def main(directory: Path) -> None:
    """Write the pictures to `directory`."""
    told = _run_demo()
    for name, command in PICTURES.items():
        output = told[told.index(f"\n$ drdwrap {command}") + 1]
        (directory / f"{name}.svg").write_text(_draw(name, command, _stable(output)))


def _run_demo() -> list[str]:
    """What the demo tells: a command, its output, and so on."""
    done = subprocess.run(
        [sys.executable, "-m", "drdwrap", "--json", "demo"], capture_output=True, text=True
    )
    if done.returncode != 0:
        sys.exit(f"The demo failed.\n{done.stdout}{done.stderr}")
    told: list[str] = json.loads(done.stdout)["told"]
    if "ext4" not in told[0]:
        sys.exit(f"The pictures show two mounted file systems, and this is said instead: {told[0]}")
    return told


def _stable(output: str) -> str:
    """`output` with the names and times that every run has."""
    output = re.sub(r"\S*/drdwrap-demo-[^/\s]+/", "/tmp/drdwrap-demo/", output)
    for number, device in enumerate(dict.fromkeys(re.findall(r"/dev/loop\d+", output))):
        output = re.sub(rf"{device}\b", f"/dev/loop{number}", output)
    return re.sub(
        r"^([a-z ]+)(:.*?)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{9})?",
        lambda found: found[1] + found[2] + _TIMES[found[1]],
        output,
        flags=re.MULTILINE,
    )


def _draw(name: str, command: str, output: str) -> str:
    """The picture of a terminal, which loads no font. Long lines are folded below their text."""
    console = Console(record=True, file=StringIO(), width=_WIDTH, color_system=None)
    console.print(Text(f"$ drdwrap {command}", "bold"))
    for line in output.splitlines():
        title = re.match(r"[a-z ]+: +", line)
        indent = " " * len(title[0]) if title else ""
        for part in textwrap.wrap(
            line, _WIDTH, subsequent_indent=indent, break_on_hyphens=False
        ) or [""]:
            console.print(Text(part))
    drawn = console.export_svg(title=f"drdwrap {name}", unique_id=name)
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace("Fira Code", "ui-monospace, Menlo, Consolas")
    return "".join(f"{line.rstrip()}\n" for line in drawn.splitlines() if line.strip())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
