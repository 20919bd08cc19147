"""What the independent validator and `kakehashi validate` say of many Bundles. Behind the Bundles of each file stands one
that is broken on purpose: a judge who finds nothing wrong with it has not looked, and that is an error of the test."""

import re
import subprocess
from collections import Counter
from typing import NamedTuple

from support import SOURCE_DIR, json_lines, program, temporary_directory

CLINS = ("AllergyIntolerance", "Condition", "Observation")  # what CLINS takes
PRESCRIPTION = "MedicationRequest"  # alone it is nothing that CLINS takes: judged by the profiles that it claims


class Findings(NamedTuple):
    bundles: int
    errors: Counter  # by kind, rule and element
    warnings: Counter  # by rule
    examples: dict  # of each of the errors, what was said


def _broken(text):
    """A collection that says it is a transaction: FHIR and CLINS alike refuse it."""
    broken, count = re.subn(r'"type": ?"collection"', '"type":"transaction"', text, count=1)
    if count != 1:
        raise RuntimeError(f"no collection to be broken: {text[:300]}")
    return broken


def _write(path, texts):
    """One a line, and the broken one; as they are, because to parse them would be to mend them."""
    texts = list(texts)
    if any("\n" in text for text in texts):
        raise RuntimeError("a Bundle of more than one line")
    path.write_text("".join(text + "\n" for text in [*texts, _broken(texts[-1])]), encoding="utf-8")
    return path


def _element(location):
    """Bundle.entry[3].resource.code.coding[1] as code.coding."""
    return re.sub(r"\[\d+\]", "", location.split(".resource.", 1)[-1])


class _Count:
    def __init__(self):
        self.errors, self.warnings, self.examples = Counter(), Counter(), {}

    def add(self, kind, severity, rule, location, said):
        if severity != "error":
            self.warnings[rule] += 1
            return
        where = (kind, rule, _element(location))
        self.errors[where] += 1
        self.examples.setdefault(where, said)

    def findings(self, bundles):
        return Findings(bundles, self.errors, self.warnings, self.examples)


def judged_by_validator(validator, by_kind):
    """By JP-CLINS 1.5.3; `by_kind` has the Bundles' texts."""
    folder = temporary_directory("theirs")
    files = {_write(folder / f"{kind}.ndjson", texts): kind for kind, texts in by_kind.items() if texts}
    count, bundles = _Count(), 0
    for options, chosen in ((["--clins"], [file for file, kind in files.items() if kind in CLINS]),
                            ([], [file for file, kind in files.items() if kind == PRESCRIPTION])):
        judgements = validator.judge(chosen, *options)
        for file in chosen:
            kind, texts = files[file], len(by_kind[files[file]])
            if not judgements.pop(f"{file}:{texts + 1}").errors:
                raise RuntimeError(f"the independent validator finds no error in a broken {kind} Bundle")
            for line in range(1, texts + 1):
                for issue in judgements.pop(f"{file}:{line}").issues:
                    count.add(kind, issue.severity, issue.rule, issue.location, issue.message)
            bundles += texts
        if judgements:
            raise RuntimeError(f"judged without being asked: {sorted(judgements)[:3]}")
    return count.findings(bundles)


def judged_by_ours(by_kind, pack):
    """The same by `kakehashi validate` with that pack."""
    folder = temporary_directory("ours")
    files = {str(_write(folder / f"{kind}.ndjson", texts)): kind for kind, texts in by_kind.items() if texts}
    done = subprocess.run([program("gateway/kakehashi"), "validate", "--pack", pack.removeprefix("jp-clins-"),
                           "--profiles", SOURCE_DIR / "config/profiles", *files], capture_output=True, text=True,
                          encoding="utf-8", timeout=900, check=False)
    if done.returncode != 3:  # 3: there are errors, those of the broken ones
        raise RuntimeError(f"validate ended with {done.returncode}: {done.stderr[-1000:]}")
    bundles = sum(len(by_kind[kind]) for kind in files.values())
    if not re.search(rf"\b{bundles + len(files)} texts? by {re.escape(pack)}: ", done.stderr):
        raise RuntimeError(f"validate has not read {bundles + len(files)} Bundles: {done.stderr[-1000:]}")
    count, refused = _Count(), set()
    for issue in json_lines(done.stdout):
        kind = files[issue["file"]]
        if issue["line"] <= len(by_kind[kind]):
            count.add(kind, issue["severity"], issue["rule"], issue["location"], issue["en"])
        elif issue["severity"] == "error":
            refused.add(issue["file"])
    if refused != set(files):
        raise RuntimeError(f"validate finds no error in broken Bundles: {sorted(set(files) - refused)}")
    return count.findings(bundles)
