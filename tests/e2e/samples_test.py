"""Third-party documents: every file is mapped or has a reason, and the daemon sends what `map` prints.

KAKEHASHI_SAMPLES names the folder with the trees; without it, and without the usual place beside the repository, these
tests are skipped.
"""

import hashlib
import os
import re
from collections import Counter
from pathlib import Path

from scene import Scene, Storage, kind_of, main, resources, without_times
from support import SOURCE_DIR

SAMPLES = Path(os.environ.get("KAKEHASHI_SAMPLES") or SOURCE_DIR.parent / "shared" / "samples")
UNITS = {"PPR-01": ("Condition", "C"), "ADT-61": ("AllergyIntolerance", "A"), "ADT-00": ("AllergyIntolerance", "A"),
         "OML-11": ("Observation", "O"), "OMP-01": ("MedicationRequest", "M")}
SENT = {"AllergyIntolerance", "Condition", "Observation"}


def unit_of(path):
    """The key of the report unit that a well-placed document belongs to, and the id of its Bundle."""
    patient, date, data_type, order = re.fullmatch(r"(.+)_([^_]+)_([^_]+)_([^_]+)_\d{12,17}_[^_]*_\d", path.name).groups()
    if data_type not in UNITS:
        return None
    kind, letter = UNITS[data_type]
    key = f"{kind}|{patient}" if kind in ("Condition", "AllergyIntolerance") else f"{kind}|{patient}|{date}|{order}"
    return key, (letter + hashlib.sha256(key.encode()).hexdigest())[:36]


def rows_of(path, segment):
    """Good enough for these trees: a CR or LF is never part of a two-byte character."""
    return len(re.findall(rb"(?:^|[\r\n])" + segment + rb"\|", path.read_bytes()))


class SampleTrees:
    tree = None

    def setUp(self):
        if not (SAMPLES / self.tree).is_dir():
            self.skipTest(f"{self.tree} is not in {SAMPLES}; KAKEHASHI_SAMPLES names its folder")
        self.storage = Storage(SAMPLES / self.tree)
        self.files = self.storage.documents()
        self.platform = self.make_platform()
        self.gateway = self.make_gateway(self.storage, self.platform)

    def bundles_by_id(self, mapped):
        return {bundle["identifier"]["value"].rsplit("^", 1)[1]: bundle for bundle in mapped.bundles}

    def test_every_file_is_in_a_bundle_or_has_a_reason(self):
        mapped = self.gateway.map(self.storage.root)
        bundles = self.bundles_by_id(mapped)
        told = [line.split(": ", 1) for line in mapped.stderr.splitlines()]
        reasons = {place: reason for place, reason in told if not reason.startswith("warning: ")}
        # A warning of the mapping means that a row was left out.
        left_out = {place for place, reason in told if reason.startswith("warning: map:")}
        self.assertGreater(len(self.files), 13)
        used = set()
        for path in self.files:
            if str(path) in reasons:
                self.assertRegex(reasons[str(path)], r"^(ignored: |[a-z0-9]+:[a-z-]+: ).")
                continue
            unit = unit_of(path)
            self.assertIsNotNone(unit, f"nobody knows what became of {path}")
            key, bundle_id = unit
            if key in reasons:
                self.assertRegex(reasons[key], r"^(held: [a-z0-9]+:[a-z-]+: .|nothing to report)")
                self.assertNotIn(bundle_id, bundles)
            else:
                self.assertIn(bundle_id, bundles, f"nobody knows what became of {path}")
                self.assertEqual(kind_of(bundles[bundle_id]), key.split("|")[0])
                used.add(bundle_id)
                self.assert_rows(path, bundles[bundle_id], key in left_out)
        self.assertEqual(used, set(bundles), "Bundles that come from no file")
        for what in reasons:
            self.assertTrue(what in map(str, self.files) or "|" in what, what)

    def assert_rows(self, path, bundle, some_left_out):
        if "_OML-11_" in path.name and not some_left_out:
            self.assertEqual(len(resources(bundle)), rows_of(path, b"OBX"), path)

    def test_the_daemon_sends_what_map_prints(self):
        mapped = self.gateway.map(self.storage.root)
        self.assertEqual(mapped.exit_code, 3)
        done = self.run_once(self.gateway, expected=3)
        sent = Counter(map(without_times, self.platform.bundles().values()))
        self.assertEqual(sent, Counter(without_times(bundle) for bundle in mapped.bundles if kind_of(bundle) in SENT))
        # The platform asks for no prescriptions: what `map` tells of them is no unit of its.
        held = Counter(reason for kind, reason in
                       re.findall(r"^(\w+)\|[^:]*: held: ([a-z0-9]+:[a-z-]+):", mapped.stderr, re.MULTILINE)
                       if kind in SENT)
        self.assertEqual(self.gateway.status()["held_reasons"], dict(held), done.stderr)

    def test_the_storage_is_left_as_it_was(self):
        before = [(path, path.stat().st_mtime_ns, path.stat().st_size) for path in self.storage.root.rglob("*")]
        self.gateway.map(self.storage.root)
        self.run_once(self.gateway, expected=3)
        after = [(path, path.stat().st_mtime_ns, path.stat().st_size) for path in self.storage.root.rglob("*")]
        self.assertEqual(before, after)


class SegmentsEndWithCrTest(SampleTrees, Scene):
    tree = "ssmixtwins/tree-cr"


class SegmentsEndWithLfTest(SampleTrees, Scene):
    tree = "ssmixtwins/tree-lf"

    def test_the_terminator_makes_no_difference(self):
        other = self.make_gateway(Storage(SAMPLES / "ssmixtwins/tree-cr"), self.platform)
        texts = [[without_times(bundle) for bundle in gateway.map(gateway.settings["storage"][0]).bundles]
                 for gateway in (self.gateway, other)]
        self.assertEqual(sorted(texts[0]), sorted(texts[1]))


class GuidelineExamplesTest(SampleTrees, Scene):
    """One patient; most documents are the guideline's own examples and have another patient's PID."""

    tree = "nho-testing-tool"

    def test_documents_of_another_patient_are_held_and_never_sent(self):
        mapped = self.gateway.map(self.storage.root)
        for kind in SENT:
            self.assertRegex(mapped.stderr, rf"{kind}\|9999013[^:]*: held: patient:mismatch: .* at PID\[1\]-3\.1")
        self.run_once(self.gateway, expected=3)
        self.assertEqual(self.platform.requests(), [])
        self.assertEqual(self.gateway.status()["outbox"]["held"], 3)

    def test_the_decoy_in_a_wrong_folder_is_named_and_neither_sent_nor_fatal(self):
        decoy, = (path for path in self.files if "000" in path.parts)
        mapped = self.gateway.map(decoy)
        self.assertEqual((mapped.exit_code, mapped.bundles), (3, []))
        self.assertIn(f"{decoy}: path:folder-disagrees: ", mapped.stderr)
        whole = self.gateway.map(self.storage.root)
        self.assertIn(f"{decoy}: path:folder-disagrees: ", whole.stderr)
        # What stands beside it is looked at all the same: of this patient, but the tree has no insurance.
        self.assertRegex(whole.stderr, r"(?m)^MedicationRequest\|9999013[^:]*: held: patient:no-insurance: ")


if __name__ == "__main__":
    main()
