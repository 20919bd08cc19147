"""Authors of mappings see by cases what their rules do: `mapping test`, and what `check` warns of. They see which rules
are in force, and where they come from: `mapping show`."""

import json
import re
import unittest
import xml.etree.ElementTree

from scene import Storage, days_ago, main
from support import SOURCE_DIR, Gateway, Pki, temporary_directory

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
        (self.site / "added.xml").write_text(
            '<overlay xmlns="urn:kakehashi:mapping:1">\n<add to="condition">\n'
            '<leave-out id="never" when="PRB-20" reason="never"/>\n'
            '<value path="onsetString" from="PRB-20"/>\n</add></overlay>\n',
            encoding="utf-8")
        done = self.gateway.command("check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("settings are good", done.stdout)
        for told in ("warning: 1 of ", "cases of the mapping fail; `kakehashi mapping test` shows how",
                     "warning: 2 rules of the mapping are touched by no case:",
                     "added.xml:3 is touched by no case", "added.xml:4 is touched by no case"):
            self.assertIn(told, done.stderr)

    def test_check_warns_of_case_files_that_cannot_be_read_and_passes(self):
        path = self.write("<cases")
        done = self.gateway.command("check")
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"kakehashi: warning: {path}:1:", done.stderr)


OVERLAY = """<?xml version="1.0" encoding="UTF-8"?>
<overlay xmlns="urn:kakehashi:mapping:1">
  <!-- 架橋病院: the ward writes A&B -->
  <replace rule="condition/onsetDateTime"><value path="onsetString" from="PRB-16" format="&lt;&quot;{}&amp;"/></replace>
  <remove rule="patient/gender" reason="not told -- here"/>
  <add to="condition"><value path="language" constant="ja"/></add>
</overlay>
"""
GENDER = ("from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n"
          "HL70001\tF\t\tother\t\tof our own\nHL70001\tO\t\t!remove\n")


class MappingShowTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pki = Pki()

    def setUp(self):
        self.directory = temporary_directory("mapping")
        self.site = self.directory / "site"
        self.site.mkdir()
        self.storage = Storage(self.directory / "storage")
        self.gateway = Gateway(self.storage.root, "https://127.0.0.1:1/fhir", self.pki, overlay=str(self.site))

    def write(self):
        (self.site / "own.xml").write_text(OVERLAY, encoding="utf-8")
        (self.site / "gender.tsv").write_text(GENDER, encoding="utf-8")

    def show(self, *options):
        done = self.gateway.command("mapping", "show", *options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def bundles(self):
        done = self.gateway.command("map", self.storage.root, seconds=120)
        return re.sub(r'"timestamp":"[^"]*"|"Bundle","meta":{"lastUpdated":"[^"]*"', "", done.stdout)

    def test_the_mapping_in_force_tells_what_the_site_changed(self):
        self.write()
        lines = self.show("--effective").splitlines()
        for told in (r'<value path="onsetString" from="PRB-16" format="&lt;&quot;\{\}&amp;"/> '
                     r"<!-- condition/onsetString \(site/own\.xml:4, site, instead of condition\.xml:[0-9]+\) -->",
                     r"<!-- 架橋病院: the ward writes A&B -->",
                     r"<!-- removed: patient/gender \(patient\.xml:[0-9]+\) by site/own\.xml:5, site: not told - - here -->",
                     r'<value path="language" constant="ja"/> <!-- condition/language \(site/own\.xml:6, site\) -->'):
            self.assertEqual(sum(bool(re.fullmatch(" *" + told, line)) for line in lines), 1, told)
        self.assertIn(" gender ", lines[-1])

    def test_a_table_in_force_tells_which_rows_are_the_sites(self):
        self.write()
        lines = self.show("--effective", "--table", "gender").splitlines()
        self.assertEqual(lines[0], "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote")
        self.assertRegex(lines[1], r"\A# site/gender\.tsv:2, site, instead of gender\.tsv:[0-9]+:\Z")
        self.assertEqual(lines[2:4], ["# HL70001\tF\t\tfemale\t\t", "HL70001\tF\t\tother\t\tof our own"])
        self.assertRegex(lines[-2], r"\A# removed: gender\.tsv:[0-9]+ by site/gender\.tsv:3, site\Z")
        self.assertNotIn("HL70001\tO\t\tother\t\t", lines)

    def test_what_is_shown_maps_every_document_as_the_mapping_in_force_does(self):
        self.storage.tree(patients=30, today=days_ago(0))
        plain = self.bundles()
        self.write()
        usual = self.bundles()
        self.assertNotEqual(usual, plain)
        names = self.show("--effective").rpartition("):")[2].split()[:-1]
        self.assertEqual(set(names), {path.stem for path in (SOURCE_DIR / "config/terminology").iterdir()})
        config = self.directory / "config"
        for folder in ("mapping", "terminology"):
            (config / folder).mkdir(parents=True)
        (config / "mapping/all.xml").write_text(self.show("--effective"), encoding="utf-8")
        for name in names:
            (config / f"terminology/{name}.tsv").write_text(self.show("--effective", "--table", name), encoding="utf-8")
        self.gateway.configure(mapping=str(config / "mapping"), overlay=None)
        self.assertEqual(self.bundles(), usual)

    def test_one_resource_is_shown_with_the_templates_it_uses(self):
        root = xml.etree.ElementTree.fromstring(self.show("--effective", "--resource", "condition"))
        shown = {(element.tag.rpartition("}")[2], element.get("id")) for element in root}
        used = {("template", use.get("template")) for use in root.iter("{urn:kakehashi:mapping:1}use")}
        self.assertEqual(shown, used | {("resource", "condition")})
        self.assertIn(("template", "institution"), shown)
        self.assertNotIn(("template", "no-result"), shown)

    def test_without_effective_the_shipped_rules_are_shown_whatever_the_site_says(self):
        before = self.show()
        self.write()
        self.assertEqual(self.show(), before)
        self.assertNotIn("site", self.show("--table", "gender"))
        (self.site / "broken.xml").write_text(OVERLAY.replace("onsetDateTime", "onset"), encoding="utf-8")
        self.assertEqual(self.show(), before)
        done = self.gateway.command("mapping", "show", "--effective")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn('site/broken.xml:4:4: there is no rule "condition/onset"', done.stderr)

    def test_what_is_not_there_is_wrong_usage(self):
        for options, told in ((("--resource", "conditon"), "did you mean condition?"),
                              (("--table", "gander"), "did you mean gender?"),
                              (("--resource", "condition", "--table", "gender"), "not both"),
                              (("--efective",), "--efective")):
            done = self.gateway.command("mapping", "show", *options)
            self.assertEqual((done.returncode, done.stdout), (2, ""), options)
            self.assertIn(told, done.stderr)


if __name__ == "__main__":
    main()
