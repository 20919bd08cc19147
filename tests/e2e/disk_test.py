"""The disk that holds the state: full, without inodes, read-only, damaged, its files taken away. Each time a clear alarm,
nothing lost, and it goes on by itself when cured. Small file systems of their own need root; without, those are skipped."""

import json
import os
import sqlite3
import subprocess
import time
import unittest
from contextlib import contextmanager
from pathlib import Path

from scene import PATIENT, Scene, main
from support import wait_until

AS_ROOT = os.geteuid() == 0
WITHOUT_LIMIT = {"min-free-space": "0"}
# A state that is made anew sends nothing while what was sent before may still be carried out.
QUICK = {"timeout": "2s", "delivery_extra": {"late-window": "2s", "result-patience": "2s"}}


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True, capture_output=True, timeout=30)


def page_of(gateway, table):
    """The root of a table in the database of a gateway that is stopped."""
    with sqlite3.connect(gateway.state / "kakehashi.db") as database:
        return database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [table]).fetchone()[0]


class DiskTest(Scene):
    """The parts that need nothing special."""

    def make_all(self, **settings):
        settings.setdefault("state_extra", WITHOUT_LIMIT)
        return super().make_all(**{**QUICK, **settings})

    def alarms(self, gateway):
        return {alarm["kind"]: alarm["explanation"] for alarm in gateway.status()["alarms"]}

    def wait_for_alarm(self, gateway, kind, seconds=30):
        def raised():
            # Between the old database and the new one there is none to ask.
            done = gateway.command("status", "--json")
            alarms = json.loads(done.stdout)["alarms"] if done.returncode == 0 else []
            return next((alarm["explanation"] for alarm in alarms if alarm["kind"] == kind), None)

        return wait_until(raised, seconds, lambda: f"alarm {kind}\n{gateway.log[-3000:]}")

    def wait_for_no_alarm(self, gateway, kind, seconds=30):
        wait_until(lambda: kind not in self.alarms(gateway), seconds, lambda: f"no alarm {kind}\n{gateway.log[-3000:]}")

    def wait_for_log(self, gateway, text, seconds=30):
        wait_until(lambda: text in gateway.log, seconds, lambda: f"{text!r} in the log\n{gateway.log[-3000:]}")

    def begin(self, storage, platform, gateway, labs=3):
        """A patient with some results, all of them sent."""
        storage.patient()
        for order in range(labs):
            storage.lab(order=str(order + 1))
        gateway.start()
        return self.wait_for_bundles(platform, labs, 30)

    def assert_goes_on(self, storage, platform, gateway, before):
        """What was there is there under the same Bundle-IDs, and something new comes."""
        self.assert_runs(gateway)
        storage.lab(order="900")
        after = self.wait_for_bundles(platform, len(before) + 1, 60)
        self.assertLess(set(before), set(after))

    def damage(self, gateway, offset, size):
        with open(gateway.state / "kakehashi.db", "r+b") as database:
            database.seek(offset)
            database.write(b"\xa5" * size)


class LostStateTest(DiskTest):
    def test_a_database_deleted_under_the_daemon_is_made_anew_by_itself(self):
        storage, platform, gateway = self.make_all()
        before = self.begin(storage, platform, gateway)
        sent = len(platform.requests())
        (gateway.state / "kakehashi.db").unlink()
        explanation = self.wait_for_alarm(gateway, "state-rebuilt")
        self.assertIn("kakehashi status --acknowledge", explanation)
        self.assertIn("deleted, moved or replaced", gateway.log)
        self.assert_goes_on(storage, platform, gateway, before)
        wait_until(lambda: len(platform.requests()) >= sent + len(before), 15, "everything is sent anew")
        self.assertEqual(gateway.stop(), 0)

    def test_what_was_promised_before_the_state_was_lost_overtakes_nothing(self):
        storage, platform, gateway = self.make_all(
            timeout="1s", delivery_extra={"late-window": "2s", "result-patience": "9s"})
        storage.patient()
        lab = storage.lab()
        gateway.start()
        self.wait_for_bundles(platform, 1)
        self.assertEqual(gateway.status()["quiet_seconds"], 0, "nothing was lost")
        requests, changes = platform.request_count(), len(platform.changes())
        platform.misbehave("accept:ms=6000:times=1")
        row = "code=3D046000001906202,name=HbA1c,value={},unit=%,status=F"
        lab = storage.supersede(lab, rows=[row.format("8.10")])
        wait_until(lambda: platform.request_count() > requests, 15, "what is promised")
        gateway.kill9()
        storage.supersede(lab, rows=[row.format("9.90")])
        for file in gateway.state.glob("kakehashi.db*"):
            file.unlink()
        gateway.start()
        self.assertIn("may still be carried out", self.wait_for_alarm(gateway, "state-rebuilt"))
        self.assertGreater(gateway.status()["quiet_seconds"], 0)
        self.assertIn("nothing is sent for ", gateway.command("status").stdout)
        self.assertRegex(gateway.log, r"made anew .*sends-from=\S+")
        wait_until(lambda: len(platform.changes()) >= changes + 2, 30, lambda: f"both\n{gateway.log[-2000:]}")
        self.wait_for_outbox(gateway, pending=0, delivered=1)
        text, = platform.bundle_texts().values()
        self.assertIn("9.90", text)

    def test_a_log_deleted_under_the_daemon_is_noticed_and_what_is_left_kept(self):
        storage, platform, gateway = self.make_all()
        before = self.begin(storage, platform, gateway)
        (gateway.state / "kakehashi.db-wal").unlink()
        self.wait_for_alarm(gateway, "state-rebuilt")
        self.assertEqual(len(list(gateway.state.glob("kakehashi.db.damaged-*[0-9]"))), 1)
        self.assert_goes_on(storage, platform, gateway, before)

    def test_a_database_that_is_no_database_is_kept_aside_and_the_alarm_stays_until_it_is_seen(self):
        storage, platform, gateway = self.make_all()
        before = self.begin(storage, platform, gateway)
        gateway.stop()
        self.damage(gateway, 0, 4096)
        gateway.start()
        self.assertIn("damaged-", self.wait_for_alarm(gateway, "state-rebuilt"))
        aside = list(gateway.state.glob("kakehashi.db.damaged-*"))
        self.assertEqual(aside[0].read_bytes()[:8], b"\xa5" * 8)
        self.assert_goes_on(storage, platform, gateway, before)
        gateway.stop()
        gateway.start()
        self.wait_for_first_sweep(gateway)
        self.assertIn("state-rebuilt", self.alarms(gateway))
        self.assertIn("ALARM state-rebuilt", gateway.command("status").stdout)
        self.assertEqual(gateway.command("status", "--acknowledge").stdout, "1 alarms acknowledged\n")
        self.assertEqual(self.alarms(gateway), {})

    def test_a_damaged_page_is_found_after_a_stop_that_was_none_in_order(self):
        storage, platform, gateway = self.make_all()
        before = self.begin(storage, platform, gateway, labs=20)
        gateway.stop()
        self.change_state(gateway, "UPDATE binding SET value = 'yes' WHERE name = 'running'")
        # One that nothing needs at the start: only the check reads it.
        with open(gateway.state / "kakehashi.db", "rb") as database:
            pages = os.fstat(database.fileno()).st_size // 4096
        root = page_of(gateway, "audit")
        self.assertLessEqual(root, pages)
        self.damage(gateway, (root - 1) * 4096, 4096)
        gateway.start()
        self.wait_for_alarm(gateway, "state-rebuilt")
        self.assertIn("none in order", gateway.log)
        self.assertIn("quick_check", gateway.log)
        self.assert_goes_on(storage, platform, gateway, before)

    def test_damage_again_and_again_ends_the_daemon(self):
        storage, platform, gateway = self.make_all()
        self.begin(storage, platform, gateway)
        for restart in range(1, 5):
            (gateway.state / "kakehashi.db").unlink()
            wait_until(lambda: gateway.log.count("the state database failed") == restart, 30, "noticed")
            if restart < 4:
                wait_until((gateway.state / "kakehashi.db-wal").exists, 30, "made anew")
                wait_until(lambda: gateway.log.count("first sweep done") > restart, 30, lambda: gateway.log[-3000:])
        wait_until(lambda: not gateway.running(), 30, "it ended")
        self.assertIn("damaged too often", gateway.log)
        self.assertEqual(gateway.stop(), 1)

    def test_a_second_daemon_on_the_same_state_is_refused(self):
        storage, platform, gateway = self.make_all()
        self.begin(storage, platform, gateway)
        done = gateway.command("run")
        self.assertEqual(done.returncode, 2)
        self.assertIn("another kakehashi is running", done.stderr)
        self.assert_runs(gateway)

    def test_the_years_of_bundle_ids_are_written_anew_when_their_file_is_missing(self):
        storage, platform, gateway = self.make_all()
        self.begin(storage, platform, gateway)
        gateway.stop()
        lines = (gateway.state / "unit-years").read_text().splitlines()
        (gateway.state / "unit-years").unlink()
        gateway.start()
        self.wait_for_alarm(gateway, "unit-years")
        self.assertEqual(sorted(lines[1:]), sorted((gateway.state / "unit-years").read_text().splitlines()[1:]))

    def test_nothing_new_is_made_while_too_much_waits_to_be_sent(self):
        storage, platform, gateway = self.make_all(
            state_extra={**WITHOUT_LIMIT, "high-water": "128KiB", "low-water": "64KiB"})
        self.begin(storage, platform, gateway)
        platform.stop()
        for order in range(100, 180):
            storage.lab(order=str(order))
        self.wait_for_alarm(gateway, "backlog")
        for order in range(200, 240):
            storage.lab(order=str(order))
        pending = gateway.status()["outbox"]["pending"]
        self.assertGreater(pending, 0)
        platform.start()
        self.wait_for_bundles(platform, 123, 60)
        self.wait_for_no_alarm(gateway, "backlog")
        self.assertIn("nothing new is read", gateway.log)

    def test_what_is_made_only_to_be_looked_at_does_not_stop_the_reading(self):
        storage, _, gateway = self.make_all(
            mode="dry-run", state_extra={**WITHOUT_LIMIT, "high-water": "4KiB", "low-water": "0"})
        storage.patient()
        for order in range(5):
            storage.lab(order=str(order))
        gateway.start()
        self.wait_for_outbox(gateway, pending=5)
        time.sleep(3)  # it looks every two seconds
        for order in range(5, 10):
            storage.lab(order=str(order))
        self.wait_for_outbox(gateway, pending=10)
        self.assertNotIn("nothing new is read", gateway.log)


@unittest.skipUnless(AS_ROOT, "needs root: it mounts small file systems")
class SmallDiskTest(DiskTest):
    @contextmanager
    def state_on(self, gateway, options):
        try:
            mount("-t", "tmpfs", "-o", f"mode=0700,{options}", "tmpfs", gateway.state)
        except subprocess.CalledProcessError as refused:
            self.skipTest(f"mount is refused here: {refused.stderr.decode().strip()}")
        try:
            yield
        finally:
            gateway.kill9()
            subprocess.run(["umount", gateway.state], check=True, timeout=30)

    @staticmethod
    def fill(gateway, leave=0):
        ballast = gateway.state / "ballast"
        space = os.statvfs(gateway.state)
        with open(ballast, "wb") as file:
            file.write(b"\0" * max(0, space.f_bavail * space.f_frsize - leave))
        return ballast

    def fill_under_work(self, storage, platform, gateway):
        """What was delivered before, and the file that takes the room of 200 documents that come then."""
        before = self.begin(storage, platform, gateway)
        ballast = self.fill(gateway)
        for order in range(100, 300):
            storage.lab(order=str(order))
        self.wait_for_log(gateway, "disk fails")
        return before, ballast

    def test_a_full_disk_stops_nothing_for_good(self):
        storage, platform, gateway = self.make_all()
        with self.state_on(gateway, "size=16m"):
            before, ballast = self.fill_under_work(storage, platform, gateway)
            self.assertIn("full", self.wait_for_alarm(gateway, "state-disk"))
            self.assert_runs(gateway)
            ballast.unlink()
            self.wait_for_bundles(platform, len(before) + 200, 90)
            self.wait_for_log(gateway, "disk works again")
            self.wait_for_no_alarm(gateway, "state-disk")
            self.assertEqual(gateway.log.count("disk fails"), gateway.log.count("disk works again"))
            self.assertEqual(gateway.stop(), 0)

    def test_a_full_disk_does_not_hold_up_the_stop(self):
        storage, platform, gateway = self.make_all()
        with self.state_on(gateway, "size=16m"):
            before, ballast = self.fill_under_work(storage, platform, gateway)
            gateway.stop(15)
            ballast.unlink()
            gateway.start()
            self.wait_for_bundles(platform, len(before) + 200, 90)

    def test_a_disk_without_inodes_is_waited_for_at_the_start(self):
        storage, platform, gateway = self.make_all()
        with self.state_on(gateway, "size=16m,nr_inodes=40"):
            before = self.begin(storage, platform, gateway)
            gateway.stop()
            made = []
            try:
                while True:
                    made.append(gateway.state / f"file-{len(made)}")
                    made[-1].touch()
            except OSError:
                made.pop()
            gateway.start()
            self.wait_for_log(gateway, "waiting for the disk")
            self.assert_runs(gateway)
            for file in made:
                file.unlink()
            self.assert_goes_on(storage, platform, gateway, before)

    def test_a_read_only_disk_is_waited_for_at_the_start(self):
        storage, platform, gateway = self.make_all()
        with self.state_on(gateway, "size=16m"):
            before = self.begin(storage, platform, gateway)
            gateway.stop()
            mount("-o", "remount,ro", gateway.state)
            gateway.start()
            self.wait_for_log(gateway, "Read-only file system")
            self.assert_runs(gateway)
            mount("-o", "remount,rw", gateway.state)
            self.assert_goes_on(storage, platform, gateway, before)

    def test_nothing_new_is_read_while_little_of_the_disk_is_free(self):
        storage, platform, gateway = self.make_all(state_extra={"min-free-space": "4MiB"})
        with self.state_on(gateway, "size=32m"):
            before = self.begin(storage, platform, gateway)
            ballast = self.fill(gateway, leave=3 << 20)
            self.assertIn("min-free-space", self.wait_for_alarm(gateway, "state-space"))
            storage.lab(order="500")
            storage.problem(PATIENT)
            self.wait_for_bundles(platform, len(before), 5)
            self.assert_runs(gateway)
            ballast.unlink()
            self.wait_for_bundles(platform, len(before) + 2, 30)
            self.wait_for_no_alarm(gateway, "state-space")

    @contextmanager
    def state_on_disk(self, gateway):
        """A file system that makes itself read-only at its first error, as those of a system disk do; yields what breaks it,
        and what unmounts, mends and mounts it again."""
        image = gateway.directory / "disk"
        with open(image, "wb") as file:
            file.truncate(32 << 20)

        def mount_it():
            try:
                mount("-o", "loop,errors=remount-ro", image, gateway.state)
            except subprocess.CalledProcessError as refused:
                self.skipTest(f"mount is refused here: {refused.stderr.decode().strip()}")
            gateway.state.chmod(0o700)

        def break_it():
            device = os.stat(gateway.state).st_dev
            name = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve().name
            Path(f"/sys/fs/ext4/{name}/trigger_fs_error").write_text("a test\n")

        def mend():
            subprocess.run(["umount", gateway.state], check=True, timeout=30)
            checked = subprocess.run(["fsck.ext4", "-f", "-y", image], capture_output=True, timeout=30, check=False)
            self.assertIn(checked.returncode, (0, 1), checked.stdout)
            mount_it()

        subprocess.run(["mkfs.ext4", "-q", image], check=True, timeout=30)
        mount_it()
        try:
            yield break_it, mend
        finally:
            gateway.kill9()
            subprocess.run(["umount", gateway.state], check=False, timeout=30)

    def test_a_disk_that_becomes_read_only_under_the_daemon_loses_nothing_and_is_told_of(self):
        storage, platform, gateway = self.make_all()
        with self.state_on_disk(gateway) as (break_it, mend):
            before = self.begin(storage, platform, gateway)
            # The kernel makes no file system read-only while one writes to it, but by itself, after an error.
            busy = subprocess.run(["mount", "-o", "remount,ro", gateway.state], capture_output=True, timeout=30, check=False)
            self.assertNotEqual(busy.returncode, 0)
            break_it()
            for order in range(100, 120):
                storage.lab(order=str(order))
            self.wait_for_log(gateway, "disk fails")
            self.assertIn("read-only", self.wait_for_alarm(gateway, "state-disk"))
            self.assert_runs(gateway)
            self.assertEqual(set(platform.bundles()), set(before))
            # Nobody can mend it while its files are open.
            gateway.stop()
            mend()
            gateway.start()
            after = self.wait_for_bundles(platform, len(before) + 20, 60)
            self.assertLess(set(before), set(after))
            self.wait_for_no_alarm(gateway, "state-disk")
            self.assertNotIn("damaged", gateway.log)
            self.assertEqual(gateway.stop(), 0)


if __name__ == "__main__":
    main()
