"""What `status` found: the pair, the last runs, what runs by itself, and what is wrong."""

from typing import Any

from drdwrap.present.output import print_json
from drdwrap.present.view import View


def show_status(view: View, found: dict[str, Any]) -> None:
    """Show what `actions.status` returns."""
    if view.as_json:
        print_json(found)
        return
    for side in ("booted", "clone"):
        print(f"{side + ':':16}{_side(found[side])}")
    for key in ("booted_from", "next_boot"):
        if key in found:
            print(f"{key.replace('_', ' ') + ':':16}{found[key] or 'unknown'}")
    print(f"{'clone created:':16}{found['created'] or 'unknown'}")
    for key in ("last_sync", "last_preview", "last_clone"):
        print(f"{key.replace('_', ' ') + ':':16}{_run(found[key], preview=key == 'last_preview')}")
    print(f"{'at shutdown:':16}{_at_shutdown(found['shutdown'])}")
    print(f"{'periodic sync:':16}{_periodic(found['periodic'])}")
    _warnings(found)


def _warnings(found: dict[str, Any]) -> None:
    for problem in found["shutdown"]["problems"]:
        print(f"warning: {problem}")
    if found["shutdown"]["failed"]:
        print("warning: the last sync at shutdown failed, and none has succeeded since")
    if found["running"]:
        print(found["running"])
    if found["half_filled"]:
        print(
            "The last 'drdwrap clone' was cut off: the clone is half filled, and 'drdwrap clone"
            " --overwrite' fills it again."
        )
    elif found["interrupted"]:
        print("The last run was cut off; the next one puts it right.")
    if found["overdue"]:
        print("warning: no sync has succeeded for longer than max_sync_age allows")
    for problem in found["problems"]:
        print(f"problem: {problem}")
    if found["problems"]:
        print("'drdwrap check' says what to do about each.")


def _side(side: dict[str, Any]) -> str:
    mounted = "mounted" if side["mounted"] else "not mounted"
    if "volume_group" not in side:
        return f"{side['root']} ({side['device']}, {mounted})"
    group = side["volume_group"] or "no volume group"
    return f"{group} on {side['device'] or 'no disk'}, {mounted} at {side['root']}"


def _run(result: dict[str, Any] | None, *, preview: bool = False) -> str:
    if not result:
        return "never"
    text = f"{result['ended']}, exit status {result['exit_status']}"
    counts = result.get("counts") or {}
    if preview and "files_to_be_copied" in counts:
        text += f", {counts['files_to_be_copied']} to be copied"
    elif "files_to_be_copied" in counts:
        text += f", {counts['copied']} copied, {counts['deleted']} removed"
    if "target_changed" in counts:
        text += f", {counts['target_changed']} target changed"
        text += f", {counts['changed_on_clone_only']} changed on the clone only"
    if result.get("error"):
        text += f": {result['error']}"
    return text


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
