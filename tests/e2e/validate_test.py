"""`kakehashi validate` as somebody at a terminal meets it: files, lines, packs, exit codes, no patient in sight."""

import json
import re
import shutil
import subprocess
import unittest

from scene import Scene, main
from support import SOURCE_DIR, json_lines, program, temporary_directory

GOLDEN = SOURCE_DIR / "tests/golden/PPR-01/modifiers-and-an-ended-one.json"
PROFILES = SOURCE_DIR / "config/profiles"


def run(*arguments, stdin=None):
    command = [program("gateway/kakehashi"), "validate", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120, check=False)


def validate(*arguments, stdin=None):
    """(exit code, issues, stderr) by the pack of 1.5.3."""
    done = run("--profiles", PROFILES, "--pack", "1.5.3", *arguments, stdin=stdin)
    return done.returncode, json_lines(done.stdout.decode()), done.stderr.decode()


def errors(issues):
    return [(issue["rule"], issue["location"]) for issue in issues if issue["severity"] == "error"]


class ValidateTest(unittest.TestCase):
    def setUp(self):
        self.folder = temporary_directory("validate")
        self.bundle = json.loads(GOLDEN.read_text(encoding="utf-8"))

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
        return path

    def broken(self):
        del self.bundle["entry"][1]["resource"]["code"]["text"]
        return self.bundle

    def test_a_bundle_without_errors_is_exit_0_and_says_by_which_pack(self):
        code, issues, said = validate(GOLDEN)
        self.assertEqual((code, errors(issues)), (0, []))
        self.assertRegex(said, r"1 text by jp-clins-1\.5\.3: 0 errors, \d+ warnings?")

    def test_an_error_is_exit_3_and_one_line_with_file_rule_location_and_two_languages(self):
        path = self.write("broken.json", self.broken())
        code, issues, _ = validate(path)
        found = [issue for issue in issues if issue["severity"] == "error"]
        self.assertEqual(code, 3)
        self.assertIn(("min", "Bundle.entry[1].resource.code"), errors(issues))
        for issue in found:
            self.assertEqual(issue["file"], str(path))
            self.assertTrue(issue["en"] and issue["ja"])
            self.assertNotIn("line", issue)

    def test_json_lines_are_judged_line_by_line(self):
        good = json.dumps(self.bundle, ensure_ascii=False).encode()
        bad = json.dumps(self.broken(), ensure_ascii=False).encode()
        path = self.write("two.ndjson", good + b"\n\n" + bad + b"\n{]\n")
        code, issues, said = validate(path)
        self.assertEqual(code, 3)
        lines = {issue["line"] for issue in issues if issue["severity"] == "error"}
        self.assertEqual(lines, {3, 4})
        self.assertIn("3 texts by ", said)
        self.assertEqual([(issue["location"], issue["place"]) for issue in issues if issue["rule"] == "json"],
                         [("$", "1:2")])

    def test_the_standard_input_is_a_file_called_minus(self):
        code, issues, _ = validate("-", stdin=b"\xef\xbb\xbf" + GOLDEN.read_bytes())
        self.assertEqual((code, errors(issues)), (3, [("json-duplicate", "Bundle")]))
        self.assertEqual(issues[0]["file"], "-")

    def test_a_lone_resource_is_held_to_the_profile_of_its_kind(self):
        resource = self.bundle["entry"][1]["resource"]
        resource["meta"]["profile"] = ["http://hl7.org/fhir/StructureDefinition/Condition"]
        del resource["code"]["text"]
        self.assertIn(("min", "Condition.code"), errors(validate(self.write("lone.json", resource))[1]))

    def test_what_is_no_resource_is_an_error_and_not_the_end(self):
        for text, rule in ((b"", "json"), (b"[]", "clins"), (b"{}", "clins"), (b'{"resourceType":7}', "clins"),
                           (b'{"a":"\x83"}', "encoding"), (b"{" * 100_000, "json"), (b'{"a":' * 5000, "json")):
            with self.subTest(text[:20]):
                code, issues, _ = validate(self.write("x.json", text))
                self.assertEqual((code, errors(issues)), (3, [(rule, "$")]))

    def test_no_value_of_the_patient_is_printed_unless_it_is_asked_for(self):
        patient = self.bundle["entry"][0]["resource"]
        patient["gender"] = "架橋ひみつ"
        patient["birthDate"] = "架橋ひみつ"
        patient["name"][0]["架橋ひみつ"] = "x"
        self.bundle["entry"][1]["resource"]["code"]["coding"][0]["code"] = "架橋ひみつ"
        path = self.write("secret.json", self.bundle)
        plain = run("--profiles", PROFILES, "--pack", "1.5.3", path)
        self.assertEqual(plain.returncode, 3)
        self.assertNotIn("架橋ひみつ", (plain.stdout + plain.stderr).decode())
        quoted = run("--profiles", PROFILES, "--pack", "1.5.3", "--values", path)
        self.assertIn("架橋ひみつ", quoted.stdout.decode())

    def test_an_unknown_pack_is_exit_2_and_tells_which_there_are(self):
        done = run("--profiles", PROFILES, "--pack", "9.9.9", GOLDEN)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertRegex(done.stderr.decode(), r'no profile pack "jp-clins-9\.9\.9"; there are: .*jp-clins-1\.5\.3')

    def test_wrong_usage_is_exit_2_with_a_sentence(self):
        for arguments in ([], [self.folder / "none.json"], [self.folder], ["--profiles", self.folder / "none", GOLDEN],
                          ["--profiles", self.folder, GOLDEN]):
            with self.subTest(arguments):
                done = run(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertRegex(done.stderr.decode(), r"^kakehashi: .+\n$")

    def test_without_settings_the_newest_complete_pack_is_taken(self):
        code, _, said = ((done := run("--profiles", PROFILES, GOLDEN)).returncode, done.stdout, done.stderr.decode())
        self.assertEqual(code, 0, said)
        self.assertIn(" by jp-clins-1.5.3: ", said)

    def test_a_mistake_in_a_pack_is_exit_2_with_its_place(self):
        folder = self.folder / "profiles"
        shutil.copytree(PROFILES, folder)
        (folder / "jp-clins-1.5.3.xml").write_text("<nonsense/>\n", encoding="utf-8")
        done = run("--profiles", folder, "--pack", "1.5.3", GOLDEN)
        self.assertEqual(done.returncode, 2)
        self.assertIn("jp-clins-1.5.3.xml:1", done.stderr.decode())


class ValidateWithSettingsTest(Scene):
    def test_the_pack_is_that_of_the_first_clins_destination(self):
        gateway = self.make_gateway(self.make_storage(), "https://platform.example/fhir", pack="jp-clins-1.5.3")
        done = gateway.command("validate", GOLDEN)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(" by jp-clins-1.5.3: ", done.stderr)

    def test_what_map_prints_can_be_piped(self):
        storage = self.make_storage()
        storage.tree(seed=3, patients=2, labs=0, prescriptions=1)
        gateway = self.make_gateway(storage, "https://platform.example/fhir", pack="jp-clins-1.5.3")
        mapped = gateway.command("map", storage.root)
        code, issues, said = validate("-", stdin=mapped.stdout.encode())
        self.assertEqual((code, errors(issues)), (0, []), said)
        self.assertIn('"MedicationRequest"', mapped.stdout)
        self.assertIn(f"{len(mapped.stdout.splitlines())} texts by ", said)

    def test_check_tells_the_pack_of_each_destination_and_what_it_does_not_decide(self):
        gateway = self.make_gateway(self.make_storage(), "https://platform.example/fhir", pack="jp-clins-1.5.3")
        done = gateway.command("check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("pack jp-clins-1.5.3\n", done.stdout)
        self.assertRegex(done.stdout, r"pack jp-clins-1\.5\.3: \d+ rules .*, \d+ of them not evaluated")

    def test_check_tells_what_1_12_0_leaves_open_and_that_it_is_not_complete(self):
        done = self.make_gateway(self.make_storage(), "https://platform.example/fhir").command("check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"pack jp-clins-1\.12\.0: .*; not complete: ")
        for about in ("codes", "cardinality", "R9020O", "meta.tag", "JP_Encounter_eCS, JP_Practitioner_eCS"):
            self.assertRegex(done.stdout, rf"(?m)^  not decided: {re.escape(about)}: .")

    def test_check_refuses_a_pack_that_is_not_there(self):
        gateway = self.make_gateway(self.make_storage(), "https://platform.example/fhir", pack="jp-clins-9.9.9")
        done = gateway.command("check")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("there are: ", done.stderr)


if __name__ == "__main__":
    main()
