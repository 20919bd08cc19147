"""A newcomer's walk: README.md's chapter "First deployment", typed on a fresh Debian 12 that runs systemd.

KAKEHASHI_BIN_DIR=.build/release KAKEHASHI_LONG=1 python3 tests/walk/walk_test.py -v
KAKEHASHI_UPDATE_TRANSCRIPT=1 writes TRANSCRIPT.md, KAKEHASHI_KEEP=1 keeps the machine's files. Root, nsenter, debootstrap
and systemd-nspawn are needed, and a package mirror, that of apt here or the one in KAKEHASHI_MIRROR: the machine itself has no
network but its loopback.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
import unittest
from contextlib import closing
from pathlib import Path

import chapter
import machine as machines
from hospital import Hospital, wait_until
from transcript import Transcript

SOURCE_DIR = chapter.SOURCE_DIR
TRANSCRIPT = SOURCE_DIR / "tests/walk/TRANSCRIPT.md"
CACHE = SOURCE_DIR / ".build/walk/debian"
USB = "mnt/usb"
SETTINGS = "etc/kakehashi/gateway.xml"
STATE = "var/lib/kakehashi"
SERVICE = "kakehashi.service"
INTRODUCTION = """What [walk_test.py](walk_test.py) saw: the commands of README.md's chapter "First deployment" on a Debian 12 made by
debootstrap and booted with systemd-nspawn, without a network but its loopback. On it are a storage with three made-up
patients, a platform (`platform_sim`) that wants a client certificate, and a folder with the package and the
certificates. Times, process numbers and hashes are blanked. What is marked "Looked at" is not in the chapter."""


def as_version(package, version, folder):
    """The same package under a higher version."""
    with tempfile.TemporaryDirectory() as unpacked:
        tree = Path(unpacked) / "tree"
        subprocess.run(["dpkg-deb", "-R", package, tree], check=True, timeout=60)
        control = tree / "DEBIAN/control"
        control.write_text(re.sub(r"^Version: .*$", f"Version: {version}", control.read_text(), flags=re.M))
        made = folder / f"kakehashi_{version}_amd64.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "-b", tree, made], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
    return made


@unittest.skipUnless(os.environ.get("KAKEHASHI_LONG") == "1", "long: KAKEHASHI_LONG=1")
@unittest.skipIf(machines.missing(), machines.missing())
class Walk(unittest.TestCase):
    maxDiff = None

    def test_from_the_package_to_the_purge(self):
        self.transcript = Transcript("A newcomer's walk")
        self.transcript.say(INTRODUCTION)
        self.steps = {step.name: step for step in chapter.steps(chapter.chapter())}
        package = self.build()
        self.machine = machines.Machine(CACHE)
        self.usb = self.machine.root / USB
        shutil.copytree(package.parent, self.usb)
        self.hospital = Hospital(self.machine, self.machine.folder)
        self.hospital.furnish(self.usb)
        self.machine.boot()
        self.hospital.permit()
        self.install()
        self.start()
        self.sandbox_is_on()
        self.change()
        self.upgrade(package)
        self.refuse_newer_state()
        self.bring_forward_old_state()
        self.reboot()
        self.remove_and_come_back()
        self.purge()
        self.machine.power_off()
        self.compare_transcript()

    # What is typed and looked at

    def type(self, name):
        """Types a step of the chapter; all that it printed."""
        seen = []
        for command in self.steps[name].commands:
            code, output = self.machine.run(command, f"/{USB}")
            self.transcript.command(command, output, code)
            self.assertEqual(code, 0, f"{command}\n{output}")
            seen.append(output)
        return "\n".join(seen)

    def look(self, command, expected_code=0):
        code, output = self.machine.run(command, f"/{USB}")
        self.transcript.say("Looked at:")
        self.transcript.command(command, output, code)
        self.assertEqual(code, expected_code, f"{command}\n{output}")
        return output

    def property(self, name):
        return self.machine.run(f"systemctl show --value -p {name} {SERVICE}")[1].strip()

    def wait_for_property(self, name, value, seconds=60):
        latest = time.monotonic() + seconds
        while self.property(name) != value:
            self.assertLess(time.monotonic(), latest, f"{name} is {self.property(name)}, not {value}:\n" +
                            self.machine.run(f"journalctl -u {SERVICE} --no-pager -n 30")[1])
            time.sleep(0.2)

    def nothing_is_sent_again(self, what):
        """Long enough for the sweep of a start, which would send everything if the state did not know it."""
        before = len(self.hospital.requests())
        wanted = len(self.hospital.accepted()) + 1
        self.hospital.new_report()
        self.hospital.wait_for(wanted)
        self.assertEqual(len(self.hospital.requests()), before + 1, f"{what}: only the new report is sent")

    # The walk

    def build(self):
        self.transcript.heading("Build")
        script = "set -e\n" + "\n".join(self.steps["build"].commands)
        done = subprocess.run(["bash", "-c", script], cwd=SOURCE_DIR, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=3600, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:])
        for command in self.steps["build"].commands:
            self.transcript.command(command, "...")
        packages = sorted((SOURCE_DIR / ".build/release/package").glob("kakehashi_*.deb"))
        self.assertEqual(len(packages), 1, packages)
        return packages[0]

    def install(self):
        self.transcript.heading("Install")
        self.began = time.monotonic()
        self.type("install")
        self.hospital.start_platform()
        self.assertEqual(self.property("ActiveState"), "inactive")
        self.assertEqual(self.look(f"stat -c '%a %U:%G %n' /etc/kakehashi /{SETTINGS}"),
                         f"750 root:kakehashi /etc/kakehashi\n640 root:kakehashi /{SETTINGS}\n")
        self.look("man -w kakehashi gateway.xml kakehashi-mapping mapping")
        self.transcript.say("A start before the settings are edited says why it fails, and does not try for ever:")
        self.machine.run(f"systemctl start {SERVICE}")
        self.wait_for_property("ActiveState", "failed")
        self.assertEqual((self.property("NRestarts"), self.property("ExecMainStatus")), ("0", "2"))
        self.look("journalctl -u kakehashi --no-pager -n 5 -o cat")
        self.machine.run(f"systemctl reset-failed {SERVICE}")

    def start(self):
        self.transcript.heading("Settings and start")
        for name in ("storage", "certificates", "settings", "check", "start"):
            self.type(name)
        self.hospital.wait_for(self.hospital.expected)
        minutes = (time.monotonic() - self.began) / 60
        self.assertLess(minutes, 15)
        print(f"from the package to {self.hospital.expected} accepted Bundles in {60 * minutes:.0f} s of the machine's time")
        self.assertIn(f"{self.hospital.expected} delivered", self.type("look"))

    def sandbox_is_on(self):
        self.transcript.heading("The sandbox")
        status = self.look(f"grep -E '^(Uid|CapBnd|NoNewPrivs|Seccomp):' /proc/{self.property('MainPID')}/status".replace(
            self.property("MainPID"), "$(systemctl show --value -p MainPID kakehashi)"))
        self.assertRegex(status, r"CapBnd:\s+0+\n")
        self.assertRegex(status, r"NoNewPrivs:\s+1\n")
        self.assertRegex(status, r"Seccomp:\s+2\n")
        self.assertNotRegex(status, r"Uid:\s+0\b")
        self.look("nsenter --mount --target $(systemctl show --value -p MainPID kakehashi) touch /srv/ssmix2/standard/x", 1)

    def change(self):
        self.transcript.heading("Changed settings")
        self.machine.run(f"sed -i 's|level=\"info\"|level=\"debug\"|' /{SETTINGS}")
        before = self.property("MainPID")
        self.type("change")
        self.assertEqual(self.property("MainPID"), before, "a reload keeps the process")
        self.assertIn("KKH-1202", self.look("journalctl -u kakehashi -o cat | grep -E 'KKH-120[0-9]'"))
        self.nothing_is_sent_again("a reload")
        self.look("systemctl restart kakehashi")
        self.wait_for_property("ActiveState", "active")
        self.assertNotEqual(self.property("MainPID"), before)
        self.nothing_is_sent_again("a restart")

    def carry(self, package):
        for old in self.usb.glob("kakehashi_*.deb"):
            old.unlink()
        shutil.copy(package, self.usb)

    def upgrade(self, package):
        self.transcript.heading("Upgrade")
        made = self.machine.folder
        self.carry(as_version(package, "0.1.0-2", made))
        before = self.property("MainPID")
        self.type("upgrade")
        self.wait_for_property("ActiveState", "active")
        self.assertNotEqual(self.property("MainPID"), before, "a gateway that runs is started anew")
        self.nothing_is_sent_again("an upgrade")
        self.transcript.say("One whose settings the new version refuses:")
        self.machine.run(f"sed -i 's|<log level|<logg level|' /{SETTINGS}")
        self.carry(as_version(package, "0.1.0-3", made))
        before = self.property("MainPID")
        self.assertIn("goes on as it was", self.type("upgrade"))
        self.assertEqual((self.property("ActiveState"), self.property("MainPID")), ("active", before))
        self.nothing_is_sent_again("an upgrade that is not taken")
        self.machine.run(f"sed -i 's|<logg level|<log level|' /{SETTINGS}")
        self.look("systemctl restart kakehashi")
        self.nothing_is_sent_again("the restart after it")

    def state_version(self, number=None):
        """Of the database, as it is; afterwards it is `number`."""
        with closing(sqlite3.connect(self.machine.root / STATE / "kakehashi.db")) as database, database:
            found = database.execute("PRAGMA user_version").fetchone()[0]
            if number is not None:
                database.execute(f"PRAGMA user_version = {number}")
        return found

    def refuse_newer_state(self):
        self.transcript.heading("A state of a newer version")
        self.look("systemctl stop kakehashi")
        self.known = self.state_version(99)
        self.machine.run("systemctl start kakehashi")
        self.wait_for_property("ActiveState", "failed", 120)
        told = self.look("journalctl -u kakehashi --no-pager -n 5 -o cat")
        self.assertIn("newer version", told)
        self.assertEqual(self.property("NRestarts"), "0", "another start changes nothing")
        self.state_version(self.known)
        self.machine.run("systemctl reset-failed kakehashi; systemctl start kakehashi")
        self.nothing_is_sent_again("the state as it was")

    def bring_forward_old_state(self):
        """With mode="dry-run", because that state knows nothing of this hospital."""
        self.transcript.heading("A state of the first release")
        code, output = self.machine.run(
            f"systemctl stop kakehashi && cp -a /{SETTINGS} /{SETTINGS}.kept && mv /{STATE} /{STATE}.kept && "
            f"sed -i 's|mode=\"send\"|mode=\"dry-run\"|' /{SETTINGS} && "
            f"install -d -m 700 -o kakehashi -g kakehashi /{STATE}")
        self.assertEqual(code, 0, output)
        first = (SOURCE_DIR / "tests/unit/gateway/schema_2.sql").read_text(encoding="utf-8")
        with closing(sqlite3.connect(self.machine.root / STATE / "kakehashi.db")) as database, database:
            database.executescript(first.replace("1319999999", "1310000001"))
        before = self.state_version()
        self.assertLess(before, self.known)
        self.machine.run(f"chown kakehashi:kakehashi /{STATE}/kakehashi.db && systemctl start kakehashi")
        self.wait_for_property("ActiveState", "active")
        wait_until(lambda: self.state_version() == self.known, 60, "the state of this version")
        self.look(f"runuser -u kakehashi -- kakehashi status --config /{SETTINGS}")
        code, output = self.machine.run(f"systemctl stop kakehashi && rm -r /{STATE} && mv /{STATE}.kept /{STATE} && "
                                        f"mv /{SETTINGS}.kept /{SETTINGS} && systemctl start kakehashi")
        self.assertEqual(code, 0, output)
        self.nothing_is_sent_again("the state of this version")

    def reboot(self):
        self.transcript.heading("The server is started anew")
        self.machine.power_off()
        self.machine.boot()
        self.hospital.start_platform()
        self.wait_for_property("ActiveState", "active")
        self.nothing_is_sent_again("a boot")

    def remove_and_come_back(self):
        self.transcript.heading("Remove, and come back")
        self.type("remove")
        self.assertEqual(self.property("ActiveState"), "inactive")
        self.look(f"ls /{SETTINGS} /{STATE}")
        self.look("ls /usr/bin/kakehashi", 2)
        self.type("install")
        self.type("start")
        self.nothing_is_sent_again("another installation")

    def purge(self):
        self.transcript.heading("Purge")
        purge, delete = self.steps["purge"].commands
        code, output = self.machine.run(purge)
        self.transcript.command(purge, output, code)
        self.assertEqual(code, 0, output)
        self.assertIn(f"/{STATE} is kept", output)
        self.assertIn("/etc/kakehashi is kept", output)
        self.look(f"ls /{SETTINGS}", 2)
        self.assertTrue((self.machine.root / STATE / "kakehashi.db").exists())
        self.transcript.say("Who comes back after all finds what was sent:")
        for name in ("install", "settings", "start"):
            self.type(name)
        self.nothing_is_sent_again("an installation after a purge")
        self.machine.run(purge)
        code, output = self.machine.run(delete)
        self.transcript.command(delete, output, code)
        self.assertEqual(code, 0, output)
        left = self.look("find /etc /usr /var/lib -iname '*kakehashi*'")
        self.assertEqual(left, "")
        self.look("systemctl --failed --no-legend")

    def compare_transcript(self):
        if os.environ.get("KAKEHASHI_UPDATE_TRANSCRIPT") == "1":
            TRANSCRIPT.write_text(self.transcript.text, encoding="utf-8")
        self.assertEqual(Transcript.commands(TRANSCRIPT.read_text(encoding="utf-8")),
                         Transcript.commands(self.transcript.text),
                         "TRANSCRIPT.md is of other commands: write it anew with KAKEHASHI_UPDATE_TRANSCRIPT=1")


if __name__ == "__main__":
    unittest.main()
