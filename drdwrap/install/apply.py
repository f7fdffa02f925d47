"""Write parts into a system or a tree, or remove them. What is refused is refused beforehand.

What is about to be written is noted first: after a kill, or on a full disk, `uninstall` knows all
that there is, and `install` goes on.
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
from drdwrap.install.places import MEMORY, Places
from drdwrap.linux import durable

_UNFINISHED = b".drdwrap~"
"""What a file that is being written is called, besides: no init, cron or logrotate reads it."""

Before = Callable[[str, Sequence[str]], None]
"""Told of a part and those of its files that will be removed, right before anything is done."""


@dataclass
class Done:
    """Paths in the system, by what became of them. `kept` are files that were edited."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Tree:
    """A system or a packager's tree."""

    places: Places

    def known(self) -> Manifest:
        """What is installed. DrdwrapError when that cannot be known."""
        self._refuse_outside([MEMORY])
        return manifests.read(self._memory)

    @property
    def _memory(self) -> Path:
        return self.places.inside(MEMORY)

    def install(self, part: Part, *, force: bool, before: Before) -> Done:
        """Write what is not there as it should be. What is only there from before is removed.

        RefusedError, with nothing written, for a file that is not as it was installed: the
        administrator edited it, or it is somebody else's. `force` overwrites it. Settings that were
        edited are kept.
        """
        known, done = self.known(), Done()
        old = known.parts.get(part.name, Installed())
        digests = {file.path: [manifests.digest(file.content)] for file in part.files}
        links = dict(part.links)
        self._refuse_outside([*digests, *links, *old.files, *old.links])
        wanted = [file for file in part.files if self._to_write(file, known, force, done)]
        self._refuse_in_place_of_links(links, force)
        obsolete = [path for path in old.files if path not in digests]
        self._refuse_edited(obsolete, old, known, [part.name], force)
        before(part.name, [path for path in obsolete if not known.shared(path, [part.name])])

        settings = [file.path for file in part.files if file.settings]
        both = {path: [*old.files.get(path, ()), *digests.get(path, ())] for path in
                {**old.files, **digests}}  # fmt: skip
        known.parts[part.name] = Installed(both, {**old.links, **links}, settings)
        try:
            self._make_directories([MEMORY, *(file.path for file in wanted), *links], known)
            self._keep(known)
        except OSError:
            self._remove_directories(known)
            raise
        for file in wanted:
            self._write(file)
            done.written.append(file.path)
        for path, target in part.links:
            self._link(path, target, done)
        self._remove(obsolete, [p for p in old.links if p not in links], known, part.name, done)
        for path in done.kept:
            digests[path] = old.files.get(path, digests[path])
        known.parts[part.name] = Installed(digests, links, settings)
        for other in known.parts.values():
            other.files.update((p, digests[p]) for p in other.files if p in digests)
        self._keep(known)
        return done

    def uninstall(
        self, names: Iterable[str], *, force: bool, before: Before
    ) -> Iterator[tuple[str, Done]]:
        """Remove the parts of those names that are installed, as they were, one after the other.

        Settings that were edited are kept. RefusedError, with nothing removed, for another file
        that was edited; `force` removes that, and the settings too.
        """
        known = self.known()
        parts = {name: known.parts[name] for name in names if name in known.parts}
        kept = {}
        for name, part in parts.items():
            self._refuse_outside([*part.files, *part.links])
            kept[name] = [p for p in part.settings if self._is_edited(p, part) and not force]
            self._refuse_edited(part.files, part, known, parts, force)
        for name, part in parts.items():
            done = Done(kept=kept[name])
            going = [path for path in part.files if path not in kept[name]]
            before(name, [path for path in going if not known.shared(path, [name])])
            self._remove(going, list(part.links), known, name, done)
            del known.parts[name]
            self._keep(known)
            self._remove_directories(known)
            yield name, done

    def _to_write(self, file: File, known: Manifest, force: bool, done: Done) -> bool:
        place = self.places.inside(file.path)
        present = None if place.is_symlink() else self._read(file.path)
        if present == file.content and (file.settings or _mode_of(place) == file.mode):
            done.unchanged.append(file.path)
            return False
        ours = known.digests_of(file.path)
        is_there = os.path.lexists(place)
        is_ours = present is not None and (
            present == file.content or manifests.digest(present) in ours
        )
        if not is_there or is_ours or force:
            return True
        if file.settings:
            done.kept.append(file.path)
            return False
        raise _refused(file.path, bool(ours))

    def _refuse_outside(self, paths: Iterable[str]) -> None:
        """RefusedError for a path that a symbolic link of the tree leads out of it."""
        root = os.path.realpath(self.places.root).rstrip("/") + "/"
        for path in paths:
            parent = self.places.inside(path).parent
            if not f"{os.path.realpath(parent)}/".startswith(root):
                raise RefusedError(
                    f"a symbolic link leads {parent} out of {self.places.root}",
                    "make it a relative one",
                )

    def _refuse_in_place_of_links(self, links: Iterable[str], force: bool) -> None:
        for path in links:
            place = self.places.inside(path)
            if os.path.lexists(place) and not place.is_symlink() and not force:
                raise _refused(path, was_ours=False)

    def _refuse_edited(
        self,
        paths: Iterable[str],
        part: Installed,
        known: Manifest,
        changing: Collection[str],
        force: bool,
    ) -> None:
        """RefusedError for one of these files of `part` that is to be removed and was edited.

        What a part has that is not among those `changing` stays.
        """
        for path in paths:
            going = not known.shared(path, changing) and path not in part.settings
            if going and not force and self._is_edited(path, part):
                raise _refused(path, was_ours=True)

    def _is_edited(self, path: str, part: Installed) -> bool:
        present = self._read(path)
        return present is not None and manifests.digest(present) not in part.files[path]

    def _read(self, path: str) -> bytes | None:
        try:
            return self.places.inside(path).read_bytes()
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
        self, files: list[str], links: list[str], known: Manifest, name: str, done: Done
    ) -> None:
        gone = [path for path in files if not known.shared(path, [name])]
        for path in (*links, *gone):
            with suppress(FileNotFoundError):
                self.places.inside(path).unlink()
                done.removed.append(path)
        for path in gone:  # of a run that was killed
            self.places.inside(path + _UNFINISHED.decode()).unlink(missing_ok=True)

    def _make_directories(self, paths: list[str], known: Manifest) -> None:
        for path in paths:
            for directory in _above(path):
                place = self.places.inside(directory)
                if not place.is_dir():
                    place.mkdir()
                    place.chmod(0o755)
                    if directory not in known.directories:
                        known.directories.append(directory)

    def _remove_directories(self, known: Manifest) -> None:
        for directory in reversed(known.directories):
            with suppress(OSError):  # something is in it
                self.places.inside(directory).rmdir()

    def _keep(self, known: Manifest) -> None:
        if known.parts or self._memory.parent.is_dir():
            manifests.write(self._memory, known)


def _above(path: str) -> Iterator[str]:
    """The directories that lead to `path`, from the outermost on."""
    names = path.strip("/").split("/")[:-1]
    for number in range(1, len(names) + 1):
        yield "/" + "/".join(names[:number])


def _mode_of(place: Path) -> int:
    return stat.S_IMODE(place.lstat().st_mode)


def _refused(path: str, was_ours: bool) -> RefusedError:
    how = (
        "was edited since it was installed" if was_ours else "is there, and not of drdwrap's making"
    )
    return RefusedError(f"{path} {how}", "look at it; --force goes ahead all the same")
