"""How a run ended: what the commands print, what `status` shows, what becomes the exit status."""

from dataclasses import dataclass, field
from typing import Any

from drdwrap import exit_status


@dataclass
class RunResult:
    """The result of a preview, a sync or a clone. Sizes in bytes, texts fit for a screen.

    `sizes` are the bytes in each report, `directories` those with most to copy, `itemized` rsync's
    own account of a preview, `plan` a clone's disk in words. `notes` are worth a line, but are no
    warnings; a warning makes the exit status 2, an error 1.
    """

    booted_root: str
    clone_root: str
    counts: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    bytes_to_be_copied: int = 0
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    directories: list[tuple[str, int, int]] = field(default_factory=list)
    itemized: list[str] = field(default_factory=list)
    advice: str = ""
    plan: list[str] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        return exit_status.of_run(self.error, bool(self.warnings))

    def as_json(self) -> dict[str, Any]:
        """The JSON object of `preview` and `sync`."""
        result: dict[str, Any] = {
            "booted_root": self.booted_root,
            "clone_root": self.clone_root,
            "counts": self.counts,
            "bytes_to_be_copied": self.bytes_to_be_copied,
            "warnings": self.warnings,
            "exit_status": self.exit_status,
        }
        if self.plan:
            result["plan"] = self.plan
        if self.error:
            result["error"] = self.error
        return result
