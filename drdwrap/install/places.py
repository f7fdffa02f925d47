"""Where things go in a system, or in a packager's tree."""

import os
from dataclasses import dataclass
from pathlib import Path

UNIT, PERIODIC_UNIT, TIMER = "drdwrap.service", "drdwrap-sync.service", "drdwrap-sync.timer"
SETTINGS = ("/etc/default/drdwrap", "/etc/sysconfig/drdwrap")
"""Where the shutdown script looks for its settings: Debian's custom, and Red Hat's."""
RC_SCRIPT = "/etc/init.d/drdwrap"
SCRIPT = "/etc/drdwrap/shutdown"
"""Where the script lies if SysV init is not served."""
SCRIPTS = (RC_SCRIPT, SCRIPT)
CRON = "/etc/cron.d/drdwrap"
LOGROTATE = "/etc/logrotate.d/drdwrap"
OWN_UNITS = "/etc/systemd/system"
PACKAGED_UNITS = "/usr/lib/systemd/system"
MEMORY = "/etc/drdwrap/installed.json"
"""What was installed. It goes to the clone with the rest, and does not depend on `state_dir`."""
SYSTEMD, SYSV = "systemd", "sysv"


@dataclass(frozen=True)
class Places:
    """A root directory: `/`, or a tree that will be one somewhere."""

    root: Path = Path("/")

    @property
    def is_running(self) -> bool:
        """Whether this is the system that runs, whose init can be told."""
        return self.root == Path("/")

    def inside(self, path: str) -> Path:
        """Where `path`, absolute in the system, lies now."""
        return self.root / path.lstrip("/")

    @property
    def units(self) -> str:
        """The directory for units: the administrator's, or for a package the system's."""
        return OWN_UNITS if self.is_running else PACKAGED_UNITS

    @property
    def settings(self) -> str:
        """The file for the shutdown script's settings, by the custom of the system."""
        debian, red_hat = SETTINGS
        for path in SETTINGS:
            if self.inside(path).exists():
                return path
        is_debian = self.inside("/etc/debian_version").exists()
        has_other = self.inside(os.path.dirname(red_hat)).is_dir()
        return red_hat if has_other and not is_debian else debian

    def inits(self, asked: str | None) -> tuple[str, ...]:
        """The init systems to serve: as asked (`both` for both), those of a tree, or the running
        one."""
        if asked in (SYSTEMD, SYSV):
            return (asked,)
        if asked is None and self.is_running and not _boots_another_init():
            return (running_init(),)
        return (SYSTEMD, SYSV)


def running_init() -> str:
    """The init system that runs: sd_booted(3)."""
    return SYSTEMD if os.path.isdir("/run/systemd/system") else SYSV


def _boots_another_init() -> bool:
    """Whether systemd is installed as init and is not what runs, as in an image's chroot."""
    own = os.path.basename(os.path.realpath("/sbin/init")) == SYSTEMD
    return own and running_init() != SYSTEMD
