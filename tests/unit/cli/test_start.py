"""How fast the program starts, which shell completion and every run wait for."""

import os
import subprocess
import sys


def test_the_start_reads_nothing_that_is_heavy() -> None:
    """Half of the quarter of a second that `drdwrap --help` may take would go into these."""
    heavy = "{'jinja2', 'jsonschema', 'rich', 'sh', 'yaml', 'sqlite3', 'multiprocessing'}"
    code = (
        "import sys; from drdwrap.__main__ import main; main(['--help']);"
        f"sys.exit(', '.join({heavy} & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


CALLS = 320_000
"""Twice what `--help` takes. A quarter of a second is that much on a machine that does nothing
else."""

IMPORTS_OF_CLICK = 4
"""The same in the time that Python takes to start and to import click, which it has to."""


def test_help_is_there_at_once() -> None:
    """Counted in calls, which are the same however busy the machine is."""
    code = (
        "import sys; calls = 0\n"
        "def count(*_):\n"
        "    global calls; calls += 1\n"
        "sys.setprofile(count)\n"
        "from drdwrap.__main__ import main; main(['--help'])\n"
        "sys.setprofile(None); print(calls, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert b"Usage:" in done.stdout
    assert 1000 < int(done.stderr) < CALLS


def test_help_takes_little_time_besides() -> None:
    """Of the processor, in turn with something known: whatever slows down the one slows down the
    other. The fastest of a few counts."""
    click, ours = [], []
    for _ in range(5):
        click.append(processor_time("-c", "import click"))
        ours.append(processor_time("-m", "drdwrap", "--help"))
    assert min(ours) < IMPORTS_OF_CLICK * min(click)


def processor_time(*arguments: str) -> float:
    """The seconds that a Python with these arguments has used, its children included."""
    program = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(program.pid, 0)
    program.returncode = os.waitstatus_to_exitcode(status)
    assert program.returncode == 0
    return used.ru_utime + used.ru_stime
