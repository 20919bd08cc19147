"""What breaks the destination's profile is not sent: it is rejected with the rule and the place in the message, what was
sent before stands, and it goes out by itself when the rules or the document are mended. What the profile only warns of
is sent, and counted."""

import re
import shutil

from scene import Scene, kind_of, main, resources
from support import SOURCE_DIR, temporary_directory, wait_until

ONSET = '<value path="onsetDateTime" from="PRB-16 PRB-7" if-missing="hold"/>'
# A site's change that no schema of mappings can find wrong: FHIR has such an element, the profile wants another.
AS_TEXT = '<value path="onsetString" from="PRB-16 PRB-7" if-missing="hold"/>'
ENCOUNTER = '<value path="encounter.reference" constant="#encounter"/>'
NOWHERE = '<value path="encounter.reference" constant="#nowhere"/>'
REASON = "profile:broken"
# A site's change that breaks one row of two.
SECOND_AS_TEXT = (ONSET.replace("/>", ' when="PRB-4 != P2"/>') + AS_TEXT.replace("/>", ' when="PRB-4 = P2"/>'))
# The guide wants the criticality of an allergy to a drug to be high, and only warns where it is not.
WARNING = "R2011/warning-medication-allergy/unattached"
ECS = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_"
PROFILES = {"Bundle": "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS", "Patient": f"{ECS}Patient_eCS",
            "Condition": f"{ECS}Condition_eCS", "AllergyIntolerance": f"{ECS}AllergyIntolerance_eCS",
            "Observation": f"{ECS}Observation_LabResult_eCS"}


class ClaimedTest(Scene):
    def test_what_the_platform_accepts_claims_the_version_of_the_destinations_pack(self):
        for version in ("1.5.3", "1.12.0"):
            with self.subTest(version):
                storage, platform, gateway = self.make_all(pack=f"jp-clins-{version}")
                storage.patient()
                storage.problem()
                storage.lab()
                storage.document("ADT-61", rows=["id=A1,code=J9FC11310000,name=さば,system=JFAGY,type=FA"])
                self.run_once(gateway)
                bundles = platform.bundles().values()
                self.assertEqual(sorted(map(kind_of, bundles)), ["AllergyIntolerance", "Condition", "Observation"])
                for bundle in bundles:
                    claimed = [bundle, *(entry["resource"] for entry in bundle["entry"])]
                    self.assertEqual({each["resourceType"]: each["meta"]["profile"] for each in claimed},
                                     {kind: [f"{PROFILES[kind]}|{version}"] for kind in
                                      ("Bundle", "Patient", kind_of(bundle))})


class RejectedTest(Scene):
    def setUp(self):
        self.config = temporary_directory("config")
        for part in ("mapping", "terminology", "profiles"):
            shutil.copytree(SOURCE_DIR / "config" / part, self.config / part)
        self.storage, self.platform, self.gateway = self.make_all(mapping=str(self.config / "mapping"))
        self.storage.patient()

    def change(self, before, after):
        rules = self.config / "mapping" / "condition.xml"
        text = rules.read_text(encoding="utf-8")
        self.assertEqual(text.count(before), 1)
        rules.write_text(text.replace(before, after), encoding="utf-8")

    def rejected(self):
        return self.gateway.status()["destinations"]["platform"]["rejected_reasons"]

    def test_a_unit_that_breaks_the_profile_is_rejected_before_anything_is_sent_and_the_others_go_out(self):
        self.change(ONSET, AS_TEXT)
        self.storage.problem()
        self.storage.lab()
        self.run_once(self.gateway, expected=3)
        self.assertEqual(self.rejected(), {REASON: 1})
        (bundle,) = self.platform.bundles().values()
        self.assertTrue(resources(bundle, "Observation"))
        self.assertIn(REASON, self.gateway.command("status").stdout)

    def test_the_log_and_map_name_the_rule_and_the_place_in_the_message_and_nobody(self):
        self.change(ENCOUNTER, NOWHERE)
        path = self.storage.problem()
        self.gateway.start()
        line = wait_until(lambda: [line for line in self.gateway.log.splitlines() if "unit rejected" in line], 20,
                          lambda: f"a rejection in\n{self.gateway.log}")[0]
        self.assertRegex(line, r"reference-dangling at Bundle\.entry\[1\]\.resource\.encounter, in the row PRB\[1\], of [A-Z]{3}\[1\]-\d+.* "
                               r"by [a-zA-Z/.]+ \(\w+\.xml:\d+\)")
        self.assertNotIn(path.name, line)
        mapped = self.gateway.map(path)
        self.assertEqual((mapped.exit_code, mapped.bundles), (3, []), mapped.stderr)
        self.assertIn(f": rejected: {REASON}: ", mapped.stderr)

    def test_of_a_rule_about_the_whole_bundle_the_row_and_its_document_are_named(self):
        self.change(ONSET, SECOND_AS_TEXT)
        self.storage.problem()
        path = self.storage.problem(instance="P2", department="02")
        self.gateway.start()
        line = wait_until(lambda: [line for line in self.gateway.log.splitlines() if "unit rejected" in line], 20,
                          lambda: f"a rejection in\n{self.gateway.log}")[0]
        self.assertRegex(line, r"R9013C/condition-needs-onsetDateTime at Bundle because of Bundle\.entry\[\d\]\.resource, "
                               r"in the row PRB\[1\]\)")
        self.assertRegex(line, r" document=[0-9a-f]{12} ")
        self.assertNotIn(path.name, line)
        mapped = self.gateway.map(self.storage.root)
        self.assertIn(f"({path})", mapped.stderr)

    def test_what_the_profile_only_warns_of_is_sent_and_its_units_are_counted_by_rule(self):
        self.storage.document("ADT-61", rows=["id=A1,name=架空薬,type=DA"])
        self.storage.problem()
        self.run_once(self.gateway)
        self.assertEqual(len(self.platform.bundles()), 2)
        status = self.gateway.status()
        self.assertEqual(status["destinations"]["platform"]["warned_rules"], {WARNING: 1})
        self.assertEqual(status["warned_rules"], {WARNING: 1})
        self.assertIn(f"1 x {WARNING}", self.gateway.command("status").stdout)

    def test_what_was_sent_stands_and_mended_rules_send_what_waits(self):
        self.storage.problem(text="胃炎")
        self.run_once(self.gateway)
        before = self.platform.bundles()
        self.change(ONSET, AS_TEXT)
        self.storage.problem(text="胃潰瘍")
        self.run_once(self.gateway, expected=3)
        self.assertEqual(self.platform.bundles(), before)
        self.change(AS_TEXT, ONSET)
        self.gateway.command("remap", "--all")
        self.run_once(self.gateway)
        (bundle,) = self.platform.bundles().values()
        self.assertEqual({each["code"]["text"] for each in resources(bundle, "Condition")}, {"胃潰瘍"})

    def test_a_pack_that_is_not_there_is_told_by_check(self):
        for file in (self.config / "profiles").glob("jp-clins-1.12.0*"):
            file.unlink()
        done = self.gateway.command("check")
        self.assertEqual(done.returncode, 2)
        self.assertTrue(re.search(r'no profile pack "jp-clins-1\.12\.0"; there are: jp-clins-1\.5\.3', done.stderr),
                        done.stderr)


if __name__ == "__main__":
    main()
