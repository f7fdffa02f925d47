"""`drdwrap sync`."""

import click

from drdwrap.cli.options import Settings, configurable


@click.command()
@click.option("-p", "--preview", is_flag=True, help="The same as 'drdwrap preview'.")
@click.option(
    "--adopt",
    type=click.Choice(["newer"]),
    help="Onto a clone without a record: what is newer on the booted system wins.",
)
@click.option(
    "--occasion",
    type=click.Choice(["periodic", "shutdown"]),
    help="Who runs it, for 'status'. Booted from the clone, there is nothing to do then.",
)
@click.option("--skip-if-running", is_flag=True, help="Another run is going: no error, for cron.")
@configurable
@click.pass_obj
def sync(
    settings: Settings,
    preview: bool,
    adopt: str | None,
    occasion: str | None,
    skip_if_running: bool,
) -> int:
    """Bring the clone up to the booted system, but for what was changed on the clone."""
    return synchronize(
        settings,
        preview=preview,
        adopt=adopt,
        occasion=occasion,
        skip_if_running=skip_if_running,
    )


def synchronize(
    settings: Settings,
    *,
    preview: bool,
    adopt: str | None,
    occasion: str | None = None,
    skip_if_running: bool = False,
) -> int:
    """A preview or a sync, shown as asked for; returns the exit status."""
    from drdwrap.actions import sync as action
    from drdwrap.actions.run import run
    from drdwrap.present import show

    title = "Synchronize System Image" + (" Preview" if preview else "")
    with show.progress(settings, "sync") as tell:
        request = action.Request(preview=preview, newer=adopt == "newer", tell=tell)
        outcome = run(
            settings,
            "preview" if preview else "sync",
            title,
            lambda config, state, log: action.synchronize(config, state, log, request),
            hooks=not preview,
            skip_if_running=skip_if_running,
            occasion=occasion,
        )
    if outcome is None:
        show.nothing_done(settings)
        return 0
    show.outcome(settings, outcome, always=preview)
    return outcome.exit_status
