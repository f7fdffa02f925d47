"""Fourth criterion: volatile files whose templates differ.

A configuration file of a package is copied if the package shipped the same version of it on both
sides: then a local change means the same on the clone. What cannot be told is not copied.
"""

from drdwrap.changes.decision_table import Outcome
from drdwrap.packages.sides import PackageSides
from drdwrap.trim.trimming import Trimming


def apply(trimming: Trimming) -> None:
    """Hold the configuration files that must not be copied."""
    for path, candidate in trimming.candidates.items():
        entry = candidate.booted or candidate.clone
        if not is_configuration(trimming.packages, path) or (entry and entry.is_directory):
            continue
        outcome = trimming.outcome(path)
        if outcome is Outcome.COPY:
            why = _difference(trimming.packages, path)
        elif outcome in (Outcome.ERASED, Outcome.REPLACED):
            why = _kept(trimming.packages, path)
        else:
            continue
        if why:
            trimming.hold(path, Outcome.VOLATILE, why)


def is_configuration(sides: PackageSides, path: bytes) -> bool:
    """Whether an installed package, on either side, has `path` as a configuration file."""
    found = (sides.booted.templates.get(path), sides.clone.templates.get(path))
    return any(template is not None and template.installed for template in found)


def is_left_on_one_side(sides: PackageSides, path: bytes) -> bool:
    """Whether a removed package left it on one side, and an installed one has it on the other."""
    found = (sides.booted.templates.get(path), sides.clone.templates.get(path))
    return {template.installed for template in found if template is not None} == {True, False}


def _difference(sides: PackageSides, path: bytes) -> str:
    booted, clone = sides.booted.templates.get(path), sides.clone.templates.get(path)
    template = booted or clone
    assert template is not None
    start = f"a configuration file of {template.package}"
    if sides.undetermined:
        return f"{start}; whether the templates are alike cannot be told: {sides.undetermined}"
    for side, found in (("booted system", booted), ("clone", clone)):
        if found is None:
            return f"{start}; no package has it on the {side}"
        if not found.digest:
            return f"{start}; what {found.package} shipped on the {side} cannot be told"
    assert booted is not None
    assert clone is not None
    if booted.digest != clone.digest:
        return (
            f"{start}; its template is {booted.digest} on the booted system, and {clone.digest},"
            f" of {clone.package}, on the clone"
        )
    return ""


def _kept(sides: PackageSides, path: bytes) -> str:
    if sides.unreadable:
        return f"a configuration file; a package on the clone may own it: {sides.unreadable}"
    template = sides.clone.templates.get(path)
    if template is None or not template.installed:
        return ""
    return f"a configuration file of {template.package} on the clone, and never removed"
