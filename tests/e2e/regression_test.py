"""Mistakes that were found once and shall not come back, where no unit test shows the whole of them."""

import time

from scene import Scene, main, resources
from support import wait_until

NEW_PATIENT = "9990000001"


def renamed(path, flag):
    return path.rename(path.with_name(path.name[:-1] + str(flag)))


def texts(bundle):
    return {resource["code"]["text"] for resource in resources(bundle, "Condition")}


class StorageTest(Scene):
    def test_a_document_that_still_settled_when_the_storage_went_away_is_sent_when_it_is_back(self):
        storage, platform, gateway = self.make_all(settle="2s", watch="sweep")
        storage.patient()
        storage.problem()
        gateway.start()
        self.wait_for_bundles(platform, 1)
        seen = gateway.status()["documents"]["seen"]
        storage.lab()
        wait_until(lambda: gateway.status()["documents"]["seen"] > seen, 10, "the new document is seen")
        away = storage.root.rename(storage.root.with_name("away"))
        self.assertEqual(len(platform.bundles()), 1, "it was sent before the storage went away")
        time.sleep(3)  # its settle time ends meanwhile
        away.rename(storage.root)
        self.wait_for_bundles(platform, 2, seconds=10)

    def test_a_root_that_is_a_link_is_swept_and_watched(self):
        storage, platform, gateway = self.make_all(sweep_interval="10m")
        storage.patient()
        storage.problem()
        link = storage.root.with_name("link")
        link.symlink_to(storage.root)
        gateway.configure(storage=[link])
        self.run_once(gateway)
        self.assertEqual(len(platform.bundles()), 1)
        gateway.start()
        wait_until(lambda: gateway.log.count("first sweep done") == 2, 10, lambda: f"the second sweep\n{gateway.log}")
        storage.patient(NEW_PATIENT)  # a new folder in the root itself, which has to be watched
        storage.problem(NEW_PATIENT)
        self.wait_for_bundles(platform, 2, seconds=10, message="Bundles, one of them by a hint")

    def test_a_file_that_stays_unreadable_is_told_once(self):
        storage, platform, gateway = self.make_all(settle="100ms")
        storage.patient()
        storage.problem()
        unreadable = storage.lab()
        unreadable.unlink()
        unreadable.symlink_to(storage.root)  # refused like a file without permissions, also for root
        gateway.start()
        self.wait_for_bundles(platform, 1)
        wait_until(lambda: "file:unreadable" in gateway.log, 10, lambda: f"it is told\n{gateway.log}")
        time.sleep(5)  # sweeps see it again, and each time it is tried for 30 settle times and more
        self.assertEqual(gateway.log.count("document refused"), 1, gateway.log)


class DeletesTest(Scene):
    def test_deletes_as_the_standard_writes_them_are_held_above_the_limit_and_stay_so_when_files_go(self):
        storage, platform, gateway = self.make_all()
        storage.patient()
        labs = [storage.lab(order=str(order)) for order in range(1, 23)]
        self.run_once(gateway)
        deleted = []
        for order, path in enumerate(labs[:21], 1):
            deleted += [renamed(path, 0), storage.lab(order=str(order), flag="0")]
        self.run_once(gateway, expected=3)
        self.assertEqual(gateway.status()["held_reasons"], {"gate:mass-delete": 21})
        for path in deleted:
            path.unlink()
        self.run_once(gateway, expected=3)
        self.assertEqual(gateway.status()["held_reasons"], {"gate:mass-delete": 21})
        self.assertEqual(len(platform.bundles()), 22)

    def test_a_delete_whose_file_is_cleaned_up_waits_for_its_time_all_the_same(self):
        storage, platform, gateway = self.make_all(delete_settle="4s", watch="sweep")
        storage.patient()
        path = storage.problem()
        gateway.start()
        self.wait_for_bundles(platform, 1)
        deleted = time.monotonic()
        gone = renamed(path, 0)
        wait_until(lambda: gateway.status()["units_waiting"] == 1, 4, "the delete is seen")
        gone.unlink()
        self.wait_for_bundles(platform, 0)
        self.assertGreater(time.monotonic() - deleted, 4.0)

    def test_a_department_whose_newest_list_is_renamed_away_keeps_its_problems_until_it_is_decided(self):
        storage, platform, gateway = self.make_all(delete_settle="10m")
        storage.patient()
        older = storage.problem(text="架橋病", instance="P1", department="01", occurred="20260101000000000")
        storage.problem(text="橋脚症", instance="P2", department="02", occurred="20260201000000000")
        gateway.start()
        self.wait_for_bundles(platform, 1)
        renamed(older, 2)
        wait_until(lambda: gateway.status()["units_waiting"] == 1, 5, "the rename is seen")
        (bundle,) = platform.bundles().values()
        self.assertEqual(texts(bundle), {"架橋病", "橋脚症"})


class DestinationTest(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(types="Condition")
        self.storage.patient(rows=["code=5A1002411023006,name=ソバ,system=JC10,type=FA"])
        self.storage.problem()
        self.run_once(self.gateway)
        self.assertEqual(len(self.platform.bundles()), 1)

    def test_a_new_destination_gets_what_is_known(self):
        second = self.make_platform()
        self.gateway.configure(destination="second", url=second.url)
        self.run_once(self.gateway)
        self.assertEqual(len(second.bundles()), 1)

    def test_a_type_that_a_destination_takes_from_now_on_is_sent_of_what_is_known(self):
        # The ADT-00 with the allergy was accepted before.
        self.gateway.configure(types="AllergyIntolerance Condition")
        self.run_once(self.gateway)
        self.assertEqual(len(self.platform.bundles()), 2)


if __name__ == "__main__":
    main()
