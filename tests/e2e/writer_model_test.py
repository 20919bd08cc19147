"""Whatever writers do, and whenever the gateway dies: the platform ends with what their files say, and never goes back.

Random steps of writers.py against writer_model.py, which knows nothing of the product. KAKEHASHI_SEED repeats a run
(as far as two programs that race can be repeated), KAKEHASHI_STEPS changes its length, KAKEHASHI_LONG=1 runs eight.
"""

import os
import random
import signal
import shutil
import sys
import time
from datetime import datetime

from scene import Scene, Storage, main
from support import program, wait_until
from writer_model import GONE, Follower
from writers import Writers

STEPS = int(os.environ.get("KAKEHASHI_STEPS", "10000"))
LONG = os.environ.get("KAKEHASHI_LONG") == "1"
DELETE_SETTLE_S = 1


class Fate:
    """When the gateway is killed, stopped, run once and started again; otherwise it runs."""

    def __init__(self, chance, gateway, steps):
        self.chance = chance
        self.gateway = gateway
        self.strokes = set(chance.sample(range(steps), max(steps // 700, 3)))
        self.down_until = 0
        self.once = False
        self.counts = {}

    def step(self, number):
        if number in self.strokes:
            self._strike(number)
        if self.gateway.child is None:
            if number >= self.down_until:
                self.gateway.start()
        elif not self.gateway.running():
            code = self.gateway.child.returncode
            assert self.once and code in (0, 3), f"the gateway ended by itself ({code}):\n{self.gateway.log[-3000:]}"
            self.gateway.kill9()
            self.once = False

    def _strike(self, number):
        what = self.chance.choices(("kill -9", "SIGTERM", "run --once"), (6, 3, 2))[0]
        self.counts[what] = self.counts.get(what, 0) + 1
        if what == "kill -9":
            self.gateway.kill9()
        else:
            code = self.gateway.stop()
            # One that is still reading its settings has nothing to end in order yet.
            assert code in (0, 3, None, -signal.SIGTERM), f"SIGTERM ended it with {code}:\n{self.gateway.log[-3000:]}"
        self.once = what == "run --once"
        self.down_until = number + self.chance.choice((0, 1, 30, 200))
        if self.once:
            self.gateway.spawn([program("gateway/kakehashi"), "run", "--once", "--timeout", "2s", "--config",
                                str(self.gateway.config)])


class WriterModelTest(Scene):
    def test_whatever_the_writers_do_the_platform_ends_with_what_their_files_say_and_never_goes_back(self):
        first = int(os.environ.get("KAKEHASHI_SEED", random.SystemRandom().randrange(1_000_000)))
        for seed in range(first, first + (8 if LONG else 1)):
            with self.subTest(seed=seed):
                self.run_seed(seed)

    def run_seed(self, seed):
        chance = random.Random(seed)
        watch = chance.choice(("inotify", "sweep"))
        print(f"KAKEHASHI_SEED={seed} KAKEHASHI_STEPS={STEPS} watch={watch}", file=sys.stderr, flush=True)
        storages, self.platform = [self.make_storage()], self.make_platform()
        storages.append(Storage(storages[0].root.parent / "second"))
        self.gateway = self.make_gateway(storages, self.platform, watch=watch, sweep_interval="1s", settle="200ms",
                                         delete_settle=f"{DELETE_SETTLE_S}s", delete_limit="100%")
        self.writers = Writers(chance, [storage.root for storage in storages])
        fate = Fate(chance, self.gateway, STEPS)
        rests = set(chance.sample(range(STEPS), max(STEPS // 700, 3)))
        begin = time.monotonic()
        for number in range(STEPS):
            fate.step(number)
            self.writers.step()
            if number in rests:  # so that deletes settle, and much is delivered on the way
                time.sleep(chance.uniform(DELETE_SETTLE_S, DELETE_SETTLE_S + 1))
            elif chance.random() < 0.1:
                time.sleep(chance.choice((0.001, 0.005, 0.01, 0.05)))
        self.writers.finish()
        steps_s = time.monotonic() - begin
        if fate.once or not self.gateway.running():
            self.gateway.stop()
            self.gateway.start()
        self.judge()
        print(f"  {STEPS} steps in {steps_s:.0f} s, judged after {time.monotonic() - begin:.0f} s: {fate.counts}, "
              f"{len(self.writers.key_of)} versions, {len(self.changes)} changes on the platform", file=sys.stderr)
        self.gateway.kill9()
        self.platform.kill9()
        for storage in storages:
            shutil.rmtree(storage.root, ignore_errors=os.environ.get("KAKEHASHI_KEEP") != "1")

    def judge(self):
        wanted = self.writers.final_content()
        wait_until(lambda: self.differences(wanted) == [], 60, lambda: self.explain(self.differences(wanted)))
        time.sleep(DELETE_SETTLE_S + 2)  # two sweeps more
        self.assertEqual(self.differences(wanted), [], "it was right and went wrong again")
        self.assert_quiet()
        self.assert_history()
        requests = self.platform.request_count()
        self.gateway.stop()
        self.run_once(self.gateway)
        self.assertEqual(self.platform.request_count(), requests, "all was delivered, and something was sent again")

    def differences(self, wanted):
        """(key, what should be told of it, what is told of it) of the platform as it is now."""
        held = {}
        wrong = []
        for text in self.platform.bundle_texts().values():
            key, told, number = self.writers.read(text)
            if id(key) in held:
                wrong.append((key, "one Bundle", "two Bundles"))
            held[id(key)] = (told, number)
        for key in self.writers.keys:
            should, has = wanted.get(id(key)), held.get(id(key))
            if should != has:
                wrong.append((key, should or GONE, has or GONE))
        return wrong

    def explain(self, differences):
        lines = [f"{len(differences)} units are wrong; status: {self.gateway.command('status', '--json').stdout}"]
        for key, should, has in differences[:5]:
            lines += [f"{key.kind.name} {key.order} of {key.patient}: should be {should}, is {has}", *key.told[-30:]]
            lines += ["   its patient's ADT-00:", *self.writers.masters[key.patient].told[-10:]]
        return "\n".join([*lines, self.gateway.log[-1500:]])

    def assert_quiet(self):
        def quiet():
            status = self.gateway.status()
            open_rows = {state: count for state, count in status["outbox"].items() if state != "delivered" and count}
            return not open_rows and not status["documents"]["failed"] and not status.get("units_waiting")

        wait_until(quiet, 20, lambda: f"nothing is open, the status is {self.gateway.status()}")

    def assert_history(self):
        """One Bundle-ID a unit, and what the platform accepted is the unit's history, in order and not too early."""
        self.changes = self.platform.changes()
        of_bundle, bundle_ids = {}, {}
        for change in self.changes:
            of_bundle.setdefault(change["bundle_id"], []).append(change)
        for bundle_id, changes in of_bundle.items():
            self.follow(bundle_id, changes, bundle_ids)

    def follow(self, bundle_id, changes, bundle_ids):
        follower = None
        accepted = []
        for change in changes:
            if change["change"] == "delete":
                self.assertIsNotNone(follower)
                # A new insured number is a delete and a register: such a delete says nothing of the unit.
                if follower.key.patient in self.writers.moving:
                    continue
                told = GONE
            else:
                key, told, _ = self.writers.read(self.platform.body(change["n"]).decode())
                known = bundle_ids.setdefault(id(key), bundle_id)
                self.assertEqual(known, bundle_id, "a unit under two Bundle-IDs")
                if follower is None:
                    follower = Follower(key, DELETE_SETTLE_S)
                self.assertIs(key, follower.key, "a Bundle-ID of two units")
            accepted.append((change["time"], told))
            at = datetime.fromisoformat(change["time"]).timestamp() + 0.001  # it is cut off there
            if not follower.tell(told, at):
                key = follower.key
                self.fail("\n".join([f"{key.kind.name} {key.order} of {key.patient}: the last of these was never so, or "
                                     "only before, or not for long enough", *map(str, accepted), "files:", *key.told]))


if __name__ == "__main__":
    main()
