"""Commands on a real Debian clone: what they say comes through, and what they do stays there."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .lab.debian_tree import NoTree, unpack
from .lab.debs import Deb, make_repository
from .lab.files import put
from .lab.images import MIB
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.processes import wait_until
from .lab.program import Program
from .lab.snapshot import snapshot

POLICY = "usr/sbin/policy-rc.d"
REPOSITORY = "opt/repository"


@pytest.fixture
def debian(on_disk: Path, mounts: Mounts) -> Pair:
    """A clone that is a Debian. (What is booted hardly matters here.)"""
    booted, clone = mounts.image("booted").point, mounts.image("debian-clone", 700 * MIB).point
    try:
        unpack(clone)
    except NoTree as reason:
        pytest.skip(f"no Debian system: {reason}")
    put(booted, "etc/motd", b"booted\n")
    pair = Pair(on_disk, booted, clone)
    pair.configure(packages="auto")
    return pair


def runcmd(pair: Pair, *command: str, ok: int = 0) -> str:
    """What the command prints."""
    return pair.run("runcmd", "--", *command, ok=ok, timeout=120).stdout.decode()


def begun(pair: Pair, script: str) -> Program:
    """A shell script that runs on the clone by now: it has made the file /begun."""
    program = pair.start("runcmd", "--", "sh", "-c", f": > /begun; {script}")
    wait_until((pair.clone / "begun").exists, "the command has begun")
    return program


def running(words: str) -> bool:
    """Whether a process of this machine has these words as its arguments."""
    return subprocess.run(["pgrep", "-xf", words], capture_output=True, check=False).returncode == 0


def test_arguments_output_and_status_come_through(debian: Pair) -> None:
    assert runcmd(debian, "printf", "%s\n", "a b", "$HOME", "-v", "") == "a b\n$HOME\n-v\n\n"
    for script, status in (("exit 7", 7), ("kill -9 $$", 137), ("echo told >&2", 0)):
        done = debian.run("runcmd", "--", "sh", "-c", script, ok=status)
        assert done.stderr == (b"told\n" if "told" in script else b"")
    told = debian.run("runcmd", "--", "no-such-program", ok=127).stderr
    assert told == b"drdwrap: no-such-program: no such program on the clone\n"
    told = debian.run("runcmd", ok=1).stderr + debian.run("runcmd", "--shell", "x", ok=1).stderr
    assert told.count(b"say a command (after '--'), or --shell, or --upgrade: one of them") == 2
    log = debian.log.read_text()
    assert "root without a terminal runs on the clone: sh -c exit 7\n" in log
    assert "It ended with status 7 after " in log and "It ended by signal 9 after " in log


# Prints the name of each attempt that was not refused. (What root of the running system may do, a
# `syscall` of these numbers does; the arguments are such that it does no harm.)
ATTEMPTS = """
try() { name=$1; shift; "$@" >/dev/null 2>&1 && echo "$name"; }
try mounting mount -t tmpfs none /mnt
try devices mount -t devtmpfs none /mnt
try unmounting umount /proc/sys
try remounting mount -o remount,rw /sys
try sysctl sh -c 'cat /proc/sys/kernel/panic > /proc/sys/kernel/panic'
try udev sh -c 'echo change > /sys/class/net/lo/uevent'
try clock date --set "$(date)"
try network perl -e 'socket(S, 2, 2, 0); exit !ioctl(S, 0x8914, pack(q(a16s), q(lo), 0x49))'
refused() {
    name=$1; shift
    perl -e '$n = 0 + shift; exit 1 if syscall($n, map { 0 + $_ } @ARGV) >= 0;
        exit !($!{EPERM} || $!{ENOSYS})' "$@" || echo "$name"
}
refused reboot 169 4276215469 672274793 0
refused module 175 0 0
refused key 250 0 0
try typing perl -e 'exit !(ioctl(STDIN, 0x5412, "x") || !$!{EPERM})'
try freezing perl -e 'exit !(ioctl(STDOUT, 0xC0045877, 0) || !$!{EPERM})'
mknod /booted-disk b $BOOTED && try disk dd if=/booted-disk of=/dev/null count=1
try device mknod /dev/disk b $BOOTED
"""


def test_nothing_of_the_running_system_is_within_reach(debian: Pair) -> None:
    device = os.stat(debian.booted).st_dev
    script = ATTEMPTS.replace("$BOOTED", f"{os.major(device)} {os.minor(device)}")
    hostname = os.uname().nodename
    script += "\nperl -e 'syscall(170, q(evil), 4)'; kill -9 -1; echo reached the end\n"
    with subprocess.Popen(["sleep", "60"]) as victim:
        told = runcmd(debian, "sh", "-c", script)
        lives = victim.poll() is None
        victim.kill()
    assert (told, lives) == ("reached the end\n", True)
    assert os.uname().nodename == hostname
    seen = runcmd(debian, "sh", "-c", "find /dev -type b; ls /run /tmp /var/tmp; hostname").split()
    mounted = Path("/proc/self/mountinfo").read_text().splitlines()
    (clone,) = [line.split()[-2] for line in mounted if line.split()[4] == str(debian.clone)]
    assert seen == [clone, "/run:", "drdwrap", "lock", "/tmp:", "/var/tmp:", hostname]


def test_what_it_leaves_running_is_ended_and_named(debian: Pair) -> None:
    script = "sleep 471148 & setsid sh -c 'trap : TERM; sleep 471149; sleep 471149' & exit 0"
    done = debian.run("--json", "runcmd", "--", "sh", "-c", f"echo printed; {script}")
    told: dict[str, Any] = json.loads(done.stdout)  # nothing else is on stdout
    assert done.stderr.startswith(b"printed\n")
    assert told["left_running"][0] == "sh -c trap : TERM; sleep 471149; sleep 471149"
    assert told["left_running"][1:] == ["sleep 471148", "sleep 471149"]
    assert not running("sleep 471148") and not running("sleep 471149")
    assert (told["status"], told["exit_status"]) == (0, 0)


DAEMON = """
case $1 in
configure)
    printf '#!/bin/sh\\n: > /started\\n' > /etc/init.d/noisy; chmod +x /etc/init.d/noisy
    invoke-rc.d noisy start || exit $?
    {further}
esac
"""


def offer(root: Path, *debs: Deb) -> None:
    """Let the clone's apt see these packages and nothing else."""
    make_repository(root / REPOSITORY, debs)
    for listed in (root / "etc/apt/sources.list.d").iterdir():
        listed.unlink()
    (root / "etc/apt/sources.list").write_text(f"deb [trusted=yes] file:/{REPOSITORY} ./\n")


def noisy(version: str, further: str) -> Deb:
    files = {"etc/noisy.conf": f"{version}\n", "usr/bin/noisy": "x\n"}
    scripts = {"postinst": DAEMON.format(further=further)}
    return Deb("noisy", version, files, ["etc/noisy.conf"], scripts, "init-system-helpers")


def test_an_upgrade_starts_no_service_and_says_what_changed(debian: Pair) -> None:
    clone = debian.clone
    put(clone, "etc/apt/apt.conf.d/lab", b'APT::Sandbox::User "root";\n')
    offer(clone, noisy("1", "sleep 471150 & "))
    runcmd(debian, "apt-get", "-qq", "update")
    done = debian.run("runcmd", "--", "apt-get", "-qqy", "install", "noisy", timeout=120)
    assert b"it left running, and drdwrap ended: sleep 471150" in done.stderr
    assert not running("sleep 471150") and not (clone / "started").exists()
    assert not (clone / POLICY).exists()
    put(clone, "etc/noisy.conf", b"set here\n")
    offer(clone, noisy("2", ""))
    told = debian.json("runcmd", "--upgrade")
    assert told["packages"] == [{"name": "noisy:all", "before": "1", "after": "2"}]
    assert (clone / "etc/noisy.conf").read_bytes() == b"set here\n"
    assert not (clone / "started").exists()
    # One that fails half way: its status, and what the database says.
    offer(clone, noisy("3", "exit 3"))
    told = debian.json("runcmd", "--upgrade", ok=100)
    (failed,) = [check for check in told["checks"] if not check["ok"]]
    assert failed["found"] == "noisy:all is half-configured"
    assert "dpkg --configure -a" in failed["remedy"]
    assert debian.json("runcmd", "--", "true", ok=2)["status"] == 0
    # The sync leaves the clone's package alone.
    debian.sync("--adopt", "newer")
    assert (clone / "usr/bin/noisy").exists()


def test_signals_reach_the_command(debian: Pair) -> None:
    program = begun(debian, "trap 'sleep 1; : > /ended; exit 3' TERM; while :; do sleep 0.1; done")
    told = debian.run("sync", "--adopt", "newer", ok=1).stderr
    assert b"running a command on the clone, sh -c" in told  # no sync meanwhile
    program.signal(signal.SIGTERM)
    assert program.wait().returncode == 143
    assert (debian.clone / "ended").exists()
    assert not (debian.clone / POLICY).exists()


def test_a_kill_leaves_nothing_that_does_harm(debian: Pair) -> None:
    program = begun(debian, "setsid sleep 471151 & sleep 471152")
    program.signal(signal.SIGKILL)
    wait_until(lambda: not running("sleep 47115[12]"), "the command is gone")
    program.wait()
    left = debian.clone / POLICY
    assert (left.stat().st_size, left.stat().st_mode & 0o111) == (0, 0)
    debian.wait_for_lock()
    (note,) = debian.json("status")["notes"]
    assert note.startswith("'sh -c : > /begun; setsid sleep 471151 & sleep 471152', begun ")
    told = debian.run("preview", "--adopt", "newer").stderr.decode()
    assert "'sh -c : > /begun; setsid sleep 471151 & sleep 471152', begun " in told
    assert "'drdwrap runcmd -- true' says whether the clone still boots" in told
    assert not left.exists() and not (debian.state / "patching").exists()


def test_what_is_put_over_the_clones_files_is_gone_afterwards(debian: Pair) -> None:
    put(debian.clone, POLICY, b"#!/bin/sh\nexit 0\n", mode=0o755)
    there = debian.clone / "etc/resolv.conf"
    for kind in ("file", "link to nothing", "missing"):
        there.unlink(missing_ok=True)
        if kind == "file":
            there.write_text("nameserver 192.0.2.1\n")
        elif kind == "link to nothing":
            there.symlink_to("../run/systemd/resolve/stub-resolv.conf")
        before = snapshot(debian.clone / "etc")
        told = runcmd(debian, "sh", "-c", f"/{POLICY}; echo $?; cat /etc/resolv.conf")
        assert told == "101\n" + Path("/etc/resolv.conf").read_text()
        assert snapshot(debian.clone / "etc").keys() == before.keys()
        assert not there.exists() or there.read_text() == "nameserver 192.0.2.1\n"
    assert (debian.clone / POLICY).read_bytes() == b"#!/bin/sh\nexit 0\n"


def test_a_terminal_is_the_commands_own(debian: Pair) -> None:
    """What Ctrl-C sends goes to the command; after it drdwrap has the terminal back."""
    ours, theirs = pty.openpty()
    script = "test -t 0 && test -t 1 && echo ready; stty -echo; cat; exit 9"
    command = ["--config", str(debian.config), "runcmd", "--", "bash", "-c", script]
    program = Program(command, {**debian.env, "TERM": "dumb"}, fresh=False, terminal=theirs)
    told = b""
    while b"\r\nready\r\n" not in told:
        told += os.read(ours, 1024)
    os.write(ours, b"\x1a\x03")  # Ctrl-Z has no effect
    assert program.wait(20).returncode == 130
    settings = subprocess.run(["stty", "-a"], stdin=theirs, capture_output=True, check=True).stdout
    assert b" echo " in settings
    os.close(theirs)
    os.close(ours)
