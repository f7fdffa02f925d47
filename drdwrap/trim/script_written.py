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
_SERVICES = "which services of the installed packages are enabled"
_REGISTRY = "which of the installed packages take part in something"
_POLICY = "compiled from the policies of the installed packages"

PLACES: tuple[tuple[str, str], ...] = (
    ("/etc/alternatives/*", _CHOICES),
    ("/var/lib/alternatives/*", _CHOICES),
    ("/var/log/alternatives.log*", _CHOICES),
    ("/etc/pam.d/common-*", _AUTHENTICATION),
    ("/var/lib/pam/*", _AUTHENTICATION),
    ("/var/lib/ucf/*", "ucf's registry of configuration files"),
    ("/var/cache/debconf/*", _QUESTIONS),
    ("/etc/systemd/system/*.wants/*", _SERVICES),
    ("/etc/systemd/system/*.requires/*", _SERVICES),
    ("/etc/systemd/user/*.wants/*", _SERVICES),
    ("/etc/systemd/user/*.requires/*", _SERVICES),
    ("/var/lib/systemd/deb-systemd-helper-*/*", _SERVICES),
    ("/var/lib/systemd/deb-systemd-user-helper-*/*", _SERVICES),
    ("/etc/rc?.d/*", _SERVICES),
    ("/etc/rc.d/rc?.d/*", _SERVICES),
    ("/etc/init.d/rc?.d/*", _SERVICES),
    ("/etc/init.d/.depend.*", _SERVICES),
    ("/etc/runlevels/*/*", _SERVICES),
    ("/etc/ssl/certs/*", _CERTIFICATES),
    ("/etc/pki/ca-trust/extracted/*", _CERTIFICATES),
    ("/etc/selinux/*/policy/*", _POLICY),
    ("/var/lib/selinux/*", _POLICY),
    ("/etc/xml/catalog*", _CATALOG),
    ("/etc/sgml/*.cat", _CATALOG),
    ("/var/lib/xml-core/*", _CATALOG),
    ("/var/lib/sgml-base/*", _CATALOG),
    ("/var/lib/systemd/catalog/*", _CATALOG),
    ("/var/cache/fontconfig/*", _CATALOG),
    ("/var/lib/aspell/*", _CATALOG),
    ("/var/lib/dictionaries-common/*", _CATALOG),
    ("/var/cache/dictionaries-common/*", _CATALOG),
    ("/var/lib/ispell/*", _CATALOG),
    ("/var/lib/texmf/*", _CATALOG),
    ("/var/lib/doc-base/*", _REGISTRY),
    ("/var/lib/emacsen-common/*", _REGISTRY),
    ("/var/lib/binfmts/*", _REGISTRY),
    ("/var/lib/tex-common/*", _REGISTRY),
    ("/etc/udev/hwdb.bin", _CATALOG),
    ("/usr/lib/udev/hwdb.bin", _CATALOG),
    ("/usr/lib/locale/locale-archive", _CATALOG),
    ("/usr/lib/*/gconv/gconv-modules.cache", _CATALOG),
    ("/usr/lib/*/gdk-pixbuf-*/*/loaders.cache", _CATALOG),
    ("/usr/lib/*/gio/modules/giomodule.cache", _CATALOG),
    ("/usr/lib64/gconv/gconv-modules.cache", _CATALOG),
    ("/usr/lib64/gdk-pixbuf-*/*/loaders.cache", _CATALOG),
    ("/usr/lib64/gio/modules/giomodule.cache", _CATALOG),
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
    ("/var/lib/rpm-state/*", _LEFTOVER),
)
"""Never synchronized, whatever the packages are."""

_UNITS = b"usr/lib/systemd/"
"""Where packages have their units; those of the administrator are in /etc/systemd."""

# Only programs of packages, not what the administrator or a user has put there.
_COMPILED = re.compile(rb"(?!home/|root/|srv/|usr/local/)(?:.*/)?__pycache__/.*", re.DOTALL)


class ScriptPlaces:
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
        why = dict(PLACES).get(text, "")
        if why == _SERVICES and not self._is_for_package(path):
            return ""
        return text and f"in {text}: {why}"

    def _is_for_package(self, path: bytes) -> bool:
        """Whether a package has what `path` is a link to, or `path` is no link. A link to what no
        package has enables a service of the administrator's."""
        targets = self._sides.targets.get(path)
        sides = (self._sides.booted, self._sides.clone)
        return not targets or any(
            target.startswith(_UNITS) or any(target in side.holders for side in sides)
            for target in targets
        )

    @cached_property
    def _apart(self) -> str:
        """How the packages of the two sides differ, in words; empty if they do not."""
        if self._sides.unreadable:
            return self._sides.unreadable
        count = len(self._sides.different)
        return f"{count} packages are not the same on both sides" if count else ""


_always = PatternList.of(text.encode() for text, _ in ALWAYS)
_places = PatternList.of(text.encode() for text, _ in PLACES)
