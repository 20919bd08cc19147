"""`queue show`, and the socket by which orders reach the daemon."""

import fcntl
import json
import os
import re
import socket
import stat

from queue_scene import QueueScene
from scene import PATIENT, main
from support import Gateway, temporary_directory, wait_until


class ShowTest(QueueScene):
    def test_a_unit_is_shown_by_bundle_id_hash_and_the_path_of_its_document(self):
        problem = self.storage.problem()
        self.gateway.start()
        self.wait_for_outbox(self.gateway, delivered=1)
        unit = self.bundle_id("Condition")
        self.order("hold", unit, "--why", "調べる")
        self.order("hold", self.queue("list")[0]["unit"])  # is so already: no entry
        by_id, = self.queue("show", unit)
        shown, = by_id["units"]
        self.assertEqual({each["state"] for each in shown["documents"]}, {"live"})
        row, = shown["rows"]
        self.assertEqual((row["state"], row["shown_there"], row["transmissions"]), ("held", "newest", 1))
        self.assertEqual([entry["event"] for entry in row["history"]], ["delivered", "held-by-person"])
        audit, = by_id["audit"]
        self.assertEqual((audit["command"], audit["target"], audit["why"], audit["uid"]),
                         ("queue hold", unit, "調べる", os.getuid()))
        for word in (shown["hash"], problem, self.storage.relative(problem)):
            told, = self.queue("show", word)
            self.assertEqual([each["bundle_id"] for each in told["units"]], [unit], word)
            self.assertEqual([each["why"] for each in told["audit"]], ["調べる"], word)
        document, = [each for each in shown["documents"] if "PPR-01" in each["path"]]
        told, = self.queue("show", document["hash"])
        self.assertEqual(told["document"]["path"], str(self.storage.relative(problem)))
        text = self.gateway.command("queue", "show", unit).stdout
        self.assertIn("held-by-person", text)
        self.assertIn("person:hold", text)

    def test_documents_that_are_refused_replaced_or_of_all_units_are_shown(self):
        lab = self.storage.lab(order="1")
        bad = self.storage.lab(order="2")
        bad.write_bytes(b"\x0bnoise, but no message\r")
        self.gateway.start()
        self.wait_for_outbox(self.gateway, delivered=1, held=1)
        newer = self.storage.supersede(lab, rows=["code=3D046000001906202,name=HbA1c,value=6.1,unit=%"])
        older = lab.with_name(lab.name[:-1] + "2")

        def states():
            return [self.gateway.command("queue", "show", each, "--json") for each in (newer, older)]

        wait_until(lambda: [json.loads(each.stdout)["document"]["state"] for each in states()
                            if each.returncode == 0] == ["live", "superseded"], 15, "the newer one counts")
        told, = self.queue("show", bad)
        self.assertEqual((told["document"]["state"], told["document"]["reason"]), ("refused", "hl7:no-msh"))
        self.assertEqual(told["units"][0]["rows"][0]["reason"], "file:refused")
        log_line = next(line for line in self.gateway.log.splitlines() if "document refused" in line)
        name = re.search("document=([0-9a-f]{12})", log_line)[1]
        self.assertEqual(self.queue("show", name)[0]["document"]["path"], told["document"]["path"])
        master, = self.storage.root.rglob("*_ADT-00_*")
        self.assertGreaterEqual(len(self.queue("show", master)[0]["units"]), 2)

    def test_what_is_not_known_is_not_found(self):
        self.storage.problem()
        self.run_once(self.gateway)
        unit = self.bundle_id("Condition")
        for word in (unit[:-1] + ("0" if unit[-1] != "0" else "1"), "0123456789ab", "/etc/passwd", "a/b",
                     self.storage.root, str(self.storage.root) + "/../x"):
            self.assertEqual(self.gateway.command("queue", "show", word).returncode, 1, word)
        self.assertEqual(self.gateway.command("queue", "hold", "0123456789ab").returncode, 1)


class SocketTest(QueueScene):
    def control(self):
        return self.gateway.state / "control.sock"

    def wait_for_socket(self):
        wait_until(self.control().exists, 15, "the control socket")

    def test_the_socket_is_its_owners_and_each_change_is_logged_without_the_patient(self):
        self.storage.problem()
        self.gateway.start()
        self.wait_for_outbox(self.gateway, delivered=1)
        mode = self.control().lstat().st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        self.order("hold", "--patient", PATIENT, "--dry-run")
        self.order("hold", "--patient", PATIENT)
        lines = [line for line in self.gateway.log.splitlines() if "ordered by a person" in line]
        self.assertEqual(len(lines), 1)
        for word in ('queue hold', "rows=1", f"uid={os.getuid()}", "user="):
            self.assertIn(word, lines[0])
        self.assertNotIn(PATIENT, self.gateway.log)
        self.assertEqual([audit[:2] for audit in self.audits()], [("queue hold", f"--patient {PATIENT}")])
        self.assertEqual(self.gateway.stop(), 0)
        self.assertFalse(self.control().exists())

    def test_the_daemon_outlives_what_it_does_not_understand(self):
        self.storage.problem()
        self.gateway.start()
        self.wait_for_outbox(self.gateway, delivered=1)

        def say(text):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(10)
                client.connect(str(self.control()))
                client.sendall(text)
                answer = b""
                while chunk := client.recv(65536):
                    answer += chunk
                return json.loads(answer)

        for text in (b"\n", b"\xff\x00{\n", b"[" * 500_000 + b"\n", b'{"order":"hold"}\n',
                     b'{"order":"hold","filter":{"all":true},"shell":"x"}\n'):
            self.assertEqual(say(text)["exit"], 2)
        with socket.socket(socket.AF_UNIX) as slow:
            slow.connect(str(self.control()))
            slow.sendall(b'{"order"')
            self.assertEqual(self.order("hold", "--ALL")["done"], 1)
        self.assert_runs(self.gateway)

    def test_a_daemon_that_was_killed_leaves_a_socket_that_is_in_nobodys_way(self):
        self.storage.problem()
        self.gateway.start()
        self.wait_for_outbox(self.gateway, delivered=1)
        self.gateway.kill9()
        self.assertTrue(self.control().exists())
        self.assertEqual(self.order("hold", "--ALL")["done"], 1)
        self.gateway.start()
        self.wait_for_first_sweep(self.gateway)
        self.assertEqual(self.order("release", "--ALL")["done"], 1)
        self.wait_for_outbox(self.gateway, delivered=1)

    def test_a_lock_that_is_held_by_nobody_who_listens_is_told(self):
        self.storage.problem()
        self.run_once(self.gateway)
        with open(self.gateway.state / "kakehashi.lock", "r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.gateway.command("queue", "hold", "--ALL")
        self.assertEqual(done.returncode, 1)
        self.assertIn("takes no orders", done.stderr)
        self.assertEqual(self.gateway.status()["outbox"]["held"], 0)

    def test_a_state_directory_with_a_long_path(self):
        directory = temporary_directory("gateway") / ("x" * 100) / "y"
        self.gateway = Gateway([self.storage.root], self.platform, self.pki, directory=directory)
        self.addCleanup(self.gateway.kill9)
        self.assertGreater(len(str(self.control())), 108)
        self.storage.problem()
        self.gateway.start()
        self.wait_for_outbox(self.gateway, delivered=1)
        self.assertEqual(self.order("hold", "--ALL")["done"], 1)
        self.assertIn("ordered by a person", self.gateway.log)


if __name__ == "__main__":
    main()
