"""How fast the program starts, which shell completion and every run wait for."""

import subprocess
import sys
import time


def test_the_start_reads_nothing_that_is_heavy() -> None:
    """Half of the quarter of a second that `drdwrap --help` may take would go into these."""
    heavy = "{'jinja2', 'jsonschema', 'rich', 'sh', 'yaml', 'sqlite3', 'multiprocessing'}"
    code = (
        "import sys; from drdwrap.__main__ import main; main(['--help']);"
        f"sys.exit(', '.join({heavy} & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_help_is_there_at_once() -> None:
    """The fastest of a few starts: what else the machine does is not ours."""
    took = []
    for _ in range(5):
        started = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "drdwrap", "--help"], check=True, stdout=subprocess.DEVNULL
        )
        took.append(time.monotonic() - started)
    assert min(took) < 0.25
