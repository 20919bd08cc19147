"""The manual's tutorial, word for word: its files are written, its commands typed, and what they print is compared.

A file of the tutorial is a fence with file=NAME, written where it stands in the text; a fence `console` has commands
behind `$ ` and below each what it prints, on stdout and stderr together.
"""

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from manual import MANUAL, fences
from scene import main
from support import SOURCE_DIR, program, temporary_directory

MARK = "-- end of command "


class Shell:
    """One bash for all commands, because they share variables."""

    def __init__(self, directory):
        path = f"{Path(program('gateway/kakehashi')).parent}:{os.environ['PATH']}"
        self.bash = subprocess.Popen(["bash"], cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True, encoding="utf-8",
                                     env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"})

    def type(self, command):
        self.bash.stdin.write(f"{{ {command}\n}} < /dev/null\necho '{MARK}'\n")
        self.bash.stdin.flush()
        printed = []
        for line in self.bash.stdout:
            if line == MARK + "\n":
                return "".join(printed)
            printed.append(line)
        raise AssertionError(f"the shell ended at: {command}\n{''.join(printed)}")

    def close(self):
        self.bash.stdin.close()
        self.bash.stdout.close()
        self.bash.wait(30)


def commands(console):
    """[command, what it prints] in their order."""
    typed = []
    for line in console.splitlines(keepends=True):
        if line.startswith("$ "):
            typed.append([line[2:].rstrip("\n"), ""])
        elif typed:
            typed[-1][1] += line
        else:
            raise AssertionError(f"nothing was typed before: {line}")
    return typed


class TutorialTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.directory = temporary_directory("tutorial")
        shutil.copytree(SOURCE_DIR / "config", self.directory / "config")
        self.shell = Shell(self.directory)
        self.addCleanup(self.shell.close)

    def write(self, fence):
        path = self.directory / fence.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fence.body, encoding="utf-8")

    def test_every_step_prints_what_the_tutorial_shows(self):
        typed = 0
        for fence in fences("Tutorial"):
            if fence.file:
                self.write(fence)
                continue
            self.assertEqual(fence.info, ["console"], f"{MANUAL}:{fence.line}")
            for command, shown in commands(fence.body):
                # Where the reader works, and on what.
                printed = re.sub(rf"^state {self.directory}/state: [^,]+,", "state /srv/tryout/state: ext4,",
                                 self.shell.type(command), flags=re.M)
                self.assertEqual(printed, shown, f"{MANUAL}:{fence.line}: {command}")
                typed += 1
        self.assertGreater(typed, 10)
        document = next((self.directory / "storage").rglob("*_OML-11_*")).read_bytes()
        self.assertIn(b"\x1b$B", document, "ISO-2022-JP")

    def test_the_files_of_the_tutorial_agree_with_the_schemas_for_editors(self):
        if shutil.which("xmllint") is None:
            self.skipTest("xmllint is not here")
        schemas = {"gateway.xml": "gateway.xsd", "results.xml": "mapping.xsd", "results.case.xml": "mapping-case.xsd"}
        checked = 0
        for fence in fences("Tutorial"):
            if not fence.file or not fence.file.endswith(".xml"):
                continue
            self.write(fence)
            done = subprocess.run(["xmllint", "--noout", "--schema",
                                   SOURCE_DIR / "config/schema" / schemas[Path(fence.file).name],
                                   self.directory / fence.file], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, f"{MANUAL}:{fence.line}\n{done.stderr}")
            checked += 1
        self.assertEqual(checked, 4)

    def test_the_case_that_explains_cases_passes(self):
        settings = next(fence for fence in fences("Tutorial") if fence.file == "gateway.xml")
        self.write(settings._replace(body=re.sub(' overlay="site"', "", settings.body)))
        cases = [fence for fence in fences("Testing a mapping") if fence.info == ["xml", "cases"]]
        self.assertEqual(len(cases), 1)
        (self.directory / "shown.case.xml").write_text(cases[0].body, encoding="utf-8")
        self.assertEqual(self.shell.type("kakehashi mapping test --config gateway.xml shown.case.xml"),
                         "1 case, 1 passed\n")


if __name__ == "__main__":
    main()
