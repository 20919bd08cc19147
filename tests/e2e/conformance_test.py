"""Everything that leaves the gateway keeps its profiles: neither an independent validator nor `kakehashi validate` finds
an error in it, and nothing has to be stopped by the check before sending. The independent one knows 1.5.3 alone; what is
made for 1.12.0 is judged by our own.

KAKEHASHI_VALIDATOR names that validator, KAKEHASHI_SAMPLES the documents of other makers; without one of them the tests
that need it are skipped. KAKEHASHI_LONG=1: ten thousand Bundles instead of five hundred.
"""

import json
import os
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from pathlib import Path

from independent_validator import validator_or_skip
from scene import Scene, Storage, kind_of, main
from support import SOURCE_DIR, json_lines, program, temporary_directory

LONG = os.environ.get("KAKEHASHI_LONG") == "1"
BUNDLES = 10_000 if LONG else 500
SAMPLES = Path(os.environ.get("KAKEHASHI_SAMPLES") or SOURCE_DIR.parent / "shared" / "samples")
PLATFORM = "https://platform.example/fhir"
JUDGED, NEWEST = "jp-clins-1.5.3", "jp-clins-1.12.0"  # what the validator judges by; the usual pack
KINDS = ("AllergyIntolerance", "Condition", "MedicationRequest", "Observation")
# Everything that storage_gen writes otherwise than the textbook.
DEVIATIONS = {"cp932-extensions": True, "half-width-kana": True, "crlf": True, "fs": True, "no-last-cr": True,
              "insurance": "mixed", "updates": 30, "deletes": 10, "late": 20}


def cases_with_pack(folder, pack):
    """The shipped cases with this pack, but those that name one: they are of that version alone. What they expect is the
    same, with the version that is claimed."""
    version, usual = pack.removeprefix("jp-clins-"), NEWEST.removeprefix("jp-clins-")
    namespace = "{urn:kakehashi:mapping-case:1}"
    ElementTree.register_namespace("", namespace[1:-1])
    for path in sorted((SOURCE_DIR / "config/mapping/cases").glob("*.case.xml")):
        tree = ElementTree.parse(path)
        for case in tree.getroot().iter(f"{namespace}case"):
            settings = case.find(f"{namespace}settings")
            if settings is None:
                settings = ElementTree.Element(f"{namespace}settings")
                case.insert(0, settings)
            if "pack" in settings.attrib:
                continue
            settings.set("pack", version)
            for expected in case.iter():
                expected.text = (expected.text or "").replace(f"|{usual}", f"|{version}")
                if "is" in expected.attrib:
                    expected.set("is", expected.get("is").replace(f"|{usual}", f"|{version}"))
        tree.write(folder / path.name, encoding="utf-8", xml_declaration=True)
    return folder


def errors_of_ours(bundles, pack):
    """What `kakehashi validate` says of them: a line for each error."""
    path = temporary_directory("ours") / "bundles.ndjson"
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in bundles), encoding="utf-8")
    done = subprocess.run([program("gateway/kakehashi"), "validate", "--pack", pack.removeprefix("jp-clins-"), "--profiles",
                           SOURCE_DIR / "config/profiles", path], capture_output=True, text=True, encoding="utf-8",
                          timeout=300, check=False)
    if done.returncode not in (0, 3):
        raise RuntimeError(f"validate ended with {done.returncode}: {done.stderr[-1000:]}")
    return [f"{line['rule']} at {line['location']}" for line in json_lines(done.stdout) if line["severity"] == "error"]


def report(found):
    """{(kind, rule, element): ...}: a line each, what is most frequent first."""
    lines = []
    for (kind, rule, element), (count, message) in sorted(found.items(), key=lambda item: -item[1][0]):
        lines.append(f"{count:6} {kind}: {rule} at {element}: {message}")
    return "\n".join(lines)


class ConformanceTest(Scene):
    @classmethod
    def setUpClass(cls):
        cls.validator = validator_or_skip()
        super().setUpClass()

    def judge(self, bundles):
        """What is wrong, counted by kind, rule and element: {(kind, rule, element): (how often, for example)}."""
        folder = temporary_directory("bundles")
        by_kind = defaultdict(list)
        for bundle in bundles:
            by_kind[kind_of(bundle)].append(bundle)
        found = {}
        # A prescription alone is nothing that CLINS takes: its Bundle is judged by the profiles that it claims.
        for options, kinds in ((["--clins"], [kind for kind in by_kind if kind != "MedicationRequest"]),
                               ([], [kind for kind in by_kind if kind == "MedicationRequest"])):
            files = []
            for kind in kinds:
                files.append(folder / f"{kind}.ndjson")
                files[-1].write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in by_kind[kind]),
                                     encoding="utf-8")
            for place, judgement in self.validator.judge(files, *options).items() if files else ():
                kind = Path(place.rsplit(":", 1)[0]).stem
                for issue in judgement.errors:
                    self.count(found, kind, issue)
        return found

    @staticmethod
    def count(found, kind, issue):
        element = issue.location.split(".resource.", 1)[-1]
        element = "".join(part.split("]", 1)[-1] for part in element.split("["))
        count = found.get((kind, issue.rule, element), (0, issue.message))
        found[(kind, issue.rule, element)] = (count[0] + 1, count[1])

    def assert_conform(self, bundles, least):
        self.assertGreaterEqual(len(bundles), least)
        found = self.judge(bundles)
        kinds = Counter(map(kind_of, bundles))
        self.assertEqual(errors_of_ours(bundles, JUDGED), [])
        if found:
            errors = sum(count for count, _ in found.values())
            self.fail(f"{errors} errors in {len(bundles)} Bundles {dict(kinds)}:\n{report(found)}")

    def delivered(self, storage, pack):
        """Its Bundles; none was stopped by the check before sending, so that what is missing was held with a reason."""
        result = self.make_gateway(storage, PLATFORM, pack=pack).map(storage.root)
        self.assertNotIn("rejected:", result.stderr)
        return result.bundles

    def test_what_a_storage_with_every_deviation_gives_is_valid(self):
        each = BUNDLES // len(KINDS)
        storage = self.make_storage()
        storage.tree(seed=7, patients=each * 12 // 5, labs=2, prescriptions=2, **DEVIATIONS)
        chosen = defaultdict(list)
        for bundle in self.delivered(storage, JUDGED):
            chosen[kind_of(bundle)].append(bundle)
        bundles = [bundle for kind in KINDS for bundle in chosen[kind][:each]]
        self.assertEqual(sorted(Counter(map(kind_of, bundles)).items()), [(kind, each) for kind in KINDS])
        self.assert_conform(bundles, BUNDLES)
        newest = self.delivered(storage, NEWEST)
        self.assertGreater(len(newest), BUNDLES)
        self.assertEqual(errors_of_ours(newest, NEWEST), [])

    def test_what_documents_of_other_makers_give_is_valid(self):
        trees = [SAMPLES / name for name in ("ssmixtwins/tree-cr", "nho-testing-tool") if (SAMPLES / name).is_dir()]
        if not trees:
            self.skipTest(f"there are no sample trees in {SAMPLES}; KAKEHASHI_SAMPLES names their folder")
        self.assert_conform([bundle for tree in trees for bundle in self.delivered(Storage(tree), JUDGED)], 10)
        newest = [bundle for tree in trees for bundle in self.delivered(Storage(tree), NEWEST)]
        self.assertEqual(errors_of_ours(newest, NEWEST), [])

    def test_what_the_shipped_cases_give_is_valid(self):
        gateway = self.make_gateway(self.make_storage(), PLATFORM)
        for pack in (JUDGED, NEWEST):
            with self.subTest(pack):
                cases = cases_with_pack(temporary_directory("cases"), pack)
                passed = gateway.command("mapping", "test", cases)
                self.assertEqual(passed.returncode, 0, passed.stdout)
                shown = gateway.command("mapping", "test", "--bundles", cases)
                version = "|" + pack.removeprefix("jp-clins-")
                bundles = [bundle for bundle in json_lines(shown.stdout)
                           if bundle["entry"][0]["resource"]["meta"]["profile"][0].endswith(version)]
                self.assertGreater(len(bundles), 50)
                if pack == JUDGED:
                    self.assert_conform(bundles, 50)
                else:
                    self.assertEqual(errors_of_ours(bundles, pack), [])

    def test_the_golden_bundles_are_valid(self):
        golden = sorted((SOURCE_DIR / "tests/golden").glob("*/*.json"))
        self.assert_conform([json.loads(path.read_text(encoding="utf-8")) for path in golden], 5)


if __name__ == "__main__":
    main()
