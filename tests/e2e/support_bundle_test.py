"""The text for whoever helps: it tells what is needed, and nothing of a patient, whatever happened before."""

import json
import stat

from scene import NAME, OTHER_NAME, OTHER_PATIENT, PATIENT, Scene, main
from support import temporary_directory, wait_until

SECRET = "架橋極秘病"
ANOTHER = "架橋希少病"


class SupportBundleTest(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(log_level="debug")
        self.file = temporary_directory("bundle") / "support.txt"

    def make(self, *options):
        done = self.gateway.command("support-bundle", self.file, "--log", self.gateway.log_path, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = self.file.read_text(encoding="utf-8")
        self.file.unlink()
        return text

    def fill(self):
        """Documents of all fates: sent, held, rejected by the platform, unreadable, misnamed, deleted."""
        master = self.storage.patient()
        self.storage.problem(text=SECRET)
        self.storage.lab(order="910000000000001")
        gone = self.storage.lab(order="910000000000002")
        self.storage.document("ADT-00", OTHER_PATIENT, name=OTHER_NAME)  # nothing usable: held
        self.storage.problem(OTHER_PATIENT, text=ANOTHER)
        wrong = self.storage.lab(order="910000000000003", pid3="9999999999")
        broken = self.storage.lab(order="910000000000004")
        broken.write_bytes(b"MSH|" + SECRET.encode("iso2022_jp"))
        (broken.parent / f"{PATIENT}_{SECRET}.txt").write_text(SECRET)
        self.gateway.start()
        wait_until(lambda: len(self.platform.bundles()) >= 2, 20, lambda: self.gateway.log[-2000:])
        self.storage.delete(gone)
        self.platform.misbehave("outcome422:echo=yes")
        self.storage.problem(text=SECRET + "再発", instance="P2")
        self.wait_for_outbox(self.gateway, 30, rejected=1)
        return [master, gone, wrong, broken]

    def test_nothing_of_a_patient_is_in_it(self):
        documents = self.fill()
        # The log of a daemon that was asked everything, and the state it left.
        show = self.gateway.command("queue", "show", "--answer", "--json", documents[0])
        self.assertEqual(show.returncode, 0, show.stderr)
        answers = self.gateway.command("queue", "list", "--state", "rejected", "--json").stdout
        name = json.loads(answers.splitlines()[0])["bundle_id"]
        answer = self.gateway.command("queue", "show", "--answer", name).stdout
        self.assertIn(SECRET, answer, "the platform was to quote what it got")
        text = self.make()
        for secret in [PATIENT, PATIENT.lstrip("0") + "/", OTHER_PATIENT, "9999999999", SECRET, ANOTHER, "架橋^", "太郎", "花子",
                       NAME, OTHER_NAME, "06999998", "9100000000000", "3D046000001906202_", "1950", "/000/", "OML-11_"]:
            self.assertNotIn(secret, text)
        for path in self.storage.documents():
            self.assertNotIn(path.name, text)
            self.assertNotIn(str(path.parent.relative_to(self.storage.root)), text)

    def test_it_tells_what_is_needed(self):
        self.fill()
        config = self.gateway.config.read_text(encoding="utf-8")
        self.gateway.config.write_text(config.replace("<state", "<!-- 鍵の合言葉: himitsu -->\n<state"), encoding="utf-8")
        text = self.make("--patients", "5")
        for part in ["== versions\nkakehashi ", "SQLite 3.", "OpenSSL 3.", "Boost 1_", "== settings as they are written",
                     'institution-number="1319999999"', "== settings in effect", "storage[main]/@warm-interval 15m",
                     "destination[platform]/delivery/@timeout 5s", "== file systems", "MiB free", "== certificates",
                     "subject CN=gateway-test", " days)", "== status\n", "== status --json", "== queue",
                     "platform Condition rejected delivery 1", "== tables of the state", "unit: ", "schema ",
                     "== kakehashi check", "== coverage", "patients, those with the newest documents", "OML-11",
                     "== log", "KKH-1001 started"]:
            self.assertIn(part, text)
        self.assertNotIn("himitsu", text)
        self.assertNotIn("this could not be told", text)
        status = text.partition("== status --json\n")[2].partition("\n\n")[0]
        self.assertIn("outbox", json.loads(status))

    def test_it_is_made_of_a_gateway_that_does_not_start(self):
        self.storage.patient()
        self.assertIn("this could not be told: the state database failed", self.make())  # there is none yet
        self.gateway.configure(settle="never")
        text = self.make()
        self.assertIn("== the settings are wrong", text)
        self.assertIn("settle", text)

    def test_lines_of_others_stay_out_of_it(self):
        log = self.file.with_name("other.log")
        log.write_text(f"2026-01-01 {NAME} was here\n2026-01-01T00:00:00.000Z info KKH-1005 stopped\n"
                       f"KKH-1005 {SECRET}\nKKH-9999 {SECRET}\n", encoding="utf-8")
        done = self.gateway.command("support-bundle", self.file, "--log", log)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = self.file.read_text(encoding="utf-8")
        self.assertIn("KKH-1005 stopped\n3 lines that are not the gateway's were left out", text)
        self.assertNotIn(SECRET, text)
        self.assertNotIn(NAME, text)

    def test_a_file_that_is_there_is_not_overwritten_and_nobody_else_reads_a_new_one(self):
        self.storage.patient()
        self.file.write_text("before")
        done = self.gateway.command("support-bundle", self.file)
        self.assertEqual((done.returncode, self.file.read_text()), (2, "before"))
        self.file.unlink()
        self.assertEqual(self.gateway.command("support-bundle", self.file).returncode, 0)
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        for wrong in [[], [self.file, self.file], [self.file.with_name("x"), "--patients", "many"]]:
            self.assertEqual(self.gateway.command("support-bundle", *wrong).returncode, 2)


if __name__ == "__main__":
    main()
