"""What a trial needs on both images: a script, and what calls it under systemd and SysV init.

All of it is inert unless the kernel's command line says that this boot is a trial, and the state of
the image says so too. It is the same on both images except for the names in it.
"""

import os
import shlex
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from drdwrap.boot.selection.image import Image, StatePlace
from drdwrap.boot.selection.image_state import LONGEST_REASON
from drdwrap.linux import durable, process, safe_file
from drdwrap.paths.arithmetic import absolute
from drdwrap.templates import environment

SCRIPT = "/etc/drdwrap/trial"
_UNITS = "/etc/systemd/system"
_PANIC = 30
"""Seconds from a kernel panic to the restart, long enough to read the console."""
_PATIENCE = 120
"""Seconds that an orderly restart after a failure may take, before a harder one is tried."""
_WATCHDOG = 60
"""Seconds without a sign of life of systemd after which a hardware watchdog resets the machine."""

_WANTED = {
    "drdwrap-trial.service": "sysinit.target",
    "drdwrap-trial-deadline.timer": "sysinit.target",
    "drdwrap-trial-emergency.service": "emergency.target",
    "drdwrap-trial-confirm.service": "multi-user.target",
    "drdwrap-trial-report.service": "multi-user.target",
}
_UNIT_TEMPLATES = {
    "drdwrap-trial.service": "begin.service.j2",
    "drdwrap-trial-deadline.timer": "deadline.timer.j2",
    "drdwrap-trial-deadline.service": "deadline.service.j2",
    "drdwrap-trial-emergency.service": "emergency.service.j2",
    "drdwrap-trial-confirm.service": "confirm.service.j2",
    "drdwrap-trial-report.service": "report.service.j2",
}
RC_SCRIPTS = ("drdwrap-trial", "drdwrap-trial-confirm")
_RC_TEMPLATES = {"drdwrap-trial": "begin.rc.j2", "drdwrap-trial-confirm": "confirm.rc.j2"}


@dataclass(frozen=True)
class Bounds:
    """What bounds a trial. `deadline` is in seconds from the boot; `health` are commands."""

    deadline: int
    health: tuple[tuple[bytes, ...], ...]


@dataclass(frozen=True)
class TrialFile:
    """A file with `content`, or a symbolic link to `target`. `path` is absolute in the image."""

    path: str
    content: bytes = b""
    mode: int = 0o644
    target: str = ""


def kernel_arguments(trial: str, *, watchdog: bool) -> str:
    """What the kernel and the initramfs of a trial are told.

    `panic` makes the kernel restart after a panic, and initramfs-tools instead of a shell; the
    `rd.` ones do that for dracut (dracut.cmdline(7), kernel-command-line(7)).
    """
    words = [f"drdwrap.trial={trial}", f"panic={_PANIC}", "systemd.crash_reboot=yes"]
    words += ["rd.shell=0", "rd.emergency=reboot"]
    words += [f"systemd.watchdog_sec={_WATCHDOG}"] if watchdog else []
    return " ".join(words)


def script(
    place: StatePlace,
    name: str,
    former: str,
    bounds: Bounds,
    pending: str,
    report: Sequence[str],
    *,
    device: str = "",
    run: str = "/run/drdwrap",
    kernel: str = "/proc",
    path: str = process.PATH,
    script_path: str = SCRIPT,
    patience: int = _PATIENCE,
) -> bytes:
    """The script of the image `name`, whose trial goes back to `former`. `report` is the command
    that says how a trial ended, if the file `pending` is there. Only tests need other places."""
    return _rendered(
        "script.j2",
        device=shlex.quote(device or place.device),
        file=shlex.quote(os.fsdecode(place.path)),
        name=name,
        former=former,
        deadline=bounds.deadline,
        deadline_text=in_words(bounds.deadline),
        health=[shlex.join(map(os.fsdecode, command)) for command in bounds.health],
        pending=shlex.quote(pending),
        command=shlex.join(report),
        run=shlex.quote(run),
        kernel=kernel,
        path=shlex.quote(path),
        script=script_path,
        panic=_PANIC,
        patience=patience,
        longest=LONGEST_REASON,
        sysv=True,
    )


def in_words(seconds: int) -> str:
    """A duration for a sentence."""
    if seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def trial_files(
    image: Image, former: str, bounds: Bounds, pending: str, report: Sequence[str]
) -> list[TrialFile]:
    """The files for an image. One without a place for its state is never tried, and only reports:
    its script looks at nothing else."""
    place = image.place or StatePlace("none", "", b"/none")
    values = {"script": SCRIPT, "pending": pending, "deadline": bounds.deadline}
    files = [
        TrialFile(SCRIPT, script(place, image.name, former, bounds, pending, report), mode=0o755)
    ]
    if image.init == "systemd":
        for unit, template in _UNIT_TEMPLATES.items():
            files.append(TrialFile(f"{_UNITS}/{unit}", _rendered(template, **values)))
        for unit, target in _WANTED.items():
            files.append(TrialFile(f"{_UNITS}/{target}.wants/{unit}", target=f"{_UNITS}/{unit}"))
    else:
        for rc, template in _RC_TEMPLATES.items():
            files.append(TrialFile(f"/etc/init.d/{rc}", _rendered(template, **values), 0o755))
    return files


def write(root: bytes, files: Sequence[TrialFile]) -> list[str]:
    """Write those files that differ into the image at `root`. Returns their paths. OSError."""
    written = []
    for file in files:
        path = absolute(root, os.fsencode(file.path.lstrip("/")))
        if _is_there(path, file):
            continue
        _make_directory(root, os.path.dirname(path))
        if file.target:
            with suppress(FileNotFoundError):
                os.unlink(path)
            os.symlink(file.target, path)
        else:
            durable.write(path, [file.content], file.mode, lambda p=path, f=file: _set_mode(p, f))  # type: ignore[misc]
        written.append(file.path)
    return written


def _set_mode(path: bytes, file: TrialFile) -> None:
    os.chmod(path + b".new", file.mode)


def _make_directory(root: bytes, path: bytes) -> None:
    if path != root and not os.path.isdir(path):
        _make_directory(root, os.path.dirname(path))
        os.mkdir(path, 0o755)


def _is_there(path: bytes, file: TrialFile) -> bool:
    try:
        if file.target:
            return os.readlink(path) == os.fsencode(file.target)
        mode = stat.S_IMODE(os.lstat(path).st_mode)
        return mode == file.mode and safe_file.contents(path) == file.content
    except OSError:
        return False


def _rendered(template: str, **values: object) -> bytes:
    text = environment("templates/trial", lines=True).get_template(template).render(**values)
    return text.encode("utf-8", "surrogateescape")
