"""Runs one command and writes its time and memory as JSON: a small process on purpose.

A child's ru_maxrss begins at the resident size of the process that spawned it (the kernel takes
over the high-water mark of the memory that exec leaves behind). Spawned by the bench, which holds
the whole list of files, every contender would seem as large as the bench; so this script, with
few imports and run with -I -S, stands between.

    stopwatch.py RESULT OUTPUT ERRORS SYNC_PATH COMMAND...

SYNC_PATH empty: no `sync -f` after the command.
"""

import json
import os
import select
import sys
import time

POLL_MS = 25


def own_peak_kib(pid: int) -> int:
    """VmHWM of one process, without its children; 0 when it has gone."""
    try:
        with open(f"/proc/{pid}/status", "rb") as status:
            for line in status:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def main(result: str, output: str, errors: str, sync_path: str, *command: str) -> None:
    """Run, wait, measure."""
    create = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, create, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, errors, create, 0o600),
    ]
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    poll = select.poll()
    poll.register(os.pidfd_open(pid), select.POLLIN)
    own_peak = 0
    while not poll.poll(POLL_MS):
        own_peak = max(own_peak, own_peak_kib(pid))
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    if sync_path:
        syncing = os.posix_spawnp("sync", ["sync", "-f", sync_path], os.environ)
        os.waitpid(syncing, 0)
    measured = {
        "exit_status": os.waitstatus_to_exitcode(status),
        "seconds": seconds,
        "durable_seconds": time.perf_counter() - started,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_kib": usage.ru_maxrss,
        "own_peak_kib": own_peak or usage.ru_maxrss,
    }
    with open(result, "w", encoding="ascii") as file:
        json.dump(measured, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
