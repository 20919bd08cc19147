"""SIGHUP: settings, mappings, tables, packs and certificates anew, all of them or nothing."""

import os
import shutil
import signal

from scene import Scene, main
from service_test import Manager
from support import SOURCE_DIR, temporary_directory, wait_until

UNKNOWN_STATUS = "Q"  # of a laboratory result: the report waits for it


class ReloadTest(Scene):
    def setUp(self):
        self.overlay = temporary_directory("overlay")
        self.storage, self.platform, self.gateway = self.make_all(overlay=str(self.overlay))
        self.storage.patient()

    def start(self, env=None):
        self.gateway.start(env=env)
        self.wait_for_first_sweep(self.gateway)

    def reload(self, answer="KKH-1202 reloaded"):
        """The lines it wrote about that."""
        before = len(self.gateway.log)
        pid = self.gateway.pid
        os.kill(pid, signal.SIGHUP)
        wait_until(lambda: answer in self.gateway.log[before:], 15, lambda: self.gateway.log[-3000:])
        if "reloaded" in answer:
            wait_until(lambda: "first sweep done" in self.gateway.log[before:], 15, lambda: self.gateway.log[-3000:])
        self.assert_runs(self.gateway)
        self.assertEqual(self.gateway.pid, pid)
        return self.gateway.log[before:]

    def test_what_changed_is_told_and_in_force_in_the_same_process(self):
        self.start()
        self.gateway.configure(timeout="7s", log_level="debug")
        lines = self.reload()
        self.assertIn('KKH-1204 setting changed what=destination[platform]/delivery/@timeout before=5s after=7s', lines)
        self.assertIn('KKH-1204 setting changed what=log/@level before=info after=debug', lines)
        self.assertEqual(lines.count("KKH-1204"), 2)
        self.storage.lab()
        wait_until(lambda: " debug KKH-4001 delivered" in self.gateway.log, 10, "the new level")

    def test_a_reload_without_a_change_says_so_and_sends_nothing_again(self):
        self.storage.lab()
        self.start()
        self.wait_for_outbox(self.gateway, delivered=1)
        self.assertNotIn("KKH-1204", self.reload())
        self.storage.lab(order="2")
        self.wait_for_outbox(self.gateway, delivered=2)
        self.assertEqual(self.platform.request_count(), 2)

    def test_wrong_settings_change_nothing(self):
        self.start()
        good = self.gateway.config.read_text()
        for wrong, place in ((good.replace("<log ", '<log colour="yes" '), "colour"),
                             (good.replace(self.pki.certificate("client"), "/nowhere.crt"), "/nowhere.crt"),
                             (good.replace(f'directory="{self.gateway.state}"', 'directory="elsewhere"'),
                              "another state directory"),
                             (good.replace("/fhir", "/other"), "belongs to destination platform")):
            with self.subTest(place=place):
                self.assertNotEqual(wrong, good)
                self.gateway.config.write_text(wrong)
                lines = self.reload("KKH-1203 reload refused")
                self.assertIn(place, lines)
                self.assertNotIn("KKH-1204", lines)
        self.storage.lab()
        self.wait_for_outbox(self.gateway, delivered=1)
        self.gateway.config.write_text(good)
        self.reload()

    def test_a_wrong_table_changes_nothing_and_names_its_line(self):
        self.start()
        (self.overlay / "result-status.tsv").write_text("from_system\tfrom_code\n", encoding="utf-8")
        lines = self.reload("KKH-1203 reload refused")
        self.assertIn("result-status.tsv:1", lines)
        self.assert_runs(self.gateway)

    def test_a_unit_that_waited_for_a_code_is_sent_once_a_table_has_it(self):
        self.storage.lab(status=UNKNOWN_STATUS)
        self.storage.lab(order="2")
        self.start()
        self.wait_for_outbox(self.gateway, held=1, delivered=1)
        (self.overlay / "result-status.tsv").write_text(
            "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n"
            f"\t{UNKNOWN_STATUS}\t\tpreliminary\t\t\n", encoding="utf-8")
        self.assertIn("result-status.tsv", self.reload())
        self.wait_for_outbox(self.gateway, held=0, delivered=2)
        self.assertEqual(self.platform.request_count(), 2, "the other one was sent again")

    def test_a_new_storage_is_read_and_one_that_left_the_settings_deletes_nothing(self):
        other = self.make_storage()
        other.patient("0000000025", "架橋^花子")
        other.lab("0000000025")
        self.storage.lab()
        self.start()
        self.wait_for_outbox(self.gateway, delivered=1)
        self.gateway.configure(storage=[self.storage.root, other.root])
        self.assertIn("what=storage[volume2]/@root", self.reload())
        self.wait_for_outbox(self.gateway, delivered=2)
        self.gateway.configure(storage=[self.storage.root])
        self.reload()
        self.storage.lab(order="2")
        self.wait_for_bundles(self.platform, 3)
        self.assertNotIn("delete", [request["operation"] for request in self.platform.requests()])

    def test_a_destination_that_left_the_settings_and_comes_back_gets_what_changed_meanwhile(self):
        region = self.make_platform()
        one = self.gateway.config.read_text()
        first = one[one.index("<destination "):one.index("</destination>")] + "</destination>\n"
        second = first.replace('id="platform"', 'id="region"').replace(self.platform.url, region.url)
        both = one.replace(first, first + second)
        self.gateway.config.write_text(both)
        changed, deleted = (self.storage.lab(order=order) for order in "12")
        self.start()
        self.wait_for_bundles(region, 2)
        self.gateway.config.write_text(one)
        self.reload()
        row = "code=3D046000001906202,name=HbA1c,value=9.90,unit=%,status=F"
        self.storage.supersede(changed, rows=[row])
        self.storage.delete(deleted)
        newest = self.wait_for_bundles(self.platform, 1)
        wait_until(lambda: "9.90" in next(iter(self.platform.bundle_texts().values())), 15, "the change")
        self.assertEqual(len(region.bundles()), 2)
        self.gateway.config.write_text(both)
        self.reload()
        self.assertEqual(list(self.wait_for_bundles(region, 1)), list(newest))
        wait_until(lambda: "9.90" in next(iter(region.bundle_texts().values())), 15, "the change")

    def test_the_manager_hears_of_it_before_and_after(self):
        manager = Manager()
        self.start(manager.env)
        wait_until(lambda: manager.count("READY=1") == 1, 10, "ready")
        self.reload()
        wait_until(lambda: manager.count("READY=1") == 2, 10, "ready again")
        words = manager.words()
        after = words[words.index("RELOADING=1"):]
        self.assertRegex(after[1], r"^MONOTONIC_USEC=\d+$")
        self.assertIn("READY=1", after)
        self.assertNotIn("STOPPING=1", words)
        self.gateway.config.write_text("nothing")
        self.reload("KKH-1203 reload refused")
        wait_until(lambda: manager.count("READY=1") == 3, 10, "a refused one is over, too")

    def test_what_is_under_way_is_awaited_and_hangups_in_between_do_no_harm(self):
        self.platform.misbehave("delay:ms=2000")
        self.storage.lab()
        self.start()
        wait_until(lambda: self.platform.request_count() == 1, 10, "the request")
        self.gateway.configure(timeout="8s")
        before = len(self.gateway.log)
        for _ in range(5):
            os.kill(self.gateway.pid, signal.SIGHUP)
        wait_until(lambda: "first sweep done" in self.gateway.log[before:], 15, lambda: self.gateway.log[-3000:])
        self.wait_for_outbox(self.gateway, delivered=1)
        self.assertEqual(self.platform.request_count(), 1)
        self.assertEqual(self.gateway.stop(), 0)

    def test_a_storage_around_the_state_by_a_link_changes_nothing(self):
        self.start()
        around = temporary_directory("around") / "root"
        around.symlink_to(self.gateway.directory)
        self.gateway.configure(storage=[self.storage.root, around])
        self.assertIn("state", self.reload("KKH-1203 reload refused"))
        self.storage.lab()
        self.wait_for_outbox(self.gateway, delivered=1)

    def test_what_changes_while_a_reload_ends_is_read_as_well(self):
        self.platform.misbehave("delay:ms=2000")
        self.storage.lab()
        self.start()
        wait_until(lambda: self.platform.request_count() == 1, 10, "the request")
        before = len(self.gateway.log)
        self.gateway.configure(timeout="8s")
        os.kill(self.gateway.pid, signal.SIGHUP)
        wait_until(lambda: "after=8s" in self.gateway.log[before:], 10, "the first is read")
        self.gateway.configure(timeout="9s")
        os.kill(self.gateway.pid, signal.SIGHUP)
        wait_until(lambda: "before=8s after=9s" in self.gateway.log[before:], 15, lambda: self.gateway.log[-3000:])

    def test_a_copy_of_the_mapping_is_told_by_its_file_alone(self):
        folder = temporary_directory("config")
        for part in ("mapping", "terminology", "profiles"):
            shutil.copytree(SOURCE_DIR / "config" / part, folder / part)
        self.gateway.configure(mapping=str(folder / "mapping"))
        self.start()
        with open(folder / "mapping" / "condition.xml", "a", encoding="utf-8") as file:
            file.write("<!-- a comment -->\n")
        lines = self.reload()
        self.assertIn("what=condition.xml", lines)
        self.assertEqual(lines.count("KKH-1204"), 1)


if __name__ == "__main__":
    main()
