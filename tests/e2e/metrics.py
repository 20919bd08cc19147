"""The gateway's metrics as a test reads them."""

import re
import time

SAMPLE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


class Metrics:
    """One scrape: values by name and labels, and what each family says of itself."""

    def __init__(self, text):
        self.text = text
        self.types, self.helps, self.samples = {}, {}, {}
        for line in text.splitlines():
            if line.startswith("# "):
                _, word, name, rest = line.split(" ", 3)
                {"TYPE": self.types, "HELP": self.helps}[word][name] = rest
                continue
            name, labels, value = SAMPLE.match(line).groups()
            self.samples[name, frozenset(LABEL.findall(labels or ""))] = float(value)

    def get(self, name, **labels):
        """Exactly these labels; None when there is no such sample."""
        return self.samples.get((name, frozenset(labels.items())))

    def sum(self, name, **labels):
        """All samples that have these labels."""
        wanted = set(labels.items())
        return sum(value for (each, has), value in self.samples.items() if each == name and wanted <= has)

    def labels(self, name):
        """The names of the labels of a family's samples, `le` of buckets left out."""
        return sorted({label for (each, has), _ in self.samples.items()
                       if each in (name, name + "_bucket", name + "_sum") for label, _ in has} - {"le"})


def scrape(gateway):
    """As they are now: what the database says is read at most every two seconds."""
    time.sleep(2.1)
    status, text = gateway.page("/metrics")
    if status != 200:
        raise RuntimeError(f"/metrics: {status}: {text}")
    return Metrics(text)
