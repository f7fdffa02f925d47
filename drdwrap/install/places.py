"""Where files go in a system, or below a packager's root directory."""

import os
from dataclasses import dataclass
from pathlib import Path

UNIT, PERIODIC_UNIT, TIMER = "drdwrap.service", "drdwrap-sync.service", "drdwrap-sync.timer"
SETTINGS = ("/etc/default/drdwrap", "/etc/sysconfig/drdwrap")
"""The settings of the shutdown script: Debian's place, and Red Hat's."""
RC_SCRIPT = "/etc/init.d/drdwrap"
SCRIPT = "/etc/drdwrap/shutdown"
"""The place of the script if it is not installed for SysV init."""
SCRIPTS = (RC_SCRIPT, SCRIPT)
CRON = "/etc/cron.d/drdwrap"
LOGROTATE = "/etc/logrotate.d/drdwrap"
PACKAGED_ROTATION = "Part of drdwrap's package: edit it if log_file names another file."
"""The first line of LOGROTATE if a package brought it."""
LOGROTATE_TOO = "/etc/logrotate.d/drdwrap-log"
"""For a log that the package's file does not name."""
OWN_UNITS = "/etc/systemd/system"
PACKAGED_UNITS = "/usr/lib/systemd/system"
MANIFEST = "/etc/drdwrap/installed.json"
"""What was installed. It is copied to the clone like any file, and does not depend on `state_dir`.
"""
SYSTEMD, SYSV = "systemd", "sysv"


@dataclass(frozen=True)
class Places:
    """A root directory: `/`, or one that a packager fills for another system."""

    root: Path = Path("/")

    @property
    def is_running(self) -> bool:
        """Whether this is the running system, whose init can be told."""
        return self.root == Path("/")

    def inside(self, path: str) -> Path:
        """The present place of `path`, which is absolute in the system."""
        return self.root / path.lstrip("/")

    @property
    def units(self) -> str:
        """The directory for units: the administrator's, or the system's for a package."""
        return OWN_UNITS if self.is_running else PACKAGED_UNITS

    @property
    def settings(self) -> str:
        """The file for the shutdown script's settings, where this system has such files."""
        debian, red_hat = SETTINGS
        for path in SETTINGS:
            if self.inside(path).exists():
                return path
        is_debian = self.inside("/etc/debian_version").exists()
        has_other = self.inside(os.path.dirname(red_hat)).is_dir()
        return red_hat if has_other and not is_debian else debian

    def rotation_of(self, log_file: str) -> str | None:
        """The file that is to rotate the log, or None if a package's file does it already."""
        try:
            present = self.inside(LOGROTATE).read_text("utf-8", "surrogateescape")
        except OSError:
            return LOGROTATE
        if PACKAGED_ROTATION not in present:
            return LOGROTATE
        named = f'"{log_file}"' in present or log_file in present.split()
        return None if named else LOGROTATE_TOO

    def inits(self, asked: str | None) -> tuple[str, ...]:
        """The init systems to install for: as asked, or both for a package, or the running one."""
        if asked in (SYSTEMD, SYSV):
            return (asked,)
        if asked is None and self.is_running and not _boots_another_init():
            return (running_init(),)
        return (SYSTEMD, SYSV)


def running_init() -> str:
    """The running init system: sd_booted(3)."""
    return SYSTEMD if os.path.isdir("/run/systemd/system") else SYSV


def _boots_another_init() -> bool:
    """Whether systemd is installed as init but does not run, as in a chroot of an image."""
    own = os.path.basename(os.path.realpath("/sbin/init")) == SYSTEMD
    return own and running_init() != SYSTEMD
