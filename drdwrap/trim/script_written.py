"""What package scripts write and no package owns: it belongs to the packages nevertheless.

It is synchronized while both sides hold the same packages in the same versions. Otherwise it
counts as nonvolatile: the clone's own package operations have written what fits the clone.
"""

import re
from functools import cached_property

from drdwrap.packages.sides import PackageSides
from drdwrap.paths.patterns import PatternList

_CHOICES = "which of the installed packages provides a command"
_MODULES = "kernel modules, and what depmod and dkms make of them: each side has its own kernels"
_QUESTIONS = "answers given when packages were installed"
_AUTHENTICATION = "made from the authentication profiles of the installed packages"
_CERTIFICATES = "made from the certificates of the installed packages"
_CATALOG = "a catalogue of what the installed packages have"
_LEFTOVER = "left by an unfinished package operation"

PLACES: tuple[tuple[str, str], ...] = (
    ("/etc/alternatives/*", _CHOICES),
    ("/var/lib/alternatives/*", _CHOICES),
    ("/etc/pam.d/common-*", _AUTHENTICATION),
    ("/var/lib/pam/*", _AUTHENTICATION),
    ("/var/lib/ucf/*", "ucf's registry of configuration files"),
    ("/var/cache/debconf/*", _QUESTIONS),
    ("/etc/ssl/certs/*", _CERTIFICATES),
    ("/etc/pki/ca-trust/extracted/*", _CERTIFICATES),
    ("/etc/xml/catalog*", _CATALOG),
    ("/etc/sgml/*.cat", _CATALOG),
    ("/var/lib/xml-core/*", _CATALOG),
    ("/var/lib/sgml-base/*", _CATALOG),
    ("/var/lib/systemd/catalog/*", _CATALOG),
    ("/var/cache/fontconfig/*", _CATALOG),
    ("/etc/udev/hwdb.bin", _CATALOG),
    ("/usr/lib/udev/hwdb.bin", _CATALOG),
    ("/usr/lib/locale/locale-archive", _CATALOG),
    ("/usr/lib/*/gconv/gconv-modules.cache", _CATALOG),
    ("/usr/lib/*/gdk-pixbuf-*/*/loaders.cache", _CATALOG),
    ("/usr/lib/*/gio/modules/giomodule.cache", _CATALOG),
    ("/usr/share/applications/mimeinfo.cache", _CATALOG),
    ("/usr/share/glib-2.0/schemas/gschemas.compiled", _CATALOG),
    ("/usr/share/icons/*/icon-theme.cache", _CATALOG),
    ("/usr/share/info/dir*", _CATALOG),
    ("/usr/share/mime/*", _CATALOG),
)

ALWAYS: tuple[tuple[str, str], ...] = (
    ("/var/lib/dkms/*", _MODULES),
    ("/usr/lib/modules/*", _MODULES),
    ("/lib/modules/*", _MODULES),
    ("*.dpkg-new", _LEFTOVER),
    ("*.dpkg-tmp", _LEFTOVER),
)
"""Never synchronized, whatever the packages are."""

# Only programs of packages, not what the administrator or a user has put there.
_COMPILED = re.compile(rb"(?!home/|root/|srv/|usr/local/)(?:.*/)?__pycache__/.*", re.DOTALL)


class Places:
    """The places in force between two sides."""

    def __init__(self, sides: PackageSides) -> None:
        self._sides = sides

    def reason(self, path: bytes) -> str:
        """Why `path` is not synchronized as something that package scripts wrote, or empty."""
        if not self._sides.booted.installed:
            return ""  # no package manager, no scripts
        pattern = _always.covering(path) if _always.cover(path) else None
        if pattern is not None:
            return f"in {pattern.text.decode()}: {dict(ALWAYS)[pattern.text.decode()]}"
        what = self._what(path) if self._apart else ""
        return what and f"{what}; {self._apart}"

    def _what(self, path: bytes) -> str:
        if path in self._sides.booted.written or path in self._sides.clone.written:
            return "a link that update-alternatives keeps"
        if _COMPILED.fullmatch(path):
            return "in __pycache__: compiled from programs of packages"
        pattern = _places.covering(path) if _places.cover(path) else None
        text = pattern.text.decode() if pattern else ""
        return text and f"in {text}: {dict(PLACES)[text]}"

    @cached_property
    def _apart(self) -> str:
        """How the packages of the two sides differ, in words; empty if they do not."""
        if self._sides.unreadable:
            return self._sides.unreadable
        count = len(self._sides.different)
        return f"{count} packages are not the same on both sides" if count else ""


_always = PatternList.of(text for text, _ in ALWAYS)
_places = PatternList.of(text for text, _ in PLACES)
