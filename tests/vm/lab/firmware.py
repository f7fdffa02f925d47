"""OVMF, for the machines whose recipe says UEFI. https://www.qemu.org/docs/master/system/i386/pc.html"""

from __future__ import annotations

from pathlib import Path

CODE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")


def arguments(variables: Path) -> list[str | Path]:
    """QEMU's, for a machine with these variables (its boot entries, say), a file of its own."""
    return [
        "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={CODE}",
        "-drive", f"if=pflash,unit=1,format=raw,file={variables}",
    ]  # fmt: skip
