"""`kakehashi validate` against an independent validator: the same rule at the same place, of what is broken on purpose and
of the guide's own examples. The verdict that counts is the other one's, never ours; each difference stands in
validator_differences.tsv with who is right, and counts as one all the same.

KAKEHASHI_VALIDATOR names that validator; without it the tests are skipped. The examples lie beside its folder, in
clins/examples.
"""

import csv
import json
import subprocess
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from independent_validator import validator_or_skip
from mutations import ALLOWED, table
from scene import Scene, Storage, kind_of, main
from support import SOURCE_DIR, json_lines, program, temporary_directory

GOLDEN = {"Condition": "PPR-01/modifiers-and-an-ended-one", "Observation": "OML-11/values-and-codes",
          "AllergyIntolerance": "ADT-61/drug-food-pollen-contraindication", "MedicationRequest": "OMP-01/two-rps"}
LEAST_MUTATIONS, LEAST_AGREEMENT = 200, 0.98
RULE = "{urn:kakehashi:profiles:1}rule"
# Rules of the packs that no mutation can make fire under their own name.
TOLD_OTHERWISE = {"ref-1": "a reference to nothing contained is told as reference-dangling, by both"}


class Difference(NamedTuple):
    what: str  # a mutation's name, or an example's file
    side: str  # who has the error: ours, theirs
    rule: str
    location: str


class Decision(NamedTuple):
    difference: Difference
    right: str  # ours, theirs
    why: str


def decisions():
    path = Path(__file__).with_name("validator_differences.tsv")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [Decision(Difference(*row[:4]), *row[4:]) for row in csv.reader(lines, delimiter="\t",
                                                                         quoting=csv.QUOTE_NONE)]


def verdict(rule):
    """What cannot be evaluated is refused by that rule: the same verdict."""
    return rule.removesuffix("/unevaluable")


def validate(files):
    """What ours says: {file: {(rule, location) of each error}}."""
    done = subprocess.run([program("gateway/kakehashi"), "validate", "--pack", "1.5.3", "--profiles",
                           SOURCE_DIR / "config/profiles", *files], capture_output=True, text=True, encoding="utf-8",
                          timeout=600, check=False)
    if done.returncode != 3 or f"{len(files)} texts by jp-clins-1.5.3: " not in done.stderr:
        raise RuntimeError(f"validate ended with {done.returncode}: {done.stderr[-1000:]}")
    said = defaultdict(set)
    for line in json_lines(done.stdout):
        if line["severity"] == "error":
            said[Path(line["file"])].add((line["rule"], line["location"]))
    return {file: said[file] for file in files}


def rules_of_packs():
    """(the error rules that the pack evaluates, why of each other one it does not), as issues name them."""
    evaluated, others = set(), {}
    for pack in ("jp-clins-1.5.3", "jp-core-1.1.2", "fhir-r4"):
        for rule in ElementTree.parse(SOURCE_DIR / f"config/profiles/{pack}.xml").iter(RULE):
            if rule.get("severity") != "error":
                continue
            name = rule.get("id") + (f"/{rule.get('key')}" if rule.get("key", rule.get("id")) != rule.get("id") else "")
            if rule.get("evaluate") == "no":
                others[name] = rule.get("because")
            else:
                evaluated.add(name + ("/unattached" if rule.get("attached") == "no" else ""))
    return evaluated, others


class ValidateParityTest(Scene):
    @classmethod
    def setUpClass(cls):
        cls.validator = validator_or_skip()
        super().setUpClass()
        cls.folder = temporary_directory("mutants")
        cls.mutants = {}  # file -> (base, Mutation); of Bundles that nobody changed (base, None)
        bases = [(kind, json.loads((SOURCE_DIR / f"tests/golden/{name}.json").read_text(encoding="utf-8")))
                 for kind, name in GOLDEN.items()]
        cls.make_mutants("golden", bases, whole=True)
        cls.make_mutants("made", cls.made_bundles(), whole=False)
        cls.examples = sorted(cls.validator.examples.glob("*.json"))
        files = [*cls.mutants, *cls.examples]
        # A prescription alone is nothing that CLINS takes: its Bundle is judged by the profiles that it claims.
        plain = [path for path, (base, _) in cls.mutants.items() if base == "MedicationRequest"]
        judged = {**cls.validator.judge(sorted(set(files) - set(plain)), "--clins"), **cls.validator.judge(plain)}
        if set(judged) != set(map(str, files)):
            raise RuntimeError("the independent validator has not judged every file")
        cls.told = ({path: {(issue.rule, issue.location) for issue in judged[str(path)].errors} for path in files},
                    validate(files))
        cls.theirs, cls.ours = ({path: {(verdict(rule), location) for rule, location in errors}
                                 for path, errors in told.items()} for told in cls.told)

    @classmethod
    def made_bundles(cls):
        """Of each kind the largest one that a generated storage gives: it has most to break."""
        storage = Storage()
        storage.tree(seed=11, patients=12, labs=2, prescriptions=2)
        largest = {}
        for bundle in cls().make_gateway(storage, "https://platform.example/fhir", pack="jp-clins-1.5.3").map(
                storage.root).bundles:
            kind = kind_of(bundle)
            if len(bundle["entry"]) > len(largest.get(kind, {"entry": []})["entry"]):
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

    def mutated(self, name=""):
        """Files of mutations: all, or of the golden Bundles, or of the made ones."""
        return [path for path, (_, mutation) in self.mutants.items() if mutation and path.name.startswith(name)]

    def differences(self, path):
        what = self.mutants[path][1].name if path in self.mutants else path.name
        return {Difference(what, side, rule, location)
                for side, errors in (("ours", self.ours[path] - self.theirs[path]),
                                     ("theirs", self.theirs[path] - self.ours[path]))
                for rule, location in errors}

    def test_what_is_not_broken_has_no_errors(self):
        whole = [path for path, (_, mutation) in self.mutants.items() if mutation is None]
        self.assertEqual(len(whole), 2 * len(GOLDEN))
        for path in whole:
            with self.subTest(path.name):
                self.assertEqual((self.theirs[path], self.ours[path]), (set(), set()))

    def test_every_mutation_breaks_the_rule_that_it_names(self):
        for path in self.mutated():
            mutation = self.mutants[path][1]
            rules = sorted({rule for rule, _ in self.theirs[path]})
            with self.subTest(mutation.name, file=path.name):
                if mutation.rule == ALLOWED:
                    self.assertEqual(rules, [])
                else:
                    self.assertTrue(any(rule.startswith(mutation.rule or "") for rule in rules), f"breaks {rules}")

    def test_both_validators_find_the_same_errors_in_what_is_broken(self):
        # What the other one lets pass is no agreement: it counts nowhere here, and is told by itself.
        for name in ("golden", "made"):
            noticed = [path for path in self.mutated(name) if self.theirs[path]]
            same = sum(self.ours[path] == self.theirs[path] for path in noticed)
            refused = sum(bool(self.ours[path]) for path in noticed)
            agreed = sum(len(self.ours[path] & self.theirs[path]) for path in noticed)
            alone = sum(len(self.ours[path] ^ self.theirs[path]) for path in noticed)
            found = {"mutations with the same errors": (same, len(noticed)), "mutations refused": (refused, len(noticed)),
                     "errors found by both": (agreed, agreed + alone)}
            print(f"{name} Bundles: {len(self.mutated(name))} mutations, {len(self.mutated(name)) - len(noticed)} of them "
                  "allowed by the profiles;", "; ".join(f"{part} of {whole} {what}, {part / whole:.2%}"
                                                        for what, (part, whole) in found.items()))
            self.assertGreaterEqual(len(noticed), LEAST_MUTATIONS)
            for what, (part, whole) in found.items():
                self.assertGreaterEqual(part / whole, LEAST_AGREEMENT, f"{name}: {what}")

    def test_nothing_is_an_error_here_in_what_the_other_lets_pass(self):
        # No decision excuses one: the gateway would stop what is valid.
        passed = [path for path in self.theirs if not self.theirs[path]]
        self.assertGreater(len(passed), 10)
        self.assertEqual({path.name: self.ours[path] for path in passed if self.ours[path]}, {})

    def test_every_difference_is_listed_with_who_is_right(self):
        there = {difference for path in (*self.mutated(), *self.examples) for difference in self.differences(path)}
        rows = decisions()
        self.assertEqual(len(rows), len({row.difference for row in rows}))
        self.assertEqual(there - {row.difference for row in rows}, set(), "not listed")
        gone = {row.difference for row in rows} - there
        if not self.examples:
            gone = {each for each in gone if not each.what.endswith(".json")}
        self.assertEqual(gone, set(), "listed, and there is no such difference")
        for row in rows:
            self.assertIn(row.right, ("ours", "theirs"))
            self.assertTrue(row.why)

    def test_every_error_rule_of_the_pack_fires_at_a_mutation_here_and_there(self):
        evaluated, others = rules_of_packs()
        theirs, ours = ({rule for path in self.mutated() for rule, _ in told[path]} for told in self.told)
        by_both = evaluated & ours & theirs
        print(f"rules with an id of their own: {len(by_both)} of {len(evaluated)} that the pack evaluates fire in both; "
              f"not: {TOLD_OTHERWISE}; not evaluated: {others}")
        self.assertGreater(len(evaluated), 60)
        self.assertEqual(evaluated - by_both, set(TOLD_OTHERWISE))
        self.assertEqual(set(others) & (ours | theirs), set())
        unknown = set(map(verdict, theirs)) - set(map(verdict, ours))
        self.assertEqual(unknown, set(), "rules of the other one that nothing here tells")

    def test_the_examples_of_the_guide_are_judged_alike(self):
        if not self.examples:
            self.skipTest(f"there are no examples in {self.validator.examples}")
        self.assertGreater(len(self.examples), 30)
        for path in self.examples:
            for rule, location in sorted(self.ours[path] | self.theirs[path]):
                print(f"{path.name}: {rule} at {location}")
        wrong = sorted(path.name for path in self.examples if self.differences(path))
        print(f"{len(self.examples)} examples, {sum(map(bool, map(self.theirs.get, self.examples)))} with errors, "
              f"judged otherwise: {wrong}")
        self.assertGreaterEqual(1 - len(wrong) / len(self.examples), LEAST_AGREEMENT)


if __name__ == "__main__":
    main()
