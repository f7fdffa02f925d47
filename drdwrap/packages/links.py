"""What the links that are at stake are for: the files where they lead, and the units they mask."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from drdwrap.linux.links_in_root import Resolver

_MASK = b"dev/null"
_UNIT = re.compile(rb"etc/systemd/(system|user)/([^/]+)")
_HELPERS_NOTE = re.compile(
    rb"var/lib/systemd/deb-systemd-(user-)?helper-[^/]+/(?:[^/]+/)?([^/]+?)(?:\.dsh-also)?"
)
"""Where deb-systemd-helper(1p) notes which units it has enabled or masked, for the next time."""


def targets(
    roots: tuple[bytes, bytes],
    links: tuple[Collection[bytes], Collection[bytes]],
    paths: Iterable[bytes],
) -> Mapping[bytes, frozenset[bytes]]:
    """For each link of both roots (booted, clone), and each note about a unit among `paths`: the
    real paths that it is for. A link there is not followed further."""
    found: dict[bytes, set[bytes]] = {}
    for root, some in zip(roots, links, strict=True):
        resolver = Resolver(root)
        for link in some:
            target = resolver.target(link)
            if target is not None:
                found.setdefault(link, set()).update(_meant(link, target))
    for path in paths:
        if path.startswith(b"var/lib/systemd/") and (note := _HELPERS_NOTE.fullmatch(path)):
            found.setdefault(path, set()).update(_units(b"user" if note[1] else b"system", note[2]))
    return {path: frozenset(some) for path, some in found.items()}


def _meant(link: bytes, target: bytes) -> Iterator[bytes]:
    unit = _UNIT.fullmatch(link)
    if target == _MASK and unit:
        yield from _units(unit[1], unit[2])
    else:
        yield target


def _units(kind: bytes, name: bytes) -> Iterator[bytes]:
    """Where packages have a unit of this name, and the template that it is made from."""
    yield b"usr/lib/systemd/%s/%s" % (kind, name)
    template = re.sub(rb"@[^.]+(?=\.)", b"@", name)
    if template != name:
        yield b"usr/lib/systemd/%s/%s" % (kind, template)
