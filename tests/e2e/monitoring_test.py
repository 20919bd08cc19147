"""systemd/monitoring/ against a gateway that runs and Prometheus' own tools: every alert can fire and be quiet, names what
there is, and says it in two languages; every metric is in the table."""

import json
import re
import shutil
import subprocess
import unittest

from metrics import scrape
from scene import Scene, main
from support import SOURCE_DIR, temporary_directory

MONITORING = SOURCE_DIR / "systemd/monitoring"
ALERT = re.compile(r"^      - alert: (\w+)\n((?:        .*\n)+)", re.M)
ROW = re.compile(r"^\| `(kakehashi_\w+)` \| (\w+) \| (.*?) \| (.*) \|$", re.M)
OF_PLATFORM = 'destination="platform"'
OF_LABS = 'destination="platform",type="Observation"'

# An alert -> the series that make it fire, those that do not (values a minute, as promtool writes them), and when it is
# looked at.
CASES = {
    "KakehashiDown": ('up{job="kakehashi"}', "0x30", "1x30", "20m"),
    "KakehashiNotReady": ("kakehashi_ready", "0x30", "1x30", "20m"),
    # time() is 0 at the first minute of a test
    "KakehashiHeartbeatOld": ("kakehashi_heartbeat_timestamp_seconds", "0x30", "0+60x30", "20m"),
    "KakehashiDestinationPaused": (f"kakehashi_destination_paused{{{OF_PLATFORM}}}", "1x30", "0x30", "20m"),
    "KakehashiPendingOld": (f"kakehashi_oldest_pending_age_seconds{{{OF_LABS}}}", "0+60x120", "0x120", "90m"),
    "KakehashiChangesOverdue": (f"kakehashi_changes_overdue{{{OF_LABS}}}", "3x120", "0x120", "90m"),
    "KakehashiAllergyLate": (f'kakehashi_oldest_change_age_seconds{{{OF_PLATFORM},type="AllergyIntolerance"}}', "0+60x120",
                             "0x120", "90m"),
    "KakehashiSameDayShareLow": (None, None, None, "27h"),  # two series: in share_case()
    "KakehashiRejected": (f'kakehashi_rejected_units{{{OF_PLATFORM},reason="delivery"}}', "1x60", "0x60", "50m"),
    "KakehashiHeld": (f'kakehashi_held_units{{{OF_PLATFORM},reason="patient:no-insurance"}}', "2x1500", "0x1500", "25h"),
    "KakehashiOutdated": (f"kakehashi_outdated_units{{{OF_PLATFORM}}}", "1x120", "0x120", "90m"),
    "KakehashiCertificateEnds": (f"kakehashi_certificate_remaining_seconds{{{OF_PLATFORM}}}", "2000000x120",
                                 "4000000x120", "90m"),
    "KakehashiCertificateEndsNow": (f"kakehashi_certificate_remaining_seconds{{{OF_PLATFORM}}}", "-5x30", "2000000x30",
                                    "20m"),
    "KakehashiAlarm": ('kakehashi_alarms{kind="outage"}', "1x30", "0x30", "20m"),
    "KakehashiSweepOld": ('kakehashi_sweep_timestamp_seconds{storage="main",tier="hot"}', "0x120", "0+60x120", "90m"),
    "KakehashiReadingHeldBack": ("kakehashi_reading_held_back", "1x30", "0x30", "20m"),
    "KakehashiDiskNearlyFull": ("kakehashi_state_disk_free_bytes", "5e8x30", "5e9x30", "20m"),
    "KakehashiCodesToDo": ("kakehashi_code_held_units", "1x1500", "0x1500", "25h"),
    "KakehashiReloadRefused": ('kakehashi_reloads_total{result="refused"}', "0x5 1x30", "1x30", "10m"),
    "KakehashiErrorsLogged": ('kakehashi_log_lines_total{level="error"}', "0x5 3x30", "3x30", "10m"),
}

# Of what waits: a destination to which nothing is sent is none of theirs.
OF_WAITING = ("KakehashiPendingOld", "KakehashiChangesOverdue", "KakehashiAllergyLate")

# What a person has ordered, or another alert tells of.
QUIET = (
    ("KakehashiRejected", f'kakehashi_rejected_units{{{OF_PLATFORM},reason="person:drop"}}', "1x60"),
    ("KakehashiHeld", f'kakehashi_held_units{{{OF_PLATFORM},reason="person:hold"}}', "2x1500"),
    ("KakehashiHeld", f'kakehashi_held_units{{{OF_PLATFORM},reason="person:retract"}}', "2x1500"),
    ("KakehashiAllergyLate", f"kakehashi_oldest_change_age_seconds{{{OF_LABS}}}", "0+60x120"),
)


def alerts():
    return dict(ALERT.findall((MONITORING / "alerts.yml").read_text(encoding="utf-8")))


def promtool(*arguments, text=None):
    return subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True, text=True, timeout=120,
                          check=False)


def metrics_in(text):
    return {re.sub("_(bucket|sum|count)$", "", name) for name in re.findall(r"\bkakehashi_[a-z_]+", text)}


def share_case(fires):
    later = "0+1x1700" if fires else "0x1700"
    return [{"series": f'kakehashi_changes_accepted_total{{{OF_LABS},day="{day}"}}', "values": values}
            for day, values in (("same", "0+9x1700"), ("later", later))]


def case_of(alert, fires):
    series, firing, quiet, when = CASES[alert]
    input_series = share_case(fires) if series is None else [{"series": series, "values": firing if fires else quiet}]
    return rule_test(alert, fires, input_series, when)


def dry_run_case(alert, sends):
    """What makes the alert fire, where a destination of that name at another gateway does the opposite."""
    series, firing, _, when = CASES[alert]
    mode = "kakehashi_destination_sends"
    return rule_test(alert, sends, [
        {"series": series.replace("{", '{instance="this",'), "values": firing},
        {"series": f'{mode}{{instance="this",{OF_PLATFORM}}}', "values": f"{int(sends)}x120"},
        {"series": f'{mode}{{instance="other",{OF_PLATFORM}}}', "values": f"{int(not sends)}x120"}], when)


def rule_test(alert, fires, input_series, when):
    query = f'count by (alertname) (ALERTS{{alertname="{alert}",alertstate="firing"}})'
    expected = [{"labels": f'{{alertname="{alert}"}}', "value": 1}] if fires else []
    return {"name": f"{alert} {fires}", "interval": "1m", "input_series": input_series,
            "promql_expr_test": [{"expr": query, "eval_time": when, "exp_samples": expected}]}


@unittest.skipIf(shutil.which("promtool") is None, "promtool is missing: tests/prepare.sh installs it")
class RulesTest(unittest.TestCase):
    def test_rules_and_scrape_configuration_are_valid(self):
        for words in (("check", "rules", MONITORING / "alerts.yml"), ("check", "config", MONITORING / "prometheus.yml")):
            done = promtool(*words)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_alert_fires_when_it_should_and_is_quiet_otherwise(self):
        self.assertEqual(set(CASES), set(alerts()))
        tests = [case_of(alert, fires) for alert in CASES for fires in (True, False)]
        tests += [dry_run_case(alert, sends) for alert in OF_WAITING for sends in (True, False)]
        tests += [rule_test(alert, False, [{"series": series, "values": values}], CASES[alert][3])
                  for alert, series, values in QUIET]
        file = temporary_directory("promtool") / "tests.yml"  # JSON is YAML
        file.write_text(json.dumps({"rule_files": [str(MONITORING / "alerts.yml")], "evaluation_interval": "1m",
                                    "tests": tests}), encoding="utf-8")
        done = promtool("test", "rules", file)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_alert_says_in_two_languages_what_to_do(self):
        for name, block in alerts().items():
            for field in ("summary", "summary_ja", "description", "description_ja"):
                said = re.search(rf'^          {field}: "(.+)"$', block, re.M)
                self.assertIsNotNone(said, f"{name} has no {field}")
                is_japanese = re.search("[ぁ-んァ-ン]", said[1]) is not None
                self.assertEqual(is_japanese, field.endswith("_ja"), f"{field} of {name}: {said[1]}")
            self.assertRegex(block, r"severity: (warning|critical)\n", name)
            described = re.search(r'description: "(.+)"', block)[1]
            self.assertTrue("KKH-" in block or re.search("kakehashi|curl|journalctl|df", described),
                            f"{name} names neither a message's code nor where to look")


class TableTest(Scene):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.metrics = None

    def scrape_once(self):
        """Of a gateway with a bit of everything."""
        if TableTest.metrics is None:
            storage, platform, gateway = self.make_all()
            storage.patient()
            gateway.start()
            self.wait_for_first_sweep(gateway)
            storage.lab()
            self.wait_for_bundles(platform, 1)
            TableTest.metrics = scrape(gateway)
        return TableTest.metrics

    def test_the_table_has_every_metric_as_it_says_of_itself_and_no_other(self):
        metrics = self.scrape_once()
        table = ROW.findall((MONITORING / "README.md").read_text(encoding="utf-8"))
        there = [(name, metrics.types[name], metrics.helps[name]) for name in sorted(metrics.types)]
        self.assertEqual([(name, kind, text) for name, kind, _, text in table], there)
        for name, _, labels, _ in table:
            found = metrics.labels(name)
            if found:
                self.assertEqual(labels.replace("`", "").split(", "), found, f"the labels of {name}")

    def test_a_destination_that_nothing_is_sent_to_is_told_apart(self):
        self.assertEqual(self.scrape_once().get("kakehashi_destination_sends", destination="platform"), 1)
        storage, _, gateway = self.make_all(mode="dry-run")
        storage.patient()
        storage.lab()
        gateway.start()
        self.wait_for_outbox(gateway, pending=1)
        metrics = scrape(gateway)
        self.assertEqual(metrics.get("kakehashi_destination_sends", destination="platform"), 0)
        self.assertGreater(metrics.sum("kakehashi_oldest_pending_age_seconds"), 0)

    def test_every_metric_that_an_alert_names_is_exported(self):
        exported = set(self.scrape_once().types)
        for name, block in alerts().items():
            self.assertLessEqual(metrics_in(block), exported, name)

    @unittest.skipIf(shutil.which("promtool") is None, "promtool is missing: tests/prepare.sh installs it")
    def test_prometheus_itself_has_nothing_to_say_against_them(self):
        done = promtool("check", "metrics", text=self.scrape_once().text)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))


if __name__ == "__main__":
    main()
