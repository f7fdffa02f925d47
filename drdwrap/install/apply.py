"""Write parts into a system, or remove them. Every refusal comes before the first change.

The manifest is written before the files. After a kill, or on a full disk, `uninstall` therefore
knows every file, and `install` can be repeated.
"""

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from drdwrap.errors import RefusedError
from drdwrap.install import manifest as manifests
from drdwrap.install.manifest import Installed, Manifest
from drdwrap.install.parts import File, Part
from drdwrap.install.places import MANIFEST, Places
from drdwrap.linux import durable, safe_file

_UNFINISHED = b".drdwrap~"
"""The suffix of a file while it is written. No init, cron or logrotate reads such a file."""

Before = Callable[[str, Sequence[str]], None]
"""Called right before the first change, with the name of a part and its files to be removed."""


@dataclass
class Done:
    """What was done: absolute paths in the system, and notes. `kept` are files that were edited."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Installer:
    """Installs into a system, or into a packager's root directory."""

    places: Places

    def install(self, part: Part, *, force: bool, before: Before) -> Done:
        """Write every file that is missing or differs, and remove the part's former files.

        RefusedError for a file that the administrator edited or drdwrap did not write; `force`
        overwrites it. Settings that were edited are kept.
        """
        known, done = self._known(), Done()
        old = known.parts.get(part.name, Installed())
        new = Installed.of(part)
        obsolete = [path for path in old.files if path not in new.files]
        self._refuse_outside([*new.files, *new.links, *old.files, *old.links])
        wanted = [file for file in part.files if self._is_wanted(file, known, force, done)]
        if not force:
            self._refuse_in_place_of_links(new.links)
            self._refuse_edited(obsolete, known, old.settings, [part.name])
        before(part.name, known.only_in([part.name], obsolete))

        known.parts[part.name] = old.becoming(new)
        try:
            self._make_directories([MANIFEST, *(file.path for file in wanted), *new.links], known)
            self._write_manifest(known)
        except OSError:
            self._remove_directories(known)
            raise
        for file in wanted:
            self._write(file)
            done.written.append(file.path)
        for path, target in part.links:
            self._link(path, target, done)
        self._remove(obsolete, [p for p in old.links if p not in new.links], known, part.name, done)
        for path in done.kept:
            new.files[path] = old.files.get(path, new.files[path])
        known.replace(part.name, new)
        self._write_manifest(known)
        return done

    def uninstall(
        self, names: Iterable[str], *, force: bool, before: Before
    ) -> Iterator[tuple[str, Done]]:
        """Remove those of the named parts that are installed, one after the other.

        Settings that were edited are kept. RefusedError, with nothing removed, for any other file
        that was edited. `force` removes both.
        """
        known = self._known()
        parts = {name: known.parts[name] for name in names if name in known.parts}
        kept: dict[str, list[str]] = {name: [] for name in parts}
        for name, part in parts.items():
            self._refuse_outside([*part.files, *part.links])
            if not force:
                kept[name] = [path for path in part.settings if self._is_edited(path, known)]
                self._refuse_edited(part.files, known, part.settings, parts)
        for name, part in parts.items():
            done = Done(kept=kept[name])
            going = [path for path in part.files if path not in done.kept]
            before(name, known.only_in([name], going))
            self._remove(going, part.links, known, name, done)
            del known.parts[name]
            self._write_manifest(known)
            self._remove_directories(known)
            yield name, done

    def _known(self) -> Manifest:
        """What is installed. DrdwrapError if the manifest cannot be read."""
        self._refuse_outside([MANIFEST])
        return manifests.read(self.places.inside(MANIFEST))

    def _is_wanted(self, file: File, known: Manifest, force: bool, done: Done) -> bool:
        """Whether to write this file; if not, `done` says why. RefusedError."""
        place = self.places.inside(file.path)
        present = None if place.is_symlink() else self._read(file.path)
        if present == file.content and (file.settings or _mode_of(place) == file.mode):
            done.unchanged.append(file.path)
            return False
        ours = known.digests_of(file.path)
        is_ours = present is not None and (
            present == file.content or manifests.digest(present) in ours
        )
        if is_ours or force or not os.path.lexists(place):
            return True
        if file.settings:
            done.kept.append(file.path)
            return False
        raise _refused(file.path, was_ours=bool(ours))

    def _refuse_outside(self, paths: Iterable[str]) -> None:
        """RefusedError for a path that a symbolic link leads out of the root directory."""
        root = os.path.realpath(self.places.root).rstrip("/") + "/"
        for path in paths:
            parent = self.places.inside(path).parent
            if not f"{os.path.realpath(parent)}/".startswith(root):
                raise RefusedError(
                    f"a symbolic link leads {parent} out of {self.places.root}",
                    "make it a relative link",
                )

    def _refuse_in_place_of_links(self, links: Iterable[str]) -> None:
        for path in links:
            place = self.places.inside(path)
            if os.path.lexists(place) and not place.is_symlink():
                raise _refused(path, was_ours=False)

    def _refuse_edited(
        self,
        paths: Iterable[str],
        known: Manifest,
        settings: Collection[str],
        changing: Collection[str],
    ) -> None:
        """RefusedError for an edited file that goes with the parts `changing`; not for settings."""
        for path in known.only_in(changing, paths):
            if path not in settings and self._is_edited(path, known):
                raise _refused(path, was_ours=True)

    def _is_edited(self, path: str, known: Manifest) -> bool:
        present = self._read(path)
        return present is not None and manifests.digest(present) not in known.digests_of(path)

    def _read(self, path: str) -> bytes | None:
        try:
            return safe_file.contents(os.fsencode(self.places.inside(path)), follow=True)
        except FileNotFoundError:
            return None

    def _write(self, file: File) -> None:
        path = os.fsencode(self.places.inside(file.path))
        durable.write(
            path,
            [file.content],
            file.mode,
            lambda: os.chmod(path + _UNFINISHED, file.mode),
            _UNFINISHED,
        )

    def _link(self, path: str, target: str, done: Done) -> None:
        place = self.places.inside(path)
        if place.is_symlink() and os.readlink(place) == target:
            done.unchanged.append(path)
            return
        with suppress(FileNotFoundError):
            place.unlink()
        place.symlink_to(target)
        done.written.append(path)

    def _remove(
        self,
        files: Iterable[str],
        links: Iterable[str],
        known: Manifest,
        name: str,
        done: Done,
    ) -> None:
        going = known.only_in([name], files)
        for path in (*links, *going):
            with suppress(FileNotFoundError):
                self.places.inside(path).unlink()
                done.removed.append(path)
        for path in going:  # of a run that was killed
            self.places.inside(path + _UNFINISHED.decode()).unlink(missing_ok=True)

    def _make_directories(self, paths: Iterable[str], known: Manifest) -> None:
        for path in paths:
            for directory in _directories_of(path):
                place = self.places.inside(directory)
                if not place.is_dir():
                    place.mkdir(0o755)
                    place.chmod(0o755)
                    if directory not in known.directories:
                        known.directories.append(directory)

    def _remove_directories(self, known: Manifest) -> None:
        for directory in reversed(known.directories):
            with suppress(OSError):  # it is not empty
                self.places.inside(directory).rmdir()

    def _write_manifest(self, known: Manifest) -> None:
        place = self.places.inside(MANIFEST)
        if known.parts or place.parent.is_dir():
            manifests.write(place, known)


def _directories_of(path: str) -> Iterator[str]:
    """The directories that lead to `path`, outermost first."""
    names = path.strip("/").split("/")[:-1]
    for number in range(1, len(names) + 1):
        yield "/" + "/".join(names[:number])


def _mode_of(place: Path) -> int:
    return stat.S_IMODE(place.lstat().st_mode)


def _refused(path: str, was_ours: bool) -> RefusedError:
    how = (
        "was edited after drdwrap wrote it"
        if was_ours
        else "already exists, and drdwrap did not write it"
    )
    return RefusedError(f"{path} {how}", "read it; --force overwrites or removes it")
