"""The exit statuses, as DRD has them. They are decided here and nowhere else."""

SUCCESS = 0
"""All was done."""
ERROR = 1
"""Nothing, or not all, was done, and the message says what. A usage error too."""
WARNING = 2
"""Done, but for some files, which are named."""


def of_run(error: str, warnings: bool) -> int:
    """The status of a run that ended with this error (empty for none), or with warnings."""
    if error:
        return ERROR
    return WARNING if warnings else SUCCESS


def of_signal(signum: int) -> int:
    """The status of a run that a signal ended, after it had cleaned up."""
    return 128 + signum


def of_checks(all_hold: bool) -> int:
    """The status of a command that only looks: whether all that it looked at is as it should be."""
    return SUCCESS if all_hold else ERROR
