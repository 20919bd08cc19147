"""A backup made beside the daemon, and the state restored from one that is older than what the platform has."""

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import unittest
from contextlib import closing

from scene import OTHER_NAME, OTHER_PATIENT, Scene, main, without_times
from support import temporary_directory, wait_until

# What is given up may still be carried out for so long; nothing is sent before that is over.
QUICK = {"timeout": "1s", "delivery_extra": {"late-window": "2s"}}


def unit_of(bundle_id):
    return bundle_id.rpartition("^")[2]


class BackupTest(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(**QUICK)
        self.backup = temporary_directory("backup") / "state.backup"

    def good(self, *arguments):
        done = self.gateway.command(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def refused(self, *arguments, says, code=2):
        done = self.gateway.command(*arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(says, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def correct(self, lab, value):
        row = f"code=3D046000001906202,name=HbA1c,value={value},unit=%,status=F"
        return self.storage.supersede(lab, rows=[row])

    def make_backup(self):
        return self.good("backup", self.backup)

    def restore(self):
        return self.good("restore", self.backup)

    def expected(self):
        """What the storage says now, by unit."""
        made = self.gateway.map(self.storage.root)
        return {unit_of(bundle["identifier"]["value"]): without_times(bundle) for bundle in made.bundles}

    def wait_for_storage_on_platform(self, seconds=40):
        expected = self.expected()

        def there():
            held = {unit_of(name): without_times(bundle) for name, bundle in self.platform.bundles().items()}
            return held == expected

        wait_until(there, seconds, lambda: f"{sorted(expected)} on the platform, there are "
                                           f"{sorted(self.platform.bundles())}\n{self.gateway.log[-3000:]}")
        self.wait_for_outbox(self.gateway, pending=0, unknown=0, in_result=0)
        units = [unit_of(name) for name in self.platform.bundles()]
        self.assertEqual(len(units), len(set(units)), "a unit has two Bundle-IDs")

    def assert_only_newest_since(self, number):
        """Nothing but what stands there now was accepted since that request."""
        newest = {name: without_times(bundle) for name, bundle in self.platform.bundles().items()}
        for change in self.platform.changes():
            if change["n"] <= number or change["bundle_id"] not in newest:
                continue
            body = without_times(json.loads(self.platform.body(change["n"])))
            self.assertEqual(body, newest.get(change["bundle_id"]), f"request {change['n']} was overtaken")

    def test_an_older_state_believes_nothing_of_what_it_knows(self):
        self.storage.patient()
        problem = self.storage.problem()
        labs = {order: self.storage.lab(order=str(order)) for order in range(1, 7)}
        self.platform.misbehave("delay:ms=100")
        self.gateway.start()
        wait_until(lambda: self.platform.changes(), 15, "the first Bundle")
        self.make_backup()
        self.platform.clear()
        self.wait_for_storage_on_platform()

        self.storage.supersede(problem, rows=["instance=P1,text=架橋病二,start=20250401"])
        labs[1] = self.correct(labs[1], "8.10")
        self.storage.delete(labs[2])
        self.storage.lab(order="7")
        gone = self.storage.lab(order="8")
        gone_unseen = self.storage.lab(order="9")
        self.storage.patient(OTHER_PATIENT, name=OTHER_NAME)
        self.storage.problem(OTHER_PATIENT)
        self.wait_for_storage_on_platform()
        self.storage.delete(gone)
        self.wait_for_storage_on_platform()
        self.assertEqual(len(self.platform.bundles()), 9)

        self.gateway.kill9()
        labs[1] = self.correct(labs[1], "9.90")
        self.storage.delete(gone_unseen)
        self.storage.delete(labs[3])
        told = self.restore()
        self.assertIn("kakehashi.db.replaced-", told.stderr)
        before = self.platform.request_count()
        self.gateway.start()
        self.wait_for_storage_on_platform()
        self.assert_only_newest_since(before)
        self.assertEqual(len(self.platform.bundles()), 7)
        self.assertIn("state-restored", [alarm["kind"] for alarm in self.gateway.status()["alarms"]])
        self.assertEqual(self.gateway.log.count("the state is that of a backup"), 1)
        self.good("status", "--acknowledge")
        self.assertEqual(self.gateway.status()["alarms"], [])

    def test_what_was_accepted_after_the_backup_goes_when_the_storage_says_again_what_the_backup_knows(self):
        """The state believes that the platform has what it should; only the platform knows better."""
        self.storage.patient()
        lab = self.storage.lab(order="1", value="7.20")
        self.gateway.start()
        self.wait_for_storage_on_platform()
        self.make_backup()
        kept = temporary_directory("before") / "root"
        shutil.copytree(self.storage.root, kept)
        self.correct(lab, "8.10")
        self.wait_for_storage_on_platform()
        self.gateway.kill9()
        shutil.rmtree(self.storage.root)
        shutil.copytree(kept, self.storage.root)
        self.restore()
        self.gateway.start()
        self.wait_for_storage_on_platform()

    def restore_while_one_comes_late(self, fault):
        """It was sent after the backup, and is carried out after the restore."""
        self.storage.patient()
        lab = self.storage.lab(order="1", value="7.20")
        self.gateway.start()
        self.wait_for_storage_on_platform()
        self.make_backup()
        requests, changes = self.platform.request_count(), len(self.platform.changes())
        self.platform.misbehave(fault)
        lab = self.correct(lab, "8.10")
        wait_until(lambda: self.platform.request_count() > requests, 15, "the request that comes late")
        self.gateway.kill9()
        self.correct(lab, "9.90")
        self.restore()
        self.gateway.start()
        wait_until(lambda: len(self.platform.changes()) >= changes + 2, 30, lambda: f"both\n{self.gateway.log[-2000:]}")
        self.wait_for_storage_on_platform()

    def test_a_request_of_before_the_restore_overtakes_nothing(self):
        self.gateway.configure(timeout="3s", delivery_extra={"late-window": "4s"})
        self.restore_while_one_comes_late("late-store:ms=3500:times=1")

    def test_what_was_promised_before_the_restore_overtakes_nothing(self):
        self.gateway.configure(timeout="1s", delivery_extra={"late-window": "2s", "result-patience": "9s"})
        self.platform.misbehave("accept:ms=100:times=1")  # so the backup knows that it does so
        self.restore_while_one_comes_late("accept:ms=6000:times=1")

    def test_of_a_state_that_cannot_be_asked_nobody_knows_what_was_promised(self):
        self.gateway.configure(timeout="1s", delivery_extra={"late-window": "1s", "result-patience": "1h"})
        self.storage.patient()
        self.gateway.start()
        self.wait_for_first_sweep(self.gateway)
        self.make_backup()
        self.gateway.stop()
        self.restore()
        self.assertEqual(self.gateway.status()["quiet_seconds"], 0, "what is replaced knows of no promise")
        (self.gateway.state / "kakehashi.db").write_bytes(b"no database")
        self.restore()
        self.assertGreater(self.gateway.status()["quiet_seconds"], 3000)

    def test_years_that_only_the_file_beside_the_state_knows_are_kept(self):
        """As if the unit had been sent first before the turn of the year, and after the backup."""
        self.storage.patient()
        self.storage.lab(order="1")
        self.gateway.start()
        self.wait_for_bundles(self.platform, 1)
        self.make_backup()
        self.storage.lab(order="2")
        self.wait_for_bundles(self.platform, 2)
        self.gateway.stop()
        years = self.gateway.state / "unit-years"
        lines = years.read_text().splitlines()
        mark = lines[-1].split(" ")[1]
        year = str(int(lines[-1].split(" ")[0]) - 1)
        checksum = hashlib.sha256(f"{year} {mark}".encode()).hexdigest()[:8]
        years.write_text("\n".join([*lines[:-1], f"{year} {mark} {checksum}"]) + "\n")
        self.restore()
        self.assertTrue(years.read_text().endswith(f"{year} {mark} {checksum}\n"))
        self.gateway.start()
        held = self.wait_for_bundles(self.platform, 3, 30)  # that of this year stays: nobody sent it in this world
        self.assertIn(f"1319999999^{year}^{mark}", held)

    def test_a_disk_that_was_lost_whole_takes_the_years_from_the_backup(self):
        self.gateway.configure(timeout="1s", delivery_extra={"late-window": "2s", "result-patience": "2s"})
        self.storage.patient()
        self.storage.lab(order="1")
        self.gateway.start()
        self.wait_for_storage_on_platform()
        self.make_backup()
        self.gateway.kill9()
        years = (self.gateway.state / "unit-years").read_text()
        shutil.rmtree(self.gateway.state)
        self.restore()
        self.assertEqual((self.gateway.state / "unit-years").read_text(), years)
        for path in self.gateway.state.iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)
        self.run_once(self.gateway)
        self.wait_for_storage_on_platform()
        self.assertNotIn("unit-years was missing", self.gateway.command("status").stdout)

    def test_what_persons_had_ordered_stays_ordered(self):
        self.storage.patient()
        for order in "12":
            self.storage.lab(order=order)
        self.gateway.start()
        names = sorted(self.wait_for_bundles(self.platform, 2))
        self.good("queue", "hold", names[0])
        self.good("queue", "retract", names[1])
        self.wait_for_bundles(self.platform, 1)
        self.make_backup()
        self.good("queue", "release", names[1])
        self.wait_for_bundles(self.platform, 2)
        self.gateway.stop()
        self.restore()
        self.gateway.start()
        self.assertEqual(list(self.wait_for_bundles(self.platform, 1)), [names[0]])
        self.wait_for_outbox(self.gateway, held=2, pending=0)
        self.good("queue", "release", *names)
        self.wait_for_storage_on_platform()

    def test_a_drop_that_would_come_to_nothing_after_a_restore_is_refused(self):
        self.storage.patient()
        self.storage.lab()
        self.run_once(self.gateway)
        unit, = self.platform.bundles()
        self.make_backup()
        self.restore()
        refused = self.gateway.command("queue", "drop", unit)
        self.assertEqual(refused.returncode, 3, refused.stderr)
        self.assertIn("hold that instead", refused.stderr)
        before = self.platform.request_count()
        self.good("queue", "hold", unit)
        self.run_once(self.gateway, 3)
        self.assertEqual(self.platform.request_count(), before)

    def test_a_backup_is_for_its_owner_alone_whole_and_overwrites_nothing(self):
        self.storage.patient()
        self.storage.lab()
        self.refused("backup", self.backup, says="there is no state", code=1)
        self.assertFalse(self.backup.exists())
        self.run_once(self.gateway)
        told = self.make_backup()
        self.assertIn("data of patients", told.stderr)
        self.assertEqual(stat.S_IMODE(self.backup.stat().st_mode), 0o600)
        self.assertEqual([path.name for path in self.backup.parent.iterdir()], [self.backup.name])
        with closing(sqlite3.connect(f"file:{self.backup}?mode=ro", uri=True)) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            parts = database.execute("SELECT bytes FROM backup_years ORDER BY part").fetchall()
        self.assertEqual(b"".join(part for part, in parts), (self.gateway.state / "unit-years").read_bytes())
        self.refused("backup", self.backup, says="overwrites nothing")
        self.refused("backup", self.backup.parent / "no" / "folder", says="cannot be made")
        self.refused("backup", says="name the one file")

    def test_what_cannot_be_restored_leaves_the_state_alone(self):
        self.storage.patient()
        self.storage.lab()
        self.run_once(self.gateway)
        self.make_backup()
        before = (self.gateway.state / "kakehashi.db").read_bytes()
        wrong = self.backup.with_name("wrong")
        wrong.write_text("something else")
        self.refused("restore", wrong, says="cannot be used")
        wrong.write_bytes(before)
        self.refused("restore", wrong, says="that is no backup")
        whole = self.backup.read_bytes()
        wrong.write_bytes(whole[:len(whole) // 2])
        self.refused("restore", wrong, says="backup")
        shutil.copy(self.backup, wrong)
        with closing(sqlite3.connect(wrong)) as database:
            database.execute("PRAGMA user_version = 999")
        self.refused("restore", wrong, says="newer version of kakehashi")
        self.refused("restore", self.backup.with_name("none"), says="is not there", code=1)
        self.gateway.configure(institution_number="1310000000")
        self.refused("restore", self.backup, says="institution-number")
        self.gateway.configure(institution_number="1319999999")
        self.assertEqual((self.gateway.state / "kakehashi.db").read_bytes(), before)
        sweeps = self.gateway.log.count("first sweep done")  # those of `run --once` are there already
        self.gateway.start()
        wait_until(lambda: self.gateway.log.count("first sweep done") > sweeps, 20, "the daemon at work")
        self.refused("restore", self.backup, says="another kakehashi is running")

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_another_user_does_not_restore(self):
        self.storage.patient()
        self.run_once(self.gateway)
        self.make_backup()
        os.chown(self.gateway.state, 65534, 65534)
        self.refused("restore", self.backup, says="belongs to another user")

    def kill_restore(self):
        """After the last moment at which it could have been undone."""
        self.storage.patient()
        self.storage.lab(order="1")
        self.run_once(self.gateway)
        self.make_backup()
        shutil.copy(self.gateway.state / "kakehashi.db", self.gateway.state / "kakehashi.db.restored")

    def test_an_order_after_a_restore_that_was_killed_is_for_the_restored_state(self):
        self.kill_restore()
        unit, = self.platform.bundles()
        self.refused("queue", "hold", unit, "--dry-run", says="a restore was killed before its end", code=1)
        self.assertTrue((self.gateway.state / "kakehashi.db.restored").exists())
        told = self.good("queue", "hold", unit, "--why", "asked for by the patient")
        self.assertIn(str(self.gateway.state / "kakehashi.db.replaced-"), told.stderr)
        self.assertFalse((self.gateway.state / "kakehashi.db.restored").exists())
        self.gateway.start()
        self.wait_for_first_sweep(self.gateway)
        self.wait_for_outbox(self.gateway, held=1)

    def test_what_is_acknowledged_after_a_restore_that_was_killed_is_the_restored_states(self):
        self.kill_restore()
        told = self.good("status", "--acknowledge")
        self.assertIn("a restore that was killed is ended", told.stderr)
        self.assertFalse((self.gateway.state / "kakehashi.db.restored").exists())

    def test_what_is_to_be_made_again_after_a_restore_that_was_killed_is_marked_in_the_restored_state(self):
        self.kill_restore()
        told = self.good("remap", "--all")
        self.assertIn("a restore that was killed is ended", told.stderr)
        self.assertFalse((self.gateway.state / "kakehashi.db.restored").exists())

    def test_codes_are_applied_after_a_restore_that_was_killed_to_the_restored_state(self):
        self.gateway.configure(overlay=str(temporary_directory("overlay")))
        self.kill_restore()
        todo = self.backup.with_name("todo.tsv")
        todo.write_text(self.good("codes", "todo", "--local").stdout, encoding="utf-8")
        told = self.good("codes", "apply", todo)
        self.assertIn("a restore that was killed is ended", told.stderr)
        self.assertFalse((self.gateway.state / "kakehashi.db.restored").exists())

    def test_a_state_that_a_killed_restore_was_to_replace_is_not_backed_up(self):
        self.kill_restore()
        other = self.backup.with_name("other.backup")
        self.refused("backup", other, says="a restore was killed before its end", code=1)
        self.assertFalse(other.exists())
        self.restore()
        self.good("backup", other)

    def test_a_restore_that_was_killed_is_ended_by_the_next_start(self):
        self.kill_restore()
        self.assertGreater(self.change_state(self.gateway, "UPDATE unit SET year = 2001"), 0)  # of the one that must go
        self.gateway.start()
        wait_until(lambda: not (self.gateway.state / "kakehashi.db.restored").exists(), 20, "the restored state in use")
        self.assertTrue(list(self.gateway.state.glob("kakehashi.db.replaced-*")))
        self.gateway.stop()
        self.assertEqual(self.change_state(self.gateway, "UPDATE unit SET due = 0 WHERE year = 2001"), 0)


if __name__ == "__main__":
    main()
