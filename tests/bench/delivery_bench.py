"""Deliveries a second from a full outbox to the simulated platform, of one build or of several in turns.

    python3 tests/bench/delivery_bench.py [--units 2000] [--turns 3] [--connections 4 --connections 16] BUILD_DIRECTORY...
"""

import argparse
import os
import sqlite3
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))


def pending(gateway):
    with closing(sqlite3.connect(f"file:{gateway.state / 'kakehashi.db'}?mode=ro", uri=True)) as state:
        return state.execute("SELECT COUNT(*) FROM delivery WHERE state = 0").fetchone()[0]


def measure(support, pki, storage, build, units, connections):
    """From the first delivered row to the last but a tenth, so that beginning and end do not count."""
    os.environ["KAKEHASHI_BIN_DIR"] = str(build)
    platform = support.Platform(pki)
    gateway = support.Gateway([storage], platform, pki, mode="dry-run", connections=connections)
    gateway.start()
    support.wait_until(lambda: (gateway.state / "kakehashi.db").exists() and "first sweep done" in gateway.log, 120,
                       lambda: gateway.log[-2000:])
    support.wait_until(lambda: pending(gateway) == units, 300, lambda: f"{units} units, there are {pending(gateway)}")
    gateway.stop()
    gateway.configure(mode="send")
    gateway.start()
    first = support.wait_until(lambda: platform.request_count() or None, 60, "the first request")
    began = time.monotonic()
    last = support.wait_until(lambda: (n := platform.request_count()) >= 0.9 * units and n, 600, "the last request")
    took = time.monotonic() - began
    gateway.stop()
    platform.kill9()
    return (last - first) / took


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--units", type=int, default=2000)
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--connections", type=int, action="append")
    options.add_argument("builds", nargs="+", type=Path)
    given = options.parse_args()
    os.environ["KAKEHASHI_BIN_DIR"] = str(given.builds[0])
    import support
    pki = support.Pki()
    root = support.temporary_directory("storage") / "root"
    root.mkdir()
    support.storage_gen("tree", "--root", root, "--patients", max(1, given.units // 20), "--labs", 20,
                        "--prescriptions", 0, timeout=900)
    probe = support.Gateway([root], "https://127.0.0.1:1/fhir", pki, mode="dry-run")
    probe.start()
    support.wait_until(lambda: "first sweep done" in probe.log, 120, lambda: probe.log[-2000:])
    units = -1
    while units != (units := pending(probe)) or units == 0:
        time.sleep(2)
    probe.stop()
    for connections in given.connections or [4, 16]:
        rates = {build: [] for build in given.builds}
        for _ in range(given.turns):
            for build in given.builds:
                rates[build].append(measure(support, pki, root, build, units, connections))
        for build, measured in rates.items():
            each = " ".join(f"{rate:.0f}" for rate in measured)
            print(f"{connections} connections, {units} units, {build}: median {statistics.median(measured):.0f}/s ({each})",
                  flush=True)


if __name__ == "__main__":
    main()
