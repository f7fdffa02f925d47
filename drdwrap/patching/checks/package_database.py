"""Is the clone's package database whole, and no package half installed?"""

from collections import Counter
from collections.abc import Iterator

from drdwrap.checks import Check
from drdwrap.packages import dpkg, dpkg_status, rpm
from drdwrap.packages.database import UnreadableError, UnusedError, in_short
from drdwrap.patching.installed_packages import installed
from drdwrap.record.state_directory import StateDirectory

_SETTLED = frozenset((b"installed", b"config-files", b"not-installed", b"unknown"))
_SEVERAL = ("kernel", "gpg-pubkey", "installonlypkg")
"""What rpm's packages begin with that are installed in several versions at once."""

_SHOWN = 5


def package_checks(root: bytes, state: StateDirectory) -> Iterator[Check]:
    """A check of each package manager that the clone at `root` has a database of."""
    if dpkg.is_present(root):
        yield _of_dpkg(root)
    if rpm.is_present(root):
        check = _of_rpm(root, state)
        if check is not None:
            yield check


def _of_dpkg(root: bytes) -> Check:
    """What `dpkg --audit` looks at."""
    name = "every package of the clone is whole (dpkg)"
    remedy = (
        "'drdwrap runcmd -- dpkg --configure -a', then"
        " 'drdwrap runcmd -- apt-get --fix-broken install'"
    )
    try:
        packages = dpkg_status.packages(dpkg.directory(root))
    except (UnreadableError, OSError) as error:
        return Check(name, False, str(error), remedy)
    torn = [f"{p.key} is {p.state.decode()}" for p in packages if p.state not in _SETTLED]
    return Check(name, not torn, _few(torn) or f"{len(packages)} packages", remedy)


def _of_rpm(root: bytes, state: StateDirectory) -> Check | None:
    """After an upgrade that was cut off, packages are there in two versions. None if the database
    is empty: only its manager's tools are used."""
    name = "every package of the clone is whole (rpm)"
    remedy = "'drdwrap runcmd -- dnf --assumeyes remove --duplicates'"
    try:
        packages = installed(root, state, [rpm])
    except UnusedError:
        return None
    except UnreadableError as error:
        return Check(name, False, str(error), "'drdwrap runcmd -- rpmdb --rebuilddb'")
    except OSError as error:
        return Check(name, False, in_short(error), "'drdwrap runcmd -- rpmdb --rebuilddb'")
    number = Counter(package for package, _ in packages)
    twice = [f"{p} is there {n} times" for p, n in sorted(number.items()) if n > 1]
    twice = [text for text in twice if not text.startswith(_SEVERAL)]
    return Check(name, not twice, _few(twice) or f"{len(packages)} packages", remedy)


def _few(texts: list[str]) -> str:
    return "; ".join([*texts[:_SHOWN], "..."] if len(texts) > _SHOWN else texts)
