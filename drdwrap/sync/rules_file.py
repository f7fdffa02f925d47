"""The filter rules that stand behind the list as a second fence: what is excluded never passes."""

from collections.abc import Sequence

from drdwrap.paths.patterns import Pattern
from drdwrap.rsync import list_and_rules
from drdwrap.sync.begin import Run


def write_rules(run: Run) -> bytes:
    """Render the rules of a sync into the state directory; returns the file's path."""
    fence = [*run.excluded, *run.locations.patterns.patterns]
    return list_and_rules.write(run.state.rendered, b"rules", list_and_rules.rules(fence))


def write_fill_rules(run: Run, hidden: Sequence[Pattern]) -> bytes:
    """Render the rules of the first fill: only what is excluded and transient stays behind, and
    what is `hidden`, which is not left on the clone either."""
    foreign = [list_and_rules.mount_point(path) for path in run.trees.booted.foreign]
    fence = [*run.excluded, *run.locations.transient, *foreign]
    rules = list_and_rules.rules(fence, hidden)
    return list_and_rules.write(run.state.rendered, b"rules", rules)
