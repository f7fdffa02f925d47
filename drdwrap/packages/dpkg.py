"""dpkg's database: status file, file lists, diversions, scripts, and what belongs to them."""

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import partial

from drdwrap.linux import lock_holder, safe_file
from drdwrap.linux.links_in_root import Resolver
from drdwrap.packages import alternatives, dpkg_lists, dpkg_status, ucf
from drdwrap.packages.database import Answer, Packages, Template, UnreadableError, in_short
from drdwrap.packages.dpkg_lists import Diversions
from drdwrap.packages.dpkg_status import Package
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

NAME = "dpkg"
_DATABASE = b"var/lib/dpkg"
_SCRIPTS = (b"preinst", b"postinst", b"prerm", b"postrm")


def is_present(root: bytes) -> bool:
    """Whether the root has a status file, or file lists."""
    return any(os.path.lexists(absolute(directory(root), name)) for name in (b"status", b"info"))


def directory(root: bytes) -> bytes:
    """dpkg's own directory in the root (absolute)."""
    return _directory(Resolver(root), root)


def begin(root: bytes, paths: Collection[bytes], scratch: bytes) -> Answer:
    """See `Manager`. Digests are MD5 in hexadecimal."""
    del scratch
    return partial(_read, root, paths)


def scripts(root: bytes, names: Collection[str], scratch: bytes) -> Iterator[tuple[str, bytes]]:
    """See `Manager`."""
    del scratch
    for package, start in _of_these(root, names):
        texts = []
        for script in _SCRIPTS:
            with suppress(FileNotFoundError):
                texts.append(safe_file.contents(start + b"." + script))
        yield package.key, b"\n".join(texts)


def files(root: bytes, names: Collection[str], scratch: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """See `Manager`."""
    del scratch
    for package, start in _of_these(root, names):
        yield package.key, safe_file.contents(start + b".list").split(b"\n")


def _of_these(root: bytes, names: Collection[str]) -> Iterator[tuple[Package, bytes]]:
    """The packages with these names, and how the names of their files in `info/` begin."""
    here = directory(root)
    present = dpkg_status.listed(here)
    for package in dpkg_status.packages(here):
        name = next((name for name in package.info_names if name in present), None)
        if name is not None and package.key in names:
            yield package, absolute(here, b"info/" + name)


def _read(root: bytes, paths: Collection[bytes]) -> Packages:
    resolver = Resolver(root)
    here = _directory(resolver, root)
    try:
        packages = dpkg_status.packages(here)
        busy = _holder(here)
        _refuse_half_done(packages, busy)
        diversions = Diversions.read(here, resolver)
        templates = {
            **ucf.templates(root, resolver),
            **_templates(packages, diversions, resolver),
        }
        written = alternatives.links(root, _DATABASE + b"/alternatives", resolver)
        lists = dpkg_lists.lists(here, packages)
        owned = dpkg_lists.owned(lists, paths, diversions, root, resolver)
    except OSError as error:
        raise UnreadableError(f"dpkg's database cannot be read: {in_short(error)}") from error
    return Packages(
        frozenset((p.key, for_screen(p.version)) for p in packages if p.is_installed),
        owned.owners,
        frozenset(owned.directories),
        templates,
        frozenset(written),
        busy and f"{busy} (dpkg, or apt)",
        owned.holders,
        frozenset(p.key for p in packages if p.is_removed),
    )


def _directory(resolver: Resolver, root: bytes) -> bytes:
    return absolute(root, resolver.directory(_DATABASE))


def _holder(directory: bytes) -> str:
    """The process that changes packages: dpkg, or apt, which frees dpkg's own lock to run dpkg."""
    return lock_holder.of(absolute(directory, b"lock")) or lock_holder.of(
        absolute(directory, b"lock-frontend")
    )


def _refuse_half_done(packages: list[Package], busy: str) -> None:
    """UnreadableError while a package is unpacked: its new files are there and in no list yet."""
    for package in packages:
        if busy and package.state == b"half-installed":
            raise UnreadableError(f"dpkg ({busy}) is unpacking {for_screen(package.name)}")


def _templates(
    packages: list[Package], diversions: Diversions, resolver: Resolver
) -> dict[bytes, Template]:
    """The configuration files, by real path. If several packages have one, installed packages come
    before removed ones, and those that still ship it before those that no longer do."""
    claims: dict[bytes, dict[tuple[bool, bool], dict[str, str]]] = {}
    for package in packages:
        for name, digest, obsolete in package.conffiles:
            path = diversions.place(resolver.file(name), package)
            rank = (package.is_installed, not obsolete)
            claims.setdefault(path, {}).setdefault(rank, {})[package.shown] = digest
    result = {}
    for path, by_rank in claims.items():
        rank = max(by_rank)
        digests = sorted(set(by_rank[rank].values()))
        digest = "" if "" in digests else " and ".join(digests)
        result[path] = Template(", ".join(sorted(by_rank[rank])), digest, rank[0])
    return result
