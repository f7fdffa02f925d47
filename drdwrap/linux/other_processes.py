"""What the machine's processes use: locks, directories, mounts (proc(5)).

Only the names of their files are read, as the kernel has them. A file on a dead network mount would
never answer.
"""

import os
from collections.abc import Iterator
from contextlib import suppress

from drdwrap.linux.mountinfo import mounts
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.line_ends import lines_of


def pids() -> list[int]:
    """The PIDs of all processes, sorted."""
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def name_of(pid: int) -> str:
    """A process for the screen: `rsync (PID 4711)`. OSError if it has ended."""
    with open(f"/proc/{pid}/comm", "rb") as file:
        return f"{for_screen(file.read().strip())} (PID {pid})"


def holding_lock(path: bytes) -> Iterator[int]:
    """The PIDs of all other processes that hold a lock (flock(2)) on the file at `path`."""
    for pid in pids():
        with suppress(OSError):  # it has ended
            if pid != os.getpid() and _has_locked(pid, path):
                yield pid


def with_open_file_lock(place: bytes) -> dict[int, int]:
    """The PIDs of all other processes that hold an open file description lock (fcntl(2)) on a file,
    each with its user id; as far as this process may know.

    `place` is the file as proc(5) has it in locks: device and inode, such as b"fd:01:2".
    """
    found = {}
    for pid in pids():
        with suppress(OSError):  # it has ended, or is another user's
            if pid != os.getpid() and _has_open_file_lock(pid, place):
                found[pid] = os.stat(f"/proc/{pid}").st_uid
    return found


def using(directory: bytes) -> list[str]:
    """The processes, by name, that work in `directory` or below it, run a program from there, or
    have a file there open or mapped."""
    found = []
    for pid in pids():
        if _uses(pid, directory):
            with suppress(OSError):  # it has ended
                found.append(name_of(pid))
    return found


def with_mounts_of_their_own(device: str) -> list[str]:
    """A process, by name, of each other mount namespace in which `device` (a path) is mounted.

    A service that systemd isolates has such a namespace, and so have containers and
    `unshare --mount`.
    """
    try:
        number = os.stat(device).st_rdev
    except OSError:
        return []
    wanted = f"{os.major(number)}:{os.minor(number)}"
    seen = {os.readlink("/proc/self/ns/mnt")}
    found = []
    for pid in pids():
        with suppress(OSError):  # it has ended
            namespace = os.readlink(f"/proc/{pid}/ns/mnt")
            if namespace in seen:
                continue
            seen.add(namespace)
            with open(f"/proc/{pid}/mountinfo", "rb") as file:
                if any(mount.device == wanted for mount in mounts(file.read())):
                    found.append(name_of(pid))
    return found


def _has_locked(pid: int, path: bytes) -> bool:
    """Whether the process has a descriptor that holds the lock. OSError if the process has ended.

    Only a file of the same name is looked up, see above.
    """
    directory = os.fsencode(f"/proc/{pid}/fd/")
    for number in os.listdir(directory):
        with suppress(OSError):  # closed meanwhile
            if os.path.basename(os.readlink(directory + number)) != os.path.basename(path):
                continue
            with open(f"/proc/{pid}/fdinfo/{os.fsdecode(number)}", "rb") as file:
                is_locked = b"\nlock:" in file.read()
            if is_locked and os.path.samefile(directory + number, path):
                return True
    return False


def _has_open_file_lock(pid: int, place: bytes) -> bool:
    for entry in os.scandir(f"/proc/{pid}/fdinfo"):
        with suppress(OSError), open(entry.path, "rb") as file:  # unless closed meanwhile
            if place in places_of_open_file_locks(file.read()):
                return True
    return False


def places_of_open_file_locks(fdinfo: bytes) -> list[bytes]:
    """The files that have an open file description lock, by the contents of an fdinfo file.

    A line of a lock is `lock: 1: OFDLCK ADVISORY READ -1 fd:01:2 0 EOF`.
    """
    locks = (line.split() for line in lines_of(fdinfo) if line.startswith(b"lock:"))
    return [words[6] for words in locks if words[2] == b"OFDLCK"]


def _uses(pid: int, directory: bytes) -> bool:
    process = b"/proc/%d" % pid
    links = [absolute(process, name) for name in (b"cwd", b"root", b"exe")]
    for files in (b"fd", b"map_files"):
        with suppress(OSError):
            links += [entry.path for entry in os.scandir(absolute(process, files))]
    for link in links:
        with suppress(OSError):
            path = os.readlink(link)
            if path == directory or path.startswith(directory + b"/"):
                return True
    return False
