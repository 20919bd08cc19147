"""Many writers at work on the disk, by the tables of writer_model.py, and what all of their documents come to."""

import json
import re
import time
from datetime import datetime, timedelta, timezone

import hl7_writer
from scene import resources
from writer_model import ACTIONS, GONE, KINDS, LIVE, OPEN, File, Key, newest

PATIENTS = 40
AT_ONCE = 25          # actions that are under way
INSURED = re.compile(r"06999998:12:(\d+):01")
TOLD = {"Condition": re.compile(r"架橋病(\d+)の(\w+)"), "AllergyIntolerance": re.compile(r"架橋花粉(\d+)の(\w+)")}


class Writers:
    """All keys and the actions under way; step() changes one file or directory, and then the model."""

    def __init__(self, chance, roots):
        self.chance = chance
        self.roots = roots
        self.first_minute = datetime.now(timezone(timedelta(hours=9))) - timedelta(days=60)
        self.keys = []
        self.masters = {}       # patient -> key of the ADT-00
        self.key_of = {}        # version -> key
        self.slots = {}         # key -> minutes that a version's 発生日時 has
        self.now = time.time()  # when the step began
        self.number_of = {}     # version of an ADT-00 -> insured number
        self.moving = set()     # patients whose insured number changes
        self.under_way = {}     # (key's index, root) -> the rest of an action
        self.paused = {}        # the same -> not before that
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
        self.masters[patient] = self.keys[-3]
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
        self.now = time.time()
        place = self.chance.choice(sorted(self.under_way))
        if self.paused.get(place, 0) > self.now:
            return False
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
        """Under its final name. Pauses where what is there cannot pass for a message: within a character or a segment."""
        within = [found.end() + 1 for found in re.finditer(rb"\x1b\$B|\r(?=PRB|IAM|OBX|IN1)", data)]
        cuts = sorted(self.chance.sample([0, 2, *within], self.chance.randint(1, 3)))
        with open(path, "wb", buffering=0) as out:
            for begin, end in zip([0, *cuts], cuts):
                out.write(data[begin:end])
                key.note(root, self.now, f"{action}, slowly", File(**{**vars(file), "complete": False}))
                if self.chance.random() < 0.3:  # for longer than a document settles
                    self.paused[self.keys.index(key), root] = time.time() + self.chance.uniform(0.25, 0.6)
                yield
            out.write(data[cuts[-1]:])

    # --- files ---

    def _folder(self, key, root):
        patient = key.patient
        return self.roots[root] / patient[:3] / patient[3:6] / patient / key.date / key.kind.name

    def _new_file(self, key, when, flag):
        number = len(self.key_of) + 1
        self.key_of[number] = key
        used = self.slots.setdefault(id(key), {1000})  # also of files that another root's writer is about to create
        slot = max(used) + self.chance.randint(1, 9)
        if when == "older":
            slot = self.chance.choice(sorted(set(range(min(used) - 20, max(used))) - used))
        used.add(slot)
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
        for patient, master in self.masters.items():
            ((_, version),) = master.content()
            number[patient] = self.number_of[version]
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
