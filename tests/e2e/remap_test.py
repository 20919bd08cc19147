"""`remap`: a change of rules reaches what was sent already, when a person says so, and nothing else does."""

import errno
import json
import os
import pty
import select
import shutil
import subprocess
import time

from scene import PATIENT, Scene, main, resources, without_times
from support import SOURCE_DIR, json_lines, program, temporary_directory, wait_until

# Added to the shipped rules, so that these can change without this test.
BEFORE_RULE = '<value path="subject.reference"'
RULE = 'path="verificationStatus.text" constant="Confirmed"'
CHANGED_RULE = 'path="verificationStatus.text" constant="Confirmed (remap)"'
ELEMENT = "Condition.verificationStatus.text"


class RemapScene(Scene):
    def setUp(self):
        config = temporary_directory("config")
        for part in ("mapping", "terminology", "profiles"):
            shutil.copytree(SOURCE_DIR / "config" / part, config / part)
        self.condition_rules = config / "mapping" / "condition.xml"
        self.change_rule(BEFORE_RULE, f"<value {RULE}/>\n    {BEFORE_RULE}")
        self.storage, self.platform, self.gateway = self.make_all(mapping=str(config / "mapping"))
        self.storage.patient()

    def change_rule(self, before=RULE, after=CHANGED_RULE):
        text = self.condition_rules.read_text(encoding="utf-8")
        self.assertEqual(text.count(before), 1)
        self.condition_rules.write_text(text.replace(before, after), encoding="utf-8")

    def older(self):
        status = self.gateway.status()
        self.assertEqual(status["made_with_older_rules"],
                         sum(each["made_with_older_rules"] for each in status["destinations"].values()))
        return status["made_with_older_rules"]

    def remap(self, *options, expected=0):
        done = self.gateway.command("remap", *options)
        self.assertEqual(done.returncode, expected, f"{done.stdout}\n{done.stderr}")
        return done

    def marked(self, *options):
        return json.loads(self.remap("--json", *options).stdout)["units"]

    def dry_run(self, *options):
        """(units that would change, totals)"""
        *units, totals = json_lines(self.remap("--dry-run", "--json", *options).stdout)
        return units, totals

    def text(self, bundle):
        (condition,) = resources(bundle, "Condition")
        return condition["verificationStatus"]["text"]


class RemapTest(RemapScene):
    def test_only_changed_units_are_sent_again_under_the_same_bundle_ids(self):
        self.storage.problem()
        self.storage.lab()
        self.gateway.start()
        before = self.wait_for_bundles(self.platform, 2)
        self.wait_for_outbox(self.gateway, delivered=2)
        self.assertEqual(self.older(), 0)
        self.gateway.stop()
        self.change_rule()
        requests = self.platform.request_count()
        self.gateway.start()
        wait_until(lambda: self.older() == 2, 15, "the gateway has begun with the new rules")
        self.wait_for_first_sweep(self.gateway)
        self.assertIn("2 made with older rules", self.gateway.command("status").stdout)

        units, totals = self.dry_run()
        self.assertEqual((totals["units"], totals["rules"][0]["units"], totals["none"]), (2, 1, 1))
        rule = "condition/verificationStatus.text"
        self.assertEqual([(each["rule"], each["rule_before"], each["elements"]) for each in totals["rules"]],
                         [(rule, rule, {ELEMENT: 1})])
        (unit,) = units
        self.assertIn(unit["bundle_id"], before)
        self.assertEqual([each["element"] for each in unit["elements"]], [ELEMENT])
        text = self.remap("--dry-run").stdout
        for word in (rule, ELEMENT, unit["bundle_id"], "of 2 units 1 would be sent again"):
            self.assertIn(word, text)
        self.assertEqual(self.older(), 2)
        self.assertEqual(self.platform.request_count(), requests)  # a person decides

        self.assertEqual(self.marked(), 2)
        wait_until(lambda: self.older() == 0, 20, "all units are made with the new rules")
        self.wait_for_outbox(self.gateway, delivered=2)
        after = self.platform.bundles()
        self.assertEqual(sorted(after), sorted(before))
        self.assertEqual(self.platform.request_count(), requests + 1)
        changed = [key for key in after if without_times(after[key]) != without_times(before[key])]
        self.assertEqual(changed, [unit["bundle_id"]])
        self.assertEqual(self.text(after[unit["bundle_id"]]), "Confirmed (remap)")
        self.assertEqual(self.gateway.status()["units_to_remap"], 0)
        self.assertEqual(self.marked(), 0)

    def test_rules_that_make_the_same_are_noted_without_a_word_to_the_platform(self):
        self.storage.problem()
        self.run_once(self.gateway)
        requests = self.platform.request_count()
        self.change_rule(RULE, RULE + ' ')
        self.run_once(self.gateway)
        self.assertEqual(self.older(), 1)
        units, totals = self.dry_run()
        self.assertEqual((units, totals["none"], totals["rules"]), ([], 1, []))
        self.assertEqual(self.marked(), 1)
        self.run_once(self.gateway)
        self.assertEqual(self.older(), 0)
        self.assertEqual(self.platform.request_count(), requests)

    def test_a_setting_that_reaches_the_output_counts_as_a_rule(self):
        self.storage.problem()
        self.run_once(self.gateway)
        self.gateway.configure(untold="none")
        units, totals = self.dry_run()
        self.assertEqual((len(units), totals["rules"] != []), (1, True))
        self.assertTrue(all("meta.tag" in each["element"] for each in units[0]["elements"]), units)
        self.assertEqual(self.marked(), 1)  # while no gateway runs
        self.run_once(self.gateway)
        self.assertEqual(self.older(), 0)
        (bundle,) = self.platform.bundles().values()
        self.assertNotIn("tag", resources(bundle)[0]["meta"])

    def test_a_change_of_the_storage_goes_first(self):
        for number in range(1, 41):
            patient = f"{number:010d}"
            self.storage.patient(patient)
            self.storage.problem(patient)
        lab = self.storage.lab()
        self.run_once(self.gateway)
        self.change_rule()
        self.gateway.configure(connections=1)
        self.gateway.start()
        wait_until(lambda: self.older() == 41, 15, "the gateway has begun with the new rules")
        self.wait_for_first_sweep(self.gateway)
        self.platform.misbehave("delay:ms=150")
        first = self.platform.request_count()
        self.assertEqual(self.marked(), 41)
        # All are made, and nearly all are still to be sent.
        wait_until(lambda: self.gateway.status()["units_to_remap"] == 0, 20, "all are made again")
        self.assertGreater(self.gateway.status()["outbox"]["pending"], 20)
        self.storage.supersede(lab, rows=["code=3D046000001906202,name=HbA1c,value=7.30,unit=%,status=F"])
        self.wait_for_outbox(self.gateway, pending=0, delivered=41, seconds=40)
        sent = [request["bundle_id"] for request in self.platform.requests()[first:]]
        self.assertEqual(len(sent), 41)
        (lab_bundle,) = [key for key, bundle in self.platform.bundles().items() if resources(bundle, "Observation")]
        behind = len(sent) - 1 - sent.index(lab_bundle)
        self.assertGreater(behind, 5, "the change waited for what was made again")
        self.assertIn("7.30", self.platform.bundle_texts()[lab_bundle])
        self.assertEqual(self.older(), 0)


    def test_reconcile_explains_what_was_made_with_older_rules(self):
        self.storage.problem()
        self.run_once(self.gateway)
        self.change_rule()

        def reasons():
            done = self.gateway.command("reconcile", "--content", "--json")
            self.assertEqual(done.returncode, 0, done.stdout)
            return [each["reason"] for each in json_lines(done.stdout)[:-1] if each["reason"].startswith("unit:")]

        self.assertEqual(reasons(), ["unit:other-rules"])
        self.remap()
        self.run_once(self.gateway)
        self.assertEqual(reasons(), [])


class ChoiceTest(RemapScene):
    def test_only_what_is_asked_for_is_made_again(self):
        self.storage.problem()
        self.storage.lab()
        self.run_once(self.gateway)
        self.change_rule()
        for nothing in (("--type", "AllergyIntolerance"), ("--since", "2999-01-01")):
            self.assertEqual(self.marked(*nothing), 0, nothing)
        self.assertEqual(len(self.dry_run("--type", "Condition")[0]), 1)
        self.assertEqual(self.dry_run("--type", "Observation")[1]["units"], 1)
        self.assertEqual(self.marked("--type", "Condition", "--since", "2020-01-01", "--patient", PATIENT), 1)
        self.run_once(self.gateway)
        self.assertEqual(self.older(), 1)
        self.assertEqual(self.marked("--all"), 2)

    def test_a_unit_that_the_new_rules_hold_keeps_its_snapshot(self):
        self.storage.problem()
        self.run_once(self.gateway)
        before = self.platform.bundle_texts()
        self.change_rule(RULE, 'path="verificationStatus.text" from="PRB-19" if-missing="hold"')
        units, _ = self.dry_run()
        self.assertEqual([(each["change"], each["reason"]) for each in units], [("held", "map:missing-element")])
        self.assertEqual(self.marked(), 1)
        self.run_once(self.gateway, expected=3)
        self.assertEqual(self.platform.bundle_texts(), before)
        self.assertEqual(self.older(), 0)  # told as held

    def test_wrong_usage_is_two_and_what_is_not_there_is_one(self):
        self.remap(expected=1)
        self.storage.problem()
        self.run_once(self.gateway)
        self.remap("--patient", "9999999999", expected=1)
        for wrong in (("--type", "Patient"), ("--since", "2026-4-1"), ("--since", "2026-02-30"), ("--values",),
                      ("--patient", "../.."), ("--nonsense",)):
            self.remap(*wrong, expected=2)

    def test_a_gateway_that_runs_with_other_rules_is_named_with_the_remedy(self):
        self.storage.problem()
        self.gateway.start()
        self.wait_for_outbox(self.gateway, delivered=1)
        self.change_rule()
        self.assertIn("restart it", self.remap(expected=2).stderr)
        self.assertEqual(len(self.dry_run()[0]), 1)  # what a restart and a remap would do
        self.gateway.stop()
        self.assertEqual(self.marked(), 1)


class ValuesTest(RemapScene):
    def test_values_of_patients_are_shown_at_a_terminal_only(self):
        self.storage.problem(text="架橋病")
        self.run_once(self.gateway)
        self.change_rule()
        for options in [(), ("--json",)]:
            self.assertNotIn("Confirmed", self.remap("--dry-run", *options).stdout)
        self.assertIn("terminal", self.remap("--dry-run", "--values", expected=2).stderr)
        shown = self.at_a_terminal("remap", "--dry-run", "--values")
        self.assertIn(f'{ELEMENT}: "Confirmed" -> "Confirmed (remap)"', shown)

    def at_a_terminal(self, *arguments):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = subprocess.Popen([program("gateway/kakehashi"), *arguments, "--config", str(self.gateway.config)],
                                   stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        os.close(theirs)  # so that its end is the end of what there is to read
        shown = self.read_all(ours, seconds=60)
        self.assertEqual(process.wait(timeout=10), 0, shown)
        return shown

    def read_all(self, terminal, seconds):
        shown = b""
        deadline = time.monotonic() + seconds
        while select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
            try:
                part = os.read(terminal, 65536)
            except OSError as error:  # how Linux tells that nobody has the other side any more
                if error.errno != errno.EIO:
                    raise
                part = b""
            if not part:
                return shown.decode()
            shown += part
        self.fail(f"the command did not end:\n{shown.decode(errors='replace')}")


if __name__ == "__main__":
    main()
