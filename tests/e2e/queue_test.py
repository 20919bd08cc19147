"""`queue`: a person looks at rows of the outbox and orders, beside the daemon and without it."""

import json
import os

from queue_scene import QueueScene, renamed
from scene import OTHER_NAME, OTHER_PATIENT, PATIENT, main
from support import wait_until


class OrderTest(QueueScene):
    def start(self, others=0):
        self.problem = self.storage.problem()
        self.gateway.start()
        self.wait_for_bundles(self.platform, 1 + others)
        self.wait_for_outbox(self.gateway, delivered=1 + others, pending=0)
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
        self.assertEqual([row["state"] for row in self.queue("list", "--reason", "person:retract")], ["held"] * 2)
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
        self.assertNotIn("resourceType", json.dumps(hidden))
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
        self.start(others=1)
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
            for number in (PATIENT, OTHER_PATIENT):
                self.assertNotIn(number, text)

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
        self.assertEqual(self.gateway.command("queue", "release", "--deletes", "other").returncode, 1)
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
        self.assertEqual(self.gateway.status()["held_reasons"], {"file:vanished": 21})
        self.assertEqual(self.storage_status(self.gateway)["alarms"], [])
        self.assertEqual(len(self.platform.bundles()), 23, "a file that is missing is no delete")


if __name__ == "__main__":
    main()
