"""Documents as hospital systems write them: renamed into place, written in place and slowly, with pauses."""

import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from scene import PATIENT, Scene, Storage, kind_of, main, resources, without_times
from support import wait_until

WITHIN_SECONDS = 5

# Items of different lengths, so that even cuts fall anywhere; most of the text is two-byte characters.
LAB_ROWS = [f"code={code},name={name},value={value},unit=U/L" for code, name, value in [
    ("3A010000002327101", "総蛋白", "7.20"), ("3A015000002327101", "アルブミン", "4.1"),
    ("3B035000002327201", "アスパラギン酸アミノ基転移酵素", "21"), ("3B045000002327201", "アラニンアミノ基転移酵素", "18"),
    ("3B050000002327201", "乳酸脱水素酵素", "190"), ("3C015000002327101", "クレアチニン", "0.80"),
    ("3C020000002327101", "尿酸", "5.0"), ("3H015000002326101", "カリウム", "4.10")]]
PROBLEM_ROWS = [f"instance=P{n},text=とても長い名前の架橋病その{n},start=20250401" for n in range(1, 7)]


class WritingTests:
    """Run once with inotify and once with sweeps only."""

    settings = {}

    def setUp(self):
        self.storage, self.platform, self.gateway = self.make_all(settle="2s", **self.settings)
        self.storage.patient()
        self.storage.document("ADT-61", rows=["code=5A1002411023006,name=ソバ,system=JC10,type=FA"])
        self.gateway.start()
        self.wait_for_bundles(self.platform, 1)

    def write(self, data_type, manner, **options):
        """Blocks until the writer has ended; that moment."""
        writer = self.storage.start_writing(data_type, write=manner, **options)
        path = writer.communicate(timeout=60)[0].strip()
        self.assertEqual(writer.returncode, 0)
        return self.storage.root / path, time.monotonic()

    def complete_bundles(self):
        """Bundle-ID -> Bundle, only those with all rows."""
        whole = {"Observation": len(LAB_ROWS), "Condition": len(PROBLEM_ROWS), "AllergyIntolerance": 1}
        return {bundle_id: bundle for bundle_id, bundle in self.platform.bundles().items()
                if len(resources(bundle)) == whole[kind_of(bundle)]}

    def bundle_ids_ever(self):
        return {request["bundle_id"] for request in self.platform.requests()}

    def mapped(self, path):
        result = self.gateway.map(path)
        self.assertEqual(result.exit_code, 0, result.stderr)
        self.assertEqual(len(result.bundles), 1)
        return result.bundles[0]

    def write_and_time(self, writings):
        """All at once; each is complete on the platform within the limit, counted from the end of its own writing."""
        with ThreadPoolExecutor(len(writings)) as pool:
            running = [pool.submit(self.write, *writing[:2], **writing[2]) for writing in writings]
            seen = {}
            while not all(task.done() for task in running) or len(seen) < len(writings):
                for bundle_id in set(self.complete_bundles()) - self.before:
                    seen.setdefault(bundle_id, time.monotonic())
                ends = [task.result() for task in running if task.done()]
                late = len(ends) == len(writings) and time.monotonic() > max(end for _, end in ends) + 3 * WITHIN_SECONDS
                self.assertFalse(late, f"only {len(seen)} of {len(writings)} arrived whole:\n{self.gateway.log[-3000:]}")
                time.sleep(0.05)
        for path, end in ends:
            bundle_id = self.mapped(path)["identifier"]["value"]
            self.assertIn(bundle_id, seen)
            self.assertLess(seen[bundle_id] - end, WITHIN_SECONDS, f"{path.name} took too long")
            self.assertEqual(without_times(self.platform.bundles()[bundle_id]), without_times(self.mapped(path)))
        return [path for path, _ in ends]

    @property
    def before(self):
        return {bundle_id for bundle_id, bundle in self.platform.bundles().items() if kind_of(bundle) == "AllergyIntolerance"}

    def test_a_document_is_whole_on_the_platform_within_five_seconds_however_it_is_written(self):
        lab = [("OML-11", manner, {"order": str(order), "rows": LAB_ROWS}) for order, manner in
               enumerate(["rename", "whole", "slow:3:1500", "slow:7:300", "slow:40:50", "slow:3:3500"], start=1)]
        problems = [("PPR-01", "slow:9:300", {"rows": PROBLEM_ROWS})]
        paths = self.write_and_time(lab + problems)
        self.assert_runs(self.gateway)
        self.assertEqual(len(self.bundle_ids_ever()), 1 + len(paths))
        sent = [request["bundle_id"] for request in self.platform.requests() if request["operation"] == "register"]
        self.assertEqual(len(sent), len(set(sent)), "what was written in one go was sent in parts")

    def test_the_first_documents_of_a_patient_arrive_though_their_folders_are_as_new(self):
        patient = "1234567890"
        self.storage.start_writing("ADT-00", patient, write="slow:5:50").communicate(timeout=30)
        self.write_and_time([("OML-11", "whole", {"patient": patient, "order": "1", "rows": LAB_ROWS}),
                             ("OML-11", "rename", {"patient": patient, "order": "2", "rows": LAB_ROWS})])

    def test_a_pause_at_the_end_of_a_segment_leaves_nothing_out_in_the_end(self):
        path, end = self.write("PPR-01", "pause:4500", rows=PROBLEM_ROWS)
        wait_until(lambda: any(kind_of(bundle) == "Condition" for bundle in self.complete_bundles().values()),
                   WITHIN_SECONDS - (time.monotonic() - end), "the rest of the document")
        bundle_id = self.mapped(path)["identifier"]["value"]
        self.assertEqual(without_times(self.platform.bundles()[bundle_id]), without_times(self.mapped(path)))
        self.assertEqual(len(self.bundle_ids_ever()), 2)
        # So that this is the case it says it is: the half was taken for a whole, as nothing tells it from one.
        versions = [request for request in self.platform.requests() if request["bundle_id"] == bundle_id]
        self.assertEqual(len(versions), 2)


class InotifyTest(WritingTests, Scene):
    # A sweep comes too late for any of these.
    settings = {"watch": "auto", "sweep_interval": "10m"}


class SweepTest(WritingTests, Scene):
    settings = {"watch": "sweep", "sweep_interval": "1s"}


if __name__ == "__main__":
    main()
