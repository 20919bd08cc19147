"""The commands of README.md's chapter "First deployment", so that what is tested is what is written."""

import re
from pathlib import Path
from typing import NamedTuple

SOURCE_DIR = Path(__file__).resolve().parents[2]
TITLE = "First deployment"
# What the walk has a place for, in this order.
STEPS = ["build", "install", "storage", "certificates", "settings", "check", "start", "look", "change", "upgrade", "remove",
         "purge"]
BLOCK = re.compile(r"^<!-- walk: (\w+) -->\n```sh\n(.*?)^```$", re.M | re.S)


class Step(NamedTuple):
    name: str
    commands: list


def chapter(readme="README.md", title=TITLE):
    text = (SOURCE_DIR / readme).read_text(encoding="utf-8")
    return re.search(rf"^## {title}\n(.*?)(?=^## )", text, re.M | re.S)[1]


def steps(text):
    return [Step(name, body.splitlines()) for name, body in BLOCK.findall(text)]
