"""What a large storage costs: time of sweeps against `find`, memory of the daemon, size of its database.

    KAKEHASHI_BIN_DIR=.build/release python3 tests/bench/storage_bench.py [--files 100000] [--cold] [--directory DIR]

The tree is generated: 25 documents a patient, nearly each lab order in a date folder of its own, all a year old. Its
patients have no insurance, so that every unit is made, held and kept without a body. For the size of the database the
units then count as delivered, by writing into a copy of it what a delivery writes.
"""

import argparse
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from support import SOURCE_DIR, program, storage_gen, temporary_directory  # noqa: E402

SETTINGS = """<gateway xmlns="urn:kakehashi:gateway:1">
  <facility institution-number="1319999999" name="架橋病院"/>
  <storage root="{root}"/>
  <state directory="{state}"/>
  <mapping directory="{mapping}"/>
  <destination url="https://127.0.0.1:9/fhir" mode="dry-run"><tls ca="-" certificate="-" key="-"/></destination>
  <log level="error"/>
</gateway>
"""
LIMIT_RSS_KB = 100 * 1024
LIMIT_BYTES = 400


def make_tree(root, files):
    storage_gen("tree", "--root", root, "--patients", files // 25, "--labs", 22, "--prescriptions", 0, "--insurance",
                "none", timeout=3600)
    subprocess.run(["find", root, "-exec", "touch", "-h", "-d", "1 year ago", "{}", "+"], check=True)


def settings(directory, root, name):
    state = directory / name
    state.mkdir()
    file = directory / f"{name}.xml"
    file.write_text(SETTINGS.format(root=root, state=state, mapping=SOURCE_DIR / "config/mapping"), encoding="utf-8")
    return file, state / "kakehashi.db"


def peak_kb(pid):
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def count(database, query):
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=60) as connection:
        return connection.execute(query).fetchone()[0]


def run_daemon(file, database, is_done, seconds=7200):
    """Until `is_done` says so; the time it took and its peak memory."""
    daemon = subprocess.Popen([program("gateway/kakehashi"), "run", "--config", file])
    began = time.monotonic()
    peak = 0
    try:
        while time.monotonic() - began < seconds:
            time.sleep(2)
            peak = peak_kb(daemon.pid)
            if database.exists() and is_done(database):
                return time.monotonic() - began, peak
        raise RuntimeError(f"not done within {seconds} s")
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=60)


def all_made(database):
    try:
        return (count(database, "SELECT COUNT(*) FROM tally WHERE name = 'swept' AND count = 1") == 1
                and count(database, "SELECT COUNT(*) FROM document WHERE state <> 0") == 0
                and count(database, "SELECT COUNT(*) FROM unit WHERE due IS NOT NULL") == 0)
    except sqlite3.OperationalError:
        return False  # there are no tables yet


def as_delivered(database):
    copy = database.with_name("delivered.db")
    shutil.copy(database, copy)
    with sqlite3.connect(copy) as connection:
        connection.execute("UPDATE outbox SET content_hash = randomblob(32), person = random(), transmissions = 1")
        connection.execute("UPDATE unit SET year = 2026")
        connection.execute("DELETE FROM delivery")
    return copy


def print_sizes(database):
    copy = as_delivered(database)
    documents = count(copy, "SELECT COUNT(*) FROM document")
    total = 0
    with sqlite3.connect(copy) as connection:
        for name, size in connection.execute("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC"):
            if name != "body":
                total += size
            if size / documents >= 1:
                print(f"  {name}: {size / documents:.1f} bytes a document")
    print(f"database without bodies: {total / documents:.1f} bytes a document, limit {LIMIT_BYTES}")
    return total / documents <= LIMIT_BYTES


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--files", type=int, default=100_000)
    arguments.add_argument("--cold", action="store_true", help="also with dropped caches; needs root")
    arguments.add_argument("--directory", type=Path, help="keeps the tree there, and uses one that is there")
    wanted = arguments.parse_args()
    directory = temporary_directory("storage-bench")
    root = wanted.directory or directory / "root"
    if not root.exists():
        make_tree(root, wanted.files)
    bench = program("tests/bench/sweep_bench")
    print("warm cache:", flush=True)
    subprocess.run([bench, settings(directory, root, "warm")[0]], check=True)
    if wanted.cold:
        print("cold cache:", flush=True)
        subprocess.run([bench, settings(directory, root, "cold")[0], "cold"], check=True)
    file, database = settings(directory, root, "daemon")
    seconds, peak = run_daemon(file, database, all_made)
    documents = count(database, "SELECT COUNT(*) FROM document")
    print(f"daemon, first reading of {documents} documents: {seconds:.0f} s, {documents / seconds:.0f}/s, "
          f"peak memory {peak} kB, limit {LIMIT_RSS_KB}")
    began = int(time.time() * 1000)
    swept = f"SELECT COUNT(*) FROM tally WHERE name = 'clock' AND count > {began + 5000}"
    _, again = run_daemon(file, database, lambda base: count(base, swept) == 1)
    print(f"daemon, started again with all of them known: peak memory {again} kB")
    small = print_sizes(database)
    if peak > LIMIT_RSS_KB or again > LIMIT_RSS_KB or not small:
        sys.exit("a limit is missed")


if __name__ == "__main__":
    os.environ.setdefault("KAKEHASHI_BIN_DIR", ".build/release")
    main()
