"""`kakehashi validate` against an independent validator: the same rule at the same place, of what is broken on purpose.

The verdict that counts is the other one's, not ours; where they differ and a person has decided who is right, the row
stands in validator_differences.tsv. KAKEHASHI_VALIDATOR names it; without it the tests are skipped.
"""

import csv
import json
import re
import subprocess
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

from independent_validator import validator_or_skip
from mutations import ALLOWED, table
from scene import Scene, Storage, kind_of, main
from support import SOURCE_DIR, json_lines, program, temporary_directory

GOLDEN = {"Condition": "PPR-01/modifiers-and-an-ended-one", "Observation": "OML-11/values-and-codes",
          "AllergyIntolerance": "ADT-61/drug-food-pollen-contraindication", "MedicationRequest": "OMP-01/two-rps"}
LEAST_AGREEMENT = 0.98


class Difference(NamedTuple):
    side: str  # who has the error: ours, theirs
    rule: str
    location: str
    file: Path


class Decision(NamedTuple):
    side: str
    rule: str
    location: str  # expression for the whole location
    right: str  # ours, theirs
    why: str


def decisions():
    path = Path(__file__).with_name("validator_differences.tsv")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [Decision(*row) for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def verdict(rule):
    """What cannot be evaluated is refused by that rule: the same verdict."""
    return rule.removesuffix("/unevaluable")


def validate(files):
    """What ours says: {file: [(rule, location) of each error]}; and the exit code."""
    command = [program("gateway/kakehashi"), "validate", "--pack", "1.5.3", "--profiles",
               SOURCE_DIR / "config/profiles", *files]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, encoding="utf-8",
                          timeout=600, check=False)
    if done.returncode not in (0, 3):
        raise RuntimeError(f"validate ended with {done.returncode}: {done.stderr[-1000:]}")
    said = defaultdict(set)
    for line in json_lines(done.stdout):
        if line["severity"] == "error":
            said[Path(line["file"])].add((verdict(line["rule"]), line["location"]))
    return said


class ValidateParityTest(Scene):
    @classmethod
    def setUpClass(cls):
        cls.validator = validator_or_skip()
        super().setUpClass()
        cls.folder = temporary_directory("mutants")
        cls.mutants = {}  # file -> Mutation; those of Bundles that nobody changed are None
        bases = [(kind, json.loads((SOURCE_DIR / f"tests/golden/{name}.json").read_text(encoding="utf-8")))
                 for kind, name in GOLDEN.items()]
        cls.make_mutants("golden", bases, whole=True)
        cls.make_mutants("made", cls.made_bundles(), whole=False)
        cls.examples = sorted(cls.validator.examples.glob("*.json"))
        plain = [path for path, (base, _) in cls.mutants.items() if base == "MedicationRequest"]
        clins = [path for path in cls.mutants if path not in set(plain)]
        judged = {**cls.validator.judge([*clins, *cls.examples], "--clins"), **cls.validator.judge(plain)}
        cls.theirs = {Path(file): {(verdict(issue.rule), issue.location) for issue in judgement.errors}
                      for file, judgement in judged.items()}
        cls.ours = validate([*cls.mutants, *cls.examples])

    @classmethod
    def made_bundles(cls):
        """Of each kind the largest valid one that a generated storage gives: it has most to break."""
        storage = Storage()
        storage.tree(seed=11, patients=12, labs=2, prescriptions=2)
        gateway = cls().make_gateway(storage, "https://platform.example/fhir", pack="jp-clins-1.5.3")
        bundles = gateway.map(storage.root).bundles
        path = cls.folder / "made.ndjson"
        path.write_text("".join(json.dumps(bundle, ensure_ascii=False) + "\n" for bundle in bundles), encoding="utf-8")
        judged = cls.validator.judge([path])
        largest = {}
        for number, bundle in enumerate(bundles, 1):
            kind = kind_of(bundle)
            if not judged[f"{path}:{number}"].errors and len(bundle["entry"]) > len(
                    largest.get(kind, {"entry": []})["entry"]):
                largest[kind] = bundle
        return sorted(largest.items())

    @classmethod
    def make_mutants(cls, name, bases, whole):
        """`whole`: every mutation must be possible."""
        bases = dict(bases)
        for kind, bundle in bases.items():
            path = cls.folder / f"{name}-{kind}.json"
            path.write_text(json.dumps(bundle, ensure_ascii=False), encoding="utf-8")
            cls.mutants[path] = (kind, None)
        for number, mutation in enumerate(table()):
            try:
                data = mutation.of(bases[mutation.base])
            except (LookupError, StopIteration):
                if whole:
                    raise
                continue
            path = cls.folder / f"{name}-{number:03}.json"
            path.write_bytes(data)
            cls.mutants[path] = (mutation.base, mutation)

    def name_of(self, path):
        if path not in self.mutants:
            return path.name
        _, mutation = self.mutants[path]
        return f"{path.name.split('-')[0]}: {mutation.name}" if mutation else path.name

    def differences(self, files):
        """(those that nobody decided, how many errors both have, how many differences are decided)."""
        left, agreed, decided, rows = [], 0, 0, decisions()
        for path in files:
            ours, theirs = self.ours[path], self.theirs[path]
            agreed += len(ours & theirs)
            for side, errors in (("ours", ours - theirs), ("theirs", theirs - ours)):
                for rule, location in sorted(errors):
                    if any(row.side == side and row.rule == rule and re.fullmatch(row.location, location)
                           for row in rows):
                        decided += 1
                    else:
                        left.append(Difference(side, rule, location, path))
        return left, agreed, decided

    def listed(self, differences):
        return "\n".join(f"{each.side} alone: {each.rule} at {each.location} ({self.name_of(each.file)})"
                         for each in differences)

    def test_what_is_not_broken_has_no_errors(self):
        for path, (_, mutation) in self.mutants.items():
            if mutation is None:
                with self.subTest(path.name):
                    self.assertEqual((self.theirs[path], self.ours[path]), (set(), set()))

    def test_every_mutation_breaks_the_rule_that_it_names(self):
        self.assertGreaterEqual(sum(mutation is not None for _, mutation in self.mutants.values()), 200)
        for path, (_, mutation) in self.mutants.items():
            if mutation is None or not path.name.startswith("golden"):
                continue
            rules = sorted({rule for rule, _ in self.theirs[path]})
            with self.subTest(mutation.name):
                if mutation.rule == ALLOWED:
                    self.assertEqual(rules, [])
                else:
                    self.assertTrue(any(rule.startswith(mutation.rule or "") for rule in rules), f"breaks {rules}")

    def test_both_validators_find_the_same_errors(self):
        for name, files in (("mutations", list(self.mutants)), ("examples of the guide", self.examples)):
            with self.subTest(name):
                if not files:
                    self.skipTest(f"there are no files in {self.validator.examples}")
                left, agreed, decided = self.differences(files)
                agreement = agreed / max(agreed + len(left), 1)
                print(f"{name}: {len(files)} files, {agreed} errors found by both, {len(left)} by one alone, {decided} "
                      f"differences decided: {agreement:.2%}\n{self.listed(left)}")
                if agreement < LEAST_AGREEMENT:
                    by_rule = Counter((each.side, each.rule) for each in left)
                    self.fail("\n".join(f"{count:4} {side} alone: {rule}" for (side, rule), count
                                        in by_rule.most_common()))

    def test_nothing_is_an_error_here_that_the_other_lets_pass(self):
        left, _, _ = self.differences([path for path in self.theirs if not self.theirs[path]])
        self.assertEqual(left, [], self.listed(left))

    def test_nothing_passes_here_in_which_the_other_finds_an_error(self):
        left, _, _ = self.differences([path for path in self.theirs if not self.ours[path]])
        self.assertEqual(left, [], self.listed(left))

    def test_every_decision_is_about_a_difference_that_is_there(self):
        there = [(side, rule, location) for path in self.theirs
                 for side, errors in (("ours", self.ours[path] - self.theirs[path]),
                                      ("theirs", self.theirs[path] - self.ours[path]))
                 for rule, location in errors]
        for row in decisions():
            with self.subTest(row):
                self.assertIn(row.right, ("ours", "theirs"))
                self.assertTrue(any((row.side, row.rule) == (side, rule) and re.fullmatch(row.location, location)
                                    for side, rule, location in there))


if __name__ == "__main__":
    main()
