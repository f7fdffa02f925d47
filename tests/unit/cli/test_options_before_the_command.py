"""`-x`, `-X`, `-p` and the like may stand before the command as well as after it."""

from pathlib import Path

import pytest

from drdwrap.__main__ import main
from drdwrap.cli.settings import Settings
from drdwrap.errors import DrdwrapError

OPTIONS = ["--config", "/c", "-v", "-v", "-q", "-x", "a=1", "-X", "/f", "-x", "b=2", "--json"]


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings with which a configuration was to be loaded; nothing goes on after that."""
    seen: list[Settings] = []

    def load(settings: Settings, root: str = "/") -> None:
        seen.append(settings)
        raise DrdwrapError("enough")

    monkeypatch.setattr(Settings, "load", load)
    return seen


@pytest.mark.parametrize("command", [["status"], ["config", "check"], ["install", "cron"]])
@pytest.mark.parametrize("before", range(3))
def test_they_mean_the_same_wherever_they_stand(
    loaded: list[Settings], command: list[str], before: int
) -> None:
    place = min(before, len(command))
    assert main([*command[:place], *OPTIONS, *command[place:]]) == 1
    assert loaded == [
        Settings("/c", verbosity=1, as_json=True, overrides=["a=1", "b=2"], override_files=["/f"])
    ]


def test_what_stands_after_the_command_comes_last_and_so_holds(loaded: list[Settings]) -> None:
    main(["-x", "a=1", "-X", "/before", "status", "-x", "a=2", "-X", "/after"])
    assert loaded[0].overrides == ["a=1", "a=2"]
    assert loaded[0].override_files == ["/before", "/after"]


def test_a_value_may_look_like_an_option_or_a_command(loaded: list[Settings]) -> None:
    main(["-x", "-p", "-x", "status", "-X", "-x", "status"])
    assert loaded[0].overrides == ["-p", "status"]
    assert loaded[0].override_files == ["-x"]


@pytest.mark.parametrize("option", ["-p", "--preview"])
@pytest.mark.parametrize("command", ["sync", "preview", "clone", "mount", "umount"])
def test_a_command_that_has_a_preview_takes_it(
    loaded: list[Settings], command: str, option: str
) -> None:
    main([option, command])
    assert len(loaded) == 1


@pytest.mark.parametrize(
    ("option", "command"),
    [
        (["-p"], ["status"]),
        (["-p"], ["install", "cron"]),
        (["-x", "layout=lvm"], ["demo"]),
        (["-X", "/f"], ["config", "sample"]),
    ],
)
def test_a_command_refuses_what_it_does_not_have_as_it_does_after_its_name(
    capsys: pytest.CaptureFixture[str], option: list[str], command: list[str]
) -> None:
    assert main([*option, *command]) == 1
    before = capsys.readouterr()
    assert main([*command, *option]) == 1
    assert capsys.readouterr() == before
    assert before.out == "" and option[0] in before.err and " ".join(command) in before.err


@pytest.mark.parametrize("option", [["-p"], ["-x", "a=1"], ["-X", "/f"]])
def test_they_need_a_command(capsys: pytest.CaptureFixture[str], option: list[str]) -> None:
    assert main(option) == 1
    assert "Missing command" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["-x", "?"], ["-x", "?", "sync"], ["sync", "-x", "?"]])
def test_a_question_mark_lists_the_keys(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(words) == 0
    assert "\nclone.root=/run/drdwrap/sysimage_001\n" in capsys.readouterr().out


def test_the_file_of_settings_is_read_as_after_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "settings"
    settings.write_text("layout=nosuch\n")
    settings.chmod(0o600)
    assert main(["-X", str(settings), "-x", "packages=nosuch", "config", "check"]) == 1
    told = capsys.readouterr().err
    assert f"{settings}:1: layout: must be one of" in told
    assert "-x packages: must be one of" in told
