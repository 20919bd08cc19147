"""`reconcile`: tree = known = sent, and every difference has its reason."""

import os
import shutil
import sqlite3
import time

from scene import OTHER_PATIENT, PATIENT, Scene, main
from support import json_lines, wait_until

LONG_AGO = time.time() - 30 * 86400


def age(path):
    """The file is as old as one that the second looks leave alone."""
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def renamed(path, flag):
    return path.rename(path.with_name(path.name[:-1] + str(flag)))


class ReconcileScene(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all()
        self.storage.patient()

    def known(self, expected=0):
        """Everything there is, delivered, and its folders so old that their times tell of changes."""
        for path in self.storage.documents():
            age(path)
        for folder, _, _ in os.walk(self.storage.root):
            os.utime(folder, (LONG_AGO, LONG_AGO))
        self.run_once(self.gateway, expected)

    def reconcile(self, *options, expected=0):
        """(reasons with counts, differences, totals)"""
        done = self.gateway.command("reconcile", "--json", *options)
        self.assertEqual(done.returncode, expected, f"{done.stdout}\n{done.stderr}")
        *differences, totals = json_lines(done.stdout)
        reasons = {}
        for difference in differences:
            reasons[difference["reason"]] = reasons.get(difference["reason"], 0) + difference["count"]
        self.assertEqual(totals["differences"], sum(reasons.values()))
        self.assertEqual(totals["unexplained"],
                         sum(each["count"] for each in differences if not each["explained"]))
        return reasons, differences, totals

    def reasons(self, *options, expected=0):
        return self.reconcile(*options, expected=expected)[0]

    def change_state(self, *statements):
        """By hand, while the gateway does not run."""
        with sqlite3.connect(self.gateway.state / "kakehashi.db") as database:
            for statement in statements:
                database.execute(statement)
        database.close()


class AgreementTest(ReconcileScene):
    def test_everything_delivered_is_no_difference_at_all(self):
        self.storage.problem()
        self.storage.lab()
        self.storage.patient(OTHER_PATIENT)  # nothing to report of this one
        self.known()
        for options in [(), ("--content",), ("--patient", PATIENT)]:
            reasons, _, totals = self.reconcile(*options)
            self.assertEqual(reasons, {}, options)
            self.assertEqual((totals["units"], totals["sent"], totals["unexplained"]), (2, 2, 0), options)
            files = 3 if "--patient" in options else 4
            self.assertEqual((totals["tree"], totals["known"]), (files, files), options)
        text = self.gateway.command("reconcile")
        self.assertEqual(text.stdout,
                         "tree 4 files, known 4, units 2, sent 2; differences 0, unexplained 0\n", text.stderr)

    def test_the_life_of_documents_leaves_no_difference_behind(self):
        problem, lab = self.storage.problem(), self.storage.lab()
        self.run_once(self.gateway)
        self.storage.supersede(problem, rows=["instance=P1,text=慢性架橋病,start=20250401"])
        self.storage.delete(lab)
        self.run_once(self.gateway)
        reasons, _, totals = self.reconcile("--content")
        self.assertEqual(reasons, {})
        self.assertEqual((totals["tree"], totals["known"]), (4, 4))

    def test_files_that_are_history_count_by_their_names_alone(self):
        problem, lab = self.storage.problem(), self.storage.lab()
        self.storage.supersede(problem, rows=["instance=P1,text=慢性架橋病,start=20250401"])
        self.run_once(self.gateway)
        renamed(lab, 0).unlink()  # a delete that nobody saw is none
        deleted = self.storage.lab(order="2")
        self.run_once(self.gateway, expected=3)
        deleted = renamed(deleted, 0)
        self.run_once(self.gateway, expected=3)
        self.assertEqual(self.reasons("--content"), {"file:vanished": 1, "unit:held": 1})
        deleted.unlink()
        self.run_once(self.gateway, expected=3)
        for path in self.storage.root.rglob("*_2"):
            age(path)
        self.assertEqual(self.reasons("--content"), {"file:vanished": 1, "unit:held": 1})

    def test_a_daemon_at_work_raises_no_false_alarm(self):
        self.gateway.start()
        problem = self.storage.problem()
        self.wait_for_bundles(self.platform, 1)
        for round_number in range(6):
            problem = self.storage.supersede(problem, rows=["instance=P1,text=架橋病,start=20250401"])
            self.storage.lab(order=str(round_number))
            self.reconcile("--content")
        self.wait_for_bundles(self.platform, 7)
        self.wait_for_outbox(self.gateway, delivered=7, pending=0)
        self.assertEqual(wait_until(lambda: [self.reasons("--content")], 10, "")[0], {})
        self.assert_runs(self.gateway)

    def test_nothing_is_written_to_state_or_storage(self):
        self.storage.problem()
        self.known()

        def states():
            return {path: (path.stat().st_mtime_ns, path.stat().st_size)
                    for folder in (self.storage.root, self.gateway.state) for path in folder.rglob("*")
                    if path.suffix not in (".db-shm", ".db-wal")}

        before = states()
        self.reconcile("--content")
        self.assertEqual(states(), before)


class ExplainedTest(ReconcileScene):
    def test_files_that_cannot_be_used_have_the_reason_that_status_tells(self):
        self.storage.problem().write_bytes(b"\x0bnoise, but no message\r")
        stray = self.storage.lab().with_name("memo.txt")
        stray.write_text("架橋\n")
        self.known(expected=3)
        reasons, differences, totals = self.reconcile()
        self.assertEqual(reasons, {"file:refused": 1, "file:unknown-name": 1, "unit:held": 1})
        details = {each["reason"]: each["detail"] for each in differences}
        self.assertEqual(details, {"file:refused": "hl7:no-msh", "file:unknown-name": "path:bad-name",
                                   "unit:held": "file:refused"})
        self.assertEqual((totals["tree"], totals["known"]), (4, 4))
        text = self.gateway.command("reconcile").stdout
        self.assertIn("1 x file:unknown-name: the name or its place is not that of a document\n"
                      f"    main: {self.storage.relative(stray)}: path:bad-name\n", text)

    def test_what_lies_above_the_patients_is_nothing_of_one_patient(self):
        (self.storage.root / "readme.txt").write_text("架橋\n")
        self.known(expected=0)
        _, (difference,), _ = self.reconcile()
        self.assertEqual((difference["reason"], difference["path"], difference["detail"]),
                         ("file:unknown-name", "readme.txt", "path:unknown-layout"))
        reasons, _, totals = self.reconcile("--patient", PATIENT)
        self.assertEqual((reasons, totals["tree"]), ({}, 1))

    def test_kinds_of_which_nothing_is_made_are_counted(self):
        lab = self.storage.lab()
        for kind in ("ADT-12", "OMP-01"):
            folder = lab.parent.with_name(kind)
            folder.mkdir()
            for name in ("1", "2"):
                shutil.copy(lab, folder / name)  # nobody looks at names here
        self.known()
        reasons, differences, totals = self.reconcile()
        # OMP-01 is a prescription, which this destination does not take.
        self.assertEqual(reasons, {"file:ignored-type": 2, "file:out-of-scope": 2})
        self.assertEqual(sorted((each["reason"], each["detail"], each["count"]) for each in differences),
                         [("file:ignored-type", "ADT-12", 2), ("file:out-of-scope", "OMP-01", 2)])
        self.assertEqual((totals["tree"], totals["known"]), (6, 2))

    def test_what_changes_while_the_gateway_is_stopped_is_found_by_its_next_sweep(self):
        lab, gone = self.storage.lab(), self.storage.lab(order="2")
        self.known()
        self.storage.problem()
        self.storage.patient(OTHER_PATIENT)
        gone.unlink()
        self.assertEqual(self.reasons(), {"file:not-seen-yet": 2, "file:gone-not-seen-yet": 1})
        self.assertEqual(self.reasons("--patient", PATIENT),
                         {"file:not-seen-yet": 1, "file:gone-not-seen-yet": 1, "unit:not-compared": 1})
        self.run_once(self.gateway, expected=3)
        self.assertEqual(self.reasons(), {"file:vanished": 1, "unit:held": 1})
        self.assertTrue(lab.exists())

    def test_a_changed_file_is_explained_as_long_as_a_look_at_it_is_planned(self):
        lab = self.storage.lab()
        self.run_once(self.gateway)
        lab.write_bytes(lab.read_bytes().replace(b"7.20", b"7.21"))
        self.assertEqual(self.reasons(), {"file:changed-lately": 1})

    def test_a_platform_that_is_down_leaves_units_pending_or_unknown(self):
        self.storage.lab()
        self.platform.stop()
        self.run_once(self.gateway, expected=4, timeout="2s")
        self.assertEqual(self.reasons(), {"unit:pending": 1})

    def test_a_rejected_unit_is_told(self):
        self.storage.lab()
        self.platform.misbehave("outcome422")
        self.run_once(self.gateway, expected=3, timeout="3s")
        self.assertEqual(self.reasons(), {"unit:rejected": 1})

    def test_a_folder_that_cannot_be_listed_is_explained_when_the_gateway_knows(self):
        if os.geteuid() == 0:
            self.skipTest("root may list every folder")
        folder = self.storage.lab().parent
        self.known()
        folder.chmod(0)
        self.addCleanup(folder.chmod, 0o755)
        self.assertEqual(self.reasons(expected=3), {"folder:not-compared": 1})
        os.utime(folder)  # a change of rights alone is seen by the cold round only
        self.run_once(self.gateway, expected=3, timeout="2s")
        self.assertEqual(self.reasons(), {"folder:unreadable": 1, "unit:held": 1})

    def test_the_twin_of_a_patient_holds_both(self):
        self.storage.lab()
        self.storage.lab(PATIENT[1:])
        self.storage.patient(PATIENT[1:])
        self.known(expected=3)
        _, differences, _ = self.reconcile("--patient", PATIENT)
        self.assertEqual({(each["reason"], each.get("detail")) for each in differences},
                         {("unit:held", "path:patient-twins")})

    def test_a_narrower_scope_takes_back_nothing_and_its_files_are_counted(self):
        self.storage.lab()
        self.storage.problem()
        self.known()
        self.gateway.configure(types="AllergyIntolerance Condition")
        self.assertEqual(self.reasons(), {"file:out-of-scope": 1})
        self.gateway.configure(types="AllergyIntolerance Condition Observation")
        self.assertEqual(self.reasons(), {})

    def test_a_file_that_is_still_written_settles(self):
        self.storage.lab()
        self.known()
        problem = self.storage.problem()
        problem.write_bytes(problem.read_bytes()[:-20])
        self.run_once(self.gateway, expected=3, timeout="2s")
        self.assertEqual(self.reasons(), {"file:settling": 1, "unit:waits": 1})

    def test_a_held_unit_is_told_with_its_reason_and_a_dry_run_with_that(self):
        self.storage.problem(OTHER_PATIENT)
        self.storage.lab()
        self.gateway.configure(mode="dry-run")
        self.run_once(self.gateway, expected=3)
        _, differences, _ = self.reconcile("--content")
        self.assertEqual(sorted((each["reason"], each["detail"]) for each in differences),
                         [("unit:held", "patient:no-master"), ("unit:pending", "dry-run: nothing is sent")])

    def test_a_delete_waits_for_its_time(self):
        self.gateway.configure(delete_settle="10m")
        lab = self.storage.lab()
        self.known()
        renamed(lab, 0)
        self.run_once(self.gateway, expected=3, timeout="2s")
        _, differences, _ = self.reconcile()
        self.assertEqual([each["reason"] for each in differences], ["unit:waits"])
        self.assertTrue(differences[0]["detail"].startswith("until 20"), differences)

    def test_an_outage_is_one_difference_and_nothing_below_the_root_is_called_lost(self):
        self.storage.lab()
        self.known()
        away = self.storage.root.rename(self.storage.root.with_name("away"))
        # Whether the ADT-00 has allergies cannot be looked up.
        self.assertEqual(self.reasons(expected=3), {"storage:unreachable": 1, "unit:not-compared": 1})
        self.run_once(self.gateway, expected=3, timeout="2s")
        self.assertEqual(self.reasons(), {"storage:outage": 1, "unit:not-compared": 1})
        away.rename(self.storage.root)
        self.run_once(self.gateway)
        self.assertEqual(self.reasons(), {})


class UnexplainedTest(ReconcileScene):
    def setUp(self):
        super().setUp()
        self.lab = self.storage.lab()
        self.known()
        self.assertEqual(self.reasons("--content"), {})

    def test_a_document_that_the_state_lost_is_overlooked(self):
        self.change_state("DELETE FROM document WHERE folder IN (SELECT id FROM folder WHERE name = 'OML-11')")
        reasons, differences, _ = self.reconcile(expected=3)
        self.assertEqual(reasons["file:overlooked"], 1)
        self.assertIn(str(self.storage.relative(self.lab)), [each.get("path") for each in differences])

    def test_a_folder_that_the_state_lost_is_overlooked(self):
        self.change_state("DELETE FROM folder WHERE name = 'OML-11'")
        self.assertEqual(self.reasons(expected=3)["file:overlooked"], 1)

    def test_a_document_that_only_the_state_has_is_gone(self):
        folder = self.lab.parent
        times = folder.stat()
        self.lab.unlink()
        os.utime(folder, ns=(times.st_atime_ns, times.st_mtime_ns))
        self.assertEqual(self.reasons(expected=3), {"file:gone": 1})

    def test_a_file_that_changed_in_place_without_a_look_to_come(self):
        self.lab.write_bytes(self.lab.read_bytes().replace(b"7.20", b"7.21"))
        self.assertEqual(self.reasons(expected=3), {"file:changed": 1})

    def test_a_unit_that_was_never_made(self):
        self.change_state("DELETE FROM outbox")
        reasons, differences, totals = self.reconcile(expected=3)
        self.assertEqual(reasons, {"unit:not-made": 1})
        self.assertIn(PATIENT, differences[0]["unit"])
        self.assertEqual(differences[0]["destination"], "platform")
        self.assertEqual((totals["units"], totals["sent"]), (1, 0))

    def test_a_unit_that_the_state_does_not_even_name(self):
        self.change_state("DELETE FROM outbox", "DELETE FROM unit WHERE order_no <> ''")
        self.assertEqual(self.reasons(expected=3), {"unit:not-made": 1})

    def test_a_refused_file_without_a_reason(self):
        self.change_state("UPDATE document SET state = 2 WHERE folder IN "
                          "(SELECT id FROM folder WHERE name = 'OML-11')")
        self.assertEqual(self.reasons(expected=3), {"file:no-reason": 1})

    def test_a_sent_hash_that_is_not_that_of_the_documents_shows_when_they_are_built(self):
        self.change_state("UPDATE outbox SET content_hash = zeroblob(32)")
        self.assertEqual(self.reasons(), {})
        for options in [("--patient", PATIENT), ("--content",)]:
            self.assertEqual(self.reasons(*options, expected=3), {"unit:stale": 1})

    def test_what_was_sent_although_nothing_is_left_to_report(self):
        renamed(self.lab, 0)
        self.run_once(self.gateway)
        self.change_state("UPDATE outbox SET operation = 0, content_hash = zeroblob(32)")
        self.assertEqual(self.reasons(expected=3), {"unit:stale": 1})


class UsageTest(ReconcileScene):
    def test_wrong_usage_is_two_and_what_is_not_there_is_one(self):
        self.assertEqual(self.gateway.command("reconcile").returncode, 1)
        self.known()
        self.assertEqual(self.gateway.command("reconcile", "--patient", "9999999999").returncode, 1)
        self.assertEqual(self.gateway.command("reconcile", "--nonsense").returncode, 2)
        self.assertEqual(self.gateway.command("reconcile", "--patient", "../..").returncode, 2)
        self.gateway.configure(time_zone="Mars/Olympus")
        self.assertEqual(self.gateway.command("reconcile").returncode, 2)


if __name__ == "__main__":
    main()
