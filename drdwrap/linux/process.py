"""The one place that starts programs: with a fixed environment, and with the lock inherited."""

import os
import select
import shutil
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from threading import Thread
from typing import IO, Any

from drdwrap.errors import Interrupted, ProgramError
from drdwrap.linux import run_note, signals, syscalls
from drdwrap.linux.progress import Progress, progress_of
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.line_ends import lines_of

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Searched after the caller's own PATH, which is short or empty under cron and init."""

_PATIENCE = 15
"""Seconds that a program has to end after SIGTERM."""

_EVERY = 2000
"""Milliseconds between two looks at whether a program moves."""

_GATHERING = 0.005
"""Seconds between two looks at what a program writes. rsync writes a line for every file."""

_inherited: set[int] = set()


@contextmanager
def inherited(descriptor: int) -> Iterator[None]:
    """Let every child inherit `descriptor`, for the length of the context. This is how children
    hold the lock."""
    os.set_inheritable(descriptor, True)
    _inherited.add(descriptor)
    try:
        yield
    finally:
        _inherited.discard(descriptor)


@dataclass(frozen=True)
class Finished:
    """How a program ended. `status` is its exit status, or minus the number of a signal."""

    status: int
    stdout: bytes
    stderr: bytes


def search_path() -> str:
    """The directories in which programs are searched, as PATH has them."""
    own = os.environ.get("PATH", "")
    return f"{own}:{PATH}" if own else PATH


def find_program(name: str) -> str:
    """The absolute path of program `name`. ProgramError if there is none."""
    found = shutil.which(name, path=search_path())
    if found is None:
        shown = for_screen(os.fsencode(name))
        raise ProgramError(f"{shown}: no such program", f"install the package that has {shown}")
    return os.path.abspath(found)


@cache
def _environment() -> dict[str, str]:
    # No RSYNC_* variable and no ~/.popt may change rsync's options. Messages are in English.
    return {"PATH": search_path(), "LC_ALL": "C", "HOME": "/nonexistent"}


class Running:
    """A program that was started. Call `wait` or `stop`."""

    def __init__(self, name: str, command: Any, reader: Thread | None = None) -> None:
        self._name = name
        self._command = command
        self._reader = reader
        self.pid = int(command.pid)

    def is_running(self) -> bool:
        return bool(self._command.is_alive())

    def wait(self) -> Finished:
        """Wait for its end. A signal to drdwrap ends the program's process group first."""
        try:
            watch([self])
            self._command.wait()
        except Interrupted:
            self.stop()
            raise
        if self._reader is not None:
            self._reader.join(_PATIENCE)
        _under_way.discard(self)
        return self.finished()

    def finished(self) -> Finished:
        return Finished(
            int(self._command.exit_code), bytes(self._command.stdout), bytes(self._command.stderr)
        )

    def stop(self) -> None:
        """End the program and its children with SIGTERM, and wait, unless it has ended.

        Stopped processes are continued, since they would never end. One that ignores SIGTERM (a
        hook, say) is killed.
        """
        import sh

        if self._command.is_alive():
            self._signal(signal.SIGTERM, signal.SIGCONT)
            try:
                self._command.wait(timeout=_PATIENCE)
            except sh.TimeoutException:
                self._signal(signal.SIGKILL)
                self._command.wait()
        _under_way.discard(self)

    def _signal(self, *numbers: int) -> None:
        with suppress(ProcessLookupError):
            for number in numbers:
                os.killpg(self.pid, number)


def watch(runnings: Sequence[Running], look: Callable[[int, Progress], None] | None = None) -> None:
    """Wait until all of these have ended, and look at what they have done every few seconds: `look`
    is given the process group and that. That anything has moved is noted (see `run_note`)."""
    if look is None and not run_note.is_kept():
        return
    with ExitStack() as opened:
        poll = select.poll()
        alive: dict[int, int] = {}
        for running in runnings:
            with suppress(OSError):  # it has ended
                ended = os.pidfd_open(running.pid)
                opened.callback(os.close, ended)
                poll.register(ended, select.POLLIN)
                alive[ended] = running.pid
        before: dict[int, Progress] = {}
        while alive:
            for ended, _ in (events := poll.poll(_EVERY)):
                poll.unregister(ended)
                del alive[ended]
            for group in alive.values() if not events else ():
                now = progress_of(group)
                if now != before.get(group):
                    run_note.moved()
                before[group] = now
                if look is not None:
                    look(group, now)


_under_way: set[Running] = set()


def stop_all() -> None:
    """End every program that still runs, even if its start or its wait was interrupted."""
    for running in list(_under_way):
        running.stop()


def start(
    name: str,
    arguments: Sequence[bytes | str],
    *,
    directory: bytes = b"/",
    stdout: IO[bytes] | Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
    hold_lock: bool = True,
    pass_fds: Collection[int] = (),
    stdin: bytes = b"",
    dies_with_us: bool = False,
) -> Running:
    """Start program `name` in `directory`, in a process group of its own.

    `stdout` is a file for the output, a function called with each piece of it (text in latin-1, so
    that no byte is lost), or None to collect it. `pass_fds` are descriptors that the program gets
    under the same numbers. `stdin` is all that it can read. With `dies_with_us` the kernel kills it
    when drdwrap ends, however that ends. ProgramError if it cannot be started.
    """
    import sh

    program = find_program(name)
    for descriptor in pass_fds:
        os.set_inheritable(descriptor, True)
    with signals.deferred(), _input(stdin) as given, ExitStack() as opened:
        output, reader = stdout, None
        if callable(stdout):
            output, reader = _reader(stdout)
            opened.enter_context(output)
        try:
            prepared = sh.Command(program)
            prepared._path = _text(program)  # sh encodes this, too, in latin-1
            command: Any = prepared(
                *[_text(argument) for argument in arguments],
                _encoding="latin-1",
                _cwd=os.fsdecode(directory),
                _env={**_environment(), **(environment or {})},
                _in=given,
                _out=output,
                _tty_out=False,
                _bg=True,
                _bg_exc=False,
                _new_session=False,
                _new_group=True,
                _preexec_fn=_dying_with(os.getpid()) if dies_with_us else None,
                _pass_fds={*pass_fds, *(_inherited if hold_lock else ())},
                _ok_code=[*range(-64, 256)],
                _no_out=stdout is not None,
                _internal_bufsize=64 << 20,
            )
        except (OSError, sh.ForkException) as error:
            shown = for_screen(os.fsencode(name))
            raise ProgramError(f"{shown} could not be started: {error}") from error
        running = Running(name, command, reader)
        _under_way.add(running)
    return running


def _dying_with(parent: int) -> Callable[[], None]:
    def before_exec() -> None:
        syscalls.die_with_parent()
        if os.getppid() != parent:  # it ended before that was asked for
            os._exit(1)

    return before_exec


def _reader(function: Callable[[str], None]) -> tuple[IO[bytes], Thread]:
    """A file to write to, and the thread that calls the function with what is written, at once.

    sh's own callbacks do not serve here: they get whole lines or single bytes, and rsync's progress
    is a single line that ends with the run.
    """
    reading, writing = os.pipe()

    def read() -> None:
        with open(reading, "rb", buffering=0) as pipe:
            while piece := pipe.read(1 << 16):
                function(piece.decode("latin-1"))
                time.sleep(_GATHERING)

    thread = Thread(target=read, daemon=True)
    thread.start()
    return open(writing, "wb"), thread


def _input(content: bytes) -> IO[bytes]:
    """A file with this content, open at its start."""
    if not content:
        return open(os.devnull, "rb")
    file = os.fdopen(os.memfd_create("drdwrap-stdin"), "w+b")
    file.write(content)
    file.seek(0)
    return file


def run(
    name: str,
    arguments: Sequence[bytes | str],
    *,
    ok: Collection[int] = (0,),
    directory: bytes = b"/",
    environment: Mapping[str, str] | None = None,
    hold_lock: bool = True,
    stdin: bytes = b"",
) -> Finished:
    """Run program `name` and wait for its end. For the arguments see `start`.

    ProgramError, with its last message, if its exit status is not among `ok`.
    """
    finished = start(
        name,
        arguments,
        directory=directory,
        environment=environment,
        hold_lock=hold_lock,
        stdin=stdin,
    ).wait()
    if finished.status not in ok:
        said = for_screen(_last_message(finished.stderr))
        raise ProgramError(f"{name} ended with status {finished.status}: {said}")
    return finished


def _last_message(said: bytes) -> bytes:
    """The last line that does not continue another one, as mount(8)'s hint at dmesg does."""
    lines = lines_of(said.strip()) or [b"no message"]
    return next((line for line in reversed(lines) if not line[:1].isspace()), lines[-1]).strip()


def _text(argument: bytes | str) -> str:
    return (argument if isinstance(argument, bytes) else os.fsencode(argument)).decode("latin-1")
