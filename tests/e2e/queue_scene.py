"""The scene of tests of `queue`: what is asked of it, and what became of units at the platform."""

import sqlite3
import time
from contextlib import closing

from scene import Scene, resources
from support import json_lines


def renamed(path, flag):
    return path.rename(path.with_name(path.name[:-1] + str(flag)))


class QueueScene(Scene):
    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all()
        self.storage.patient()
        self.markers = 0

    def queue(self, *arguments, expected=0):
        """The lines of --json; the last of an order is its summary."""
        done = self.gateway.command("queue", *arguments, "--json")
        self.assertEqual(done.returncode, expected, f"queue {arguments}:\n{done.stdout}\n{done.stderr}")
        return json_lines(done.stdout)

    def order(self, *arguments, expected=0):
        return self.queue(*arguments, expected=expected)[-1]

    def bundle_id(self, kind):
        """Of the only unit of its type, as list tells it."""
        found = {row["bundle_id"] for row in self.queue("list", "--ALL", "--type", kind)}
        self.assertEqual(len(found), 1, found)
        return found.pop()

    def let_pass(self):
        """Until what was written before has gone its way: a unit that comes later is there."""
        self.markers += 1
        before = len(self.platform.bundles())
        self.storage.lab(order=f"9{self.markers}")
        self.wait_for_bundles(self.platform, before + 1)
        time.sleep(0.5)

    def texts(self):
        """Bundle-ID -> what the platform says of it now."""
        return {bundle: sorted(resource["code"].get("text", "") for resource in resources(body))
                for bundle, body in self.platform.bundles().items()}

    def requests(self, bundle):
        return [each["operation"] for each in self.platform.requests() if each.get("bundle_id") == bundle]

    def audits(self):
        with closing(sqlite3.connect(f"file:{self.gateway.state}/kakehashi.db?mode=ro", uri=True)) as database:
            return database.execute("SELECT command, target, why, rows, uid, user FROM audit ORDER BY id").fetchall()
