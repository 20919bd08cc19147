"""kill -9 at any moment loses nothing and doubles nothing. KAKEHASHI_LONG=1 kills thirty times."""

import contextlib
import json
import os
import random
import re
import signal
import sqlite3
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from scene import Scene, Storage, main  # noqa: E402
from support import temporary_directory, wait_until  # noqa: E402

# What storage_gen puts into each document that makes it like no other.
MARKER = re.compile(rb"KH\d{10}-\d+V|\b187\.\d{10}")


class CrashTest(Scene):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.storage = Storage()
        cls.manifest = temporary_directory("manifest") / "units.jsonl"
        counts = cls.storage.tree(patients=120, labs=12, prescriptions=2, updates=10, deletes=4, manifest=cls.manifest)
        assert counts["documents"] >= 2000, counts
        cls.undisturbed = None

    def setUp(self):
        if CrashTest.undisturbed is None:
            platform = self.make_platform()
            self.run_once(self.make_gateway(self.storage, platform), timeout="100s")
            CrashTest.undisturbed = self.final_state(platform)
        self.assertEqual(len(self.undisturbed), self.units_to_send())
        self.platform = self.make_platform()
        self.gateway = self.make_gateway(self.storage, self.platform)

    def units_to_send(self):
        units = [json.loads(line) for line in self.manifest.read_text().splitlines()]
        return sum(unit["state"] == "live" and unit["kind"] != "MedicationRequest" for unit in units)

    @staticmethod
    def final_state(platform):
        """Bundle-ID -> content hash."""
        state = {}
        for change in platform.changes():
            if change["change"] == "delete":
                state.pop(change["bundle_id"], None)
            else:
                state[change["bundle_id"]] = change["content_hash"]
        return state

    def bundles_held(self):
        folder = self.platform.state / "bundles"
        return sum(name.endswith(".json") for name in os.listdir(folder)) if folder.exists() else 0

    def units_made(self):
        """Rows of the outbox; none before there is a database."""
        try:
            with contextlib.closing(sqlite3.connect(f"file:{self.gateway.state / 'kakehashi.db'}?mode=ro", uri=True)) as state:
                return state.execute("SELECT COUNT(*) FROM outbox").fetchone()[0]
        except sqlite3.OperationalError:
            return 0

    def kill_while_units_are_made(self, share):
        """kill -9 between the reading of documents and the outbox."""
        self.kill_after(self.units_made, share)
        self.assertLess(self.units_made(), len(self.undisturbed), "killed too late")

    def kill_when(self, share, extra_seconds=0.0):
        """kill -9 as soon as the platform has that share of the units; the number that it has then."""
        self.kill_after(self.bundles_held, share, extra_seconds)
        return self.bundles_held()

    def kill_after(self, count, share, extra_seconds=0.0):
        wanted = int(len(self.undisturbed) * share)
        wait_until(lambda: count() >= wanted or not self.gateway.running(), 120,
                   lambda: f"{wanted} units, there are {count()}:\n{self.gateway.log[-2000:]}")
        time.sleep(extra_seconds)
        child = self.gateway.child
        child.send_signal(signal.SIGKILL)
        self.assertEqual(child.wait(10), -signal.SIGKILL, f"it ended before it was killed:\n{self.gateway.log[-2000:]}")

    def assert_in_the_middle(self, held):
        self.assertGreaterEqual(held, 0.1 * len(self.undisturbed), "killed too early")
        self.assertLessEqual(held, 0.9 * len(self.undisturbed), "killed too late")

    def finish(self):
        self.run_once(self.gateway, timeout="100s")

    def assert_as_undisturbed(self):
        state = self.final_state(self.platform)
        self.assertEqual(set(state), set(self.undisturbed))
        self.assertEqual(state, self.undisturbed)
        bundle_ids = {}
        for request in self.platform.requests():
            if request["operation"] != "register" or not request["content_hash"]:
                continue
            for marker in set(MARKER.findall(self.platform.body(request["n"]))):
                bundle_ids.setdefault(marker, set()).add(request["bundle_id"])
        self.assertGreaterEqual(len(bundle_ids), len(self.undisturbed))
        doubled = {marker: ids for marker, ids in bundle_ids.items() if len(ids) > 1}
        self.assertEqual(doubled, {}, "units that were sent under two Bundle-IDs")

    def test_one_kill_in_the_middle_changes_nothing_in_the_end(self):
        self.gateway.start()
        self.assert_in_the_middle(self.kill_when(0.4))
        self.finish()
        self.assert_as_undisturbed()

    def test_kills_at_several_moments_change_nothing_in_the_end(self):
        kills = 30 if os.environ.get("KAKEHASHI_LONG") == "1" else 3
        chance = random.Random(kills)
        self.gateway.start()
        time.sleep(0.3)  # while it reads the storage for the first time
        self.kill_when(0.0)
        for kill in range(1, kills):
            self.gateway.start()
            self.assert_in_the_middle(self.kill_when(0.1 + 0.7 * kill / kills, extra_seconds=0.1 * chance.random()))
        self.finish()
        self.assert_as_undisturbed()

    def test_kills_while_units_are_made_change_nothing_in_the_end(self):
        # So that the units are made well before they are sent.
        self.platform.misbehave("delay:ms=100")
        for share in (0.1, 0.4, 0.7):
            self.gateway.start()
            self.kill_while_units_are_made(share)
        self.platform.clear()
        self.finish()
        self.assert_as_undisturbed()

    def test_a_kill_while_answers_are_lost_changes_nothing_in_the_end(self):
        self.platform.misbehave(f"lose-answer:after={len(self.undisturbed) // 4}")
        self.gateway.start()
        self.assert_in_the_middle(self.kill_when(0.5))
        lost = sum(request["note"] == "lose-answer" for request in self.platform.requests())
        self.assertGreater(lost, 10)
        self.gateway.start()
        wait_until(lambda: sum(request["note"] == "lose-answer" for request in self.platform.requests()) > lost + 20,
                   60, "more answers are lost after the restart")
        self.platform.clear()
        self.gateway.stop()
        self.finish()
        self.assert_as_undisturbed()


if __name__ == "__main__":
    main()
