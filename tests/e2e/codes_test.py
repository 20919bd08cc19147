"""`codes todo` and `codes apply`: a code that no table knows gets from the document to a person and back."""

import json

from scene import NAME, OTHER_NAME, OTHER_PATIENT, PATIENT, Scene, main, resources
from support import temporary_directory

HEADER = "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n"
UNKNOWN_STATUS = "Q"  # of a laboratory result: the report waits for it


class CodesScene(Scene):
    def setUp(self):
        self.overlay = temporary_directory("overlay")
        self.storage, self.platform, self.gateway = self.make_all(overlay=str(self.overlay))
        self.storage.patient()
        self.storage.patient(OTHER_PATIENT, OTHER_NAME)

    def todo(self, *options, expected=0):
        done = self.gateway.command("codes", "todo", *options)
        self.assertEqual(done.returncode, expected, f"{done.stdout}\n{done.stderr}")
        return done.stdout

    def apply(self, text, expected=0):
        path = self.gateway.directory / "filled-in.tsv"
        path.write_text(text, encoding="utf-8")
        done = self.gateway.command("codes", "apply", path)
        self.assertEqual(done.returncode, expected, f"{done.stdout}\n{done.stderr}")
        return done

    def fill_in(self, text, code, to_code, display):
        self.assertIn(f"\t{code}\t\t\t\t", text)
        return text.replace(f"\t{code}\t\t\t\t", f"\t{code}\t\t{to_code}\t{display}\t")


class RoundTripTest(CodesScene):
    def test_a_code_that_holds_a_unit_is_listed_filled_in_and_the_unit_alone_is_sent(self):
        document = self.storage.lab(status=UNKNOWN_STATUS)
        self.storage.problem(OTHER_PATIENT)
        self.storage.lab(OTHER_PATIENT)
        self.run_once(self.gateway, expected=3)
        self.assertEqual(len(self.platform.bundles()), 2)
        self.assertEqual(self.gateway.status()["codes"], {"to_do": 1, "units_held": 1})

        listed = self.todo()
        self.assertTrue(listed.startswith(HEADER + f"# table: result-status\n\t{UNKNOWN_STATUS}\t\t\t\ttodo: "
                                                   "result-status; 1 unit; 1 held for it; e.g. document "), listed)
        for secret in (PATIENT, PATIENT.lstrip("0") + "_", *NAME.split("^"), document.name, "HbA1c", "7.20"):
            self.assertNotIn(secret, listed)
        self.assertIn(str(self.storage.relative(document)), self.todo("--local"))
        self.assertEqual(self.todo("--table", "gender"), HEADER)
        (code,) = json.loads(self.todo("--json"))["codes"]
        self.assertEqual((code["table"], code["from_code"], code["held"]), ("result-status", UNKNOWN_STATUS, 1))

        before = self.platform.request_count()
        done = self.apply(self.fill_in(listed, UNKNOWN_STATUS, "preliminary", ""))
        self.assertIn("1 rows added to result-status.tsv", done.stdout)
        self.assertIn("reload or restart the gateway", done.stderr)
        self.run_once(self.gateway)
        self.assertEqual(self.platform.request_count(), before + 1, "others were sent again")
        self.assertEqual(len(self.platform.bundles()), 3)
        self.assertIn('"preliminary"', "".join(self.platform.bundle_texts().values()))
        self.assertEqual(self.todo(), HEADER)
        self.assertEqual(self.gateway.status()["codes"], {"to_do": 0, "units_held": 0})

    def test_a_unit_that_went_out_without_a_code_is_sent_again_with_it_and_no_other(self):
        self.storage.document("PPR-01", rows=["instance=P1,text=架橋病,start=20250401,end=20260301,outcome=K"])
        self.storage.problem(OTHER_PATIENT)
        self.run_once(self.gateway)
        self.assertEqual(self.gateway.status()["codes"], {"to_do": 1, "units_held": 0})
        before = self.platform.request_count()
        self.run_once(self.gateway)
        self.apply(self.fill_in(self.todo(), "K", "remission", "Remission"))
        self.assertEqual(self.platform.request_count(), before)
        self.run_once(self.gateway)
        self.assertEqual(self.platform.request_count(), before + 1)
        states = sorted(resource["clinicalStatus"]["coding"][0]["code"] for bundle in self.platform.bundles().values()
                        for resource in resources(bundle, "Condition"))
        self.assertEqual(states, ["active", "remission"])

    def test_codes_are_applied_beside_the_daemon_and_taken_up_when_it_starts_again(self):
        self.gateway.start()
        self.wait_for_first_sweep(self.gateway)
        self.storage.lab(status=UNKNOWN_STATUS)
        self.wait_for_outbox(self.gateway, held=1)
        self.apply(self.fill_in(self.todo(), UNKNOWN_STATUS, "preliminary", ""))
        self.assert_runs(self.gateway)
        self.wait_for_outbox(self.gateway, held=1)
        self.gateway.stop()
        self.gateway.start()
        self.wait_for_bundles(self.platform, 1)

    def test_the_hospitals_own_code_of_an_allergen_is_work_and_then_sent_as_what_it_is(self):
        self.storage.document("ADT-61", rows=["id=A1,code=K12,name=鯖,system=99LOC,type=DA"])
        self.run_once(self.gateway)
        self.assertIn("# table: allergens", self.todo())
        self.assert_allergen("medication", "D9M000000000")
        self.apply(self.fill_in(self.todo(), "K12", "J9FC11310000", ""))
        self.run_once(self.gateway)
        self.assert_allergen("food", "J9FC11310000")

    def assert_allergen(self, category, code):
        allergies = [resource for bundle in self.platform.bundles().values()
                     for resource in resources(bundle, "AllergyIntolerance")]
        self.assertEqual([(each["category"], each["code"]["coding"][0]["code"], each["code"]["text"]) for each in allergies],
                         [([category], code, "鯖")])


class NothingToDoTest(CodesScene):
    def test_codes_that_the_shipped_rules_pass_on_purpose_are_no_work(self):
        self.storage.document("ADT-61", rows=[
            "id=A1,code=,name=架空錠,type=MC,severity=U,reaction=発疹,sensitivity=CT",
            "id=A2,code=,name=架空の金属,type=MA,severity=U,reaction=発疹,sensitivity=AD"])
        self.storage.document("PPR-01", rows=[
            f"instance=P{code},text=架橋病,start=20250401,outcome={code}" for code in "RNWU"])
        # Of no shared item; with a code of the hospital's own beside it.
        self.storage.document("OML-11", order="1", rows=[
            "code=3D046000001906299,name=HbA1c,local=L1,local-name=HbA1c,value=7.20,unit=%"])
        self.run_once(self.gateway)
        self.assertEqual(len(self.platform.bundles()), 3)
        self.assertEqual(self.todo(), HEADER)

    def test_an_item_of_which_nobody_says_what_it_is_is_sent_and_is_work(self):
        self.storage.document("OML-11", order="1", rows=["code=,local=L2,local-name=架空検査,value=1,unit=%"])
        self.run_once(self.gateway)
        self.assertEqual(len(self.platform.bundles()), 1)
        self.assertIn("# table: lab-items\n\tL2\t", self.todo())


class SafetyTest(CodesScene):
    def test_a_name_in_a_coded_field_is_listed_as_a_hash_and_shown_at_the_hospital(self):
        row = "code=3D046000001906202,name=HbA1c,value=7.20,unit=%,status=KAKEHASHI"
        self.storage.document("OML-11", order="1", rows=[row])
        self.run_once(self.gateway, expected=3)
        for listed in (self.todo(), self.todo("--json"), self.gateway.log, self.gateway.command("status").stdout):
            self.assertNotIn("KAKEHASHI", listed)
        self.assertIn("hash:", self.todo())
        self.assertIn("\tKAKEHASHI\t", self.todo("--local"))

    def test_a_list_with_a_mistake_changes_nothing(self):
        self.storage.lab(status=UNKNOWN_STATUS)
        self.run_once(self.gateway, expected=3)
        good = self.fill_in(self.todo(), UNKNOWN_STATUS, "preliminary", "")
        done = self.apply(good + "\t5\t\t05\t\t\n", expected=2)
        self.assertIn("filled-in.tsv:4: this code is not to do", done.stderr)
        self.assertEqual(list(self.overlay.iterdir()), [])
        self.gateway.configure(overlay=None)
        self.assertIn('<mapping overlay="site"/>', self.apply(good, expected=2).stderr)
        self.run_once(self.gateway, expected=3)

    def test_wrong_usage_says_what_is_right(self):
        for words, expected in [(("codes",), "say todo or apply"), (("codes", "list"), "say todo or apply"),
                                (("codes", "apply"), "name one file"),
                                (("codes", "apply", "/no/such/file"), "cannot be read")]:
            done = self.gateway.command(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(expected, done.stderr)
        self.assertEqual(self.gateway.command("codes", "todo").returncode, 1)  # there is no state yet


if __name__ == "__main__":
    main()
