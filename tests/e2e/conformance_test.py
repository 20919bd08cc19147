"""Everything that leaves the gateway keeps its profiles. Judged is what the platform has accepted, byte for byte as it
came over the wire: neither an independent validator (`--clins`) nor `kakehashi validate` may find an error in it, and what
is not there was held for a reason that the test knows. The independent one knows 1.5.3 alone; what is made for 1.12.0 is
judged by our own.

KAKEHASHI_VALIDATOR names that validator, KAKEHASHI_SAMPLES the documents of other makers; where one of them is not named
and not in its usual place, the tests that need it are skipped. KAKEHASHI_LONG=1: ten thousand Bundles instead of five
hundred.
"""

import json
import os
import re
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

from bundle_judges import CLINS, PRESCRIPTION, judged_by_ours, judged_by_validator
from independent_validator import validator_or_skip
from scene import Scene, Storage, kind_of, main, without_times
from support import SOURCE_DIR, json_lines, temporary_directory

LONG = os.environ.get("KAKEHASHI_LONG") == "1"
# So many of each kind are judged, chosen among all that were accepted: 500 of what CLINS takes (10,000), and prescriptions.
JUDGED_OF_KIND = {"AllergyIntolerance": 150, "Condition": 150, "Observation": 200, PRESCRIPTION: 25}
TIMES = 20 if LONG else 1
PATIENTS = 220 * TIMES  # in each of two storages
SAMPLES = Path(os.environ.get("KAKEHASHI_SAMPLES") or SOURCE_DIR.parent / "shared" / "samples")
JUDGED, NEWEST = "jp-clins-1.5.3", "jp-clins-1.12.0"  # what the validator judges by; the usual pack
# Everything that storage_gen writes otherwise than the textbook. Segments end in one of two ways: two storages, of which one
# has insured numbers in the one form that its setting says.
DEVIATIONS = {"cp932-extensions": True, "half-width-kana": True, "no-last-cr": True, "updates": 30, "deletes": 10, "late": 20}
ENDS = ({"crlf": True, "fs": True, "insurance": "mixed"}, {"lf": True, "insurance": "repetition"})
# Whom the platform cannot tell apart, so that they are held: the storages' setting says that IN1-10 repeats, and a single
# value there may be the symbol, or symbol and number.
UNINSURED = {JUDGED: {"none", "public", "split", "joined"}, NEWEST: {"none", "split", "joined"}}
# NEC row 13, and IBM's kanji as NEC placed them.
EXTENSION_CELL = re.compile(rb"\x1b\$B(?:[!-~]{2})*?[\x2d\x79-\x7c][!-~]")
CASE = "{urn:kakehashi:mapping-case:1}"


class Accepted(NamedTuple):
    by_kind: dict  # the Bundles' texts as the platform got them
    held: Counter  # (kind, reason)

    def counts(self):
        return {kind: len(texts) for kind, texts in sorted(self.by_kind.items())}


def texts_by_kind(texts):
    by_kind = defaultdict(list)
    for text in texts:
        by_kind[kind_of(json.loads(text))].append(text)
    return by_kind


def spread(texts, count):
    """So many, from all over the list."""
    return [texts[len(texts) * index // count] for index in range(count)]


def generated_storages(folder):
    """(storages with every deviation, what their manifests say)."""
    storages, units = [], []
    for number, ends in enumerate(ENDS):
        storage, manifest = Storage(), folder / f"{number}.jsonl"
        storage.tree(seed=7 + number, patients=PATIENTS, labs=2, prescriptions=1, patient_prefix=f"0{number}",
                     manifest=manifest, **DEVIATIONS, **ends)
        storages.append(storage)
        units += json_lines(manifest.read_text(encoding="utf-8"))
    return storages, units


def shares(storages, units):
    """Which share of the documents or units has each deviation."""
    found, documents = Counter(), 0
    for storage in storages:
        for path in storage.documents():
            data, documents = path.read_bytes(), documents + 1
            flag = path.name.rsplit("_", 1)[1]
            found["CR LF"] += b"\r\n" in data
            found["LF"] += b"\n" in data and b"\r" not in data
            found["file separator"] += data.endswith(b"\x1c")
            found["no last CR"] += data.rstrip(b"\x1c")[-1:] not in b"\r\n"
            found["half-width kana"] += b"\x1b(I" in data
            found["extension cells"] += EXTENSION_CELL.search(data) is not None
            found["superseded"] += flag == "2"
            found["deleted"] += flag == "0"
            dated = re.match(r"[^_]+_(\d{8})_OML-11_[^_]+_(\d{8})", path.name)
            found["late"] += dated is not None and int(dated[2][:6]) > int(dated[1][:6])
    share = {name: count / documents for name, count in found.items()}
    insured = Counter(unit["insurance"] for unit in units)
    return share | {f"insurance {form}": insured[form] / len(units)
                    for form in ("repetition", "split", "joined", "public", "none")}


def gives_nothing(case):
    """Whether its author expects a hold, or that every row is left out."""
    expected = list(case.find(f"{CASE}expect"))
    return ({each.tag for each in expected} <= {f"{CASE}left-out"} or any(
        each.tag == f"{CASE}held" or (each.tag == f"{CASE}count" and each.get("is") == "0"
                                      and each.get("path") in JUDGED_OF_KIND) for each in expected))


def cases_with_pack(folder, pack):
    """The shipped cases with this pack, but those that name one: they are of that version alone. What they expect is the
    same, with the version that is claimed. And how many Bundles of that pack they must give."""
    version, usual = pack.removeprefix("jp-clins-"), NEWEST.removeprefix("jp-clins-")
    ElementTree.register_namespace("", CASE[1:-1])
    bundles = 0
    for path in sorted((SOURCE_DIR / "config/mapping/cases").glob("*.case.xml")):
        tree = ElementTree.parse(path)
        for case in tree.getroot().iter(f"{CASE}case"):
            settings = case.find(f"{CASE}settings")
            if settings is None:
                settings = ElementTree.Element(f"{CASE}settings")
                case.insert(0, settings)
            bundles += not gives_nothing(case) and settings.get("pack", version) == version
            if "pack" in settings.attrib:
                continue
            settings.set("pack", version)
            for expected in case.iter():
                expected.text = (expected.text or "").replace(f"|{usual}", f"|{version}")
                if "is" in expected.attrib:
                    expected.set("is", expected.get("is").replace(f"|{usual}", f"|{version}"))
        tree.write(folder / path.name, encoding="utf-8", xml_declaration=True)
    return bundles


def listed(findings):
    """A line each, what is most frequent first."""
    return "\n".join(f"{count:6} {' '.join(where[:2])} at {where[2]}: {findings.examples[where]}"
                     for where, count in findings.errors.most_common())


class ConformanceTest(Scene):
    @classmethod
    def setUpClass(cls):
        cls.validator = validator_or_skip()
        super().setUpClass()

    def assert_conform(self, by_kind, pack, what):
        """Tells what was judged and how."""
        judges = [("ours", lambda: judged_by_ours(by_kind, pack))]
        if pack == JUDGED:
            judges.append(("the validator", lambda: judged_by_validator(self.validator, by_kind)))
        asked = sum(map(len, by_kind.values()))
        for name, judge in judges:
            began = time.monotonic()
            findings = judge()
            kinds = ", ".join(f"{len(texts)} {kind}" for kind, texts in sorted(by_kind.items()))
            print(f"{what}, {pack}, by {name}: {findings.bundles} Bundles ({kinds}), {findings.errors.total()} errors, "
                  f"warnings {dict(findings.warnings.most_common())}, {time.monotonic() - began:.1f} s")
            self.assertEqual(findings.bundles, asked)
            self.assertEqual(findings.errors.total(), 0, f"{what}, {pack}, by {name}:\n{listed(findings)}")

    def deliver(self, storages, pack, **settings):
        """What the platform accepts: all of it, nothing was stopped by the check before sending, nothing still waits."""
        platform = self.make_platform()
        gateway = self.make_gateway(storages, platform, pack=pack, **settings)
        done = gateway.run_once("1500s", seconds=1600)
        outbox = gateway.status()["outbox"]
        self.assertEqual({state: count for state, count in outbox.items() if state not in ("delivered", "held")},
                         {"pending": 0, "in-result": 0, "unknown": 0, "rejected": 0}, done.stderr[-1000:])
        requests = sorted(platform.requests(), key=lambda request: request["bundle_id"])  # not by who was quicker
        self.assertEqual([request for request in requests if request["operation"] != "register"
                          or not request["stored"] or request["status"] != 201], [])
        self.assertEqual(len({request["bundle_id"] for request in requests}), outbox["delivered"])
        held = [json.loads(row) for row in
                gateway.command("queue", "list", "--state", "held", "--json").stdout.splitlines()]
        self.assertEqual(len(held), outbox["held"])
        by_kind = texts_by_kind(platform.body(request["n"]).decode() for request in requests)
        for kind, texts in by_kind.items():
            for text in texts:
                self.assert_claims(json.loads(text), kind, pack.removeprefix("jp-clins-"))
        return Accepted(by_kind, Counter((row["type"], row["reason"]) for row in held))

    def assert_claims(self, bundle, kind, version):
        """Nothing is judged by less than the profiles of its pack: each entry, and a Bundle for CLINS, names its own."""
        patient, *rest = [entry["resource"]["meta"].get("profile", []) for entry in bundle["entry"]]
        own = "JP_Observation_LabResult_eCS" if kind == "Observation" else f"JP_{kind}_eCS"
        base = "http://jpfhir.jp/fhir/eCS/StructureDefinition/"
        self.assertEqual(patient, [f"{base}JP_Patient_eCS|{version}"])
        self.assertEqual(rest, [[f"{base}{own}|{version}"]] * len(rest))
        claimed = [f"http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS|{version}"]
        self.assertEqual(bundle["meta"].get("profile", []), claimed if kind in CLINS else [])

    def test_what_the_platform_accepts_of_storages_with_every_deviation_is_valid(self):
        storages, units = generated_storages(temporary_directory("manifests"))
        for deviation, share in shares(storages, units).items():
            self.assertGreater(share, 0.02, f"the storages lost a deviation: {deviation}")
        for pack in (JUDGED, NEWEST):
            with self.subTest(pack):
                by_kind = {}
                for profile, kinds in (("clins", CLINS), ("jp-core", (PRESCRIPTION,))):
                    accepted = self.deliver(storages, pack, profile=profile, types=" ".join(kinds))
                    live = Counter((unit["kind"], unit["insurance"] in UNINSURED[pack]) for unit in units
                                   if unit["state"] == "live" and unit["kind"] in kinds)
                    self.assertEqual(accepted.counts(), {kind: live[kind, False] for kind in kinds})
                    self.assertEqual(accepted.held, Counter({(kind, "patient:no-insurance"): live[kind, True]
                                                             for kind in kinds}))
                    by_kind.update(accepted.by_kind)
                if pack == JUDGED:
                    # Else some would be judged twice and counted as two.
                    self.assertEqual([kind for kind, count in JUDGED_OF_KIND.items()
                                      if len(by_kind[kind]) < count * TIMES], [])
                    by_kind = {kind: spread(by_kind[kind], count * TIMES) for kind, count in JUDGED_OF_KIND.items()}
                self.assert_conform(by_kind, pack, "generated storages")

    def test_what_the_platform_accepts_of_documents_of_other_makers_is_valid(self):
        if not SAMPLES.is_dir() and "KAKEHASHI_SAMPLES" not in os.environ:
            self.skipTest(f"there are no sample trees in {SAMPLES}; KAKEHASHI_SAMPLES names their folder")
        for name in ("ssmixtwins/tree-cr", "ssmixtwins/tree-lf", "nho-testing-tool"):
            self.assertTrue((SAMPLES / name).is_dir(), f"{name} is not in {SAMPLES}")
        for pack in (JUDGED, NEWEST):
            with self.subTest(pack):
                texts = {}  # what two trees give alike is judged once
                # The guideline's examples are of another patient than their paths, who has no insurance: all are held.
                for names in (("ssmixtwins/tree-cr", "nho-testing-tool"), ("ssmixtwins/tree-lf",)):
                    trees = [Storage(SAMPLES / name) for name in names]
                    clins = self.deliver(trees, pack)
                    prescribed = self.deliver(trees, pack, profile="jp-core", types=PRESCRIPTION)
                    self.assertEqual((len(clins.by_kind), len(prescribed.by_kind)), (3, 1), names)
                    for each in (*clins.by_kind.values(), *prescribed.by_kind.values()):
                        texts.update({without_times(json.loads(text)): text for text in each})
                self.assertGreaterEqual(len(texts), 70)
                self.assert_conform(texts_by_kind(texts.values()), pack, "trees of other makers")

    def test_what_the_shipped_cases_give_is_valid(self):
        gateway = self.make_gateway(self.make_storage(), "https://platform.example/fhir")
        for pack in (JUDGED, NEWEST):
            with self.subTest(pack):
                folder = temporary_directory("cases")
                expected = cases_with_pack(folder, pack)
                passed = gateway.command("mapping", "test", folder)
                self.assertEqual(passed.returncode, 0, passed.stdout)
                version = pack.removeprefix("jp-clins-")
                texts = [text for text in gateway.command("mapping", "test", "--bundles", folder).stdout.splitlines()
                         if f"JP_Patient_eCS|{version}\"" in text]
                self.assertEqual(len(texts), expected)
                self.assertGreater(expected, 250)
                self.assert_conform(texts_by_kind(texts), pack, "cases")

    def test_the_golden_bundles_are_valid(self):
        golden = sorted((SOURCE_DIR / "tests/golden").rglob("*.json"))
        of_newest = [path for path in golden if NEWEST in path.parts]
        for pack, files, least in ((JUDGED, [path for path in golden if path not in of_newest], 30),
                                   (NEWEST, of_newest, 1)):
            with self.subTest(pack):
                self.assertGreaterEqual(len(files), least)
                # Written over many lines, for people.
                texts = [" ".join(path.read_text(encoding="utf-8").split("\n")) for path in files]
                self.assert_conform(texts_by_kind(texts), pack, "golden Bundles")


if __name__ == "__main__":
    main()
