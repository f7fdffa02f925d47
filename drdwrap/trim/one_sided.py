"""What belongs to packages that only one side has.

A directory belongs to the packages that have it, or have something in it. What lies in it belongs
to the nearest directory above that belongs to anybody: /etc/nginx/sites-available/mine to nginx,
/etc/hosts to a package that every system has.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.packages.sides import PackageSides
from drdwrap.paths.arithmetic import parent
from drdwrap.paths.escaping import for_screen
from drdwrap.trim.criteria import volatile

_OF_ALL = frozenset(
    b"etc/" + name
    for name in (
        b"X11 cron.d cron.daily cron.hourly cron.monthly cron.weekly default dbus-1 init.d"
        b" ld.so.conf.d logrotate.d modprobe.d modules-load.d network opt pam.d pki profile.d"
        b" rc.d rc.d/init.d rc0.d rc1.d rc2.d rc3.d rc4.d rc5.d rc6.d rcS.d rsyslog.d security"
        b" skel ssl ssl/certs ssl/private sudoers.d sysconfig sysctl.d systemd systemd/system"
        b" systemd/user sysusers.d tmpfiles.d udev udev/rules.d xdg"
    ).split()
) | frozenset(
    (
        b"usr/bin usr/games usr/include usr/lib usr/lib/systemd usr/lib/systemd/system"
        b" usr/lib/systemd/user usr/lib32 usr/lib64 usr/libexec usr/local usr/sbin usr/share"
        b" usr/share/doc usr/share/man usr/src var/backups var/cache var/lib var/lib/misc"
        b" var/lib/systemd var/local var/log var/mail var/opt var/spool var/spool/mail"
    ).split()
)
"""Directories of every system, beside those in the root: whatever the databases say, they belong to
no single package (hier(7), and where packages and administrators drop their files)."""

BOOTED, CLONE = 0, 1
_NAMES = ("booted system", "clone")


@dataclass(frozen=True, slots=True)
class Belonging:
    """That `place` belongs to `package`, which only one side has: `side`, and `where` in words."""

    place: bytes
    package: str
    side: int
    where: str

    @property
    def sentence(self) -> str:
        return f"belongs to {self.package}, {self.where}"


@dataclass(frozen=True, slots=True)
class Data:
    """Files that a package's programs and users have made below `place`, with their bytes."""

    place: bytes
    package: str
    side: int
    size: int


def data_of_one_side(
    candidates: Mapping[bytes, Candidate],
    paths: Mapping[Outcome, Sequence[bytes]],
    sides: PackageSides,
) -> list[Data]:
    """The data that is not carried over, since only one side has its package: most bytes first.
    `paths` are those of each outcome."""
    one_sided = of_candidates(candidates, sides)
    sizes: Counter[Belonging] = Counter()
    for path in paths.get(Outcome.NONVOLATILE, ()):
        candidate = candidates[path]
        is_delivered = any(path in side.holders for side in (sides.booted, sides.clone))
        if candidate.size and not is_delivered and (found := one_sided.of(candidate)):
            sizes[one_sided.whole(found)] += candidate.size
    return [
        Data(found.place, found.package, found.side, size) for found, size in sizes.most_common()
    ]


def of_candidates(candidates: Mapping[bytes, Candidate], sides: PackageSides) -> "OneSided":
    """To ask about these candidates."""
    return OneSided(sides, lambda path: _is_gone(candidates, path))


def _is_gone(candidates: Mapping[bytes, Candidate], path: bytes) -> bool:
    candidate = candidates.get(path)
    return candidate is not None and candidate.clone is None


class OneSided:
    """The packages of both sides, asked about one path after the other."""

    def __init__(self, sides: PackageSides, is_gone: Callable[[bytes], bool]) -> None:
        """`is_gone` tells of a directory of the booted system whether the clone has none."""
        self._sides = sides
        self._is_gone = is_gone
        self._directories: dict[bytes, Belonging | None] = dict.fromkeys(_OF_ALL)

    def reason(self, candidate: Candidate) -> str:
        """Why a path is not carried over to the other side, or the empty string."""
        path = candidate.path
        found = self.of(candidate)
        if found is not None:
            place = "it" if found.place == path else f"in /{for_screen(found.place)}, which"
            return f"{place} {found.sentence}"
        for target in sorted(self._sides.targets.get(path, ())):
            found = self._file(target)
            if found is not None:
                return f"it is for /{for_screen(target)}, which {found.sentence}"
        return self._reason_of_scripts(candidate)

    def _reason_of_scripts(self, candidate: Candidate) -> str:
        """Scripts name files of the administrator's as well. Theirs are those that one side has
        erased, as a purge does, while the other has the package."""
        path = candidate.path
        if candidate.booted is None:
            side = CLONE
        elif candidate.clone is None and candidate.clone_then is not None:
            side = BOOTED
        else:
            return ""
        name = self._sides.made[side].places.get(path)
        if name is None or volatile.is_configuration(self._sides, path):
            return ""
        return f"it {self._belonging(path, name, side).sentence}"

    def have_directory(self, path: bytes) -> bool:
        """Whether only packages of one side have this directory, even if it is one that packages of
        every system may have."""
        return self._held(path)[1] is not None

    def of(self, candidate: Candidate) -> Belonging | None:
        """The package that only one side has and that `candidate` belongs to, itself or by the
        directory that it lies in. A configuration file belongs to its directory: the criterion for
        those decides about it, unless one side has only what a removed package left."""
        path = candidate.path
        entries = (candidate.booted, candidate.clone)
        if any(entry is not None and entry.is_directory for entry in entries):
            return self._directory(path)
        left_to_volatile = volatile.is_configuration(
            self._sides, path
        ) and not volatile.is_left_on_one_side(self._sides, path)
        return self._file(path, belongs_to_directory=left_to_volatile)

    def whole(self, found: Belonging) -> Belonging:
        """The outermost directory above that belongs to such a package as well."""
        while outer := self._directory(parent(found.place)):
            found = outer
        return found

    def _file(self, path: bytes, *, belongs_to_directory: bool = False) -> Belonging | None:
        is_held, found = self._held(path)
        if is_held and (found is None or not belongs_to_directory):
            return found
        return self._directory(parent(path))

    def _directory(self, path: bytes) -> Belonging | None:
        if b"/" not in path:
            return None
        if path not in self._directories:
            is_held, found = self._held(path)
            if not is_held:
                found = self._made(path) or self._directory(parent(path))
            self._directories[path] = found
        return self._directories[path]

    def _held(self, path: bytes) -> tuple[bool, Belonging | None]:
        """Whether any package has `path`; and the one, if only packages of one side have it."""
        sides = (self._sides.booted, self._sides.clone)
        holders: list[Sequence[str]] = [side.holders.get(path, ()) for side in sides]
        if not any(holders):
            return False, None
        # A removed package has its leftovers only where no installed one has anything.
        installed: list[Sequence[str]] = [
            [name for name in some if name not in side.removed]
            for some, side in zip(holders, sides, strict=True)
        ]
        return True, self._alone(path, installed if any(installed) else holders)

    def _alone(self, path: bytes, holders: list[Sequence[str]]) -> Belonging | None:
        if all(holders):
            return None
        side = BOOTED if holders[BOOTED] else CLONE
        mine, only = holders[side], self._sides.only[side]
        if self._sides.unreadable:
            if not self._is_gone(path):
                return None
        elif not only.issuperset(mine):
            return None
        return self._belonging(path, min(mine), side)

    def _made(self, path: bytes) -> Belonging | None:
        for side, made in enumerate(self._sides.made):
            if path in made.places:
                return self._belonging(path, made.places[path], side)
        return None

    def _belonging(self, path: bytes, name: str, side: int) -> Belonging:
        mine = (self._sides.booted, self._sides.clone)[side]
        version = mine.versions.get(name)
        if version is None:
            other = _NAMES[1 - side]
            where = f"which is removed on the {_NAMES[side]} and purged on the {other}"
            return Belonging(path, name, side, where)
        where = f"which only the {_NAMES[side]} has installed"
        if self._sides.unreadable:
            where = f"which may be gone from the clone: {self._sides.unreadable}"
        return Belonging(path, f"{name} {version}", side, where)
