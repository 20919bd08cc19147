"""What the Debian package holds and no source file is: make_package_files.py SOURCES FOLDER --version V ...

Manual pages from `--help`, from where options are declared and from config/README.md; the example settings with the
package's paths; changelogs.
"""

import argparse
import gzip
import re
import sys
from datetime import datetime, timezone
from email.utils import format_datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "man"))
import manual_page  # noqa: E402
import program_help  # noqa: E402

MAPPING_HERE = '<mapping directory="mapping"/>'
MAPPING_THERE = '<mapping directory="/usr/share/kakehashi/mapping" overlay="site"/>'


def replaced(text, old, new):
    if text.count(old) != 1:
        raise ValueError(f"config/gateway.xml has {text.count(old)} times {old}: teach {Path(__file__).name} what it has")
    return text.replace(old, new)


def chapter(markdown, title):
    """What stands between `## title` and the next heading of its depth."""
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", markdown, re.M | re.S)[1]


def settings_of(manual):
    before, rest = manual.split("<!-- settings table begin -->")
    rows = [row for row in rest.split("<!-- settings table end -->")[0].splitlines() if row.startswith("|")]
    return before.split("\n\n", 2)[2], rows[2:]


def manual_pages(sources, example):
    manual = (sources / "config/README.md").read_text(encoding="utf-8")
    rules, rows = settings_of(manual)
    commands = program_help.usage_of((sources / "gateway/main.cpp").read_text(encoding="utf-8"))
    options = program_help.options_of(
        [path.read_text(encoding="utf-8") for path in sorted((sources / "gateway").glob("command_*.cpp"))])
    parts = {
        "COMMANDS": program_help.commands_page(commands, options, manual_page.inline, manual_page.escaped),
        "RULES": manual_page.page_of(rules),
        "SETTINGS": manual_page.settings_page(rows),
        "EXAMPLE": manual_page.example(example.splitlines()),
        "LANGUAGE": manual_page.page_of(chapter(manual, "The mapping language")),
    }
    for path in sorted((sources / "systemd/man").glob("*.in")):
        page = path.read_text(encoding="utf-8")
        for name, lines in parts.items():
            page = page.replace(f"@{name}@", "\n".join(lines))
        yield path.stem, page


def debian_changelog(arguments, date):
    return (f"kakehashi ({arguments.version}) bookworm; urgency=medium\n\n"
            f"  * What changed is in changelog.gz beside this file.\n\n"
            f" -- {arguments.maintainer}  {format_datetime(date)}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--maintainer", required=True)
    parser.add_argument("--epoch", type=int, required=True)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    settings = (arguments.sources / "config/gateway.xml").read_text(encoding="utf-8")
    settings = replaced(settings, MAPPING_HERE, MAPPING_THERE)
    settings = replaced(settings, "Example settings: copy, then change", "Settings: change")
    settings = replaced(settings, "bounds and meanings of all: README.md here.",
                        "bounds and meanings of all: man gateway.xml")
    (arguments.folder / "gateway.xml").write_text(settings, encoding="utf-8")
    date = datetime.fromtimestamp(arguments.epoch, timezone.utc)
    compressed = {
        "changelog.gz": (arguments.sources / "CHANGELOG.md").read_text(encoding="utf-8"),
        "changelog.Debian.gz": debian_changelog(arguments, date),
    }
    for name, page in manual_pages(arguments.sources, settings):
        page = page.replace("@DATE@", date.date().isoformat()).replace("@VERSION@", arguments.version.rsplit("-", 1)[0])
        compressed[f"{name}.gz"] = page
    for name, text in compressed.items():
        # The same sources make the same bytes.
        (arguments.folder / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
