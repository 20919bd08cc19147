"""What is wrong is said clearly and with its place, shows nobody's data, and keeps nothing else from going out."""

import json
import os
import shutil

from scene import Scene, main
from support import SOURCE_DIR, temporary_directory, wait_until

GOOD = "7000000001"



class BadDocumentsTest(Scene):
    """Each case is a patient of its own, so that one cannot hide another."""

    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(settle="100ms")
        self.storage.patient(GOOD)
        self.storage.problem(GOOD)
        self.patients = {}
        self.good_units = 1

    def patient(self, case):
        """A new patient with a good ADT-00 and a name that would be found in the log."""
        number = f"71{len(self.patients) + 1:08}"
        self.patients[case] = number
        self.storage.patient(number, name="架橋^太郎", kana="カキョウ^タロウ")
        return number

    def broken_problem(self, case, change):
        """A PPR-01 whose bytes were changed."""
        path = self.storage.problem(self.patient(case))
        path.write_bytes(change(path.read_bytes()))
        return path

    def log_with(self, *words):
        def found():
            lines = [line for line in self.gateway.log.splitlines() if all(word in line for word in words)]
            return lines or None

        return wait_until(found, 20, lambda: f"a line with {words} in\n{self.gateway.log}")

    def assert_refused(self, path, reason, *words):
        """The daemon tells the reason without the path, `map` with it; the good documents go out all the same."""
        self.gateway.start()
        self.log_with("document refused", reason, *words)
        self.assert_good_ones_arrive()
        self.assert_nothing_private_in_the_log()
        mapped = self.gateway.map(path)
        self.assertEqual((mapped.exit_code, mapped.bundles), (3, []), mapped.stderr)
        self.assertIn(f"{path}: {reason}", mapped.stderr)
        for word in words:
            self.assertIn(word, mapped.stderr)
        self.assertGreaterEqual(self.gateway.status()["documents"]["failed"], 1)
        self.gateway.stop()

    def assert_held(self, path, reason, *words):
        self.gateway.start()
        self.log_with("unit held", reason, *words)
        self.assert_good_ones_arrive()
        self.assert_nothing_private_in_the_log()
        mapped = self.gateway.map(path)
        self.assertEqual((mapped.exit_code, mapped.bundles), (3, []), mapped.stderr)
        self.assertIn(f"held: {reason}", mapped.stderr)
        self.gateway.stop()
        self.run_once(self.gateway, expected=3)

    def assert_good_ones_arrive(self):
        """Those from before and one that comes after the bad one."""
        self.storage.lab(GOOD)
        self.wait_for_bundles(self.platform, self.good_units + 1)
        self.assert_runs(self.gateway)

    def assert_nothing_private_in_the_log(self):
        log = self.gateway.log
        for word in ("架橋", "太郎", "カキョウ", "タロウ", "PPR-01_", "OML-11_", "ADT-00_", "/710", "/700"):
            self.assertNotIn(word, log)
        for number in [GOOD, *self.patients.values()]:
            self.assertNotIn(number.lstrip("0"), log)

    def test_an_empty_file(self):
        path = self.broken_problem("empty", lambda whole: b"")
        self.assert_refused(path, "file:empty: the file has no bytes", "write the document again")
        self.run_once(self.gateway, expected=3)

    def test_twenty_megabytes_of_noise(self):
        path = self.broken_problem("noise", lambda whole: os.urandom(20 * 1024 * 1024))
        self.assert_refused(path, "file:too-large", "20971520 bytes", "check what the file is")

    def test_noise_of_a_size_that_is_read(self):
        path = self.broken_problem("noise", lambda whole: b"\x0b" + os.urandom(1024 * 1024))
        self.assert_refused(path, "hl7:no-msh", "check what the file is")

    def test_a_file_cut_in_the_middle_of_a_character(self):
        cuts = []

        def cut(whole):
            # Two bytes behind the escape into JIS X 0208 are one character.
            cuts.append(whole.rindex(b"\x1b$B") + 3 + 1)
            return whole[:cuts[0]]

        path = self.broken_problem("cut", cut)
        self.assert_refused(path, "text:truncated-character", f"at byte {cuts[0]}", "write the document again")

    def spoilt_problem(self, case, segment):
        """In the first kanji behind the name of the segment one byte is none of JIS."""
        def spoil(whole):
            bad = whole.index(b"\x1b$B", whole.index(segment)) + 3
            return whole[:bad] + b"\x85" + whole[bad + 1:]

        return self.broken_problem(case, spoil)

    def test_a_byte_that_is_no_jis_beside_what_is_sent_costs_that_character_only(self):
        path = self.spoilt_problem("bad byte", b"PID|")
        self.gateway.start()
        self.wait_for_bundles(self.platform, 2)
        self.assert_nothing_private_in_the_log()
        mapped = self.gateway.map(path)
        self.assertEqual((mapped.exit_code, len(mapped.bundles)), (0, 1), mapped.stderr)
        self.assertIn("text:", self.gateway.command("status").stdout, "it is counted")
        self.assertEqual(self.gateway.status()["documents"]["failed"], 0)

    def test_a_byte_that_is_no_jis_in_the_name_of_a_disease_holds_the_list(self):
        path = self.spoilt_problem("bad name", b"PRB|")
        self.assert_held(path, "map:bad-value", "PRB")

    def test_a_message_without_msh(self):
        path = self.broken_problem("no MSH", lambda whole: whole[whole.index(b"PID|"):])
        self.assert_refused(path, "hl7:no-msh", "the file does not begin with an MSH segment")

    def test_a_folder_of_an_unknown_data_type(self):
        good = self.storage.lab(self.patient("unknown type"))
        folder = good.parent.with_name("XYZ-99")
        shutil.move(good.parent, folder)
        path = (folder / good.name).rename(folder / good.name.replace("OML-11", "XYZ-99"))
        self.assert_refused(path, "path:unknown-data-type", "XYZ-99", "tell the vendor")

    def test_a_file_in_the_folder_of_another_patient(self):
        good = self.storage.problem(self.patient("moved"))
        other = self.storage.problem(self.patient("other"))
        self.good_units += 1  # the other's own
        path = good.rename(other.parent / good.name)
        self.assert_refused(path, "path:folder-disagrees", "patient folder")

    def test_the_number_of_another_patient_in_pid_3(self):
        path = self.storage.problem(self.patient("mismatch"), pid3="9876543210")
        self.assert_held(path, "patient:mismatch", "PID")
        self.assertNotIn("9876543210", self.gateway.log)
        self.assertEqual(len(self.platform.bundles()), 2)

    def test_two_folders_that_are_one_patient_but_for_leading_zeros(self):
        first = self.storage.problem("0072000001")
        self.storage.patient("0072000001")
        self.storage.patient("072000001")
        self.patients["twins"] = "72000001"
        self.gateway.start()
        self.log_with("unit held", "path:patient-twins", "find out whether they are one patient")
        self.assert_good_ones_arrive()
        self.assert_nothing_private_in_the_log()
        self.assertEqual(self.gateway.map(self.storage.root).exit_code, 3)
        self.assertIn("path:patient-twins", self.gateway.map(self.storage.root).stderr)
        self.assertTrue(first.exists())

    def test_a_fifo_with_the_name_of_a_document(self):
        good = self.storage.problem(self.patient("fifo"))
        good.unlink()
        os.mkfifo(good)
        self.assert_refused(good, "file:unreadable", "it is no regular file")

    def test_a_symbolic_link_with_the_name_of_a_document(self):
        good = self.storage.problem(self.patient("link"))
        elsewhere = temporary_directory("elsewhere") / "document"
        shutil.move(good, elsewhere)
        good.symlink_to(elsewhere)
        self.assert_refused(good, "file:unreadable", "rights of the service account")
        self.assertEqual(len(self.platform.bundles()), 2)

    def test_a_document_that_is_mended_goes_out(self):
        whole = []
        path = self.broken_problem("mended", lambda bytes_: whole.append(bytes_) or bytes_[:len(bytes_) // 2])
        self.gateway.start()
        self.log_with("document refused")
        path.write_bytes(whole[0])
        self.wait_for_bundles(self.platform, 2)


class BadSettingsTest(Scene):
    def assert_wrong(self, arguments, *words):
        done = self.gateway.command(*arguments)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def setUp(self):
        self.storage = self.make_storage()
        self.gateway = self.make_gateway(self.storage, "https://127.0.0.1:9/fhir")

    def line_of(self, path, text):
        return next(n for n, line in enumerate(path.read_text().splitlines(), start=1) if text in line)

    def test_a_typo_in_a_mapping_file_is_named_with_file_line_and_word(self):
        overlay = temporary_directory("overlay")
        text = (SOURCE_DIR / "config/mapping/condition.xml").read_text()
        (overlay / "condition.xml").write_text(text.replace("from=", "form=", 1))
        self.gateway.configure(overlay=str(overlay))
        line = self.line_of(overlay / "condition.xml", "form=")
        for arguments in (["check"], ["run", "--once"], ["map", self.storage.root]):
            done = self.gateway.command(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertRegex(done.stderr, rf"condition\.xml:{line}:.*form")

    def test_xml_that_does_not_end_is_named_with_file_and_line(self):
        text = self.gateway.config.read_text()
        self.gateway.config.write_text(text.replace("</gateway>", ""))
        self.assert_wrong(["check"], f"{self.gateway.config}:")

    def test_an_unknown_attribute_is_named_with_file_and_line(self):
        text = self.gateway.config.read_text().replace("<log ", '<log colour="yes" ')
        self.gateway.config.write_text(text)
        line = self.line_of(self.gateway.config, "<log")
        for command in ("check", "run", "status"):
            self.assert_wrong([command], f"{self.gateway.config}:{line}", "colour", "<log>")

    def test_an_unknown_element_is_named_with_file_and_line(self):
        text = self.gateway.config.read_text().replace("<log ", "<logs ")
        self.gateway.config.write_text(text)
        self.assert_wrong(["check"], f"{self.gateway.config}:{self.line_of(self.gateway.config, '<logs')}", "logs")

    def test_a_settings_file_that_is_not_there_is_named(self):
        self.gateway.config.unlink()
        self.assert_wrong(["check"], str(self.gateway.config))

    def test_a_root_that_is_not_there_is_named_by_check(self):
        gone = self.storage.root / "gone"
        self.gateway.configure(storage=[gone])
        self.assert_wrong(["check"], str(gone), "check the mount")

    def test_unknown_commands_and_options_are_named(self):
        self.assert_wrong(["fly"], "fly", "--help")
        self.assert_wrong(["run", "--twice"], "--twice", "--help")
        self.assert_wrong(["run", "--onc"], "--onc", "--help")
        self.assert_wrong(["run", "--timeout", "5s"], "--timeout", "--once")
        self.assert_wrong(["run", "--once", "--timeout", "soon"], "--timeout", "10m")
        self.assert_wrong(["map"], "root")
        self.assert_wrong(["map", "/nowhere"], "/nowhere", "not there")
        self.assert_wrong(["status", "leftover"], "status", "--help")


if __name__ == "__main__":
    main()
