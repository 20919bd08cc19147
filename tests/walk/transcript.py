"""What a person would have seen, as Markdown; times, process numbers and salted hashes are blanked."""

import re

CLEANED = [
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.]\d+)?(?:Z|[+]\d\d:\d\d)", "TIME"),
    (r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d\b", "TIME"),
    (r"\b\w{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC(; [^\n]*ago)?", "TIME"),
    (r"\b(document|unit)=[0-9a-f]{12}\b", r"\1=HASH"),
    (r"\[\d+\]:", "[PID]:"),
    (r"(Main PID: |Process: )\d+", r"\1PID"),
    (r"\b(Memory|CPU|Tasks): .*", r"\1: ..."),
    (r"\(Reading database .*\)", "(Reading database ...)"),
    (r"^\(Reading database .*\n(?=\(Reading database)", ""),
    (r"\b(\w+_ms|took|seconds)=[\d.]+", r"\1=..."),
    (r"[ \t]+$", ""),
]


def cleaned(text):
    for pattern, instead in CLEANED:
        text = re.sub(pattern, instead, text, flags=re.M)
    return text


class Transcript:
    def __init__(self, title):
        self.parts = [f"# {title}\n"]

    def say(self, sentence):
        self.parts.append(f"{sentence}\n")

    def heading(self, text):
        self.parts.append(f"## {text}\n")

    def command(self, command, output, code=0):
        ending = f"(exit code {code})\n" if code else ""
        output = cleaned(output)
        self.parts.append(f"```console\n# {command}\n{output}{'' if output.endswith(chr(10)) or not output else chr(10)}"
                          f"{ending}```\n")

    @property
    def text(self):
        return "\n".join(self.parts)

    @staticmethod
    def commands(text):
        return re.findall(r"^```console\n# (.*)$", text, re.M)
