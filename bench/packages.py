"""A dpkg database that has every regular file of a tree in one of its packages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

PACKAGES = 4000


def write(root: Path, regular: Sequence[str]) -> None:
    """Write the database below `root`. Every tenth package has a configuration file."""
    database = root / "var/lib/dpkg"
    (database / "info").mkdir(parents=True, exist_ok=True)
    stanzas = []
    # What lies together belongs together, as it does in real packages.
    ordered, size = sorted(regular), len(regular) // PACKAGES + 1
    for number in range(PACKAGES):
        name, files = f"package-{number:04}", ordered[number * size : (number + 1) * size]
        above = {str(parent) for file in files for parent in Path(file).parents} - {"."}
        lines = ["/.", *(f"/{path}" for path in (*sorted(above), *files))]
        (database / f"info/{name}.list").write_text("\n".join(lines) + "\n")
        conffiles = (
            f"Conffiles:\n /{files[0]} {number:032x}\n" if files and number % 10 == 0 else ""
        )
        stanzas.append(
            f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n"
            f"{conffiles}Depends: {', '.join(f'package-{n:04}' for n in range(number % 9))}\n"
            "Description: one of many\n It has lines that nobody reads.\n"
        )
    (database / "status").write_text("\n".join(stanzas) + "\n")
