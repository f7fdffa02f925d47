"""What `status` found: the pair, the last runs, what runs by itself, and what is wrong."""

from typing import Any

from drdwrap.paths.escaping import one_line
from drdwrap.present.output import print_json
from drdwrap.present.view import View

_VERIFIED = {
    "last_runcmd": "last runcmd:",
    "last_verify_contents": "contents:",
    "last_verify_boot": "boot test:",
}


def show_status(view: View, found: dict[str, Any]) -> None:
    """Show what `actions.status` returns."""
    if view.as_json:
        print_json(found)
        return
    name, other = _names(found)
    print(f"{'booted:':16}{one_line(_side(found['booted'], name))}")
    print(f"{other + ':':15} {one_line(_side(found['clone']))}")
    for key in ("booted_from", "next_boot"):
        if key in found:
            print(f"{key.replace('_', ' ') + ':':16}{found[key] or 'unknown'}")
    _show_activation(found.get("activation"))
    print(f"{'clone created:':16}{found['created'] or 'unknown'}")
    for key in ("last_sync", "last_preview", "last_clone"):
        print(f"{key.replace('_', ' ') + ':':16}{_run(found[key], preview=key == 'last_preview')}")
    if found["last_reverse"]:
        print(f"{'last reverse:':16}{_run(found['last_reverse'])}")
    for key in ("last_runcmd", "last_verify_contents", "last_verify_boot"):
        if found[key]:  # they are not for everyone
            print(f"{_VERIFIED[key]:16}{_run(found[key])}")
    print(f"{'at shutdown:':16}{_at_shutdown(found['shutdown'])}")
    print(f"{'periodic sync:':16}{_periodic(found['periodic'])}")
    _warnings(found)


def _show_activation(activation: dict[str, Any] | None) -> None:
    """Which image the next boot starts, and how the last trial ended."""
    if activation is None:
        return
    how = {
        "trial": ", on trial",
        "once": ", once",
        "permanent": ", and all later ones",
        None: "",
    }[activation["pending"]]
    if activation["on_trial"]:
        how = how or " unless the trial of the booted image passes"
    print(f"{'next image:':16}{activation['next'] or 'unknown'}{how}")
    if last := activation["last_trial"]:
        ended = f" {last['ended']}" if last["ended"] else ""
        reason = f": {last['reason']}" if last["reason"] else ""
        print(one_line(f"{'last trial:':16}{last['image']}, {last['result']}{ended}{reason}"))
    for key in ("held", "lost"):
        if activation[key]:
            print(one_line(f"warning: {activation[key]}"))


def _warnings(found: dict[str, Any]) -> None:
    for problem in found["shutdown"]["problems"]:
        print(f"warning: {problem}")
    if found["shutdown"]["failed"]:
        print("warning: the last sync at shutdown failed, and none has succeeded since")
    if found["running"]:
        print(one_line(found["running"]))
    if found["half_filled"]:
        print(
            "The last 'drdwrap clone' was cut off: the clone is half filled, and 'drdwrap clone"
            " --overwrite' fills it again."
        )
    elif found["interrupted_command"] == "accept":
        print(
            "The last 'drdwrap accept' was cut off: it accepted nothing. Run 'drdwrap sync', and"
            " then accept again."
        )
    elif found["interrupted"]:
        print("The last run was cut off; the next one puts it right.")
    if found["last_success_in_future"]:
        print(
            "warning: the last sync that succeeded is dated in the future"
            f" ({found['last_success_in_future']}): the clock was wrong then, or is wrong now."
            " So its age is not known: set the clock, and sync again."
        )
    elif found["overdue"]:
        print("warning: no sync has succeeded for longer than max_sync_age allows")
    if found["role"] == "clone":
        print("Booted from the clone: nothing is synchronized until 'drdwrap reverse'.")
    for problem in found["problems"]:
        print(one_line(f"problem: {problem}"))
    for note in found["notes"]:
        print(one_line(f"note: {note}"))


def _names(found: dict[str, Any]) -> tuple[str, str]:
    """What the booted image is, if that needs a word, and what the other one is called."""
    is_clones_group = found.get("booted_from") == "clone"
    if found["role"] == "clone":
        return "the clone", "the other image"
    if found["role"] == "unclear":
        return "its role is not clear: see 'drdwrap check'", "the other image"
    return ("the former clone", "the other image") if is_clones_group else ("", "clone")


def _side(side: dict[str, Any], name: str = "") -> str:
    mounted = "mounted" if side["mounted"] else "not mounted"
    name = f" ({name})" if name else ""
    if "volume_group" not in side:
        return f"{side['root']}{name} ({side['device']}, {mounted})"
    if side["volume_group"] is None:
        also = f"; something else is mounted at {side['root']}" if _is_in_use(side) else ""
        return f"{side['missing']}{also}"
    disk = side["device"] or "a disk that is not there"
    return f"{side['volume_group']}{name} on {disk}, {mounted} at {side['root']}"


def _is_in_use(side: dict[str, Any]) -> bool:
    """Whether something is mounted where a clone without a volume group would be."""
    return bool(side["mounted"]) and side["root"] != "/"


def _run(result: dict[str, Any] | None, *, preview: bool = False) -> str:
    if not result:
        return "never"
    text = f"{result['ended']}, exit status {result['exit_status']}"
    counts = result.get("counts") or {}
    if preview and "files_to_be_copied" in counts:
        text += f", {counts['files_to_be_copied']} to be copied"
    elif "files_to_be_copied" in counts:
        text += _counted(counts, copied="copied", deleted="removed")
    if "target_changed" in counts:
        text += _counted(
            counts,
            target_changed="target changed",
            changed_on_clone_only="changed on the clone only",
        )
    if result.get("error"):
        text += f": {result['error']}"
    return one_line(text)


def _counted(counts: dict[str, int], **words: str) -> str:
    """Those of these counts that there are, in words."""
    return "".join(f", {counts[name]} {said}" for name, said in words.items() if name in counts)


def _at_shutdown(found: dict[str, Any]) -> str:
    state = (
        f"installed ({', '.join(found['installed'])})" if found["installed"] else "not installed"
    )
    if found["installed"] and not found["enabled"]:
        state += ", without effect" if found["problems"] else ", switched off"
    run = found["last_run"]
    if run is None:
        return state
    return f"{state}; last {run['ended']}, {run['result']}: {run['message']}"


def _periodic(found: dict[str, Any]) -> str:
    times = [f"{kind} {found[kind]!r}" for kind in ("cron", "timer") if found[kind]]
    state = ", ".join(times) or "not installed"
    if times and not found["enabled"]:
        state += ", switched off"
    if found["last_run"]:
        state += f"; last {_run(found['last_run'])}"
    return f"{state}; next {found['next_run']}" if found["next_run"] else state
