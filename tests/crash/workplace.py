"""A storage in stages, one gateway, its platform, and the state of both before each stage."""

import contextlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from scene import Storage  # noqa: E402
from support import Gateway, Platform, program, temporary_directory  # noqa: E402

from history import History  # noqa: E402

# The process dies, not the machine: what it wrote is there in memory as on a disk, only sooner.
if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"

# A request that was cut off may still be carried out for as long as the late window: here, where the platform takes
# milliseconds, it is short.
SETTINGS = {"settle": "100ms", "delete_settle": "0s", "watch": "sweep",
            "timeout": "2s", "delivery_extra": {"late-window": "2s"}}


class Workplace:
    def __init__(self, pki, storages, url=None):
        """`url`: what the settings call the platform, wherever it is."""
        self.directory = temporary_directory("kill-points")
        self.storages = storages
        self.platform = Platform(pki, self.directory / "platform")
        self.gateway = Gateway([storages[0].root], self.platform, pki, self.directory / "gateway", **SETTINGS)
        self.count_file = self.directory / "count.json"
        self.elsewhere = {}
        if url:
            self.gateway.configure(url=url)
            self.elsewhere = {"KAKEHASHI_CONNECT_PORT": self.platform.port}
        self.undisturbed = []
        self.calls = []

    def live_through(self, run=None):
        """All stages undisturbed; `run(stage)` is told the calls that were made."""
        for stage in range(len(self.storages)):
            self.keep(stage)
            self.calls.append((run or self.count_calls)(stage))
            self.undisturbed.append(History.of(self.platform).final())
        return self

    def count_calls(self, stage):
        self.run_once(stage, KAKEHASHI_COUNT_FILE=self.count_file)
        return self.counted()["calls"]

    def counted(self):
        return json.loads(self.count_file.read_text())

    def keep(self, stage):
        for each in (self.gateway, self.platform):
            if each.state.exists():
                shutil.copytree(each.state, self.before(stage, each))
            else:
                self.before(stage, each).mkdir(parents=True)

    def before(self, stage, process):
        return self.directory / f"before-{stage}" / process.directory.name

    def go_back_to(self, stage):
        def put_back():
            for each in (self.gateway, self.platform):
                shutil.copytree(self.before(stage, each), each.state)

        self.set_states(put_back)

    def set_states(self, put):
        """Both states are what `put` puts there."""
        self.platform.kill9()
        for each in (self.gateway, self.platform):
            shutil.rmtree(each.state, ignore_errors=True)
        put()
        self.gateway.state.chmod(0o700)
        self.platform.start()

    def run(self, stage, **environment):
        self.gateway.configure(storage=[self.storages[stage].root])
        self.count_file.unlink(missing_ok=True)
        env = {name: str(value) for name, value in {**self.elsewhere, **environment}.items()}
        if env:
            env["LD_PRELOAD"] = program("tests/crash/kill_at.so")
        return self.gateway.command("run", "--once", "--timeout", "100s", seconds=180, env=env)

    def run_once(self, stage, **environment):
        done = self.run(stage, **environment)
        if done.returncode != 0:
            raise AssertionError(f"run --once, stage {stage}: {done.returncode}\n{done.stdout}\n{done.stderr[-3000:]}")

    def run_to_the_end(self, stage, judge):
        """After a kill in that stage, undisturbed; counts of what is wrong then."""
        last_stage = 0 if stage == 0 else len(self.storages) - 1
        self.run_once(last_stage)
        verdict = judge.verdict(History.of(self.platform), last_stage)
        return {**verdict, "damaged": int(self.integrity() != "ok")}

    def integrity(self):
        with contextlib.closing(sqlite3.connect(self.gateway.state / "kakehashi.db")) as database:
            return database.execute("PRAGMA integrity_check").fetchone()[0]

    def close(self):
        self.platform.kill9()


def make_stages(count, **tree):
    """The same storage after so many of the writer's turns; in the last one as storage_gen wrote it."""
    whole = Storage()
    counts = whole.tree(**{"patients": 26, "labs": 6, "updates": 50, "deletes": 4, **tree})
    assert tree or counts["documents"] >= 300, counts
    keys = {}
    for path in whole.documents():
        # PATIENT_DATE_TYPE_ORDER_OCCURRED_DEPARTMENT_FLAG
        key, occurred = path.name.split("_")[:4], path.name.split("_")[4]
        keys.setdefault(tuple(key), []).append((occurred, whole.relative(path)))
    stages = [Storage() for _ in range(count - 1)]
    for versions in keys.values():
        versions.sort()
        for turn, stage in enumerate(stages):
            write_turn(whole, stage, [path for _, path in versions], turn)
    return [*stages, whole]


def write_turn(whole, stage, versions, turn):
    """Of one key's files the first so many, the last of them live; once all are there, as they are."""
    there = versions[:turn + 1]
    for path in there:
        is_live = path is there[-1] and (turn == 0 or len(there) < len(versions))
        name = path.name[:-1] + "1" if is_live else path.name
        to = stage.root / path.with_name(name)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(whole.root / path, to)
