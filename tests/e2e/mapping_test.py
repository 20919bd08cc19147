"""Authors of mappings see by cases what their rules do: `mapping test`, and what `check` warns of."""

import json
import unittest

from scene import main
from support import Gateway, Pki, temporary_directory

CASES = '<cases xmlns="urn:kakehashi:mapping-case:1">\n{}\n</cases>\n'
CASE = """<case name="{}">
<document type="PPR-01">
PRB|AD|20260401|20054174^胃炎^MDCDX2|P0001|||20260301
</document>
<expect><element path="Condition.code.text" is="{}"/></expect>
</case>"""
# Of the shipped cases; the overlay's one of the same name stands for it.
SHIPPED = "With untold=none no diagnosis is marked as not told"


class MappingTestTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = Pki()

    def setUp(self):
        self.directory = temporary_directory("mapping")
        storage = self.directory / "storage"
        self.site = self.directory / "site"
        for folder in (storage, self.site / "cases"):
            folder.mkdir(parents=True)
        self.gateway = Gateway(storage, "https://127.0.0.1:1/fhir", self.pki, overlay=str(self.site))

    def write(self, text, name="site.case.xml"):
        path = self.site / "cases" / name
        path.write_text(text, encoding="utf-8")
        return path

    def test_all_shipped_cases_pass(self):
        done = self.gateway.command("mapping", "test")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"\A([0-9]+) cases, \1 passed\n\Z")
        self.assertGreaterEqual(int(done.stdout.split()[0]), 40)

    def test_cases_of_the_site_run_beside_the_shipped_ones_and_stand_for_those_of_their_name(self):
        shipped = json.loads(self.gateway.command("mapping", "test", "--json").stdout)
        self.write(CASES.format(CASE.format("One of our own", "胃炎") + CASE.format(SHIPPED, "胃炎")))
        both = json.loads(self.gateway.command("mapping", "test", "--json").stdout)
        self.assertEqual(both, {"cases": shipped["cases"] + 1, "passed": shipped["passed"] + 1, "failed": []})

    def test_a_case_that_fails_is_shown_with_its_line_and_what_came(self):
        path = self.write(CASES.format(CASE.format("Gastritis is an ulcer", "胃潰瘍")))
        done = self.gateway.command("mapping", "test")
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"failed: Gastritis is an ulcer\n  {path}:6: Condition.code.text\n"
                      "    expected: 胃潰瘍\n    got:      胃炎\n", done.stdout)
        done = self.gateway.command("mapping", "test", "--json")
        self.assertEqual(done.returncode, 3)
        self.assertEqual(json.loads(done.stdout)["failed"], [
            {"name": "Gastritis is an ulcer", "place": f"{path}:2", "differences": [
                {"place": f"{path}:6", "what": "Condition.code.text", "expected": "胃潰瘍", "got": "胃炎"}]}])

    def test_a_rule_that_the_site_changes_fails_the_shipped_cases_that_show_it(self):
        (self.site / "gender.tsv").write_text("from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n"
                                              "HL70001\tM\t\tmale\t\t\nHL70001\tF\t\tother\t\t\n", encoding="utf-8")
        done = self.gateway.command("mapping", "test")
        self.assertEqual(done.returncode, 3)
        self.assertIn("failed: F is female\n", done.stdout)

    def test_paths_are_run_instead_of_the_mappings_own_cases(self):
        path = self.write(CASES.format(CASE.format("One of our own", "胃炎")))
        self.write(CASES.format(CASE.format("Another", "胃炎")), "other.case.xml")
        self.assertEqual(self.gateway.command("mapping", "test", path).stdout, "1 case, 1 passed\n")
        self.assertEqual(self.gateway.command("mapping", "test", path.parent).stdout, "2 cases, 2 passed\n")

    def test_what_cannot_be_read_is_wrong_usage_with_its_place(self):
        path = self.write(CASES.format("<case/>"))
        for command, told in ((("mapping", "test"), f"{path}:2:2: <case> needs name"),
                              (("mapping", "test", path), f"{path}:2:2: <case> needs name"),
                              (("mapping", "test", self.site / "none.case.xml"), "none.case.xml: cannot be read"),
                              (("mapping", "test", self.site), "there are no cases"),
                              (("mapping", "test", "--all"), "--all"),
                              (("mapping", "tset"), 'there is no "tset"; there is:'),
                              (("mapping",), "name what to do with it")):
            done = self.gateway.command(*command)
            self.assertEqual((done.returncode, done.stdout), (2, ""), command)
            self.assertIn(told, done.stderr)

    def test_check_warns_of_cases_that_fail_and_of_rules_that_no_case_touches_and_passes(self):
        done = self.gateway.command("check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.write(CASES.format(CASE.format(SHIPPED, "胃潰瘍")))
        (self.site / "extra.xml").write_text(
            '<mapping xmlns="urn:kakehashi:mapping:1">\n'
            '<resource id="extra" type="AllergyIntolerance" document="PPR-01" row="PRB" instance="PRB-4.1">\n'
            '<leave-out when="PRB-20" reason="never"/>\n'
            '<value path="patient.display" from="PRB-4.1"/>\n</resource></mapping>\n',
            encoding="utf-8")
        done = self.gateway.command("check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("settings are good", done.stdout)
        for told in ("warning: 1 of ", "cases of the mapping fail; `kakehashi mapping test` shows how",
                     "warning: 2 rules of the mapping are touched by no case:",
                     "extra.xml:3 is touched by no case", "extra.xml:4 is touched by no case"):
            self.assertIn(told, done.stderr)

    def test_check_warns_of_case_files_that_cannot_be_read_and_passes(self):
        path = self.write("<cases")
        done = self.gateway.command("check")
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"kakehashi: warning: {path}:1:", done.stderr)


if __name__ == "__main__":
    main()
