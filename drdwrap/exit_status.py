"""The exit statuses, as DRD has them. Every status is decided here and nowhere else."""

SUCCESS = 0
"""Everything was done."""
ERROR = 1
"""Nothing was done, or not everything, and a message says what. A usage error has this one too."""
WARNING = 2
"""Done, except for some files, which are named."""

SKIPPED = SUCCESS
"""Of a run that had nothing to do: another one was going, or the clone is what is booted."""


def of_run(error: str, warnings: bool) -> int:
    """The status of a run that ended with this error (empty for none), or with warnings."""
    if error:
        return ERROR
    return WARNING if warnings else SUCCESS


def of_signal(signum: int) -> int:
    """The status of a run that a signal ended, after it had cleaned up."""
    return 128 + signum


def of_checks(all_hold: bool) -> int:
    """The status of `check` and `demo`: whether everything is as it should be."""
    return SUCCESS if all_hold else ERROR


def of_command_on_clone(status: int, signum: int, all_hold: bool) -> int:
    """The status of `runcmd`: that of the command, as shells have it (`status` is its exit status
    or minus a signal's number), or of the signal that drdwrap got; if the command succeeded,
    whether all checks after it hold."""
    if signum:
        return of_signal(signum)
    if status:
        return status if status > 0 else of_signal(-status)
    return SUCCESS if all_hold else WARNING


def of_boot(verdict: str, failed: bool) -> int:
    """The status of `verify --boot`: it came up, with all its units or not; it did not come up; or
    that cannot be told."""
    if verdict == "broken":
        return ERROR
    return WARNING if failed or verdict == "inconclusive" else SUCCESS


def of_accept(all_accepted: bool) -> int:
    """The status of `accept`: whether each of the paths had something to accept."""
    return SUCCESS if all_accepted else WARNING


def of_command(returned: object) -> int:
    """The status of a command whose function returned this: a status, or nothing on success."""
    return returned if isinstance(returned, int) else SUCCESS
