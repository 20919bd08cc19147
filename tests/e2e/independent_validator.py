"""The independent JP-CLINS validator that KAKEHASHI_VALIDATOR names: what it says of files, as values.

It is a program of its own (Node), shares nothing with the product, and its folder may be read-only: where its libraries
are missing, a copy in the temporary folder is set up once and used from then on.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple


class Issue(NamedTuple):
    severity: str  # error, warning
    rule: str
    location: str
    message: str


class Judgement(NamedTuple):
    issues: list
    unchecked: list

    @property
    def errors(self):
        return [issue for issue in self.issues if issue.severity == "error"]


class Unavailable(Exception):
    """Says in a sentence what is missing."""


def _named_folder():
    folder = Path(os.environ["KAKEHASHI_VALIDATOR"])
    if not (folder / "validate.mjs").is_file():
        raise Unavailable(f"there is no validate.mjs in {folder}, which KAKEHASHI_VALIDATOR names")
    if shutil.which("node") is None:
        raise Unavailable("node is not installed: the independent validator needs Node 20")
    return folder


def _digest(folder):
    digest = hashlib.sha256()
    for path in [folder / "validate.mjs", folder / "package-lock.json", *sorted((folder / "lib").glob("*.mjs"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _set_up_copy(folder):
    """Made beside its place and renamed, so that of two tests that begin at once none sees half of it."""
    kept = Path(tempfile.gettempdir()) / f"kakehashi-validator-{os.getuid()}-{_digest(folder)}"
    if not (kept / "node_modules").is_dir():
        made = Path(tempfile.mkdtemp(prefix="kakehashi-validator-"))
        shutil.copytree(folder, made, dirs_exist_ok=True)
        done = subprocess.run(["bash", made / "setup.sh"], capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            shutil.rmtree(made, ignore_errors=True)
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise Unavailable(f"the independent validator's setup.sh failed: {' '.join(last)}")
        try:
            made.rename(kept)
        except OSError:  # another test was quicker
            shutil.rmtree(made, ignore_errors=True)
    return kept


class IndependentValidator:
    def __init__(self):
        folder = _named_folder()
        self.examples = folder.parent / "clins" / "examples"
        self.folder = folder if (folder / "node_modules").is_dir() else _set_up_copy(folder)

    def judge(self, files, *options, seconds=3600):
        """{file, of an .ndjson "file:line": Judgement}: one process for all files, two where there is much to read."""
        bytes_of = {file: Path(file).stat().st_size for file in files}
        parts = [[] for _ in range(2 if sum(bytes_of.values()) > 3_000_000 else 1)]
        for file in sorted(files, key=lambda file: -bytes_of[file]):
            min(parts, key=lambda part: sum(map(bytes_of.get, part))).append(file)
        judgements = {}
        with ThreadPoolExecutor(2) as both:
            for found in both.map(lambda part: self._judge(part, options, seconds), filter(None, parts)):
                judgements.update(found)
        return judgements

    def _judge(self, files, options, seconds):
        command = ["node", self.folder / "validate.mjs", "--json", *options, *files]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, encoding="utf-8",
                              timeout=seconds, check=False)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"the independent validator ended with {done.returncode}: {done.stderr[-1000:]}")
        return {result["file"]: Judgement([Issue(each["severity"], each["rule"], each["path"], each["message"])
                                           for each in result["issues"]], result["unchecked"])
                for result in json.loads(done.stdout)["results"]}


def validator_or_skip():
    """Nobody named one: the tests are skipped. One is named and cannot be run: they fail, lest it be believed."""
    if not os.environ.get("KAKEHASHI_VALIDATOR"):
        raise unittest.SkipTest("KAKEHASHI_VALIDATOR is not set: it names the folder of an independent validator")
    return IndependentValidator()
