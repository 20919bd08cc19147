"""Whether a gateway kept to its own settings, told from outside: by the platform's journal and the gateway's database."""

import sqlite3
from contextlib import closing
from datetime import datetime

OVERLOADS_IN_A_ROW = 5  # so many units that are told "not now" make a pause
CLOCKS_S = 0.005  # both clocks count whole milliseconds, and the answer is recorded a moment after it is judged


def at(request):
    return datetime.fromisoformat(request["time"]).timestamp()


def asked_for(request):
    """The Retry-After that was answered, in seconds."""
    parts = [part for spec in request["specs"] for part in spec.split(":") if part.startswith("retry-after=")]
    return float(parts[0].removeprefix("retry-after=")) if parts and request["status"] in (429, 503) else 0.0


class Journal:
    """What the platform was sent, in the order of its answers."""

    def __init__(self, platform):
        self.requests = platform.requests()
        self.changes = platform.changes()

    def happened(self, spec):
        """How often a misbehaviour was drawn, whatever its share."""
        return sum(any(drawn.startswith(spec + ":share=") for drawn in request["specs"]) for request in self.requests)

    def stored_units(self):
        return len({request["bundle_id"] for request in self.requests if request["stored"]})

    def too_early(self, first_s):
        """Requests of a unit that came before the time that the answer before them set. One that was only reset may be
        repeated at once on a fresh connection: a server closes idle ones. Once."""
        found, before, repeats = [], {}, {}
        for request in self.requests:
            unit = request["bundle_id"]
            earlier = before.get(unit)
            repeat = False
            if earlier:
                gap = at(request) - at(earlier)
                wait = self._wait_after(earlier, first_s)
                repeat = earlier["status"] is None and gap < wait
                if gap + CLOCKS_S < wait and not (repeat and not repeats.get(unit)):
                    found.append((gap, wait, earlier, request))
            before[unit], repeats[unit] = request, repeat
        return found

    @staticmethod
    def _wait_after(request, first_s):
        if request["status"] in (None, 202, 422, 429, 500, 503):
            return max(first_s, asked_for(request))
        return 0.0  # done; or of a proxy, which concerns the destination

    def most_at_once(self):
        return max(request["at_once"] for request in self.requests)

    def probes(self, begin, end, pause_s, connections):
        """The requests of a time in which the destination refuses everything, from the first that came after a pause on.
        Before it are those under way when that began, and those that it takes to make a pause."""
        during = [request for request in self.requests if begin <= at(request) < end]
        for number, (before, request) in enumerate(zip(during, during[1:]), start=1):
            if at(request) - at(before) + CLOCKS_S >= pause_s:
                return during[number:]
            if number >= OVERLOADS_IN_A_ROW + connections:
                raise AssertionError(f"no pause after {number} requests, the last of them {request}")
        return []

    def sent_again_after_newer(self):
        """Bundle-IDs of which a content was sent after a newer one."""
        sent = {}
        for request in sorted(self.requests, key=lambda request: request["n"]):
            if request["operation"] == "register" and request["content_hash"]:
                contents = sent.setdefault(request["bundle_id"], [])
                if not contents or contents[-1] != request["content_hash"]:
                    contents.append(request["content_hash"])
        return [unit for unit, contents in sent.items() if len(contents) != len(set(contents))]

    def stored_after_newer(self):
        """Requests that took effect after a newer one of their unit had."""
        by_number = {request["n"]: request for request in self.requests}
        newest, found = {}, []
        for change in self.changes:
            if change["n"] < newest.get(change["bundle_id"], 0):
                found.append(by_number[change["n"]])
            newest[change["bundle_id"]] = max(change["n"], newest.get(change["bundle_id"], 0))
        return found

    def rate(self, since, units):
        """Units a second, from the first that is stored after `since` until so many are."""
        first = {}
        for request in self.requests:
            if at(request) >= since and request["stored"] and request["operation"] == "register":
                first.setdefault(request["bundle_id"], at(request))
        times = sorted(first.values())[:units]
        if len(times) < units:
            raise AssertionError(f"{len(times)} of {units} units")
        return (len(times) - 1) / (times[-1] - times[0])


def waits(gateway):
    """(attempt, milliseconds, status, own) of the rows that wait now to be sent again, from their answer on. A pause is none
    of theirs, and leaves no note. Not their own is the wait of what was answered when something newer had replaced it already:
    the newer one waits as long, and its attempts begin anew."""
    sql = ("SELECT d.attempts, d.next_attempt - h.time, h.status, h.hash IS substr(o.content_hash, 1, 8) FROM delivery d "
           "JOIN outbox o USING (unit, destination) JOIN history h USING (unit, destination) "
           "WHERE d.attempts > 0 AND d.in_flight = 0 AND d.sent_at <= h.time AND h.event IN (4, 5) AND h.number = "
           "(SELECT MAX(number) FROM history WHERE unit = d.unit AND destination = d.destination)")
    with closing(sqlite3.connect(f"file:{gateway.state / 'kakehashi.db'}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchall()
