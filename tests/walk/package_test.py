"""The Debian package without a system to install it on: what it holds, its unit, its manual pages, the manual's commands.

KAKEHASHI_BIN_DIR=.build/release python3 tests/walk/package_test.py -v
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

import chapter
from transcript import Transcript

SOURCE_DIR = chapter.SOURCE_DIR
sys.path.insert(0, str(SOURCE_DIR / "tests/e2e"))
from support import program  # noqa: E402

VENDOR = ("mapping", "terminology", "profiles", "schema")
DOC = "usr/share/doc/kakehashi"
# What every Debian has; the rest of what the package needs is carried to the server with it.
ALWAYS_THERE = {"systemd", "libc6", "libgcc-s1", "libssl3", "libstdc++6"}
# The exposure that `systemd-analyze security` gives, in tenths: 1.5 is what the unit promises.
EXPOSURE = 15
XSD = "{http://www.w3.org/2001/XMLSchema}"


def run(*command, **keywords):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=240,
                          check=False, **keywords)


def needs(name):
    return unittest.skipIf(shutil.which(name) is None, f"{name} is not installed (tests/prepare.sh --developer)")


class PackageTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        build = Path(program("gateway/kakehashi")).parents[1]
        made = run("cmake", "--build", build, "--target", "deb")
        if made.returncode != 0:
            raise RuntimeError(made.stdout[-3000:] + made.stderr[-3000:])
        cls.package, = (build / "package").glob("kakehashi_*.deb")
        folder = tempfile.TemporaryDirectory(prefix="kakehashi-package-")
        cls.addClassCleanup(folder.cleanup)
        cls.tree = Path(folder.name) / "tree"
        run("dpkg-deb", "-R", cls.package, cls.tree)

    def files(self):
        return {path.relative_to(self.tree).as_posix() for path in self.tree.rglob("*")
                if not path.is_dir() and "DEBIAN" not in path.parts}

    def page(self, name):
        """A manual page as its reader sees it, without hyphenation and emphasis."""
        page = gzip.decompress((self.tree / f"usr/share/man/man{name[-1]}/{name}.gz").read_bytes()).decode()
        return page.replace("\\-", "-").replace("\\(aq", "'").replace("\\(dq", '"').replace("\\fB", "").replace(
            "\\fI", "").replace("\\fP", "")

    # What it holds

    def test_it_holds_the_program_all_shipped_rules_and_tables_and_nothing_else(self):
        vendor = {f"usr/share/kakehashi/{path.relative_to(SOURCE_DIR / 'config').as_posix()}"
                  for folder in VENDOR for path in (SOURCE_DIR / "config" / folder).rglob("*")
                  if path.is_file() and path.name != "README.md"}
        self.assertGreater(len(vendor), 50)
        self.assertEqual(self.files(), vendor | {
            "usr/bin/kakehashi", "usr/lib/systemd/system/kakehashi.service", "usr/lib/sysusers.d/kakehashi.conf",
            "usr/share/kakehashi/gateway.xml", "usr/share/lintian/overrides/kakehashi",
            "usr/share/man/man1/kakehashi.1.gz", "usr/share/man/man5/gateway.xml.5.gz",
            "usr/share/man/man5/kakehashi-mapping.5.gz",
            *(f"{DOC}/{name}" for name in ("README.md", "README.ja.md", "config/README.md", "config/profiles/README.md",
                                           "systemd/README.md", "systemd/RUNBOOK.md", "systemd/MESSAGES.md",
                                           "systemd/monitoring/README.md", "systemd/monitoring/alerts.yml",
                                           "systemd/monitoring/prometheus.yml", "copyright", "changelog.gz", "changelog.Debian.gz"))})

    def test_no_update_asks_about_a_file(self):
        self.assertFalse((self.tree / "DEBIAN/conffiles").exists())
        self.assertEqual([name for name in self.files() if name.startswith("etc/")], [])

    def test_its_files_are_roots_and_nobody_else_writes_them(self):
        for line in run("dpkg-deb", "-c", self.package).stdout.splitlines():
            mode, owner = line.split()[:2]
            self.assertEqual(owner, "root/root", line)
            self.assertIn(mode, ("drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"), line)

    def test_the_settings_it_begins_with_name_the_shipped_rules_and_the_sites_folder(self):
        settings = (self.tree / "usr/share/kakehashi/gateway.xml").read_text(encoding="utf-8")
        self.assertIn('<mapping directory="/usr/share/kakehashi/mapping" overlay="site"/>', settings)
        self.assertTrue((self.tree / "etc/kakehashi/site").is_dir())

    def test_what_it_needs_beyond_a_plain_debian_is_what_the_manual_fetches(self):
        depends = run("dpkg-deb", "-f", self.package, "Depends").stdout
        needed = {word.split()[0] for word in depends.split(", ")}
        build = next(step for step in chapter.steps(chapter.chapter()) if step.name == "build")
        fetched = set(build.commands[-1].removeprefix("apt-get download ").split())
        self.assertEqual(needed - ALWAYS_THERE, fetched)

    @needs("lintian")
    def test_lintian_has_no_complaint(self):
        found = run("lintian", "--fail-on", "error,warning", "--tag-display-limit", "0", "--allow-root", self.package)
        self.assertEqual((found.returncode, found.stdout), (0, ""), found.stderr)

    def test_its_scripts_are_what_a_plain_shell_takes(self):
        for name in ("postinst", "prerm", "postrm"):
            self.assertEqual(run("sh", "-n", self.tree / "DEBIAN" / name).stderr, "")

    # The unit

    @needs("systemd-analyze")
    def test_systemd_understands_every_directive_of_the_unit(self):
        """`verify` looks for the program at the place of this machine: the copy names the one that was unpacked."""
        unit = self.tree / "usr/lib/systemd/system/kakehashi.service"
        copy = self.tree.parent / "kakehashi.service"
        copy.write_text(unit.read_text().replace("/usr/bin/kakehashi", str(self.tree / "usr/bin/kakehashi")))
        found = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", copy)
        self.assertEqual((found.returncode, found.stdout + found.stderr), (0, ""))

    @needs("systemd-analyze")
    def test_whatever_breaks_into_the_process_finds_little(self):
        found = run("systemd-analyze", "security", "--no-pager", "--offline=yes", f"--threshold={EXPOSURE}",
                    self.tree / "usr/lib/systemd/system/kakehashi.service")
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)

    # Manual pages

    def test_the_manual_page_has_every_command_and_every_option(self):
        page = self.page("kakehashi.1")
        main = (SOURCE_DIR / "gateway/main.cpp").read_text(encoding="utf-8")
        commands = re.findall(r'\{"([\w-]+)", gateway::command_\w+\}', main)
        self.assertGreater(len(commands), 10)
        for command in commands:
            self.assertTrue(re.search(rf"^\.SS {command}\b", page, re.M), command)
        options = {name for path in (SOURCE_DIR / "gateway").glob("command*.cpp")
                   for name in re.findall(r'\b(?:flag|value|values)\(\s*"([\w-]+)"', path.read_text(encoding="utf-8"))}
        self.assertGreater(len(options), 20)
        for option in options | set(re.findall(r"--([\w-]+)", run(program("gateway/kakehashi"), "--help").stdout)):
            self.assertTrue(re.search(rf"^\.TP\n(\.BI? )?--{option}\b", page, re.M), f"--{option} has no paragraph")

    def test_the_manual_page_has_every_setting(self):
        page = self.page("gateway.xml.5")
        schema = ElementTree.parse(SOURCE_DIR / "config/schema/gateway.xsd")
        for element in schema.iter(f"{XSD}element"):
            self.assertTrue(f".SS <{element.get('name')}>" in page, element.get("name"))
        names = [attribute.get("name") for attribute in schema.iter(f"{XSD}attribute")]
        self.assertGreater(len(names), 40)
        for name in names:
            self.assertTrue(re.search(rf"^\.TP\n{name}( \(required\))?$", page, re.M), name)

    def test_the_manual_page_has_every_element_of_the_mapping_language(self):
        page = self.page("kakehashi-mapping.5")
        for element in ElementTree.parse(SOURCE_DIR / "config/schema/mapping.xsd").iter(f"{XSD}element"):
            self.assertTrue(f"<{element.get('name')}" in page, element.get("name"))

    @needs("man")
    def test_manual_pages_are_set_without_a_warning(self):
        for page in self.tree.glob("usr/share/man/*/*.gz"):
            done = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page,
                       env={**os.environ, "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"})
            self.assertEqual((done.returncode, done.stderr), (0, ""), page.name)

    # The chapter that the walk follows

    def test_the_chapter_has_the_steps_that_the_walk_takes(self):
        steps = chapter.steps(chapter.chapter())
        self.assertEqual([step.name for step in steps], chapter.STEPS)
        fences = re.findall(r"^```sh$", chapter.chapter(), re.M)
        self.assertEqual(len(fences), len(steps), "a block of commands without its <!-- walk: … -->")
        for step in steps:
            self.assertEqual(run("bash", "-n", input="\n".join(step.commands)).stderr, "", step.name)

    def test_the_japanese_chapter_has_the_same_commands(self):
        japanese = chapter.chapter("README.ja.md", "導入の手順")
        self.assertEqual(chapter.steps(japanese), chapter.steps(chapter.chapter()))

    def test_the_transcript_is_of_these_commands(self):
        seen = Transcript.commands((SOURCE_DIR / "tests/walk/TRANSCRIPT.md").read_text(encoding="utf-8"))
        for step in chapter.steps(chapter.chapter()):
            for command in step.commands:
                self.assertIn(command, seen)


if __name__ == "__main__":
    unittest.main()
