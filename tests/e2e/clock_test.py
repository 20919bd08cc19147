"""A clock that is set by an hour, forward or back: what waits goes on waiting as long as it was meant to, and nothing is lost.

The daemon alone sees another clock (libfaketime); that of the machine is left alone."""

import glob
import time
import unittest

from scene import Scene, main
from support import temporary_directory, wait_until

LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)


@unittest.skipUnless(LIBRARY, "libfaketime is not installed")
class ClockTest(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(
            sweep_interval="1s", retry_first="3s", retry_max="3s", timeout="2s")
        self.storage.patient()
        self.offset = temporary_directory("clock") / "offset"
        self.set_clock("+0")

    def set_clock(self, offset):
        self.offset.write_text(offset + "\n")

    def start(self):
        # The clock that only counts stays true, as on a machine whose wall clock is set.
        self.gateway.start(env={"LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": str(self.offset),
                                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})

    def requests(self):
        return [request for request in self.platform.requests() if request["operation"] == "register"]

    def check_a_row_that_waits(self, offset):
        self.platform.misbehave("status:code=503")
        self.storage.lab()
        self.start()
        wait_until(lambda: self.requests(), 15, "the first try")
        self.set_clock(offset)
        self.platform.clear()
        self.wait_for_bundles(self.platform, 1)
        self.wait_for_outbox(self.gateway, delivered=1, unknown=0)
        wait_until(lambda: "the clock was set" in self.gateway.log, 15, "that is told")

    def test_a_row_that_waits_is_sent_soon_although_the_clock_went_back(self):
        self.check_a_row_that_waits("-1h")

    def test_a_row_that_waits_is_sent_although_the_clock_went_forward(self):
        self.check_a_row_that_waits("+1h")

    def check_a_new_document(self, offset):
        self.storage.lab(order="1")
        self.start()
        self.wait_for_outbox(self.gateway, delivered=1)
        self.set_clock(offset)
        self.storage.lab(order="2")
        self.wait_for_bundles(self.platform, 2, seconds=20)
        self.wait_for_outbox(self.gateway, delivered=2)

    def test_a_document_that_comes_after_the_clock_went_back_is_sent(self):
        self.check_a_new_document("-1h")

    def test_a_document_that_comes_after_the_clock_went_forward_is_sent(self):
        self.check_a_new_document("+1h")

    def test_what_may_come_late_is_reckoned_with_although_the_clock_went_forward(self):
        self.platform.misbehave("late-store:ms=2500:times=1")
        lab = self.storage.lab()
        self.start()
        wait_until(lambda: self.requests(), 15, "the first sending")
        self.set_clock("+1h")
        self.storage.supersede(lab, rows=["code=3D046000001906202,name=HbA1c,value=6.1,unit=%"])
        wait_until(lambda: any(change["n"] == 1 for change in self.platform.changes()), 15, "the late effect")
        wait_until(lambda: '"value":6.1' in "".join(self.platform.bundle_texts().values()).replace(" ", ""), 15,
                   lambda: f"the newest stands in the end: {self.platform.changes()}")
        self.wait_for_outbox(self.gateway, delivered=1, unknown=0)
        time.sleep(0.5)
        self.assertEqual(len(self.platform.bundles()), 1)


if __name__ == "__main__":
    main()
