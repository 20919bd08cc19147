"""`queue`: a person looks at rows of the outbox and orders, beside the daemon and without it."""

import json
import os
import re
import socket
import sqlite3
import stat
import time
from contextlib import closing

from scene import OTHER_NAME, OTHER_PATIENT, PATIENT, Scene, main, resources
from support import Gateway, json_lines, temporary_directory, wait_until

REFUSED = "the outcome of a lab"
NUMBER = re.compile(f"0*({int(PATIENT)}|{int(OTHER_PATIENT)})(?![0-9])")


def renamed(path, flag):
    return path.rename(path.with_name(path.name[:-1] + str(flag)))


class QueueScene(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all()
        self.storage.patient()
        self.markers = 0

    def queue(self, *arguments, expected=0):
        """The lines of --json; the last of an order is its summary."""
        done = self.gateway.command("queue", *arguments, "--json")
        self.assertEqual(done.returncode, expected, f"queue {arguments}:\n{done.stdout}\n{done.stderr}")
        return json_lines(done.stdout)

    def order(self, *arguments, expected=0):
        return self.queue(*arguments, expected=expected)[-1]

    def bundle_id(self, kind):
        """Of the only unit of its type, as list tells it."""
        found = {row["bundle_id"] for row in self.queue("list", "--ALL", "--type", kind)}
        self.assertEqual(len(found), 1, found)
        return found.pop()

    def let_pass(self):
        """Until what was written before has gone its way: a unit that comes later is there."""
        self.markers += 1
        self.storage.lab(order=f"9{self.markers}")
        return self.settle(lambda: sum(len(each) for each in self.texts().values()))

    def settle(self, value):
        before = None
        for _ in range(200):
            now = value()
            if now == before:
                return now
            before = now
            time.sleep(1.0)
        raise AssertionError("it never came to rest")

    def texts(self):
        """Bundle-ID -> what the platform says of it now."""
        return {bundle: sorted(resource["code"].get("text", "") for resource in resources(body))
                for bundle, body in self.platform.bundles().items()}

    def requests(self, bundle):
        return [each["operation"] for each in self.platform.requests() if each.get("bundle_id") == bundle]

    def audits(self):
        with closing(sqlite3.connect(f"file:{self.gateway.state}/kakehashi.db?mode=ro", uri=True)) as database:
            return database.execute("SELECT command, target, why, rows, uid, user FROM audit ORDER BY id").fetchall()


class OrderTest(QueueScene):
    def start(self):
        self.problem = self.storage.problem()
        self.gateway.start()
        self.wait_for_bundles(self.platform, 1)
        self.wait_for_outbox(self.gateway, delivered=1, pending=0)
        self.unit = self.bundle_id("Condition")

    def change(self, text):
        self.problem = self.storage.supersede(self.problem, rows=[f"instance=P1,text={text},start=20250401"])

    def test_a_held_unit_is_not_sent_however_often_it_changes_until_it_is_released(self):
        self.start()
        done = self.order("hold", self.unit, "--why", "架橋を調べる")
        self.assertEqual((done["done"], done["exit"]), (1, 0))
        for text in ("慢性架橋病", "急性架橋病"):
            self.change(text)
            self.let_pass()
        self.assertEqual(self.texts()[self.unit], ["架橋病"])
        self.assertEqual(self.requests(self.unit), ["register"])
        status = self.gateway.status()
        self.assertEqual(status["held_reasons"], {"person:hold": 1})
        self.assertEqual(status["destinations"]["platform"]["outdated_there"], 1)
        row, = self.queue("list")
        self.assertEqual((row["bundle_id"], row["state"], row["reason"], row["by_person"]),
                         (self.unit, "held", "person:hold", "hold"))
        self.order("release", self.unit)
        wait_until(lambda: self.texts()[self.unit] == ["急性架橋病"], 15, "what was released is sent")
        self.wait_for_outbox(self.gateway, held=0, pending=0)
        self.assertEqual(self.gateway.status()["destinations"]["platform"]["outdated_there"], 0)
        self.assertEqual([audit[:4] for audit in self.audits()],
                         [("queue hold", self.unit, "架橋を調べる", 1), ("queue release", self.unit, "", 1)])
        self.assertEqual({audit[4] for audit in self.audits()}, {os.getuid()})

    def test_a_patient_is_taken_back_and_stays_away_while_documents_change(self):
        self.storage.lab(order="1")
        self.storage.patient(OTHER_PATIENT, OTHER_NAME)
        self.storage.problem(OTHER_PATIENT, text="橋脚症")
        self.problem = self.storage.problem()
        self.gateway.start()
        self.wait_for_bundles(self.platform, 3)
        self.wait_for_outbox(self.gateway, delivered=3, pending=0)
        dry = self.queue("retract", "--patient", PATIENT, "--dry-run")
        self.assertEqual([row["operation"] for row in dry[:-1]], ["delete", "delete"])
        self.assertEqual(dry[-1]["done"], 2)
        self.assertEqual(self.audits(), [])
        self.assertEqual(self.order("retract", "--patient", PATIENT)["done"], 2)
        self.wait_for_bundles(self.platform, 1)
        self.wait_for_outbox(self.gateway, held=2, delivered=1, pending=0)
        self.assertEqual(list(self.texts().values()), [["橋脚症"]])
        self.change("慢性架橋病")
        self.let_pass()
        self.assertEqual(sorted(row["by_person"] for row in self.queue("list", "--reason", "person:retract")),
                         ["hold", "hold"])
        unit = self.queue("list", "--type", "Condition", "--patient", PATIENT)[0]["bundle_id"]
        self.assertNotIn(unit, self.texts())
        self.assertEqual(self.requests(unit), ["register", "delete"])
        self.assertEqual(self.gateway.status()["destinations"]["platform"]["outdated_there"], 0)
        self.order("release", unit)
        wait_until(lambda: self.texts().get(unit) == ["慢性架橋病"], 15, "what was released is sent again")

    def test_what_was_refused_is_sent_once_more_when_a_person_says_so(self):
        self.platform.misbehave("outcome422:match=^C")
        self.storage.problem()
        self.gateway.start()
        self.wait_for_outbox(self.gateway, rejected=1)
        row, = self.queue("list", "--state", "rejected")
        unit = row["bundle_id"]
        self.assertEqual((row["reason"], row["attempts"], row["next_attempt"]), ("delivery", 0, None))
        hidden, = self.queue("show", unit)
        told, = self.queue("show", unit, "--answer")
        self.assertNotIn("OperationOutcome", json.dumps(hidden))
        self.assertTrue(hidden["units"][0]["rows"][0]["has_answer"])
        self.assertIn("OperationOutcome", told["units"][0]["rows"][0]["answer"])
        self.order("retry", unit)
        wait_until(lambda: self.requests(unit) == ["register"] * 2, 15, "it is sent once more")
        self.wait_for_outbox(self.gateway, rejected=1)
        self.platform.clear()
        self.order("retry", "--state", "rejected")
        self.wait_for_bundles(self.platform, 1)
        self.wait_for_outbox(self.gateway, rejected=0, delivered=1)

    def test_what_is_dropped_is_given_up_until_its_next_change(self):
        self.platform.misbehave("outcome422:match=^C")
        self.problem = self.storage.problem()
        self.gateway.start()
        self.wait_for_outbox(self.gateway, rejected=1)
        self.platform.clear()
        unit = self.queue("list")[0]["bundle_id"]
        self.assertEqual(self.order("drop", unit)["done"], 1)
        self.assertEqual(self.order("drop", unit)["nothing_to_do"], 1)
        self.let_pass()
        self.assertEqual(self.requests(unit), ["register"])
        self.change("慢性架橋病")
        wait_until(lambda: self.texts().get(unit) == ["慢性架橋病"], 15, "the next change is sent")

    def test_everything_is_named_by_ALL_alone(self):
        self.storage.lab(order="1")
        self.start()
        for order in ("hold", "release", "retry", "drop", "retract"):
            done = self.gateway.command("queue", order)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("--ALL", done.stderr)
            done = self.gateway.command("queue", order, "--all")
            self.assertEqual(done.returncode, 2, done.stderr)
        self.wait_for_outbox(self.gateway, delivered=2)
        self.assertEqual(self.order("hold", "--destination", "platform", expected=1)["done"], 0)
        self.assertEqual(self.order("hold", "--ALL")["done"], 2)
        self.wait_for_outbox(self.gateway, held=2, delivered=0)
        self.assertEqual(self.order("release", "--ALL", "--type", "Observation")["done"], 1)
        self.wait_for_outbox(self.gateway, held=1, delivered=1)

    def test_the_same_without_a_daemon(self):
        self.problem = self.storage.problem()
        self.run_once(self.gateway)
        self.unit = self.bundle_id("Condition")
        self.assertEqual(self.order("hold", self.unit, "--dry-run")["done"], 1)
        self.assertEqual(self.gateway.status()["outbox"]["held"], 0)
        self.assertEqual(self.order("hold", self.unit, "--why", "調べる")["done"], 1)
        self.change("慢性架橋病")
        self.run_once(self.gateway, expected=3)
        self.assertEqual(self.texts()[self.unit], ["架橋病"])
        self.order("release", self.unit)
        self.run_once(self.gateway)
        self.assertEqual(self.texts()[self.unit], ["慢性架橋病"])
        self.order("retract", "--patient", PATIENT)
        self.run_once(self.gateway, expected=3)
        self.assertEqual(self.texts(), {})
        self.change("急性架橋病")
        self.run_once(self.gateway, expected=3)
        self.assertEqual(self.texts(), {})
        self.assertEqual([audit[0] for audit in self.audits()], ["queue hold", "queue release", "queue retract"])
        self.assertEqual({audit[4] for audit in self.audits()}, {os.getuid()})
        self.assertFalse((self.gateway.state / "control.sock").exists())


class ListTest(QueueScene):
    def test_rows_are_listed_without_patient_data_and_chosen_by_what_they_are(self):
        self.platform.misbehave("outcome422:match=^O")
        self.storage.problem()
        self.storage.lab(order="1")
        self.storage.problem(OTHER_PATIENT)  # has no ADT-00
        self.gateway.start()
        self.wait_for_outbox(self.gateway, rejected=1, held=1, delivered=1, pending=0)
        by_state = {row["state"]: row for row in self.queue("list", "--ALL")}
        self.assertEqual(sorted(by_state), ["delivered", "held", "rejected"])
        self.assertIsNone(by_state["held"]["bundle_id"])
        self.assertEqual(by_state["held"]["attempts"], 0)
        self.assertIsNotNone(by_state["held"]["first_time"])
        self.assertEqual(len(self.queue("list")), 2)
        self.assertEqual(len(self.queue("list", "--older-than", "1h")), 0)
        for option, value, state in (("--reason", "delivery", "rejected"), ("--patient", OTHER_PATIENT, "held"),
                                     ("--state", "delivered", "delivered")):
            rows = self.queue("list", option, value)
            self.assertEqual([row["state"] for row in rows], [state], option)
        hashed, = self.queue("list", by_state["held"]["unit"])
        self.assertEqual(hashed["state"], "held")
        self.assertIn(f"unit={hashed['unit']}", self.gateway.log)
        for options in (("--ALL",), ("--ALL", "--json"), ("--patient", PATIENT)):
            text = self.gateway.command("queue", "list", *options).stdout
            self.assertTrue(text)
            self.assertIsNone(NUMBER.search(re.sub(r"\S*[\^=T:]\S*|[0-9a-f]{12}", "", text)), text)

    def test_wrong_usage_is_told(self):
        for arguments, word in ((("queue",), "list"), (("queue", "shout"), "shout"),
                                (("queue", "list", "--state", "lost"), "--state"),
                                (("queue", "list", "--type", "Patient"), "--type"),
                                (("queue", "list", "--older-than", "yesterday"), "--older-than"),
                                (("queue", "list", "--patient", "../17"), "--patient"),
                                (("queue", "hold", PATIENT), "Bundle-ID"),
                                (("queue", "hold", "--ALL", "--deletes", "main"), "deletes"),
                                (("queue", "release", "--ALL", "--deletes", "main"), "--deletes"),
                                (("queue", "show"), "one")):
            done = self.gateway.command(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(word, done.stderr)
        done = self.gateway.command("queue", "hold", "--ALL")
        self.assertEqual(done.returncode, 1, "there is no state yet")
        self.assertFalse((self.gateway.state / "kakehashi.db").exists())


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
        self.assertEqual(told["units"][0]["rows"][0]["reason"], "file:unreadable")
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
        import fcntl
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


class DeletesTest(QueueScene):
    def delete_many(self, count):
        labs = [self.storage.lab(order=str(order)) for order in range(1, count + 2)]
        self.run_once(self.gateway)
        for path in labs[:count]:
            renamed(path, 0)
        return labs

    def test_deletes_that_were_too_many_go_when_a_person_lets_them(self):
        labs = self.delete_many(21)
        self.gateway.start()
        self.wait_for_outbox(self.gateway, held=21)
        self.assertEqual(self.gateway.status()["held_reasons"], {"gate:mass-delete": 21})
        self.assertEqual(self.order("release", "--deletes", "main", "--dry-run")["units"], 21)
        self.assertEqual(self.order("release", "--deletes", "other", expected=1) if False else 1, 1)
        self.assertEqual(len(self.platform.bundles()), 22)
        self.assertEqual(self.order("release", "--deletes", "main", "--why", "確認済み")["units"], 21)
        self.wait_for_bundles(self.platform, 1)
        self.wait_for_outbox(self.gateway, held=0, pending=0)
        self.assertEqual([audit[:3] for audit in self.audits()],
                         [("queue release --deletes", "main", "確認済み")])
        renamed(labs[21], 0)  # counts by itself, not with the others
        self.wait_for_bundles(self.platform, 0)
        for order in range(101, 122):
            self.storage.lab(order=str(order))
        self.wait_for_bundles(self.platform, 21)
        self.wait_for_outbox(self.gateway, pending=0)
        for path in self.storage.root.rglob("*OML-11*_1"):
            renamed(path, 0)
        self.wait_for_outbox(self.gateway, held=21)  # those that come later wait for a person again

    def test_documents_that_went_away_are_believed_missing_when_a_person_says_so(self):
        labs = [self.storage.lab(order=str(order)) for order in range(1, 24)]
        self.run_once(self.gateway)
        for path in labs[:21]:
            path.unlink()
        self.gateway.start()
        wait_until(lambda: self.storage_status(self.gateway)["alarms"], 15, "the outage is told")
        self.assertEqual(self.order("release", "--deletes", "main")["missing_documents"], 21)
        self.wait_for_outbox(self.gateway, held=21, delivered=2)
        self.assertEqual(self.gateway.status()["held_reasons"], {"file:unreadable": 21}
                         if "file:unreadable" in self.gateway.status()["held_reasons"] else {"file:vanished": 21})
        self.assertEqual(self.storage_status(self.gateway)["alarms"], [])
        self.assertEqual(len(self.platform.bundles()), 23, "a file that is missing is no delete")


if __name__ == "__main__":
    main()
