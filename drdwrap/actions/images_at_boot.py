"""What the next boot starts, how the last trial ended, and what keeps an activation back."""

import os
from contextlib import suppress
from dataclasses import replace
from typing import Any

from drdwrap.boot.selection import firmwares, grub_bios, pending
from drdwrap.boot.selection.at_start import HAND_OVER, at_start
from drdwrap.boot.selection.custom_cfg import part_of
from drdwrap.boot.selection.image import Image
from drdwrap.boot.selection.image_state import (
    FAILED,
    GOOD,
    HANDED,
    HELD,
    PENDING,
    SPENT,
    TRY,
    TRYING,
    UNDER_WAY,
    ImageState,
    why_failed,
)
from drdwrap.boot.selection.pending import Pending
from drdwrap.checks import Check
from drdwrap.clone_disk.image_pair import booted_image
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, RecordError, in_words
from drdwrap.exit_status import SUCCESS, WARNING
from drdwrap.linux import durable, efibootmgr, safe_file
from drdwrap.pair import volume_groups
from drdwrap.pair.root_group import RootGroup
from drdwrap.record import intent as intents
from drdwrap.record import results, store
from drdwrap.record.state_directory import StateDirectory

MESSAGE = b"/run/motd.d/drdwrap-trial"
"""What every login shows: pam_motd(8)."""

_AGAIN = "'drdwrap activate' chooses it again"


def checks_before(config: Config, state: StateDirectory, *, despite: bool) -> list[Check]:
    """Whether nothing passes the choice by, and the other image is complete. `despite`: an
    incomplete sync does not matter."""
    found = [
        Check(
            "no kexec kernel is loaded",
            _text("/sys/kernel/kexec_loaded") != "1",
            "the next reboot would start that kernel, and pass the boot loader by",
            "unload it with 'kexec -u'",
        ),
        Check(
            "no soft reboot is prepared",
            not os.path.lexists("/run/nextroot"),
            "/run/nextroot is there: the next reboot would not reach the boot loader",
            "unmount and remove it",
        ),
        state.finished_making(),
    ]
    if not despite and os.path.lexists(state.record):
        found += _complete(state)
    return found


def _complete(state: StateDirectory) -> list[Check]:
    remedy = "run 'drdwrap sync'; or say --despite-incomplete-sync"
    try:
        intent = intents.read(state.intent)
        is_open = intent is not None and not intent.is_done(store.read_header(state.record))
    except RecordError:
        is_open = True
    kept, _ = results.read(state.results)
    last = kept.get("sync")
    is_good = last is None or last["exit_status"] in (SUCCESS, WARNING)
    return [
        Check("no sync was cut off", not is_open, "the other image is half synced", remedy),
        Check(
            "the last sync was complete",
            is_good,
            str(last.get("error", "")) if last else "there was none",
            remedy,
        ),
    ]


def _text(path: str) -> str:
    try:
        return safe_file.contents(os.fsencode(path), most=4096).decode().strip()
    except (OSError, ValueError):
        return ""


def selection(config: Config, state: StateDirectory) -> dict[str, Any] | None:
    """What `status` shows of it; None if no image was ever activated here.

    Keys: `next` (the image that the next boot starts, or None if that is not known), `pending`
    (`trial`, `once` or `permanent` for an activation that the next boot acts on, or None), `held`
    (why a pending one is held back, or ""), `on_trial` (the booted image is), `last_trial` (None,
    or `image`, `activated`, `result` and `reason`), `lost` (why the choice is gone, or ""). Errors:
    DrdwrapError, OSError.
    """
    if config.layout != "lvm":
        return None
    found = volume_groups.found_now(config)
    if not isinstance(found.booted, RootGroup):
        return None
    mine = booted_image(found)
    own, note = mine.state(), pending.read(state.activation)
    if own is None and note is None:
        return None
    other = note.place.read() if note else None
    name, lost = _next(mine, own, note, other)
    return {
        "next": name,
        "pending": note.mode if note and other and other.state in PENDING else None,
        "held": _held(other),
        "on_trial": own is not None and own.state in UNDER_WAY,
        "last_trial": _last_trial(mine, own, note, other),
        "lost": lost,
    }


def _held(other: ImageState | None) -> str:
    if other is None or other.state != HELD:
        return ""
    return f"the sync after it was not complete: run 'drdwrap sync', then {_AGAIN}"


def _last_trial(
    mine: Image, own: ImageState | None, note: Pending | None, other: ImageState | None
) -> dict[str, str] | None:
    """The last trial that either image knows of, and how it ended."""
    tried: list[tuple[str, ImageState]] = []
    if note is not None and other is not None and other.trial:
        tried.append((note.name, other))
    if own is not None and own.trial:
        tried.append((mine.name, own))
    tried = [(name, one) for name, one in tried if one.state not in (TRY, HELD)]
    if not tried:
        return None
    name, last = max(tried, key=lambda one: one[1].serial)
    is_booted = name == mine.name
    result = {GOOD: "good", TRYING: "under way" if is_booted else "failed", HANDED: "failed"}
    how = result.get(last.state, "failed")
    return {
        "image": name,
        "activated": last.activated,
        "ended": last.ended,
        "result": how,
        "reason": why_failed(last) if how == "failed" else "",
    }


def _next(
    mine: Image, own: ImageState | None, note: Pending | None, other: ImageState | None
) -> tuple[str | None, str]:
    """The image that the next boot starts, and why that is not the chosen one."""
    other_name = note.name if note else None
    mine_now = own or ImageState()
    is_over = mine_now.state in UNDER_WAY or mine_now.state in (FAILED, SPENT)
    if is_over and mine_now.former and note is None:
        return mine_now.former, ""
    if firmwares.running() is grub_bios:
        start = at_start(mine_now, other)
        chosen = other_name if start.action == HAND_OVER else mine.name
        if part_of(mine.text(mine.custom_cfg)) is None:
            return None, f"drdwrap's part of /{mine.custom_cfg.decode()} is gone: {_AGAIN}"
        return chosen, ""
    entries = efibootmgr.read()
    number = entries.next or next((n for n in entries.order if n in entries.entries), None)
    own_uuid = mine.esp.partuuid.lower() if mine.esp else ""
    if number is None:
        return None, ""
    if note is not None and number == note.entry:
        starts = other_name
    elif number == entries.current or (own_uuid and entries.entries[number].partuuid == own_uuid):
        starts = mine.name
    else:
        starts = None
    return starts, _lost_entry(mine, mine_now, note, other, starts)


def _lost_entry(
    mine: Image,
    own: ImageState,
    note: Pending | None,
    other: ImageState | None,
    starts: str | None,
) -> str:
    """Why the firmware starts another image than the chosen one; empty if it does not."""
    if note is not None and other is not None:
        wanted = other.state in PENDING or (other.state == GOOD and other.serial > own.serial)
        if wanted and starts != note.name:
            return f"the firmware's boot order has changed since: {_AGAIN}"
        if wanted:
            return ""
    if own.state == GOOD and own.trial and starts != mine.name and own.entry:
        return (
            "the firmware's boot order has changed since: put entry"
            f" {own.entry} first with 'efibootmgr -o'"
        )
    return ""


def check(config: Config, state: StateDirectory) -> list[Check]:
    """Whether a choice that was made still holds."""
    try:
        found = selection(config, state)
    except (DrdwrapError, OSError) as error:
        message = error.message if isinstance(error, DrdwrapError) else in_words(error)
        return [Check("which image is started can be told", False, message)]
    if found is None:
        return []
    name = found["next"] or "not known"
    return [Check("the chosen image is started", not found["lost"], found["lost"] or name, _AGAIN)]


def tell_after_boot(config: Config, state: StateDirectory) -> str:
    """After a boot of the former image: write the message for logins about a trial that failed,
    and mark the trial as over. Returns the message, or ""."""
    note = pending.read(state.activation)
    if note is None:
        return ""
    other = note.place.read()
    if other is None or not note.trial or other.trial != note.trial:
        return ""
    if other.state in UNDER_WAY:
        stage = HANDED if other.state == HANDED else other.stage
        other = replace(other, state=FAILED, stage=stage)
        note.place.write(other)
    if other.state != FAILED:
        return ""
    found = volume_groups.found_now(config)
    booted = found.root_group.group.name if isinstance(found.booted, RootGroup) else "this image"
    message = (
        f"the trial of {note.name}, activated {note.activated}, failed: {why_failed(other)}."
        f" {booted} is booted again. What the trial wrote is on {note.name} only: the next sync"
        " reports it as changed on the clone, and 'drdwrap accept' takes it. 'drdwrap activate'"
        " tries again; 'drdwrap deactivate' removes this message."
    )
    with suppress(OSError):
        os.makedirs(os.path.dirname(MESSAGE), exist_ok=True)
        durable.write(MESSAGE, [f"drdwrap: {message}\n".encode()], 0o644)
    return message


def hide_message() -> None:
    """Do not show the message at logins any longer."""
    with suppress(OSError):
        durable.remove(MESSAGE)
