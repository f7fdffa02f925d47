"""The filter rules that stand behind the list as a second fence: what is excluded never passes."""

from drdwrap.opening import Run
from drdwrap.rsync import render


def write_rules(run: Run) -> bytes:
    """Render the rules of a sync into the state directory; returns the file's path."""
    fence = [*run.excluded, *run.locations.patterns.patterns]
    return render.write(run.state.rendered, b"rules", render.rules(fence))


def write_fill_rules(run: Run) -> bytes:
    """Render the rules of the first fill: only what is excluded and transient stays behind."""
    foreign = [render.mount_point(path) for path in run.trees.booted.foreign]
    fence = [*run.excluded, *run.locations.transient, *foreign]
    return render.write(run.state.rendered, b"rules", render.rules(fence))
