"""How long /metrics takes with a large state: scrape_bench.py [ROWS], 1,000,000 without; half of them wait to be sent.

Prints milliseconds of the first scrape, which reads the database, of those after it, which do not, and of /healthz meanwhile,
which the I/O thread answers. Exit 3 when a scrape that reads nothing takes 50 ms
or more, or the first 3.5 s.
"""

import sqlite3
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))

from support import Gateway, Pki, temporary_directory, wait_until  # noqa: E402

FILL = """
INSERT INTO patient (id, number, canonical)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :patients)
    SELECT 1000 + i, printf('9%09d', i), printf('9%09d', i) FROM n;
INSERT INTO unit (id, patient, kind, date, order_no, year)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
    SELECT 1000 + i, 1001 + (i % :patients), 2, '20260401', printf('%015d', i), 2026 FROM n;
INSERT INTO outbox (unit, destination, operation, content_hash, transmissions, superseded, changed)
    SELECT id, :destination, 0, randomblob(32), 1, 0, 1790000000000 FROM unit WHERE id > 1000;
INSERT INTO delivery (unit, destination, state, snapshot_time, next_attempt, attempts, in_flight, sent_at, sent_operation)
    SELECT id, :destination, 0, 1790000000000 + id, 1790000000000 + id, 0, 0, 0, 0 FROM unit
    WHERE id > 1000 AND id % 2 = 0;
INSERT INTO change (unit, destination, seen)
    SELECT id, :destination, 1790000000000 + id FROM unit WHERE id > 1000 AND id % 2 = 0;
"""


def fill(state, rows):
    with closing(sqlite3.connect(state / "kakehashi.db")) as database, database:
        database.execute("INSERT OR IGNORE INTO destination (id) VALUES ('platform')")
        (destination,), = database.execute("SELECT number FROM destination WHERE id = 'platform'")
        values = {"rows": rows, "patients": max(1, rows // 20), "destination": destination}
        for statement in FILL.strip().split(";\n"):
            database.execute(statement.rstrip(";"), {name: value for name, value in values.items()
                                                     if ":" + name in statement})


def scrape_ms(gateway):
    began = time.monotonic()
    status, text = gateway.page("/metrics", seconds=60)
    assert status == 200, text
    return (time.monotonic() - began) * 1000, text


def health_ms(gateway, stop, found):
    while not stop.is_set():
        began = time.monotonic()
        gateway.page("/healthz", seconds=60)
        found.append((time.monotonic() - began) * 1000)
        time.sleep(0.02)


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    storage = temporary_directory("storage") / "root"
    storage.mkdir()
    (storage / "000").mkdir()
    gateway = Gateway(storage, "https://127.0.0.1:9/fhir", Pki(), mode="dry-run")
    gateway.start()
    wait_until(lambda: "first sweep done" in gateway.log, 30, lambda: gateway.log)
    gateway.stop()
    fill(gateway.state, rows)
    gateway.start()
    wait_until(lambda: gateway.log.count("first sweep done") == 2, 120, lambda: gateway.log)
    stop, health = threading.Event(), []
    watcher = threading.Thread(target=health_ms, args=(gateway, stop, health))
    watcher.start()
    first, text = scrape_ms(gateway)
    cached = sorted(scrape_ms(gateway)[0] for _ in range(50))
    stop.set()
    watcher.join()
    if "kakehashi_status_read_seconds " not in text:  # it took longer than a scrape waits
        wait_until(lambda: "kakehashi_status_read_seconds " in scrape_ms(gateway)[1], 60, "what the database says")
        text = scrape_ms(gateway)[1]
    read = float(text.split("\nkakehashi_status_read_seconds ")[1].split()[0]) * 1000
    print(f"{rows} rows, half of them wait: first scrape {first:.0f} ms (reading the database took {read:.0f} ms), then "
          f"median {cached[25]:.1f} ms, longest {cached[-1]:.1f} ms; /healthz meanwhile at most {max(health):.1f} ms; "
          f"{len(text)} bytes")
    gateway.stop()
    return 3 if cached[25] >= 50 or first >= 3500 else 0


if __name__ == "__main__":
    sys.exit(main())
