"""What `activate` and `deactivate` did, or would do."""

from typing import Protocol

from drdwrap.present.output import print_json
from drdwrap.present.view import View


class _Activated(Protocol):
    """What `actions.activate` returns."""

    image: str
    booted: str
    mode: str
    trial: str
    deadline: int
    writes: list[str]
    warnings: list[str]


class _Deactivated(Protocol):
    """What `actions.deactivate` returns."""

    next: str | None
    ended_trial: bool
    nothing: bool


_AFTER = {
    "trial": "on trial: if it is not good within {minutes}, the machine goes back to {booted}",
    "once": "once: the boot after that starts {booted} again",
    "permanent": "and so do all later ones, without a trial",
}


def show_activated(view: View, done: _Activated, *, preview: bool) -> None:
    """What was written where, and what the next boot does."""
    if view.as_json:
        print_json(dict(vars(done)))
        return
    if preview or view.verbosity > 0:
        for line in done.writes:
            print(f"{'would write' if preview else 'written'}: {line}")
    minutes = f"{done.deadline // 60} min" if done.deadline % 60 == 0 else f"{done.deadline} s"
    after = _AFTER[done.mode].format(minutes=minutes, booted=done.booted)
    print(f"The next boot {'would start' if preview else 'starts'} {done.image}, {after}.")
    for warning in done.warnings:
        print(f"note: {warning}")


def show_deactivated(view: View, done: _Deactivated) -> None:
    """What the next boot starts now."""
    if view.as_json:
        print_json(dict(vars(done)))
    elif done.ended_trial:
        print("The trial of this image is over: the next boot starts the former image.")
    elif done.nothing:
        print(f"Nothing was activated: the next boot starts {done.next}.")
    else:
        print(f"The next boot starts {done.next}, which is booted now.")
