"""The writer of an SS-MIX2 storage as a model: what it does to the files of a key, and what those files then mean.

Both are tables, written from the rules of the standard (コンディションフラグ, update and delete procedure) and not from
the product. A key is (患者ID, 診療日, データ種別, オーダNo), in all roots together. The model remembers every state that
a key went through, so that what a receiver got can be followed along it.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

GONE = "gone"      # nothing of the key is to stand: deleted, or not yet there
OPEN = "open"      # nobody can tell yet: between rename and create, or half written; what was told last stands

LIVE, SUPERSEDED, DELETED = "1", "2", "0"


class Step(NamedTuple):
    do: str             # rename or create
    which: str = ""     # rename: which files of this root; create: newer or older than all others of the key
    flag: str = LIVE    # what they get


def rename(which, flag):
    return Step("rename", which, flag)


def create(when, flag=LIVE):
    return Step("create", when, flag)


class Action(NamedTuple):
    needs: int          # so many files with flag 1 in this root, at least
    at_most: int        # and at most
    weight: int         # how often it is chosen
    steps: tuple        # "each" renames one file after the other; the world may look in between


MANY = 3  # no writer leaves more files with flag 1 than this

ACTIONS = {
    "create": Action(0, 0, 30, (create("newer"),)),
    "update": Action(1, MANY, 30, (rename("each 1", SUPERSEDED), create("newer"))),
    # Some writers rename the old file straight to 0.
    "update, the old one to 0": Action(1, MANY, 10, (rename("each 1", DELETED), create("newer"))),
    # Others send a delete and a new one.
    "update as delete and create": Action(1, MANY, 5, (
        rename("each 1", DELETED), rename("each 2", DELETED), create("newer", DELETED), create("newer"))),
    "delete": Action(1, MANY, 6, (rename("each 1", DELETED), rename("each 2", DELETED), create("newer", DELETED))),
    "delete, history first": Action(1, MANY, 3, (
        rename("each 2", DELETED), rename("each 1", DELETED), create("newer", DELETED))),
    "delete by renames alone": Action(1, MANY, 4, (rename("each 1", DELETED), rename("each 2", DELETED))),
    # What 発生日時 is for: files do not arrive in the order of what they tell.
    "late, and superseded already": Action(1, MANY, 6, (create("older", SUPERSEDED),)),
    "late, beside the live one": Action(1, MANY - 1, 6, (create("older"),)),
    "late, and after its delete": Action(0, 0, 3, (create("older", DELETED),)),
    "a second live one": Action(1, MANY - 1, 6, (create("newer"),)),
    "update by a clock set back": Action(1, MANY, 4, (rename("each 1", SUPERSEDED), create("older"))),
    "the newest of several is withdrawn": Action(2, MANY, 6, (rename("newest 1", DELETED),)),
}

# Whether a file with flag 1 is there, and the flag of the newest -> what it means for the key.
MEANING = {
    (True, LIVE): LIVE, (True, DELETED): LIVE, (True, SUPERSEDED): LIVE,   # a delete renames every file
    (False, DELETED): GONE,
    (False, SUPERSEDED): OPEN,                                             # renamed, its successor is not there yet
}


class Kind(NamedTuple):
    name: str
    order: str          # オーダNo of kinds that have none
    departments: tuple  # one of them stands in a name; None: the field is left out
    lines: bool         # files of different departments stand beside each other, as one list


KINDS = {
    "ADT-00": Kind("ADT-00", "9" * 15, ("-",), False),
    "ADT-61": Kind("ADT-61", "9" * 15, ("-", None), False),
    "PPR-01": Kind("PPR-01", "9" * 15, ("01", "11"), True),
    "OML-11": Kind("OML-11", "", ("01", "10A", "-", None), False),
}


@dataclass(frozen=True)
class File:
    number: int         # of the version, unlike any other in the whole run
    slot: int           # minute of its 発生日時, unlike any other of its key
    occurred: str       # as written: 12 to 17 digits
    department: str | None
    instances: tuple    # of the problems or allergens in it
    flag: str
    complete: bool      # written to the end and closed

    def name(self, key):
        department = [] if self.department is None else [self.department]
        return "_".join([key.patient, key.date, key.kind.name, key.order, self.occurred, *department, self.flag])


def newest(files):
    return max(files, key=lambda file: file.slot)


def standing(files):
    """GONE, OPEN, or the file that stands for these: the two tables above, and an unfinished file says nothing yet."""
    if not files:
        return GONE
    live = [file for file in files if file.flag == LIVE]
    meaning = MEANING[bool(live), newest(files).flag]
    if meaning != LIVE:
        return meaning
    return newest(live) if newest(live).complete else OPEN


def content(kind, files):
    """What is to be told of the key: GONE, OPEN, or a frozenset of (instance, version)."""
    departments = {file.department for file in files} if kind.lines else {None}
    told = {}
    for line in departments:
        of_line = [file for file in files if not kind.lines or file.department == line]
        stands = standing(of_line)
        if stands == OPEN and kind.lines and not any(file.flag == LIVE for file in of_line):
            # The key has no department in it: an update by another department superseded this one's file.
            last = newest(of_line)
            if any(file.flag == LIVE and file.slot > last.slot for file in files):
                stands = GONE
        if stands == OPEN:
            return OPEN
        if stands != GONE:
            for instance in stands.instances:
                if instance not in told or told[instance].slot < stands.slot:
                    told[instance] = stands
    return frozenset((instance, file.number) for instance, file in told.items()) or GONE


@dataclass(eq=False)
class Key:
    """One key: its files in every root, and all that they ever were."""

    patient: str
    date: str
    kind: Kind
    order: str
    roots: int
    files: list = field(default_factory=list)    # of each root: {number: File}
    history: list = field(default_factory=list)  # of each root, in order: when it came to be, and its files
    told: list = field(default_factory=list)     # one line a step, for people

    def __post_init__(self):
        self.files = [{} for _ in range(self.roots)]
        self.history = [[(0.0, ())] for _ in range(self.roots)]

    def note(self, root, at, action, file):
        """`file` is new, renamed or written further; not before `at`."""
        self.files[root][file.number] = file
        self.history[root].append((at, tuple(self.files[root].values())))
        self.told.append(f"{len(self.told):4} {at % 1000:7.3f} root {root} {action}: {file.name(self)} = version {file.number}"
                         f"{'' if file.complete else ' (unfinished)'}")

    def all_files(self):
        return [file for files in self.files for file in files.values()]

    def with_flag(self, root, flag):
        return [file for file in self.files[root].values() if file.flag == flag]

    def content(self):
        return content(self.kind, self.all_files())


class Follower:
    """Follows what a receiver was told along the history of a key, and never backwards.

    Roots are read one after the other, so with two of them each has a place of its own in its own history.
    """

    def __init__(self, key, delete_settle):
        self.key = key
        self.delete_settle = delete_settle  # seconds for which a delete must have stood before it is told
        self.places = [(0,) * key.roots]    # the earliest that explain all that was told
        self.at = {}                        # content -> (when it came to be, place)
        self._walk((), 0.0, [])

    def _walk(self, place, since, files):
        if len(place) == self.key.roots:
            self.at.setdefault(content(self.key.kind, files), []).append((since, place))
            return
        for index, (at, of_root) in enumerate(self.key.history[len(place)]):
            self._walk((*place, index), max(since, at), files + list(of_root))

    def tell(self, told, at):
        """False when the key was never like that, or only before what was told already, or not yet for long enough."""
        latest = at - self.delete_settle if told == GONE else at
        reached = [place for since, place in self.at.get(told, ()) if since <= latest
                   and any(all(a <= b for a, b in zip(earlier, place)) for earlier in self.places)]
        earliest = []
        for place in sorted(reached, key=sum):
            if not any(all(a <= b for a, b in zip(known, place)) for known in earliest):
                earliest.append(place)
        if earliest:
            self.places = earliest
        return bool(earliest)
