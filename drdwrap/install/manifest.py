"""What was installed: each file with a digest of its content, and the directories that were made.

Without it nobody could tell an administrator's edit from what an older version rendered, nor which
directories are drdwrap's to remove.
"""

import hashlib
import json
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from drdwrap import kept_json
from drdwrap.errors import DrdwrapError
from drdwrap.install.parts import Part
from drdwrap.linux import durable, safe_file


def digest(content: bytes) -> str:
    """The SHA-256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


@dataclass
class Installed:
    """One part: digests by file, targets by link, and which of the files are settings.

    Paths are absolute in the system. A file has one digest, that of what was written. While the
    part is being written a file has two: the former one too.
    """

    files: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    settings: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, part: Part) -> "Installed":
        """A part as it is when it has been written."""
        return cls(
            {file.path: [digest(file.content)] for file in part.files},
            dict(part.links),
            [file.path for file in part.files if file.settings],
        )

    def becoming(self, new: "Installed") -> "Installed":
        """A part while `new` takes the place of this one."""
        paths = {**self.files, **new.files}
        return Installed(
            {path: [*self.files.get(path, ()), *new.files.get(path, ())] for path in paths},
            {**self.links, **new.links},
            new.settings,
        )


@dataclass
class Manifest:
    """The parts by name, and the directories that were made for them, outermost first."""

    parts: dict[str, Installed] = field(default_factory=dict)
    directories: list[str] = field(default_factory=list)

    def only_in(self, names: Collection[str], paths: Iterable[str]) -> list[str]:
        """Those of the files `paths` that no other part has than those named."""
        others = [part.files for name, part in self.parts.items() if name not in names]
        return [path for path in paths if not any(path in files for files in others)]

    def digests_of(self, path: str) -> list[str]:
        """The digests of a file as it was written, for whichever part."""
        return [d for part in self.parts.values() for d in part.files.get(path, [])]

    def replace(self, name: str, new: Installed) -> None:
        """Note that a part has been written, and with it the files that other parts have too."""
        self.parts[name] = new
        for part in self.parts.values():
            part.files.update((p, new.files[p]) for p in part.files if p in new.files)


def read(path: Path) -> Manifest:
    """The manifest at `path`; an empty one if there is no file. DrdwrapError if it is damaged."""
    try:
        content = safe_file.contents(os.fsencode(path), follow=True)
        data = kept_json.fields(kept_json.parsed(content))
        parts = kept_json.fields(data.get("parts"))
        return Manifest(
            {name: _installed(part) for name, part in parts.items()},
            _paths(data.get("directories")),
        )
    except FileNotFoundError:
        return Manifest()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise DrdwrapError(
            f"{path} is damaged, so it is not known what is installed: {why}",
            "remove it and install again",
        ) from error


def _installed(value: object) -> Installed:
    """One part. ValueError if a field is missing, or is not what it should be."""
    part = kept_json.fields(value)
    files, links = kept_json.fields(part.get("files")), kept_json.fields(part.get("links"))
    _paths([*files, *links])
    return Installed(
        {path: kept_json.texts(digests, "a list of digests") for path, digests in files.items()},
        {path: kept_json.text(target, "the target of a link") for path, target in links.items()},
        _paths(part.get("settings")),
    )


def _paths(value: object) -> list[str]:
    """A list of absolute paths. ValueError for any other value."""
    found = kept_json.texts(value, "a list of paths")
    if not all(path.startswith("/") and ".." not in path.split("/") for path in found):
        raise ValueError("a path is not absolute")
    return found


def write(path: Path, manifest: Manifest) -> None:
    """Write it, or remove the file if there are no parts. OSError."""
    if not manifest.parts:
        durable.remove(os.fsencode(path))
        return
    data = {
        "parts": {name: part.__dict__ for name, part in manifest.parts.items()},
        "directories": manifest.directories,
    }
    durable.write(os.fsencode(path), [json.dumps(data, indent=1).encode() + b"\n"])
