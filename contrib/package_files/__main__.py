"""Write what a package holds beside the program: `python -m contrib.package_files DESTDIR`

`--zsh DIR`: where zsh finds completions; distributions differ.
"""

from __future__ import annotations

from pathlib import Path

import click

from contrib.package_files.completion import completion
from contrib.package_files.man import man_pages
from drdwrap.config.sample import sample
from drdwrap.config.schema import with_defaults
from drdwrap.install.file_contents import logrotate
from drdwrap.install.places import LOGROTATE, PACKAGED_ROTATION


def package_files(zsh: str) -> dict[str, str]:
    """The contents of each file by its path in the system."""
    share = "/usr/share"
    pages = {f"{share}/man/man{name[-1]}/{name}": page for name, page in man_pages().items()}
    log_file = with_defaults({})["log_file"]
    return {
        **pages,
        LOGROTATE: logrotate(log_file, PACKAGED_ROTATION).decode(),
        f"{share}/bash-completion/completions/drdwrap": completion("bash"),
        f"{zsh}/_drdwrap": completion("zsh"),
        f"{share}/fish/vendor_completions.d/drdwrap.fish": completion("fish"),
        f"{share}/doc/drdwrap/examples/drdwrap.yaml": sample(),
    }


@click.command()
@click.argument("destination", type=click.Path(file_okay=False, path_type=Path))
@click.option("--zsh", default="/usr/share/zsh/site-functions", metavar="DIR")
def main(destination: Path, zsh: str) -> None:
    """Write them below DESTINATION."""
    for path, text in package_files(zsh).items():
        file = destination / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
