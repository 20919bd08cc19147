"""One run of the gateway that stands still before every counted call (kill_at.cpp), and what a kill -9 would leave
there: the files of its state directory, and how far the platform has come with all that was sent."""

import json
import os
import socket
import threading
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from left_state import INDEX, LeftState


class Call(NamedTuple):
    number: int
    kind: str
    target: str
    offset: int  # -1: it has none
    size: int


class Reached(NamedTuple):
    """How much the platform has written of what it was sent and of what that changed."""
    requests: int
    changes: int


class Step(NamedTuple):
    """What a kill leaves before the call, as what is different from the step before."""
    call: Call
    changes: dict
    reached: Reached


class Moment(NamedTuple):
    """At which a kill comes: before the call, or with half of its bytes written."""
    stage: int
    call: int
    half: bool


class Recording:
    """All steps of one stage; the last one is the end, and no call."""

    def __init__(self, stage):
        self.stage = stage
        self.steps = []
        self.unexplained = []  # changes that no call made: the recorder would miss something

    def moments(self):
        """(Moment, LeftState, Reached, what changed) of all of them; the state is good until the next is asked for."""
        left = LeftState()
        for step, following in zip(self.steps, [*self.steps[1:], None]):
            left.follow(step.changes)
            yield Moment(self.stage, step.call.number, False), left, step.reached, step.changes
            half = following and half_of(step.call, following.changes, left)
            if half:
                left.follow(half)
                yield Moment(self.stage, step.call.number, True), left, step.reached, half

    def add(self, call, changes, reached):
        before = self.steps[-1] if self.steps else None
        made_by = before.call if before else None
        for name, change in changes.items():
            if not explains(made_by, name, change):
                self.unexplained.append(f"{made_by}: {name}")
        if before and reached != before.reached and made_by.kind != "send":
            self.unexplained.append(f"{made_by}: the platform")
        self.steps.append(Step(call, changes, reached))


def explains(call, name, change):
    """Names appear by open() and bind(), which are not counted: as empty files and sockets."""
    if name == INDEX or change.length is not None and change.length <= 0 or call is None:
        return True
    return call.kind in ("rename", "hard-link") or call.target == name and (
        call.kind in ("truncate", "unlink") or call.kind == "write" and len(change.patches) == 1)


def half_of(call, following, left):
    change = following.get(call.target)
    if call.kind != "write" or call.target == INDEX or change is None:
        return None
    half = change.half(len(left.contents[call.target]))
    return half and {call.target: half}


class Recorder:
    def __init__(self, place, stage, kill_at=None):
        self.place = place
        self.kill_at = kill_at
        self.recording = Recording(stage)
        self.left = LeftState()

    def record(self):
        """Runs the stage; (the recording, the process as it ended)."""
        path = self.place.directory / "recorder.sock"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(path))
            listener.listen(1)
            listener.settimeout(60)
            failed = []
            thread = threading.Thread(target=self._serve, args=(listener, failed))
            thread.start()
            done = self.place.run(self.recording.stage, KAKEHASHI_RECORDER=path,
                                  KAKEHASHI_COUNT_FILE=self.place.count_file)
            thread.join()
        if failed:
            raise failed[0]
        return self.recording, done

    def _serve(self, listener, failed):
        try:
            with listener.accept()[0] as line:
                while told := line.recv(4096):
                    self.look(Call(**json.loads(told)))
                    line.send(b"k" if len(self.recording.steps) == self.kill_at else b"g")
        except Exception as error:  # of this thread: the one that waits for it raises it
            failed.append(error)

    def look(self, call):
        last = self.recording.steps[-1].call if self.recording.steps else None
        reached = self.reached(last)
        self.recording.add(call, self.left.look(self.place.gateway.state, last), reached)

    def look_at_the_end(self):
        self.look(Call(len(self.recording.steps) + 1, "end", "", -1, 0))

    def reached(self, last):
        """Once it has handled all that was sent: a request whose last byte left is carried out though we die."""
        platform = self.place.platform
        while last and last.kind == "send" and not is_quiet(platform.pid, platform.port):
            time.sleep(0)
        return Reached(*((platform.state / name).stat().st_size for name in ("requests.jsonl", "changes.jsonl")))


def is_quiet(pid, port):
    """Nothing lies unread in its sockets, and its only thread waits."""
    with open("/proc/net/tcp", "rb") as file:
        for row in file.read().splitlines()[1:]:
            fields = row.split(None, 5)
            queue = fields[4].partition(b":")[2]
            if queue != b"00000000" and int(fields[1].partition(b":")[2], 16) == port and fields[3] == b"01":
                return False
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0] == b"S"


def put_platform(archive, reached, directory):
    """The state of a platform that has come so far; `archive` is one that went further, and stays as it is."""
    directory = Path(directory)
    for folder in ("bundles", "bodies", "pending"):
        (directory / folder).mkdir(parents=True)
    lines = {}
    for name, length in zip(("requests.jsonl", "changes.jsonl"), reached):
        with open(archive / name, "rb") as file:
            text = file.read(length)
        (directory / name).write_bytes(text)
        lines[name] = [json.loads(line) for line in text.splitlines()]
    bodies = {}
    for request in lines["requests.jsonl"]:
        body = archive / "bodies" / f"{request['n']}.json"
        if body.exists():
            os.link(body, directory / "bodies" / body.name)  # it writes other files, and renames them
    for change in lines["changes.jsonl"]:
        bodies[change["bundle_id"]] = change["n"] if change["change"] == "put" else None
    for bundle_id, number in bodies.items():
        if number is not None:
            os.link(archive / "bodies" / f"{number}.json", directory / "bundles" / f"{quote(bundle_id, safe='')}.json")
