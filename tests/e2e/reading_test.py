"""Which folders are read and when: scope, tiers of the sweep, second looks, hints of the transaction storage.

Sweeps that would find a document anyway are kept away from it: old folders, times set back, long intervals.
"""

import json
import shutil
import subprocess
import time
import unittest

from scene import OTHER_PATIENT, PATIENT, Scene, Storage, days_ago, main, resources
from support import program, temporary_directory, wait_until

HOUR = 3600
YEAR = 366 * 24 * HOUR


class ReadingScene(Scene):
    def bundle_count(self):
        return len(self.platform.bundles())

    def assert_not_found(self, bundles, seconds):
        """What is there stays unseen, or the test that follows would prove nothing."""
        time.sleep(seconds)
        self.assertEqual(self.bundle_count(), bundles, self.gateway.log)

    def grow(self, path, more):
        """The same document with these rows, too, written into the same file."""
        other = Storage()
        row = "code=3D046000001906202,name=HbA1c,value=7.20,unit=%,status=F"
        rows = [row, *(f"code={code},name=見本,value=1.0,unit=%,status=F" for code in more)]
        longer = other.document("OML-11", order="1", date=path.parent.parent.name, rows=rows)
        self.assertGreater(longer.stat().st_size, path.stat().st_size)
        path.write_bytes(longer.read_bytes())

    def rows_on_platform(self):
        return [len(resources(bundle)) for bundle in self.platform.bundles().values()]

    def wait_for_rows(self, count, seconds):
        wait_until(lambda: self.rows_on_platform() == [count], seconds,
                   lambda: f"{count} rows, there are {self.rows_on_platform()}\n{self.gateway.log}")


class ScopeTest(ReadingScene):
    """Labs on both sides of a look back, and a prescription that nobody asked for."""

    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(sweep_interval="10m")
        self.storage.patient()
        self.storage.problem()
        self.new, self.old = days_ago(5), days_ago(60)
        self.storage.lab(order="1", date=self.new)
        self.old_lab = self.storage.lab(order="2", date=self.old)
        self.storage.document("OMP-01", order="3", date=self.new,
                              rows=["code=620000001,name=見本錠,dose=1,unit=錠,days=7"])
        self.storage.age(HOUR)

    def look_back(self, period):
        self.gateway.configure(scope={"types": "ADT-61 PPR-01 OML-11", "lab-lookback": period})

    @unittest.skipIf(shutil.which("strace") is None, "needs strace: run tests/prepare.sh")
    def test_folders_out_of_scope_are_neither_listed_nor_asked_for_their_time(self):
        self.look_back("30d")
        record = self.gateway.directory / "calls"
        done = subprocess.run(["strace", "-f", "-y", "-qq", "-e", "trace=%file,getdents64", "-o", record,
                               program("gateway/kakehashi"), "run", "--once", "--config", self.gateway.config],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.bundle_count(), 2)
        calls = record.read_text(errors="replace")
        self.assertIn(f"/{self.new}/OML-11/", calls)
        self.assertNotIn(self.old, calls)
        self.assertNotIn("OMP-01", calls)

    def test_a_wider_scope_brings_what_was_passed_over_and_a_narrower_one_takes_nothing_back(self):
        self.look_back("30d")
        self.run_once(self.gateway)
        self.assertEqual(self.bundle_count(), 2)
        self.look_back("90d")
        self.run_once(self.gateway)
        self.assertEqual(self.bundle_count(), 3)
        self.look_back("30d")
        sent = len(self.platform.requests())
        self.run_once(self.gateway)
        self.assertEqual(len(self.platform.requests()), sent)
        # What the platform has must not grow wrong there, so its folder is still looked at.
        self.storage.lab(order="2", date=self.old, value="9.90")
        self.run_once(self.gateway)
        self.assertEqual(len(self.platform.requests()), sent + 1)
        self.gateway.start()
        self.wait_for_first_sweep(self.gateway)
        self.storage.lab(order="5", date=self.new)
        self.wait_for_bundles(self.platform, 4)
        self.wait_for_outbox(self.gateway, delivered=4, held=0, pending=0)
        self.assertEqual(len(self.platform.requests()), sent + 2)
        self.assertEqual(self.storage_status(self.gateway)["alarms"], [])


class TransactionTest(ReadingScene):
    """Patients of whom no sweep hears for days: only the transaction storage tells of them."""

    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(watch="sweep", sweep_interval="1d")
        self.transactions = temporary_directory("transactions")
        (self.transactions / "2026").mkdir()
        self.file = self.transactions / "2026/TR_20260101000000000_00001.DAT"
        self.gateway.configure(storage_extra={"transactions": self.transactions})
        self.date = days_ago(200)
        self.folders = {}
        for patient in (PATIENT, OTHER_PATIENT):
            self.storage.patient(patient)
            self.folders[patient] = self.storage.lab(patient, order="1", date=self.date).parent
        self.storage.age(YEAR)
        self.record()
        self.gateway.start()
        self.wait_for_bundles(self.platform, 2)
        self.wait_for_first_sweep(self.gateway)

    def lab(self, order, patient=PATIENT):
        with self.storage.without_trace(self.folders[patient]):
            self.storage.lab(patient, order=order, date=self.date)

    def write(self, header):
        with open(self.file, "ab") as file:
            file.write(header.encode() + b"\rMSH|^~\\&|HIS001\rPID|0001\r")

    def record(self, patient=PATIENT, date=None, order="1"):
        self.write(f"#SSMIX,2.00,1319999999,{patient},{date or self.date},OML-11,{order:>015},INS,01,20260401090000000")

    def count(self, name):
        return self.storage_status(self.gateway)["counts"].get(f"transaction:{name}", 0)

    def test_a_record_brings_within_seconds_what_no_sweep_would_see_for_days(self):
        self.lab("2")
        self.lab("2", OTHER_PATIENT)
        self.assert_not_found(2, 2.5)
        self.record(order="2")
        self.wait_for_bundles(self.platform, 3, seconds=8)
        self.assert_not_found(3, 1.5)
        self.record(OTHER_PATIENT, order="2")
        self.wait_for_bundles(self.platform, 4, seconds=8)

    def test_records_of_while_the_gateway_was_down_are_read_when_it_is_back(self):
        self.lab("2")
        self.record(order="2")
        self.wait_for_bundles(self.platform, 3, seconds=8)
        self.gateway.stop()
        self.lab("3")
        self.lab("3", OTHER_PATIENT)
        self.record(order="3")
        self.gateway.start()
        self.wait_for_bundles(self.platform, 4, seconds=8)
        self.wait_for_first_sweep(self.gateway)
        self.assert_not_found(4, 1.5)

    def test_what_is_no_record_and_what_leads_out_of_the_storage_is_counted_and_passed_over(self):
        self.lab("2")
        self.write("#SSMIX,2.00,what")
        self.write("#SSMIX")
        self.record(patient="../../../../../../outside")
        self.record(patient="../000000017")
        self.record(date="../../../../../etc")
        self.record(order="2")
        self.wait_for_bundles(self.platform, 3, seconds=8)
        wait_until(lambda: self.count("unplaced") == 3, 8, lambda: self.gateway.status())
        self.assertEqual(self.count("malformed"), 2)
        self.assert_runs(self.gateway)
        self.gateway.stop()
        self.assertEqual(self.change_state(self.gateway, "UPDATE folder SET state = state WHERE name LIKE '%..%'"), 0)

    def test_a_file_that_was_deleted_early_keeps_nobody_from_the_next_one(self):
        self.lab("2")
        self.record(order="2")
        self.wait_for_bundles(self.platform, 3, seconds=8)
        self.file.unlink()
        time.sleep(1.5)
        self.file = self.file.with_name("TR_20260102000000000_00001.DAT")
        self.lab("3")
        self.record(order="3")
        self.wait_for_bundles(self.platform, 4, seconds=8)
        shutil.rmtree(self.file.parent)
        time.sleep(1.5)
        self.assert_runs(self.gateway)
        self.file = self.transactions / "2027/TR_20270101000000000_00001.DAT"
        self.file.parent.mkdir()
        self.lab("4")
        self.record(order="4")
        self.wait_for_bundles(self.platform, 5, seconds=8)


class GrowingDocumentTest(ReadingScene):
    """A writer that pauses leaves a document that looks whole, and goes on without a trace in the folder."""

    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(watch="sweep", sweep_interval="1s")
        self.storage.patient()
        self.lab = self.storage.lab(order="1")

    def test_in_a_folder_of_the_last_minute_the_next_sweep_sees_it(self):
        self.gateway.start()
        self.wait_for_rows(1, 15)
        # Past the grain of the clocks, which would have the folder listed again for its own reason.
        time.sleep(max(0, 3.5 - (time.time() - self.lab.parent.stat().st_mtime)))
        with self.storage.without_trace(self.lab.parent):
            self.grow(self.lab, more=["3A010000002327101"])
        self.wait_for_rows(2, 10)

    def test_in_an_older_folder_the_second_look_and_the_last_one_see_it(self):
        self.storage.age(HOUR, files=False)
        self.run_once(self.gateway)
        self.grow(self.lab, more=["3A010000002327101"])
        self.gateway.start()
        self.wait_for_first_sweep(self.gateway)
        time.sleep(2)
        self.assertEqual(self.rows_on_platform(), [1], "sweeps see it, so the second look proves nothing")
        self.bring_looks_forward()
        self.gateway.start()
        self.wait_for_rows(2, 10)
        # The look after a day is another one: nothing is left but what the first look asked for.
        self.gateway.stop()
        self.assertGreater(self.change_state(self.gateway, "DELETE FROM relook WHERE last = 0"), 0)
        self.grow(self.lab, more=["3A010000002327101", "3A015000002327101"])
        self.bring_looks_forward()
        self.gateway.start()
        self.wait_for_rows(3, 10)

    def bring_looks_forward(self):
        """Instead of waiting for a minute, and for a day."""
        self.gateway.stop()
        self.assertGreater(self.change_state(self.gateway, "UPDATE OR REPLACE relook SET due = ?",
                                             int(time.time() * 1000)), 0)


class ColdTest(ReadingScene):
    """A patient of whom nothing was heard for a year, and a change that no modification time shows."""

    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(watch="sweep", sweep_interval="1s")
        self.storage.patient()
        self.lab = self.storage.lab(order="1", date=days_ago(400))

    def add_without_trace(self):
        with self.storage.without_trace(self.lab.parent):
            self.storage.lab(order="2", date=self.lab.parent.parent.name)

    def test_the_cold_round_finds_it(self):
        # The shortest round is an hour. With this many patients it comes by every two seconds; each gets his turn
        # in a quarter of a minute, because a turn takes at least 256 folders.
        for number in range(1800):
            middle = f"{number // 100:03}"
            (self.storage.root / "900" / middle / f"900{middle}{number % 100:04}").mkdir(parents=True)
        self.storage.age(YEAR)
        self.gateway.configure(storage_extra={"cold-interval": "1h"})
        self.gateway.start()
        self.wait_for_bundles(self.platform, 1)
        self.wait_for_first_sweep(self.gateway)
        self.add_without_trace()
        self.wait_for_bundles(self.platform, 2, seconds=40)

    def test_where_times_are_not_trusted_the_next_start_finds_it(self):
        self.storage.age(YEAR)
        self.run_once(self.gateway)
        self.add_without_trace()
        self.run_once(self.gateway)
        self.assertEqual(self.bundle_count(), 1, "the time of the folder tells, so the next step proves nothing")
        self.gateway.configure(storage_extra={"trust-mtime": "no"})
        self.run_once(self.gateway)
        self.assertEqual(self.bundle_count(), 2)


class LoadTest(ReadingScene):
    """Many documents at once."""

    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(sweep_interval="1s")

    def test_no_more_folders_are_looked_at_than_the_rate_limit_allows_and_everything_arrives(self):
        made = self.storage.tree(patients=45, labs=1, prescriptions=0)
        self.storage.age(YEAR)
        folders = 1 + sum(path.is_dir() for path in self.storage.root.rglob("*"))
        self.assertGreaterEqual(folders, 300)
        self.gateway.configure(storage_extra={"rate-limit": "50"})
        began = time.monotonic()
        self.gateway.start()
        self.wait_for_first_sweep(self.gateway, seconds=60)
        self.assertGreater(time.monotonic() - began, folders / 50 - 1)
        self.wait_for_bundles(self.platform, made["units"], seconds=30)

    def test_the_first_reading_of_thousands_of_documents_tells_how_far_it_is_and_holds_nobody_meanwhile(self):
        made = self.storage.tree(patients=600, labs=2, prescriptions=0)
        self.assertGreaterEqual(made["documents"], 3000)
        self.gateway.start(options=["--once"])
        seen = []

        def ended():
            done = self.gateway.command("status", "--json")
            if done.returncode == 0:
                seen.append(json.loads(done.stdout))
            return not self.gateway.running()

        wait_until(ended, 90, lambda: f"the end of the first reading\n{self.gateway.log[-2000:]}")
        self.assertEqual(self.gateway.stop(), 0)
        loads = [status["storages"]["main"].get("load") for status in seen]
        told = [load for load in loads if load]
        self.assertGreater(len(told), 2, loads)
        self.assertIsNone(self.storage_status(self.gateway).get("load"))
        for one, next_one in zip(told, told[1:]):
            self.assertLessEqual(one["documents"]["read"], next_one["documents"]["read"])
            self.assertLessEqual(one["patients"]["listed"], next_one["patients"]["listed"])
        self.assertLess(told[0]["documents"]["read"], told[-1]["documents"]["read"])
        self.assertLessEqual(told[-1]["patients"]["listed"], 600)
        for status in seen:
            self.assertEqual(status["held_reasons"], {})
        self.assertNotIn("unit held", self.gateway.log)
        self.assertEqual(self.bundle_count(), made["units"])


if __name__ == "__main__":
    main()
