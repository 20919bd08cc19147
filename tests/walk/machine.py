"""A Debian 12 of its own, made by debootstrap once and booted with systemd-nspawn: no network but its loopback."""

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

RELEASE = "bookworm"
# Beside what every Debian has: an editor, the manual pages' reader, and openssl to look at certificates.
PACKAGES = "systemd,systemd-sysv,dbus,man-db,openssl,procps,nano"
BOOT_SECONDS = 60
NEEDED = ("debootstrap", "systemd-nspawn", "nsenter")


def missing():
    """Why there can be no machine here, or nothing."""
    if os.geteuid() != 0:
        return "a machine is booted by root only"
    programs = [name for name in NEEDED if shutil.which(name) is None]
    return f"not installed: {', '.join(programs)} (tests/prepare.sh --developer)" if programs else None


def mirror():
    """Where this machine's own apt has that release from; KAKEHASHI_MIRROR names another."""
    named = os.environ.get("KAKEHASHI_MIRROR")
    if named:
        return named
    asked = subprocess.run(["apt-get", "indextargets", "--format", "$(RELEASE) $(CODENAME) $(REPO_URI)",
                            "Created-By: Packages", "Component: main"], capture_output=True, text=True, timeout=60, check=False)
    for *names, address in (line.split() for line in asked.stdout.splitlines()):
        if RELEASE in names:
            return address
    raise RuntimeError(f"no package mirror: the sources of apt name none with {RELEASE}; name one in KAKEHASHI_MIRROR")


def plain_debian(cache):
    """A file system as debootstrap leaves it; made under another name first, so that half of one is never taken."""
    if not cache.exists():
        unfinished = cache.with_name(f"{cache.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, unfinished, mirror()],
                       check=True, timeout=1800, stdout=subprocess.DEVNULL)
        unfinished.rename(cache)
    return cache


class Machine:
    """One machine, thrown away at the end."""

    def __init__(self, cache, name="hospital"):
        self.folder = Path(tempfile.mkdtemp(prefix="kakehashi-walk-"))
        self.root = self.folder / "root"
        self.name = name
        self.child = None
        self.leader = None
        atexit.register(self.throw_away)
        subprocess.run(["cp", "-a", "--reflink=auto", plain_debian(cache), self.root], check=True, timeout=300)
        (self.root / "etc/hostname").write_text(f"{name}\n")
        (self.root / "etc/hosts").write_text(f"127.0.0.1 localhost {name} platform.example\n")
        # It has never seen a mirror. Nobody is there to answer.
        shutil.rmtree(self.root / "var/lib/apt/lists", ignore_errors=True)
        (self.root / "etc/apt/apt.conf.d/90walk").write_text('APT::Get::Assume-Yes "true";\n')

    def boot(self):
        with open(self.folder / "console.log", "ab") as console:
            self.child = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "-D", self.root, "--boot", "--register=no", "--keep-unit",
                 "--private-network", "--console=pipe", f"--machine={self.name}", "--link-journal=no"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        latest = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < latest:
            children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split()
            if children:
                self.leader = children[0]
                if self.run("systemctl is-system-running --wait", quiet=True)[1].strip() == "running":
                    return
            if self.child.poll() is not None:
                break
            time.sleep(0.2)
        raise AssertionError(f"it did not boot:\n{(self.folder / 'console.log').read_text(errors='replace')[-2000:]}")

    def run(self, command, directory="/", quiet=False, timeout=300):
        """(exit code, output) of a command that root types there."""
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
                       "TERM": "dumb", "EDITOR": "/usr/bin/editor"}
        done = subprocess.run(["nsenter", "--target", self.leader, "--all", "--", "bash", "-c",
                               f"cd {directory} && {command}"], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL if quiet else subprocess.STDOUT,
                              text=True, errors="replace", timeout=timeout, check=False)
        return done.returncode, done.stdout

    def power_off(self):
        if self.child is None:
            return
        if self.child.poll() is None and self.leader:
            self.run("systemctl poweroff", quiet=True)
        try:
            self.child.wait(BOOT_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child = self.leader = None

    def throw_away(self):
        self.power_off()
        if os.environ.get("KAKEHASHI_KEEP") == "1":
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
