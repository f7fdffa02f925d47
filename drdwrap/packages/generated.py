"""Files in a directory of every system that a package's programs write, and what they are for.

No package owns them, and a package that only one side has leaves its own there: the aliases of a
mail server in its own format, the names of shells.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress

from drdwrap.linux import safe_file
from drdwrap.linux.links_in_root import Resolver
from drdwrap.paths.arithmetic import absolute

_MAIL = tuple(
    b"usr/sbin/" + name
    for name in (b"postalias", b"sendmail-mta", b"sendmail.sendmail", b"smtpctl")
)
"""What makes them out of /etc/aliases: of Postfix, of sendmail on Debian and RHEL, of OpenSMTPD."""

_MADE_BY: Mapping[bytes, tuple[bytes, ...]] = {
    b"etc/aliases." + kind: _MAIL for kind in (b"db", b"cdb", b"lmdb", b"dir", b"pag")
}
_SHELLS = (b"etc/shells", b"var/lib/shells.state")
"""update-shells(8) and add-shell(8) write a line for each shell that a package brings."""

_MOST = 1 << 20


def targets(roots: tuple[bytes, bytes], paths: Collection[bytes]) -> dict[bytes, frozenset[bytes]]:
    """For each such file among `paths` the real paths, in either root (booted, clone), of the
    programs that make it, or of the shells that only one of the two files names."""
    found = {path: _MADE_BY[path] for path in _MADE_BY.keys() & paths}
    for path in _SHELLS:
        if path in paths:
            one, other = ({*_shells(absolute(root, path))} for root in roots)
            found[path] = tuple(one ^ other)
    resolvers = [Resolver(root) for root in roots]
    return {path: frozenset(_real(resolvers, programs)) for path, programs in found.items()}


def _real(resolvers: Iterable[Resolver], programs: Iterable[bytes]) -> Iterator[bytes]:
    for resolver in resolvers:
        yield from (resolver.file(program) for program in programs)


def _shells(file: bytes) -> Iterator[bytes]:
    """The paths in a file of shells (shells(5)), relative to the root."""
    with suppress(OSError):  # it is not there, or nothing that can be read
        for line in safe_file.contents(file, most=_MOST).split(b"\n"):
            name = line.partition(b"#")[0].strip()
            if name.startswith(b"/") and name.strip(b"/"):
                yield name.strip(b"/")
