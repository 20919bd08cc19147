"""Whatever a writer does, and whenever the gateway dies: the platform ends with what the files say, and never goes back.

Random steps of many writers against writer_model.py, which knows nothing of the product. KAKEHASHI_SEED repeats a run
(as far as two programs that race can be repeated), KAKEHASHI_STEPS makes it longer, KAKEHASHI_LONG=1 runs eight seeds.
"""

import json
import os
import random
import re
import shutil
import sys
import time
from datetime import datetime, timedelta, timezone

import hl7_writer
from scene import Scene, Storage, main, resources
from support import program, wait_until
from writer_model import ACTIONS, GONE, KINDS, LIVE, OPEN, File, Follower, Key, newest

PATIENTS = 40
STEPS = int(os.environ.get("KAKEHASHI_STEPS", "10000"))
LONG = os.environ.get("KAKEHASHI_LONG") == "1"
AT_ONCE = 25          # actions that are under way
DELETE_SETTLE_S = 1
INSURED = re.compile(r"06999998:12:(\d+):01")
TOLD = {"Condition": re.compile(r"架橋病(\d+)の(\w+)"), "AllergyIntolerance": re.compile(r"架橋花粉(\d+)の(\w+)")}


class Writers:
    """All keys and the actions under way; step() changes one file or directory, and then the model."""

    def __init__(self, chance, roots):
        self.chance = chance
        self.roots = roots
        self.first_minute = datetime.now(timezone(timedelta(hours=9))) - timedelta(days=60)
        self.keys = []
        self.key_of = {}        # version -> key
        self.now = time.time()  # when the step began
        self.number_of = {}     # version of an ADT-00 -> insured number
        self.moving = set()     # patients whose insured number changes
        self.under_way = {}     # (key's index, root) -> the rest of an action
        self.staging = roots[0].parent / "staging"
        self.staging.mkdir()
        for number in range(1, PATIENTS + 1):
            self._add_patient(f"{number:0{chance.choice((7, 10))}}")

    def _add_patient(self, patient):
        roots = 2 if self.chance.random() < 0.3 else 1
        if self.chance.random() < 0.3:
            self.moving.add(patient)
        for kind in ("ADT-00", "ADT-61", "PPR-01"):
            self.keys.append(Key(patient, "-", KINDS[kind], KINDS[kind].order, roots))
        for order in range(self.chance.randint(2, 5)):
            day = self.first_minute - timedelta(days=self.chance.choice((0, 1, 40, 400, 1500)))
            self.keys.append(Key(patient, day.strftime("%Y%m%d"), KINDS["OML-11"], f"{order + 1:015}", roots))

    # --- actions ---

    def step(self):
        """Changes one file or directory."""
        while True:
            if len(self.under_way) < AT_ONCE and self.chance.random() < 0.5:
                self._begin()
            if self.under_way and self._go_on():
                return

    def _go_on(self):
        """False when the action was at its end."""
        place = self.chance.choice(sorted(self.under_way))
        self.now = time.time()
        if next(self.under_way[place], self) is not self:
            return True
        del self.under_way[place]
        return False

    def finish(self):
        """Nothing stays half done: no key is OPEN, and everybody has an ADT-00."""
        while self.under_way:
            self._go_on()
        for key in self.keys:
            root = self.chance.randrange(key.roots)
            if key.content() == OPEN:
                list(self._perform(key, root, "update"))
            if key.content() == GONE and key.kind.name == "ADT-00":
                list(self._perform(key, root, "create"))
            assert key.content() != OPEN, key.told

    def _begin(self):
        index = self.chance.randrange(len(self.keys))
        key = self.keys[index]
        root = self.chance.randrange(key.roots)
        if (index, root) in self.under_way or (key.kind.name == "ADT-00" and self.chance.random() < 0.6):
            return
        live = len(key.with_flag(root, LIVE))
        possible = [name for name, action in ACTIONS.items() if action.needs <= live <= action.at_most]
        action = self.chance.choices(possible, [ACTIONS[name].weight for name in possible])[0]
        self.under_way[index, root] = self._perform(key, root, action)

    def _perform(self, key, root, action):
        for step in ACTIONS[action].steps:
            if step.do == "create":
                yield from self._create(key, root, action, step)
                continue
            which, flag = step.which.split()
            files = key.with_flag(root, flag)
            self.chance.shuffle(files)
            for file in [newest(files)] if which == "newest" else files:
                self._rename(key, root, action, file, step.flag)
                yield

    # --- steps ---

    def _rename(self, key, root, action, file, flag):
        folder = self._folder(key, root)
        renamed = File(**{**vars(file), "flag": flag})
        (folder / file.name(key)).rename(folder / renamed.name(key))
        key.note(root, self.now, action, renamed)

    def _create(self, key, root, action, step):
        file = self._new_file(key, step.which, step.flag)
        data = self._bytes(key, file)
        folder = self._folder(key, root)
        if self.chance.random() < 0.5:
            for above in reversed([folder, *folder.parents][:5]):
                if not above.exists():
                    above.mkdir()
                    yield
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / file.name(key)
        self.now = time.time()
        manner = self.chance.choice(("at once", "at once", "slowly", "renamed", "renamed from outside"))
        if manner == "slowly":
            yield from self._write_slowly(key, root, action, file, path, data)
        elif manner == "at once":
            path.write_bytes(data)
        else:
            temporary = (folder if manner == "renamed" else self.staging) / f"unfinished{file.number}.tmp"
            temporary.write_bytes(data)
            yield
            temporary.rename(path)
        key.note(root, self.now, f"{action}, {manner}", file)
        yield

    def _write_slowly(self, key, root, action, file, path, data):
        """Under its final name. Pauses where what is there cannot pass for a message: within a character, or before."""
        within = [found.end() + 1 for found in re.finditer(rb"\x1b\$B", data)]
        cuts = sorted(self.chance.sample([0, 2, *within], self.chance.randint(1, 3)))
        with open(path, "wb", buffering=0) as out:
            for begin, end in zip([0, *cuts], cuts):
                out.write(data[begin:end])
                key.note(root, self.now, f"{action}, slowly", File(**{**vars(file), "complete": False}))
                yield
            out.write(data[cuts[-1]:])

    # --- files ---

    def _folder(self, key, root):
        patient = key.patient
        return self.roots[root] / patient[:3] / patient[3:6] / patient / key.date / key.kind.name

    def _new_file(self, key, when, flag):
        number = len(self.key_of) + 1
        self.key_of[number] = key
        used = {file.slot for file in key.all_files()} or {1000}
        slot = max(used) + self.chance.randint(1, 9)
        if when == "older":
            slot = self.chance.choice(sorted(set(range(min(used) - 20, max(used))) - used))
        moment = self.first_minute + timedelta(minutes=slot)
        digits = self.chance.choice((12, 14, 15, 17, 17, 17))
        occurred = (moment.strftime("%Y%m%d%H%M") + f"{self.chance.randrange(60000):05}")[:digits]
        department = self.chance.choice(key.kind.departments)
        return File(number, slot, occurred, department, self._instances(key, department), flag, True)

    def _instances(self, key, department):
        if key.kind.name == "PPR-01":  # S is in the lists of both departments
            return tuple(self.chance.sample([f"P{department}1", f"P{department}2", "S"], self.chance.randint(1, 3)))
        if key.kind.name == "ADT-61":
            return tuple(self.chance.sample(["A1", "A2"], self.chance.randint(1, 2)))
        return ("",)

    def _bytes(self, key, file):
        patient, number = key.patient, file.number
        if file.flag == "0":
            return hl7_writer.delete_message(key.kind.name, patient)
        if key.kind.name == "ADT-00":
            self.number_of[number] = number if patient in self.moving else 345
            return hl7_writer.adt_00(patient, self.number_of[number])
        if key.kind.name == "ADT-61":
            return hl7_writer.adt_61(patient, [(each, f"架橋花粉{number}の{each}") for each in file.instances])
        if key.kind.name == "PPR-01":
            return hl7_writer.ppr_01(patient, [(each, f"架橋病{number}の{each}") for each in file.instances])
        return hl7_writer.oml_11(patient, key.order, f"{number}.5", key.date + "0900")

    # --- what all of it comes to ---

    def final_content(self):
        """Of each key that something stands for: the content, and the insured number."""
        number = {}
        for key in self.keys:
            if key.kind.name == "ADT-00":
                ((_, version),) = key.content()
                number[key.patient] = self.number_of[version]
        return {id(key): (key.content(), number[key.patient]) for key in self.keys
                if key.kind.name != "ADT-00" and key.content() != GONE}

    def read(self, text):
        """The key a Bundle is of, what it says of it, and the insured number."""
        told = set()
        for resource in resources(json.loads(text, parse_float=str)):
            kind = resource["resourceType"]
            if kind == "Observation":
                if "valueQuantity" in resource:
                    told.add(("", int(resource["valueQuantity"]["value"].removesuffix(".5"))))
            else:
                version, instance = TOLD[kind].fullmatch(resource["code"]["text"]).groups()
                told.add((instance, int(version)))
        keys = {id(self.key_of[version]): self.key_of[version] for _, version in told}
        assert len(keys) == 1, f"a Bundle of {len(keys)} units: {told}"
        return next(iter(keys.values())), frozenset(told), int(INSURED.search(text)[1])


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
            assert code in (0, 3, None), f"SIGTERM ended it with {code}:\n{self.gateway.log[-3000:]}"
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
        self.gateway = self.make_gateway(storages, self.platform, watch=watch, sweep_interval="1s", settle="100ms",
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
              f"{len(self.writers.key_of)} versions, {self.changes} changes on the platform", file=sys.stderr)
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
        return "\n".join([*lines, self.gateway.log[-1500:]])

    def assert_quiet(self):
        def quiet():
            status = self.gateway.status()
            open_rows = {state: count for state, count in status["outbox"].items() if state != "delivered" and count}
            return not open_rows and not status["documents"]["failed"] and not status.get("units_waiting")

        wait_until(quiet, 20, lambda: f"nothing is open, the status is {self.gateway.status()}")

    def assert_history(self):
        """One Bundle-ID a unit, and what the platform accepted is the unit's history, in order and not too early."""
        insured = {}
        for request in self.platform.requests():
            insured[request["n"]] = request["insured_identifier"]
        changes, units = {}, {}
        self.changes = 0
        for change in self.platform.changes():
            self.changes += 1
            changes.setdefault(change["bundle_id"], []).append(change)
        for bundle_id, of_bundle in changes.items():
            self.follow(bundle_id, of_bundle, units)
        return units

    def follow(self, bundle_id, changes, units):
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
                self.assertEqual(units.setdefault(id(key), bundle_id), bundle_id, "a unit under two Bundle-IDs")
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
