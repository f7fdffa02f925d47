"""What LVM reports of volume groups."""

from __future__ import annotations

import pytest
from integration.lab.block_reports import group, groups, logical, physical, vg00

from drdwrap.errors import ProgramError
from drdwrap.linux import lvm


def test_pools_and_snapshots_hold_no_file_system_of_their_own() -> None:
    vg = vg00(
        logical("pool", lv_layout="thin,pool", lv_role="private"),
        logical("snap", "253:5", lv_role="public,snapshot,thicksnapshot"),
        logical("thin", "253:6", lv_layout="thin,sparse", lv_role="public"),
        logical("mirror", "253:7", lv_layout="raid,raid1", lv_role="public"),
    )
    assert {v.name: v.holds_data for v in vg.lvs} == {
        "root": True,
        "var": True,
        "swap": True,
        "pool": False,
        "snap": False,
        "thin": True,
        "mirror": True,
    }


def test_two_groups_of_one_name_stay_two() -> None:
    both = groups(
        [group(), group("vg00", "second")],
        [logical("root", "253:0"), logical("root", vg_uuid="second")],
        [physical("/dev/vda2"), physical("/dev/vdb1", "second", missing="missing")],
    )
    assert [(g.uuid, g.lvs[0].is_active, g.physical[0].missing) for g in both] == [
        ("vg00-uuid", True, False),
        ("second", False, True),
    ]


@pytest.mark.parametrize("report", [b"", b"{}", b'{"report": []}', b'{"report": [{"vg": [{}]}]}'])
def test_a_report_that_cannot_be_read_is_an_error(report: bytes) -> None:
    with pytest.raises(ProgramError, match="LVM's report"):
        lvm.parse(report, report, report)
