"""Storages that are away, refuse, lose much or hold what nobody knows: what is not sure is held, all else goes on."""

import os
import subprocess
import time

from scene import OTHER_PATIENT, Scene, days_ago, main, resources
from support import wait_until

HOUR = 3600
YEAR = 366 * 24 * HOUR
# root without the right to read what its mode forbids
AS_ANYBODY = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
# a kernel that keeps so few watches for it, and for nobody else
WITH_FEW_WATCHES = ("unshare", "--user", "--map-root-user", "sh", "-c",
                    'echo 12 > /proc/sys/user/max_inotify_watches && exec "$@"', "sh")


def texts(bundles):
    return {resource["code"]["text"] for bundle in bundles for resource in resources(bundle, "Condition")}


def renamed(path, flag):
    return path.rename(path.with_name(path.name[:-1] + str(flag)))


class FaultScene(Scene):
    def deletes(self):
        return [request for request in self.platform.requests() if request["operation"] == "delete"]

    def alarms(self, storage="main"):
        return [alarm["kind"] for alarm in self.storage_status(self.gateway, storage)["alarms"]]

    def wait_for_alarms(self, kinds, storage="main", seconds=10):
        wait_until(lambda: self.alarms(storage) == kinds, seconds,
                   lambda: f"alarms {kinds}, there are {self.alarms(storage)}\n{self.gateway.log}")

    def wait_for_texts(self, wanted, seconds=10):
        wait_until(lambda: texts(self.platform.bundles().values()) == wanted, seconds,
                   lambda: f"{wanted}, there are {texts(self.platform.bundles().values())}\n{self.gateway.log}")


class SeveralRootsTest(FaultScene):
    """One patient in three roots: master data in the first, the rest wherever the volumes had room."""

    def setUp(self):
        self.first, self.second, self.third = (self.make_storage() for _ in range(3))
        self.platform = self.make_platform()
        self.gateway = self.make_gateway([self.first, self.second, self.third], self.platform)
        self.first.patient()

    def test_of_a_key_in_several_roots_the_newest_document_counts(self):
        date = days_ago(3)
        self.second.lab(date=date, value="6.20", occurred=date + "120000000")
        self.third.lab(date=date, value="6.30", occurred=date + "130000000")
        self.first.lab(date=date, value="6.10", occurred=date + "110000000")
        self.run_once(self.gateway)
        (text,) = self.platform.bundle_texts().values()
        self.assertIn("6.30", text)
        self.assertEqual(len(self.platform.requests()), 1)

    def test_what_lies_in_a_root_that_is_away_keeps_its_last_snapshot_and_the_others_go_on(self):
        self.second.problem(text="架橋病")
        self.second.lab(order="1")
        for storage in (self.first, self.second, self.third):
            storage.age(HOUR)
        self.gateway.start()
        self.wait_for_bundles(self.platform, 2)
        away = self.second.root.rename(self.second.root.with_name("away"))
        self.wait_for_alarms(["outage"], "volume2")
        self.third.lab(order="2")
        self.wait_for_bundles(self.platform, 3)
        # A part of the list is away: the whole list waits for it.
        self.third.problem(text="橋脚症", instance="P2", department="11")
        time.sleep(2.5)  # sweeps, and past delete-settle
        self.assertEqual(texts(self.platform.bundles().values()), {"架橋病"})
        self.assertEqual((self.alarms("main"), self.alarms("volume3"), self.deletes()), ([], [], []))
        away.rename(self.second.root)
        self.wait_for_alarms([], "volume2")
        self.wait_for_texts({"架橋病", "橋脚症"}, seconds=20)
        self.wait_for_outbox(self.gateway, delivered=3, held=0, pending=0)
        self.assertEqual(self.deletes(), [])


class ForbiddenTest(FaultScene):
    """What the daemon's user may not read."""

    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(watch="sweep")
        self.storage.patient()
        self.problem = self.storage.problem()
        self.storage.lab()
        self.storage.patient(OTHER_PATIENT)
        self.storage.problem(OTHER_PATIENT)

    def forbid(self, path):
        mode = path.stat().st_mode
        path.chmod(0)
        self.addCleanup(path.chmod, mode)  # else nobody but root could remove it
        return mode

    def start(self):
        within = AS_ANYBODY if os.geteuid() == 0 else ()
        tried = subprocess.run([*within, "cat", self.forbidden_file()], capture_output=True, text=True, timeout=20)
        if "Permission denied" not in tried.stderr:
            self.skipTest(f"nothing can be forbidden here: {tried.stderr}")
        self.gateway.start(within=within)

    def forbidden_file(self):
        path = self.gateway.directory / "forbidden"
        path.touch()
        path.chmod(0)
        return path

    def assert_held_until_it_may_be_read(self, path, age):
        """The patient's list is held, his lab and others' lists are not."""
        self.storage.age(age)
        mode = self.forbid(path)
        self.start()
        self.wait_for_bundles(self.platform, 2)
        self.wait_for_outbox(self.gateway, held=1)
        self.assertEqual(self.gateway.status()["held_reasons"], {"file:unreadable": 1})
        path.chmod(mode)
        self.wait_for_bundles(self.platform, 3)
        self.wait_for_outbox(self.gateway, delivered=3, held=0)
        self.assertEqual(self.deletes(), [])

    def test_a_folder_that_may_not_be_read_holds_its_patient_until_it_may(self):
        self.assert_held_until_it_may_be_read(self.problem.parent, HOUR)
        self.assertIn("folders could not be read", self.gateway.log)

    def test_so_does_that_of_a_patient_of_whom_nothing_was_heard_for_a_year(self):
        self.assert_held_until_it_may_be_read(self.problem.parent, YEAR)

    def test_a_file_that_may_not_be_read_holds_its_unit_until_it_may(self):
        self.assert_held_until_it_may_be_read(self.problem, HOUR)
        self.assertIn("document refused", self.gateway.log)

    def test_so_does_one_of_a_patient_of_whom_nothing_was_heard_for_a_year(self):
        self.assert_held_until_it_may_be_read(self.problem, YEAR)

    def test_a_folder_that_becomes_forbidden_takes_nothing_back(self):
        self.start()
        self.wait_for_bundles(self.platform, 3)
        mode = self.forbid(self.problem.parent)
        wait_until(lambda: "folders could not be read" in self.gateway.log, 10, lambda: f"a word\n{self.gateway.log}")
        self.storage.lab(OTHER_PATIENT)
        self.wait_for_bundles(self.platform, 4)
        self.wait_for_outbox(self.gateway, held=1, delivered=3)
        self.wait_for_alarms(["unreadable"])
        time.sleep(1.5)  # past delete-settle
        self.assertEqual(self.deletes(), [])
        self.problem.parent.chmod(mode)
        self.wait_for_outbox(self.gateway, held=0, delivered=4)
        self.wait_for_alarms([])


class LossTest(FaultScene):
    def setUp(self):
        # On a busy machine the last of many renames is seen a second after the first, and that one would be gone.
        self.storage, self.platform, self.gateway = self.make_all(delete_settle="3s")
        self.storage.patient()
        self.labs = [self.storage.lab(order=str(order)) for order in range(1, 41)]
        self.gateway.start()
        self.wait_for_bundles(self.platform, 40)

    def test_a_mass_of_deletes_is_held_and_taken_back_without_one_that_was_sent(self):
        sent = len(self.platform.requests())
        gone = [renamed(path, 0) for path in self.labs[:30]]
        self.wait_for_outbox(self.gateway, held=30)
        self.assertEqual(self.gateway.status()["held_reasons"], {"gate:mass-delete": 30})
        for path in gone:
            renamed(path, 1)
        self.wait_for_outbox(self.gateway, held=0, pending=0, delivered=40)
        time.sleep(3.5)  # past delete-settle
        self.assertEqual(self.deletes(), [])
        self.assertEqual(len(self.platform.requests()), sent, "they were the same as before")

    def test_an_empty_folder_in_place_of_the_root_is_an_outage_until_the_root_is_back(self):
        away = self.storage.root.rename(self.storage.root.with_name("away"))
        self.storage.root.mkdir()
        self.wait_for_alarms(["outage"])
        time.sleep(3.5)  # past delete-settle
        self.wait_for_outbox(self.gateway, held=0, pending=0, delivered=40)
        self.storage.root.rmdir()
        away.rename(self.storage.root)
        self.wait_for_alarms([])
        self.storage.lab(order="99")
        self.wait_for_bundles(self.platform, 41)
        self.wait_for_outbox(self.gateway, held=0, delivered=41)
        self.assertEqual(self.deletes(), [])

    def test_a_delete_that_settles_while_its_root_is_away_waits_for_it_and_for_what_was_written_meanwhile(self):
        gone = renamed(self.labs[0], 0)
        wait_until(lambda: self.gateway.status()["units_waiting"] > 0, 5, "the delete is seen")
        away = self.storage.root.rename(self.storage.root.with_name("away"))
        self.wait_for_alarms(["outage"])
        time.sleep(5)  # past delete-settle
        self.assertEqual(self.deletes(), [], "nobody could look whether it still stands")
        renamed(away / gone.relative_to(self.storage.root), 1)
        away.rename(self.storage.root)
        self.wait_for_alarms([])
        time.sleep(4)
        self.wait_for_outbox(self.gateway, held=0, pending=0, delivered=40)
        self.assertEqual(self.deletes(), [])


class OutageTest(FaultScene):
    def test_slow_rounds_do_not_nibble_at_a_storage_that_is_away(self):
        self.storage, self.platform, self.gateway = self.make_all(storage_extra={"cold-interval": "1h"}, delete_limit="50%")
        for number in range(1, 4):
            self.storage.patient(f"00000020{number:02}")
            self.storage.lab(f"00000020{number:02}", order="1")
        for number in range(1_800):  # a slice of the cold round comes every two seconds
            (self.storage.root / "000" / f"{number:03}" / f"000{number:03}0001").mkdir(parents=True, exist_ok=True)
        self.storage.age(100 * 86_400)
        self.gateway.start()
        self.wait_for_bundles(self.platform, 3)
        away = self.storage.root.rename(self.storage.root.with_name("away"))
        self.wait_for_alarms(["outage"])
        time.sleep(8)
        self.assertNotIn("vanished without a delete", self.gateway.log)
        self.assertNotIn("storage is back", self.gateway.log)
        away.rename(self.storage.root)
        self.wait_for_alarms([])
        self.wait_for_outbox(self.gateway, held=0, pending=0, delivered=3)

    def test_an_empty_root_was_never_seen_whole(self):
        self.storage, self.platform, self.gateway = self.make_all()
        self.gateway.start()
        wait_until(lambda: "the root is empty" in self.gateway.log, 10, lambda: f"an outage\n{self.gateway.log}")
        self.wait_for_alarms(["outage"])
        self.assertNotIn("first sweep done", self.gateway.log)
        self.storage.patient()
        self.storage.lab(order="1")
        self.wait_for_bundles(self.platform, 1)
        self.wait_for_alarms([])


class FewWatchesTest(FaultScene):
    def test_where_the_kernel_keeps_no_more_watches_sweeps_bring_everything(self):
        tried = subprocess.run([*WITH_FEW_WATCHES, "true"], capture_output=True, text=True, timeout=20)
        if tried.returncode != 0:
            self.skipTest(f"watches cannot be limited here: {tried.stderr.strip()}")
        self.storage, self.platform, self.gateway = self.make_all()
        patients = [f"00000010{number:02}" for number in range(10)]
        for patient in patients:
            self.storage.patient(patient)
            self.storage.lab(patient, order="1")
        self.gateway.start(within=WITH_FEW_WATCHES)
        self.wait_for_bundles(self.platform, 10)
        share = wait_until(lambda: self.storage_status(self.gateway).get("watched_share"), 10, "a share")
        self.assertTrue(0 < share < 0.5, share)
        for patient in patients:
            self.storage.lab(patient, order="2")
        self.wait_for_bundles(self.platform, 20)
        self.assert_runs(self.gateway)


class StrayTest(FaultScene):
    """What is neither a document nor a folder of one, at every level."""

    def test_strays_are_told_with_their_reason_and_stop_nothing(self):
        self.storage, self.platform, self.gateway = self.make_all()
        self.storage.patient()
        lab = self.storage.lab(order="1")
        folder = lab.parent
        while True:
            (folder / "Thumbs.db").write_bytes(b"x")
            if folder == self.storage.root:
                break
            folder = folder.parent
        kind = lab.parent
        (kind / "backup").mkdir()
        (kind / "backup" / lab.name).write_bytes(lab.read_bytes())
        names = [kind / lab.name.replace("000000000000001", f"00000000000000{order}") for order in (2, 3, 4)]
        names[0].mkdir()
        os.mkfifo(names[1])
        names[2].symlink_to(lab)
        (self.storage.root / "lost+found").mkdir()
        (self.storage.root / "link").symlink_to(self.storage.root)
        (self.storage.root / "000/000/link").symlink_to(self.storage.root / "000/000/0000000017")
        self.gateway.start()
        self.wait_for_bundles(self.platform, 1)
        expected = {"path:unknown-layout": 7, "path:bad-name": 2, "file:unreadable": 3}

        def told():
            return self.gateway.status()["documents"]["failed_reasons"] == expected

        wait_until(told, 20, lambda: f"{expected}: {self.gateway.status()}\n{self.gateway.log}")
        wait_until(lambda: self.gateway.status()["held_reasons"] == {"file:unreadable": 3}, 20, lambda: self.gateway.log)
        self.storage.lab(order="9")
        self.wait_for_bundles(self.platform, 2)
        self.assert_runs(self.gateway)


class ClockTest(FaultScene):
    def test_a_clock_that_was_set_back_is_told_and_deletes_wait_anew(self):
        # The clock stays: what the gateway wrote down is moved an hour ahead instead, as if it had run ahead.
        self.storage, self.platform, self.gateway = self.make_all(delete_settle="4s")
        self.storage.patient()
        lab = self.storage.lab()
        self.gateway.start()
        self.wait_for_bundles(self.platform, 1)
        renamed(lab, 0)
        wait_until(lambda: self.gateway.status()["units_waiting"] == 1, 3, "the delete settles")
        self.gateway.stop()
        hour = 3600 * 1000
        for sql in ("UPDATE tally SET count = count + ? WHERE storage = '' AND name = 'clock'",
                    "UPDATE document SET since = since + ? WHERE was_live = 1",
                    "UPDATE unit SET due = due + ? WHERE due IS NOT NULL"):
            self.assertEqual(self.change_state(self.gateway, sql, hour), 1, sql)
        began = time.monotonic()
        self.gateway.start()
        wait_until(lambda: [alarm["kind"] for alarm in self.gateway.status()["alarms"]] == ["clock"], 3,
                   lambda: f"the alarm\n{self.gateway.log}")
        self.assertIn("the clock went backwards", self.gateway.log)
        wait_until(self.deletes, 15, lambda: f"the delete\n{self.gateway.log}")
        self.assertGreater(time.monotonic() - began, 4)
        wait_until(lambda: self.gateway.status()["alarms"] == [], 10, lambda: self.gateway.status())


if __name__ == "__main__":
    main()
