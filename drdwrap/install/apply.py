"""Write a part into a system or a tree, or remove it: all of it, or nothing and say why."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from drdwrap.errors import RefusedError
from drdwrap.install import manifest as manifests
from drdwrap.install.manifest import Installed, Manifest
from drdwrap.install.parts import File, Part
from drdwrap.install.places import Places
from drdwrap.record import durable


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
    """A system or a packager's tree, and what is known to be installed in it.

    `memory` is where that is kept, absolute in the system.
    """

    places: Places
    memory: str

    def known(self) -> Manifest:
        """What is installed. DrdwrapError when that cannot be known."""
        return manifests.read(self._memory)

    @property
    def _memory(self) -> Path:
        return self.places.inside(self.memory)

    def install(self, part: Part, *, force: bool) -> Done:
        """Write what is not there as it should be. What is only there from before is removed.

        RefusedError, with nothing written, for a file that is not as it was installed: the
        administrator edited it, or it is somebody else's. `force` overwrites it. Settings that were
        edited are kept.
        """
        known, done = self.known(), Done()
        before = known.parts.get(part.name, Installed())
        digests = {file.path: manifests.digest(file.content) for file in part.files}
        links = dict(part.links)
        wanted = [file for file in part.files if self._to_write(file, known, force, done)]
        obsolete = [path for path in before.files if path not in digests]
        self._refuse_edited(obsolete, part.name, known, force)
        self._make_directories([self.memory], known, 0o700)
        self._make_directories([*(file.path for file in wanted), *links], known)
        for file in wanted:
            self._write(file)
            done.written.append(file.path)
        for path, target in part.links:
            self._link(path, target, done)
        self._remove(obsolete, [p for p in before.links if p not in links], known, part.name, done)
        for path in done.kept:
            digests[path] = before.files.get(path, digests[path])
        settings = [file.path for file in part.files if file.settings]
        # Last: after a run that was cut off, what it wrote is found as it should be, and known.
        known.parts[part.name] = Installed(digests, links, settings)
        self._keep(known)
        return done

    def uninstall(self, name: str, *, force: bool) -> Done:
        """Remove the part of that name, as it was installed; nothing if it was not.

        Settings that were edited are kept. RefusedError, with nothing removed, for another file
        that was edited; `force` removes that, and the settings too.
        """
        known, done = self.known(), Done()
        part = known.parts.get(name)
        if part is None:
            return done
        for path in part.settings:
            if path in part.files and self._is_edited(path, part.files[path]) and not force:
                done.kept.append(path)
        going = [path for path in part.files if path not in done.kept]
        self._refuse_edited(going, name, known, force)
        self._remove(going, list(part.links), known, name, done)
        del known.parts[name]
        self._keep(known)
        self._remove_directories(known)
        return done

    def _to_write(self, file: File, known: Manifest, force: bool, done: Done) -> bool:
        present = self._read(file.path)
        if present == file.content:
            done.unchanged.append(file.path)
            return False
        ours = known.digest_of(file.path)
        if present is None or manifests.digest(present) == ours or force:
            return True
        if file.settings:
            done.kept.append(file.path)
            return False
        raise _refused(file.path, ours)

    def _refuse_edited(self, paths: list[str], name: str, known: Manifest, force: bool) -> None:
        """RefusedError for one of these files of the part `name` that is not to be removed."""
        part = known.parts.get(name, Installed())
        for path in paths:
            going = not known.shared(path, name) and path not in part.settings
            if going and not force and self._is_edited(path, part.files[path]):
                raise _refused(path, part.files[path])

    def _is_edited(self, path: str, digest: str) -> bool:
        present = self._read(path)
        return present is not None and manifests.digest(present) != digest

    def _read(self, path: str) -> bytes | None:
        try:
            return self.places.inside(path).read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, file: File) -> None:
        path = os.fsencode(self.places.inside(file.path))
        durable.write(path, [file.content], file.mode, lambda: os.chmod(path + b".new", file.mode))

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
        gone = [path for path in files if not known.shared(path, name)]
        for path in (*links, *gone):
            with suppress(FileNotFoundError):
                self.places.inside(path).unlink()
                done.removed.append(path)

    def _make_directories(self, paths: list[str], known: Manifest, mode: int = 0o755) -> None:
        for path in paths:
            for directory in _above(path):
                place = self.places.inside(directory)
                if not place.is_dir():
                    place.mkdir()
                    place.chmod(mode if directory == os.path.dirname(path) else 0o755)
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


def _refused(path: str, digest: str | None) -> RefusedError:
    how = "was edited since it was installed" if digest else "is there, and not of drdwrap's making"
    return RefusedError(f"{path} {how}", "look at it; --force goes ahead all the same")
