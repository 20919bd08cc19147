"""What the program says of its commands and their options, read from its sources: `--help`, and where options are declared."""

import re

TEXT = r'"((?:[^"\\]|\\.)*)"'
TEXTS = rf"{TEXT}(?:\s*{TEXT})*"
COMMAND = re.compile(rf'CommandLine line\((?:"([^"]+)"|command)\);(.*?)\bparse\(', re.S)
OPTION = re.compile(rf'\b(flag|value|values)\(\s*"([\w-]+)",\s*({TEXTS})\)', re.S)
SHARED = "declare_queue_filter"
MEANING_COLUMN = 33


class Command:
    """A command as `--help` shows it."""

    def __init__(self, synopsis):
        self.synopsis = synopsis
        self.meaning = ""

    @property
    def names(self):
        """`queue hold | release ROWS` is queue hold and queue release."""
        words = re.match(r"[a-z-]+(?: [a-z]+)?(?: \| [a-z]+)*", self.synopsis)[0]
        first, *others = words.split(" | ")
        group = first.rsplit(" ", 1)[0] if " " in first else ""
        return [first, *[f"{group} {other}" for other in others]]


def usage_of(main_cpp):
    found = re.search(r'kUsage = R"\(usage: [^\n]*\n\n(.*?)\n  --version', main_cpp, re.S)
    if not found:
        raise ValueError("gateway/main.cpp has no kUsage as it was: teach systemd/man/program_help.py where help is now")
    commands = []
    for line in found[1].splitlines():
        if re.match(r"  \S", line):
            synopsis, _, meaning = line.strip().partition("   ")
            commands.append(Command(synopsis))
        else:
            meaning = line
        commands[-1].meaning = " ".join(filter(None, [commands[-1].meaning, meaning.strip()]))
    return commands


def options_in(text):
    return {name: ("" if kind == "flag" else name.upper(), "".join(re.findall(TEXT, meaning)))
            for kind, name, meaning, *_ in OPTION.findall(text)}


def options_of(sources):
    """{command: {option: (argument, meaning)}} of all command_*.cpp; under None what orders of `queue` declare."""
    shared = {}
    for text in sources:
        if declared := re.search(rf"void {SHARED}\(.*?\n\}}", text, re.S):
            shared = options_in(declared[0])
    found = {}
    for text in sources:
        for name, body in COMMAND.findall(text):
            own = dict(shared) if SHARED in body else {}
            found[name or None] = own | options_in(body)
    return found


def commands_page(commands, options, inline, escaped):
    """The commands as sections of a manual page, each with its options."""
    page = []
    for command in commands:
        page += [f".SS {escaped(command.synopsis)}", inline(f"{command.meaning[0].upper()}{command.meaning[1:]}.")]
        known = next((options[name] for name in command.names if name in options), None)
        if known is None and command.names[0] == "queue hold":
            known = options[None]
        for name, (argument, meaning) in sorted((known or {}).items()):
            tag = f"\\fB{escaped('--' + name)}\\fP" + (f" \\fI{escaped(argument)}\\fP" if argument else "")
            page += [".TP", tag, inline(f"{meaning[0].upper()}{meaning[1:]}.")]
    return page
