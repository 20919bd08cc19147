"""The state database on a disk that cannot be read, in one place or nowhere: a clear alarm, and in the end a database that can."""

import os
import time
import unittest
from pathlib import Path

from disk_test import DiskTest, page_of
from scene import main

READ_ERROR = Path(os.environ["KAKEHASHI_BIN_DIR"]).resolve() / "tests/crash/read_error.so"


@unittest.skipUnless(READ_ERROR.exists(), "needs tests/crash/read_error.so")
class BadSectorTest(DiskTest):
    """Reads end with EIO. A quarter of a minute of tries is long enough for a disk that is away for a moment."""

    def begin_on_bad_disk(self):
        storage, platform, gateway = self.make_all()
        self.bad = gateway.directory / "bad-place"
        self.env = {"LD_PRELOAD": str(READ_ERROR), "KAKEHASHI_READ_ERROR": str(self.bad)}
        storage.patient()
        for order in range(3):
            storage.lab(order=str(order + 1))
        gateway.start(env=self.env)
        return storage, platform, gateway, self.wait_for_bundles(platform, 3, 30)

    def lose_page(self, gateway, page):
        """Of this file; one that takes its place has other sectors."""
        file = gateway.state / "kakehashi.db"
        place = f"{file} {file.stat().st_ino} {(page - 1) * 4096} {page * 4096}\n"
        (gateway.directory / "bad-place.new").write_text(place)
        (gateway.directory / "bad-place.new").rename(self.bad)

    def assert_made_anew(self, storage, platform, gateway, before):
        explanation = self.wait_for_alarm(gateway, "state-rebuilt", 90)
        self.assertIn("look at the disk", explanation)
        self.assertIn("kakehashi.db cannot be read any more", gateway.log)
        self.assertIn("I/O error", gateway.log)
        self.assertEqual(len(list(gateway.state.glob("kakehashi.db.damaged-*[0-9]"))), 1)
        self.assert_goes_on(storage, platform, gateway, before)

    def test_a_page_that_the_daemon_needs_and_cannot_read_is_damage_after_a_while(self):
        storage, platform, gateway, before = self.begin_on_bad_disk()
        gateway.stop()  # now the page is in the file and not in its log, nor in memory
        self.lose_page(gateway, page_of(gateway, "history"))
        gateway.start(env=self.env)
        storage.lab(order="500")
        self.assertIn("kernel's log", self.wait_for_alarm(gateway, "state-disk"))
        self.assert_made_anew(storage, platform, gateway, {**before, **self.wait_for_bundles(platform, len(before) + 1, 90)})

    def test_a_page_that_only_the_check_reads_is_damage_when_it_cannot_be_read_again_and_again(self):
        storage, platform, gateway, before = self.begin_on_bad_disk()
        gateway.stop()
        page = page_of(gateway, "audit")
        self.change_state(gateway, "UPDATE binding SET value = 'yes' WHERE name = 'running'")
        self.lose_page(gateway, page)
        gateway.start(env=self.env)
        self.assert_made_anew(storage, platform, gateway, before)
        self.assertGreaterEqual(gateway.log.count("could not be checked"), 2)

    def test_a_database_that_cannot_be_read_at_the_start_is_damage_after_a_while(self):
        storage, platform, gateway, before = self.begin_on_bad_disk()
        gateway.stop()
        self.lose_page(gateway, 1)
        gateway.start(env=self.env)
        self.wait_for_log(gateway, "waiting for the disk")
        self.assert_made_anew(storage, platform, gateway, before)

    def test_a_disk_that_gives_nothing_back_is_waited_for(self):
        storage, platform, gateway, before = self.begin_on_bad_disk()
        gateway.stop()
        sent = len(platform.requests())
        self.bad.write_text(f"{gateway.state}/ 0 0 1000000000\n")
        gateway.start(env=self.env)
        self.wait_for_log(gateway, "waiting for the disk")
        time.sleep(40)  # longer than it takes to judge a file
        self.assert_runs(gateway)
        self.bad.unlink()
        self.assert_goes_on(storage, platform, gateway, before)
        self.assertEqual(list(gateway.state.glob("kakehashi.db.damaged-*")), [])
        self.assertEqual(len(platform.requests()), sent + 1)


if __name__ == "__main__":
    main()
