"""What happens to documents over the years: superseded, deleted, late, corrected; and to the storage that holds them."""

import shutil
import time

from scene import OTHER_PATIENT, Scene, main, resources
from support import wait_until

ITEMS = ["3A010000002327101", "3A015000002327101", "3B035000002327201", "3B045000002327201"]


def texts(bundle):
    return {resource["code"]["text"] for resource in resources(bundle, "Condition")}


def renamed(path, flag):
    return path.rename(path.with_name(path.name[:-1] + str(flag)))


class DocumentsTest(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(sweep_interval="10m")
        self.storage.patient()

    def start(self, bundles):
        self.gateway.start()
        return self.wait_for_bundles(self.platform, bundles)

    def operations(self, bundle_id=None):
        return [request["operation"] for request in self.platform.requests()
                if bundle_id in (None, request["bundle_id"])]

    def only_bundle(self):
        (bundle_id, bundle), = self.platform.bundles().items()
        return bundle_id, bundle

    def wait_for_texts(self, wanted):
        return wait_until(lambda: (held := self.platform.bundles()) and texts(*held.values()) == wanted, 10,
                          lambda: f"{wanted} on the platform, there is {self.platform.bundles()}\n{self.gateway.log}")

    def test_a_superseding_document_is_an_update_under_the_same_bundle_id(self):
        first = self.storage.problem(text="架橋病")
        self.start(1)
        bundle_id, _ = self.only_bundle()
        self.storage.supersede(first, gap=300, rows=["instance=P1,text=慢性架橋病,start=20250401"])
        self.wait_for_texts({"慢性架橋病"})
        self.assertEqual(self.only_bundle()[0], bundle_id)
        self.assertEqual(self.operations(), ["register", "register"])

    def test_a_deleted_document_is_deleted_after_the_settle_time_and_not_before(self):
        lab = self.storage.lab()
        self.storage.problem()
        self.start(2)
        deleted = time.monotonic()
        self.storage.delete(lab)
        wait_until(lambda: "delete" in self.operations(), 10, lambda: f"a DELETE\n{self.gateway.log}")
        self.assertGreater(time.monotonic() - deleted, 1.0, "delete-settle is 1 s")
        (bundle,) = self.wait_for_bundles(self.platform, 1).values()
        self.assertEqual(texts(bundle), {"架橋病"})
        self.wait_for_outbox(self.gateway, delivered=2, held=0)

    def test_the_last_problem_that_goes_takes_the_bundle_with_it(self):
        path = self.storage.problem()
        self.start(1)
        bundle_id, _ = self.only_bundle()
        self.storage.delete(path)
        self.wait_for_bundles(self.platform, 0)
        self.assertEqual(self.operations(bundle_id), ["register", "delete"])

    def test_a_result_filed_weeks_after_the_day_of_its_folder_is_found(self):
        old = self.storage.lab(date="20260901", order="1")
        self.start(1)
        late = self.storage.lab(date="20260901", order="2")
        self.assertEqual(late.parent, old.parent)
        self.wait_for_bundles(self.platform, 2, seconds=5)

    def test_problems_of_two_departments_are_one_list_and_the_newest_version_of_a_problem_wins(self):
        self.storage.problem(text="架橋病", instance="P1", department="01")
        self.storage.document("PPR-01", department="11", rows=["instance=P2,text=橋脚症,start=20250402"])
        self.start(1)
        bundle_id, bundle = self.only_bundle()
        self.assertEqual(texts(bundle), {"架橋病", "橋脚症"})
        self.storage.document("PPR-01", department="22", rows=["instance=P1,text=治った架橋病,start=20250401"])
        self.wait_for_texts({"治った架橋病", "橋脚症"})
        self.assertEqual(self.only_bundle()[0], bundle_id)

    def test_a_newer_document_beside_a_live_one_of_its_key_replaces_it(self):
        self.storage.problem(text="架橋病")
        self.start(1)
        self.storage.problem(text="慢性架橋病")
        self.wait_for_texts({"慢性架橋病"})
        self.assertEqual(self.operations(), ["register", "register"])

    def test_a_writer_that_renames_to_deleted_before_it_writes_the_next_version_deletes_nothing(self):
        self.gateway.configure(delete_settle="3s")
        first = self.storage.problem(text="架橋病")
        self.start(1)
        renamed(first, 0)
        time.sleep(1.5)
        self.storage.problem(text="慢性架橋病")
        self.wait_for_texts({"慢性架橋病"})
        time.sleep(2.5)  # past delete-settle
        self.assertEqual(self.operations(), ["register", "register"])

    def test_nothing_is_deleted_while_only_superseded_files_are_left(self):
        self.gateway.configure(sweep_interval="1s")
        path = self.storage.problem()
        self.start(1)
        superseded = renamed(path, 2)
        time.sleep(3)  # sweeps, and past delete-settle
        self.assertEqual(self.operations(), ["register"])
        self.assertEqual(self.gateway.status()["units_waiting"], 1)
        self.gateway.stop()
        self.run_once(self.gateway, expected=3, timeout="2s")
        self.assertEqual(self.operations(), ["register"])
        renamed(superseded, 1)
        self.run_once(self.gateway)
        self.assertEqual(self.operations(), ["register"])

    def test_a_file_that_vanishes_without_a_delete_is_no_delete(self):
        self.gateway.configure(sweep_interval="1s")
        problem, _ = self.storage.problem(), self.storage.lab()
        self.start(2)
        problem.unlink()
        self.wait_for_outbox(self.gateway, held=1)
        time.sleep(1.5)
        self.assertNotIn("delete", self.operations())
        self.assertIn("documents vanished without a delete", self.gateway.log)

    def test_master_data_that_arrive_late_release_the_units_that_waited_for_them(self):
        self.storage.problem(OTHER_PATIENT)
        self.storage.lab(OTHER_PATIENT)
        self.gateway.start()
        self.wait_for_outbox(self.gateway, held=2)
        self.assertEqual(self.gateway.status()["held_reasons"], {"patient:no-master": 2})
        self.assertEqual(self.platform.requests(), [])
        self.storage.patient(OTHER_PATIENT)
        self.wait_for_bundles(self.platform, 2)
        self.wait_for_outbox(self.gateway, held=0, delivered=2)

    def test_a_new_insured_number_deletes_and_registers_each_unit_under_its_bundle_id(self):
        self.platform.misbehave("refuse-other-identifier")
        self.storage.problem()
        self.storage.lab()
        before = self.start(2)
        self.storage.patient(number="999")
        wait_until(lambda: self.operations().count("register") == 4, 10, lambda: f"both again\n{self.gateway.log}")
        self.wait_for_outbox(self.gateway, delivered=2, rejected=0)
        self.assertEqual(set(self.platform.bundles()), set(before))
        for bundle_id in before:
            self.assertEqual(self.operations(bundle_id), ["register", "delete", "register"])
            numbers = [request["insured_identifier"] for request in self.platform.requests()
                       if request["bundle_id"] == bundle_id and request["operation"] == "register"]
            self.assertEqual(numbers, ["06999998:12:345:01", "06999998:12:999:01"])

    def test_a_final_result_updates_the_interim_one(self):
        rows = [f"code={code},name=見本,value=7.20,unit=g/dL,status=P" for code in ITEMS[:2]]
        interim = self.storage.document("OML-11", order="1", rows=rows)
        self.start(1)
        bundle_id, bundle = self.only_bundle()
        self.assertEqual({row["status"] for row in resources(bundle, "Observation")}, {"preliminary"})
        rows = [f"code={code},name=見本,value=7.30,unit=g/dL,status=F" for code in ITEMS]
        self.storage.supersede(interim, rows=rows)
        wait_until(lambda: len(resources(self.only_bundle()[1])) == 4, 10, "the final result")
        self.assertEqual(self.only_bundle()[0], bundle_id)
        self.assertEqual({row["status"] for row in resources(self.only_bundle()[1], "Observation")}, {"final"})
        self.assertIn('"value":7.30', self.platform.bundle_texts()[bundle_id].replace(" ", ""), "digits as they were")

    def test_a_delete_while_the_gateway_was_down_is_sent_when_it_has_settled(self):
        path = self.storage.lab()
        self.run_once(self.gateway)
        self.storage.delete(path)
        self.run_once(self.gateway)
        self.assertEqual(self.operations(), ["register", "delete"])
        self.assertEqual(self.platform.bundles(), {})


class StorageTest(Scene):
    """The root goes away or loses much: an outage or a mistake, until a person says otherwise."""

    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all()
        self.storage.patient()

    def labs(self, count):
        return [self.storage.lab(order=str(order)) for order in range(1, count + 1)]

    def deletes(self):
        return [request for request in self.platform.requests() if request["operation"] == "delete"]

    def test_a_root_that_vanishes_is_an_outage_and_ends_by_itself(self):
        self.labs(3)
        self.gateway.start()
        self.wait_for_bundles(self.platform, 3)
        away = self.storage.root.rename(self.storage.root.with_name("away"))
        self.assert_outage()
        away.rename(self.storage.root)
        self.assert_back()

    def test_a_root_that_is_empty_is_an_outage_and_ends_by_itself(self):
        self.labs(3)
        self.gateway.start()
        self.wait_for_bundles(self.platform, 3)
        away = self.storage.root.with_name("away")
        away.mkdir()
        for entry in list(self.storage.root.iterdir()):
            entry.rename(away / entry.name)
        self.assert_outage()
        for entry in list(away.iterdir()):
            entry.rename(self.storage.root / entry.name)
        self.assert_back()

    def assert_outage(self):
        wait_until(lambda: "storage outage" in self.gateway.log, 10, lambda: f"the outage is told\n{self.gateway.log}")
        time.sleep(2.5)  # more sweeps, and past delete-settle
        self.assertEqual(self.gateway.log.count("storage outage"), 1)
        self.assertEqual(self.deletes(), [])
        self.assertEqual(len(self.platform.bundles()), 3)
        self.wait_for_outbox(self.gateway, held=0, delivered=3)
        self.assert_runs(self.gateway)

    def assert_back(self):
        wait_until(lambda: "storage is back" in self.gateway.log, 10, "its return is told")
        self.storage.lab(order="99")
        self.wait_for_bundles(self.platform, 4)
        self.assertEqual(self.deletes(), [])

    def test_one_of_two_roots_that_is_empty_is_an_outage_of_that_one(self):
        other = self.make_storage()
        self.labs(2)
        other.lab(order="9")
        gateway = self.make_gateway([self.storage, other], self.platform)
        gateway.start()
        self.wait_for_bundles(self.platform, 3)
        shutil.rmtree(other.root)
        other.root.mkdir()
        wait_until(lambda: "storage outage" in gateway.log, 10, lambda: f"the outage is told\n{gateway.log}")
        self.assertIn("storage=volume2", next(line for line in gateway.log.splitlines() if "storage outage" in line))
        self.storage.lab(order="3")
        self.wait_for_bundles(self.platform, 4)
        self.wait_for_outbox(gateway, held=0, delivered=4)
        self.assertEqual(self.deletes(), [])

    def test_an_empty_root_at_the_first_start_after_a_full_one_deletes_nothing(self):
        self.labs(3)
        self.run_once(self.gateway)
        shutil.rmtree(self.storage.root)
        self.storage.root.mkdir()
        self.run_once(self.gateway, expected=3, timeout="3s")
        self.assertEqual(self.deletes(), [])

    def test_fifty_deletes_at_once_are_held_and_twenty_are_sent(self):
        labs = self.labs(75)
        self.gateway.configure(delete_settle="3s")
        self.run_once(self.gateway)
        for path in labs[:20]:
            renamed(path, 0)
        self.run_once(self.gateway)
        self.assertEqual(len(self.deletes()), 20)
        self.assertEqual(len(self.platform.bundles()), 55)
        time.sleep(3.5)  # deletes within delete-settle count together
        for path in labs[20:70]:
            renamed(path, 0)
        self.run_once(self.gateway, expected=3)
        self.assertEqual(len(self.deletes()), 20, "deletes above the limit were sent")
        self.assertEqual(self.gateway.status()["held_reasons"], {"gate:mass-delete": 50})
        self.assertEqual(len(self.platform.bundles()), 55)

    def test_a_second_root_adds_its_documents_and_the_newest_of_a_key_wins(self):
        other = self.make_storage()
        self.storage.problem(text="古い架橋病", occurred="20260101000000000")
        other.problem(text="新しい架橋病", occurred="20260201000000000")
        other.lab()
        gateway = self.make_gateway([self.storage, other], self.platform)
        self.run_once(gateway)
        conditions = [texts(bundle) for bundle in self.platform.bundles().values() if resources(bundle, "Condition")]
        self.assertEqual(conditions, [{"新しい架橋病"}])
        self.assertEqual(len(self.platform.bundles()), 2)


if __name__ == "__main__":
    main()
