"""`drdwrap verify`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@click.option(
    "--contents",
    is_flag=True,
    help="Read every file that both sides have alike, and compare; ask the clone's package manager"
    " too. If it is interrupted, the next one goes on from there.",
)
@configurable
@click.pass_obj
def verify(settings: Settings, contents: bool) -> int:
    """Check that the clone is what the record says.

    What differs is named, with exit status 2.
    """
    from drdwrap.actions import verify as action
    from drdwrap.actions.around_run import under_lock
    from drdwrap.present.progress import progress_bar
    from drdwrap.present.verify import show_contents

    if not contents:
        raise click.UsageError("say --contents")
    with progress_bar(settings.view, "compared") as tell:
        verdict = under_lock(
            settings.load(),
            settings.log(),
            lambda config, state, log: action.contents(config, state, log, tell),
            title=action.CONTENTS_TITLE,
        )
    settings.ended_with = verdict.exit_status
    show_contents(settings.view, verdict)
    return verdict.exit_status
