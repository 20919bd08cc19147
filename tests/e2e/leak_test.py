"""What leaves the machine's inner circle names no patient: log, metrics, status, lists, temporary files, support bundle.

The platform echoes patient text in its OperationOutcomes. The logs of all other tests' daemons are looked at by Scene.
"""

import json
import urllib.error
import urllib.request

from patient_secrets import found_in, patient_secrets
from scene import Scene, main
from support import temporary_directory, wait_until


class LeakTest(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(log_level="debug")
        self.storage.tree(patients=12, labs=2, updates=10, deletes=2, cp932_extensions=True, half_width_kana=True)
        self.platform.misbehave("outcome422:echo=yes:share=50:operation=register")
        self.temporary = temporary_directory("tmp")
        self.secrets = patient_secrets(self.storage.root)

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.gateway.admin}{path}", timeout=10) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as unready:
            return unready.read().decode()

    def printed(self, *arguments):
        done = self.gateway.command(*arguments, env={"TMPDIR": str(self.temporary)})
        self.assertIn(done.returncode, (0, 3), f"{arguments}\n{done.stderr}")
        return done.stdout + done.stderr

    def rejected(self):
        listed = self.gateway.command("queue", "list", "--state", "rejected", "--json").stdout
        return [json.loads(line) for line in listed.splitlines()]

    def test_no_patient_is_named_where_others_look(self):
        self.assertGreater(len(self.secrets), 100)
        self.gateway.start(env={"TMPDIR": str(self.temporary)})
        self.wait_for_first_sweep(self.gateway, 30)
        self.wait_for_outbox(self.gateway, 60, pending=0, unknown=0, in_result=0)
        refused = wait_until(self.rejected, 20, "units that the platform refused with an echo")
        answers = self.gateway.command("queue", "show", "--answer", refused[0]["bundle_id"]).stdout
        self.assertTrue(found_in(answers, self.secrets), f"the platform echoed nothing:\n{answers}")

        bundle = self.gateway.directory / "support.txt"
        self.printed("support-bundle", bundle, "--log", self.gateway.log_path)
        outside = {
            "metrics": self.get("/metrics"), "healthz": self.get("/healthz"), "readyz": self.get("/readyz"),
            "status": self.printed("status"), "status --json": self.printed("status", "--json"),
            "queue list": self.printed("queue", "list", "--ALL"),
            "queue list --json": self.printed("queue", "list", "--ALL", "--json"),
            "codes todo": self.printed("codes", "todo"), "coverage": self.printed("coverage"),
            "check": self.printed("check"),
            "support-bundle": bundle.read_text(encoding="utf-8"),
        }
        self.gateway.stop()
        outside["log"] = self.gateway.log
        self.assertEqual(list(self.temporary.rglob("*")), [], "files that nobody takes away")
        for place, text in outside.items():
            with self.subTest(place=place):
                self.assertGreater(len(text), 0)
                self.assertEqual(found_in(text, self.secrets), {})


if __name__ == "__main__":
    main()
