"""What was installed, and how it looked then: so that what the administrator edited is known."""

import hashlib
import json
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drdwrap.errors import DrdwrapError
from drdwrap.linux import durable


def digest(content: bytes) -> str:
    """What names a content."""
    return hashlib.sha256(content).hexdigest()


@dataclass
class Installed:
    """One part: the digest of each file as it was written, and the target of each link. Paths are
    absolute in the system. `settings` are those of the files that are the administrator's.

    While a part is being written its files have more than one digest: as they were, as they will
    be.
    """

    files: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    settings: list[str] = field(default_factory=list)


@dataclass
class Manifest:
    """The parts by name, and the directories that were made for them, outer ones first."""

    parts: dict[str, Installed] = field(default_factory=dict)
    directories: list[str] = field(default_factory=list)

    def shared(self, path: str, but: Collection[str]) -> bool:
        """Whether another part than those `but` has this file as well."""
        return any(path in part.files for name, part in self.parts.items() if name not in but)

    def digests_of(self, path: str) -> list[str]:
        """As it was written last, by whichever part."""
        return [d for part in self.parts.values() for d in part.files.get(path, [])]


def read(path: Path) -> Manifest:
    """What the file at `path` says; empty without one. DrdwrapError for one that is damaged."""
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
        parts = {name: Installed(**part) for name, part in data["parts"].items()}
        return Manifest(parts, list(data["directories"]))
    except FileNotFoundError:
        return Manifest()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DrdwrapError(
            f"{path} is damaged: what was installed is not known", "remove it, and install again"
        ) from error


def write(path: Path, manifest: Manifest) -> None:
    """Keep it; without parts, no file is left. OSError."""
    if not manifest.parts:
        durable.remove(os.fsencode(path))
        return
    data = {
        "parts": {name: part.__dict__ for name, part in manifest.parts.items()},
        "directories": manifest.directories,
    }
    durable.write(os.fsencode(path), [json.dumps(data, indent=1).encode() + b"\n"])
