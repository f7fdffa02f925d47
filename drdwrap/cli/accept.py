"""`drdwrap accept`."""

import os

import click

from drdwrap.cli.options import Settings, configurable, not_empty


@click.command()
@click.argument("paths", nargs=-1, required=True, callback=not_empty)
@configurable
@click.pass_obj
def accept(settings: Settings, paths: tuple[str, ...]) -> int:
    """Take the clone's present state of PATHS as what drdwrap put there.

    They follow the booted system again from its next change on: of a path that has changed there
    already, with the next sync. A directory stands for all below it.
    """
    from drdwrap.actions import accept as action
    from drdwrap.errors import in_words
    from drdwrap.present import show
    from drdwrap.sync.begin import locked

    config, log = settings.load(), settings.log()
    with locked(config, log) as state:
        log.begin("Accept Clone Files")
        try:
            result = action.accept(config, state, log, [os.fsencode(path) for path in paths])
        except BaseException as error:
            log.file_error(in_words(error) if isinstance(error, OSError) else str(error))
            log.end("failed")
            raise
        log.end("succeeded")
    status = 2 if result["nothing_to_accept"] else 0
    show.accepted(settings, result, status)
    return status
