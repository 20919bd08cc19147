"""No value is lost silently. The account of a document's values cannot be its own witness: here messages are split
again, and what the account calls mapped is looked for in the Bundle, by conversions of this test's own.

KAKEHASHI_SEED repeats a run, KAKEHASHI_LONG=1 runs twenty.
"""

import json
import os
import random
import re
import sys
import time
from collections import Counter

from fhir_spelling import Tables, says
from scene import Scene, main
from support import SOURCE_DIR, Gateway, storage_gen, temporary_directory

LONG = os.environ.get("KAKEHASHI_LONG") == "1"
SECONDS = 600 if LONG else 40
PATIENTS = 6
TYPES = {"ADT-00": {"Patient", "AllergyIntolerance"}, "ADT-61": {"AllergyIntolerance"}, "PPR-01": {"Condition"},
         "OML-11": {"Observation"}, "OMP-01": {"MedicationRequest"}}
# What storage_gen writes, and the setting that reads it.
INSURANCES = {"repetition": "repetition", "split": "symbol-number", "joined": "joined"}
ESCAPES = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\"}


def text_of(raw):
    return "" if raw == '""' else re.sub(r"\\([FSTRE])\\", lambda found: ESCAPES[found[1]], raw)


def values_of(message):
    """[(place, text)] of every smallest part that says something, with the standard's delimiters."""
    values, occurrences = [], Counter()
    for line in filter(None, re.split("[\r\n]+", message)):
        fields = line.split("|")
        name = fields[0]
        occurrences[name] += 1
        # MSH-1 is the delimiter itself, so there the pieces are one ahead.
        for number, field in enumerate(fields[2:], 3) if name == "MSH" else enumerate(fields[1:], 1):
            repetitions = field.split("~")
            for r, repetition in enumerate(repetitions, 1):
                components = repetition.split("^")
                for c, component in enumerate(components, 1):
                    parts = component.split("&")
                    for s, part in enumerate(parts, 1):
                        if part == '""' or not part.strip(" "):
                            continue
                        place = f"{name}[{occurrences[name]}]-{number}"
                        place += f"[{r}]" if len(repetitions) > 1 else ""
                        place += f".{c}" if len(components) > 1 or len(parts) > 1 else ""
                        place += f".{s}" if len(parts) > 1 else ""
                        values.append((place, text_of(part)))
    return values


class Mutations:
    """Random values in random places; what identifies patient and document stays, or there would be no Bundle."""

    def __init__(self, chance):
        self.chance = chance

    def value(self):
        return self.chance.choice((
            "架橋値", "カケハシ", "99XYZ", "7.20", "<0.5", "10未満", "+07", "20250401", "202504010930", "O", "F", "1",
            "A\\T\\B", '""', "  ", " F ", "a&b", "x^y", "p~q", "M^男^HL70001",
            f"{self.chance.randrange(10 ** 8):08}"))

    def of(self, message):
        segments = message.split("\r")
        for _ in range(self.chance.choice((0, 1, 2, 4, 8))):
            at = self.chance.randrange(1, len(segments))
            fields = segments[at].split("|")
            if len(fields) < 2:
                continue
            number = self.chance.randrange(1, len(fields) + 3)
            fields += [""] * (number + 1 - len(fields))
            if fields[0] == "PID" and number == 3:
                continue
            if fields[number] and self.chance.random() < 0.5:
                components = fields[number].split("^")
                components[self.chance.randrange(len(components))] = self.value()
                fields[number] = "^".join(components)
            elif not fields[number] or self.chance.random() < 0.2:
                fields[number] = self.value()
            segments[at] = "|".join(fields)
        return "\r".join(segments)


def at_element(node, path):
    """The value at "code.coding[1].code"; None: there is none."""
    for step in filter(None, re.split(r"[.\[\]]+", path)):
        try:
            node = node[int(step)] if isinstance(node, list) else node[step]
        except (IndexError, KeyError, TypeError, ValueError):
            return None
    return node


def covers(source, place):
    """"OBX[1]-5" covers "OBX[1]-5.1.2": the rule took it as it is written, delimiters and all."""
    return place == source or place.startswith((source + ".", source + "["))


def leaves(node, path=""):
    """("code.coding[1].code", "A00") of everything that is no object and no array."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield from leaves(child, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from leaves(child, f"{path}[{index}]")
    else:
        yield path, str(node).lower() if isinstance(node, bool) else node


class Mapped:
    """What `map --explain --json` printed: resources, and for each what is said of its elements."""

    def __init__(self, output):
        self.resources = []  # (resource, [explanation])
        bundle = []
        for line in output.splitlines():
            # Numbers as text: parsing forgets their digits.
            what = json.loads(line, parse_float=str, parse_int=str)
            if what.get("resourceType") == "Bundle":
                bundle = [(entry["resource"], []) for entry in what["entry"]]
                self.resources += bundle
            else:
                bundle[int(what["entry"])][1].append(what)


class AccountTest(Scene):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tables = Tables(SOURCE_DIR / "config/terminology")

    def kakehashi(self, command, *arguments):
        done = self.gateway.command(command, *arguments, seconds=120)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        return done.stdout

    def test_every_value_of_random_messages_is_accounted_for_and_what_is_mapped_stands_in_the_bundle(self):
        first = int(os.environ.get("KAKEHASHI_SEED", random.SystemRandom().randrange(1_000_000)))
        latest = time.monotonic() + SECONDS
        for seed in range(first, first + (20 if LONG else 1)):
            with self.subTest(seed=seed):
                self.run_seed(seed, latest)

    def run_seed(self, seed, latest):
        print(f"KAKEHASHI_SEED={seed}", file=sys.stderr, flush=True)
        chance = random.Random(seed)
        root = temporary_directory("account") / "root"
        insurance = chance.choice(sorted(INSURANCES))
        storage_gen("tree", "--root", root, "--patients", PATIENTS, "--labs", 2, "--seed", seed,
                    "--insurance", insurance)
        self.gateway = Gateway(root, "https://127.0.0.1:1/fhir", self.pki,
                               storage_extra={"insured-number": INSURANCES[insurance]})
        files = sorted(path for path in root.rglob("*_1") if path.is_file() and data_type(path) in TYPES)
        for path in files:
            message = Mutations(chance).of(message_of(path))
            path.write_bytes(message.encode("iso2022_jp"))
        chance.shuffle(files)
        checked = sum(self.check(path) for path in files if time.monotonic() < latest)
        print(f"{len(files)} documents, {checked} mapped values found in Bundles", file=sys.stderr, flush=True)
        self.assertGreater(checked, 100, "too few Bundles to have tested anything")
        self.check_summary(root, files)

    def check(self, path):
        """How many of its values were found in a Bundle."""
        lines = [json.loads(line) for line in self.kakehashi("coverage", "--json", path).splitlines()]
        account = [line for line in lines if line["kind"] == "value"]
        total, = (line for line in lines if line["kind"] == "total")
        present = values_of(message_of(path))
        self.assertEqual([(each["position"], each["value"]) for each in account], present, path)
        fates = Counter(each["fate"] for each in account)
        self.assertLessEqual(set(fates), {"mapped", "ignored", "malformed", "unmapped"})
        self.assertEqual({fate: total[fate] for fate in fates}, dict(fates))
        self.assertEqual(len(present), total["present"])
        # An ADT-00 is part of every Bundle of its patient.
        mapped = Mapped(self.kakehashi("map", "--explain", "--json",
                                       path.parents[2] if data_type(path) == "ADT-00" else path))
        resources = [each for each in mapped.resources if each[0]["resourceType"] in TYPES[data_type(path)]]
        if not resources:
            return 0  # held, or nothing to report
        for resource, explanations in resources:
            self.check_explanations(resource, explanations)
        kinds = {each[0]["resourceType"] for each in resources}
        # The list of allergies may be held while other units have the Patient.
        of_document = [each for each in account if each["fate"] == "mapped"
                       and ("AllergyIntolerance" in kinds or not each["position"].startswith("AL1"))]
        for value in of_document:
            self.assertTrue(any(self.stands_in(*each, value) for each in resources),
                            f"{path}: the account says that this is mapped, and no Bundle has it: {value}")
        return len(of_document)

    def check_explanations(self, resource, explanations):
        """They tell what stands there, and of everything that does."""
        told = {each["element"]: each["value"] for each in explanations}
        there = dict(leaves(resource))
        self.assertEqual(set(told), set(there) - {"resourceType", "id"})
        for element, value in told.items():
            if not element.endswith("reference"):  # filled in when sent
                self.assertEqual(value, there[element], element)

    def stands_in(self, resource, explanations, value):
        fhir = at_element(resource, value["element"] or "")
        if not isinstance(fhir, (str, bool)):
            return False
        for each in explanations:
            is_source = any(covers(source, value["position"]) for source in each["source"].split(" "))
            if each["element"] != value["element"] or not is_source:
                continue
            if each["table"]:
                return self.tables.says(each["table"], fhir, value["value"])
            return says(fhir, value["value"], is_day=value["element"] == "birthDate")
        # It was a variable when the rule saw it.
        is_variable = any(each["element"] == value["element"] and "$" in each["source"] for each in explanations)
        return is_variable and says(fhir, value["value"])

    def check_summary(self, root, files):
        """Of the storage: as many values as there are, none of them in it."""
        output = self.kakehashi("coverage", "--json", root)
        lines = [json.loads(line) for line in output.splitlines()]
        total, = (line for line in lines if line["kind"] == "total")
        present = Counter()
        for path in files:
            present[data_type(path)] += len(values_of(message_of(path)))
        self.assertEqual({line["data_type"]: line["present"] for line in lines if line["kind"] == "type"}, present)
        self.assertEqual(total["present"], sum(total[fate] for fate in ("mapped", "ignored", "malformed", "unmapped")))
        for fate in ("ignored", "malformed", "unmapped"):
            self.assertEqual(total[fate], sum(line["count"] for line in lines if line.get("fate") == fate))
        text = self.kakehashi("coverage", root)
        for patient in {path.parents[2].name for path in files}:
            self.assertNotIn(patient, output + text)
        self.assertNotIn("架空県", output + text)


def data_type(path):
    return path.parent.name


def message_of(path):
    return path.read_bytes().decode("iso2022_jp")


if __name__ == "__main__":
    main()
