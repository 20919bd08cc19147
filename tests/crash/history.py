"""What a platform was sent, and who judges it."""

import re
from typing import NamedTuple

# What storage_gen puts into each document that makes it like no other, whatever its version.
MARKER = re.compile(rb"KH\d{10}-\d+V|\b187\.\d{10}")


class History(NamedTuple):
    """What a platform was sent, in order."""
    versions: dict  # Bundle-ID -> content hashes in the order in which they stood there, None: nothing
    bundle_ids: dict  # what one unit is known by -> the Bundle-IDs it was sent under

    @staticmethod
    def of(platform):
        versions, bundle_ids = {}, {}
        for change in platform.changes():
            stood = versions.setdefault(change["bundle_id"], [None])
            content = change["content_hash"] if change["change"] == "put" else None
            if stood[-1] != content:
                stood.append(content)
        for request in platform.requests():
            if request["operation"] == "register" and request["content_hash"]:
                for marker in set(MARKER.findall(platform.body(request["n"]))):
                    bundle_ids.setdefault(marker, set()).add(request["bundle_id"])
        return History(versions, bundle_ids)

    def final(self):
        return {bundle_id: stood[-1] for bundle_id, stood in self.versions.items() if stood[-1] is not None}


class Judge:
    """Knows what each Bundle-ID goes through undisturbed."""

    def __init__(self, undisturbed):
        self.undisturbed = undisturbed

    def verdict(self, history, last_stage):
        """Counts of what went wrong; all zero: as it must be."""
        wanted = self.undisturbed[last_stage]
        final = history.final()
        lost = {each for each in wanted.keys() | final.keys() if wanted.get(each) != final.get(each)}
        doubled = {marker for marker, ids in history.bundle_ids.items() if len(ids) > 1}
        overtaken = {each for each, stood in history.versions.items() if self.goes_back(each, stood)}
        return {"lost": len(lost), "doubled": len(doubled), "overtaken": len(overtaken)}

    def goes_back(self, bundle_id, stood):
        """Something stood there after what came later, or that no undisturbed run ever sends."""
        expected = [None, *(state.get(bundle_id) for state in self.undisturbed)]
        place = 0
        for content in stood:
            if content not in expected[place:]:
                return True
            place = expected.index(content, place)
        return False
