"""Everything that leaves the gateway keeps its profiles: an independent validator finds no error in it.

KAKEHASHI_VALIDATOR names that validator, KAKEHASHI_SAMPLES the documents of other makers; without one of them the tests
that need it are skipped. KAKEHASHI_LONG=1: ten thousand Bundles instead of five hundred.
"""

import json
import os
import unittest
from collections import Counter, defaultdict
from pathlib import Path

from independent_validator import validator_or_skip
from scene import Scene, Storage, kind_of, main
from support import SOURCE_DIR, json_lines, temporary_directory

LONG = os.environ.get("KAKEHASHI_LONG") == "1"
BUNDLES = 10_000 if LONG else 500
SAMPLES = Path(os.environ.get("KAKEHASHI_SAMPLES") or SOURCE_DIR.parent / "shared" / "samples")
PLATFORM = "https://platform.example/fhir"
PACK = "jp-clins-1.5.3"  # what the validator judges by
KINDS = ("AllergyIntolerance", "Condition", "MedicationRequest", "Observation")
# Everything that storage_gen writes otherwise than the textbook.
DEVIATIONS = {"cp932-extensions": True, "half-width-kana": True, "crlf": True, "fs": True, "no-last-cr": True,
              "insurance": "mixed", "updates": 30, "deletes": 10, "late": 20}


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
        if found:
            errors = sum(count for count, _ in found.values())
            self.fail(f"{errors} errors in {len(bundles)} Bundles {dict(kinds)}:\n{report(found)}")

    def test_what_a_storage_with_every_deviation_gives_is_valid(self):
        each = BUNDLES // len(KINDS)
        storage = self.make_storage()
        storage.tree(seed=7, patients=each * 2, labs=2, prescriptions=2, **DEVIATIONS)
        gateway = self.make_gateway(storage, PLATFORM, pack=PACK)
        chosen = defaultdict(list)
        for bundle in gateway.map(storage.root).bundles:
            chosen[kind_of(bundle)].append(bundle)
        bundles = [bundle for kind in KINDS for bundle in chosen[kind][:each]]
        self.assertEqual(sorted(Counter(map(kind_of, bundles)).items()), [(kind, each) for kind in KINDS])
        self.assert_conform(bundles, BUNDLES)

    def test_what_documents_of_other_makers_give_is_valid(self):
        trees = [SAMPLES / name for name in ("ssmixtwins/tree-cr", "nho-testing-tool") if (SAMPLES / name).is_dir()]
        if not trees:
            self.skipTest(f"there are no sample trees in {SAMPLES}; KAKEHASHI_SAMPLES names their folder")
        bundles = []
        for tree in trees:
            bundles += self.make_gateway(Storage(tree), PLATFORM, pack=PACK).map(tree).bundles
        self.assert_conform(bundles, 10)

    def test_what_the_shipped_cases_give_is_valid(self):
        gateway = self.make_gateway(self.make_storage(), PLATFORM, pack=PACK)
        shown = gateway.command("mapping", "test", "--bundles")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assert_conform(json_lines(shown.stdout), 50)

    def test_the_golden_bundles_are_valid(self):
        golden = sorted((SOURCE_DIR / "tests/golden").glob("*/*.json"))
        self.assert_conform([json.loads(path.read_text(encoding="utf-8")) for path in golden], 5)


if __name__ == "__main__":
    main()
