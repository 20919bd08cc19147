"""What an editor says of a mapping: config/schema/mapping.xsd takes what the manual shows and refuses what is wrong."""

import re
import shutil
import subprocess
import unittest

from manual import MANUAL, fences
from scene import main
from support import SOURCE_DIR, temporary_directory

XMLNS = 'xmlns="urn:kakehashi:mapping:1"'
RESOURCE = ('<resource id="c" type="Condition" document="PPR-01" row="PRB" instance="PRB-4.1 | $patient-id PRB-3.1">'
            "\n{}\n</resource>")
# Of each, what stands in a resource, and a part of what is said.
WRONG_RULES = {
    '<vlaue path="code.text" constant="x"/>': "vlaue",
    '<value path="code.text" form="PRB-4"/>': "form",
    '<value from="PRB-4"/>': "path",
    '<value path="code..text" from="PRB-4"/>': "path",
    '<value path="code.text" from="PRB4"/>': "from",
    '<value path="code.text" from="PRB-4 | PRB-5"/>': "from",
    '<value path="code.text" from="PRB-4" as="datetime"/>': "as",
    '<value path="code.text" from="PRB-4" if-missing="wait"/>': "if-missing",
    '<value path="code.text" from="PRB-4" with="trim halfwidth"/>': "with",
    '<value path="code.text" from="PRB-4" table="a b c d e"/>': "table",
    '<value path="code.text" from="PRB-4" table="a" column="text"/>': "column",
    '<value path="code.text" from="PRB-4" table="a" unknown="ignore"/>': "unknown",
    '<value path="code.text" from="PRB-4" format="urn:oid:1"/>': "format",
    '<value path="code.text" from="PRB-4" when="PRB-1 == A"/>': "when",
    '<value path="code.text" from="PRB-4" when="code = A"/>': "when",
    '<value path="code.text" from="PRB-4"><value path="x" constant="y"/></value>': "value",
    '<value path="code.text" from="PRB-4">text</value>': "value",
    '<object path="code"/>': "object",
    '<object path="code" each="PRB-4.1"><value path="text" from="@"/></object>': "each",
    '<object path="code"><leave-out when="PRB-1" reason="r"/></object>': "leave-out",
    "<first/>": "first",
    '<use from="PRB-1"/>': "template",
    '<fragment id="x"/>': "fragment",
    '<leave-out when="PRB-1 = DE"/>': "reason",
    '<leave-out reason="r"/>': "when",
    '<ended when="PRB-1"/>': "from",
    '<ignore from="PRB-3(MDCDX2).1" reason="r"/>': "from",
    '<ignore from="PRB-3"/>': "reason",
    '<replace rule="c/code"><value path="id" constant="x"/></replace>': "replace",
}
WRONG_CHANGES = {
    '<value path="code.text" constant="x"/>': "value",
    '<replace rule="c/code.text"/>': "replace",
    '<replace><value path="code.text" constant="x"/></replace>': "rule",
    '<replace rule="c/code.text" reason="r"><value path="code.text" constant="x"/></replace>': "reason",
    '<remove rule="c/code.text"/>': "reason",
    '<remove rule="c/code.text" reason=" "/>': "reason",
    '<remove rule="c//text" reason="r"/>': "rule",
    '<remove rule="c/code.text" reason="r"><value path="code.text" constant="x"/></remove>': "remove",
    '<add to="c"/>': "add",
    '<add into="c"><value path="code.text" constant="x"/></add>': "into",
    '<change rule="c"/>': "change",
}
WRONG_FILES = {
    "<mapping/>": "mapping",
    '<mapping xmlns="urn:kakehashi:mapping:2"/>': "mapping",
    f"<rules {XMLNS}/>": "rules",
    f'<mapping {XMLNS} version="2"/>': "version",
    f'<mapping {XMLNS}><value path="code.text" constant="x"/></mapping>': "value",
    f'<mapping {XMLNS}><template parameters="a"/></mapping>': "id",
    f'<mapping {XMLNS}><template id="a" parameters="a, b"/></mapping>': "parameters",
    f'<mapping {XMLNS}><resource id="c" type="Condition" document="PPR-1" row="PRB" instance="PRB-4"/></mapping>':
        "document",
    f'<mapping {XMLNS}><resource id="c" type="Condition" document="PPR-01" row="PRB"/></mapping>': "instance",
}


@unittest.skipIf(shutil.which("xmllint") is None, "xmllint is not here")
class MappingSchemaTest(unittest.TestCase):
    def said_of(self, text):
        """Nothing when the schema takes it."""
        path = temporary_directory("schema") / "example.xml"
        path.write_text(text, encoding="utf-8")
        done = subprocess.run(["xmllint", "--noout", "--schema", SOURCE_DIR / "config/schema/mapping.xsd", path],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertIn(done.returncode, (0, 3), done.stderr)  # 3: well-formed, and not valid
        return done.stderr if done.returncode else ""

    def test_it_takes_every_example_of_the_manual(self):
        taken = 0
        for fence in fences("The mapping language"):
            if fence.info[:1] != ["xml"] or "wrong" in fence.info:
                continue
            text = fence.body
            if fence.info[1].startswith("resource="):
                text = f"<mapping {XMLNS}>{RESOURCE.format(text)}</mapping>"
            elif not fence.file:
                text = f"<{fence.info[1]} {XMLNS}>{text}</{fence.info[1]}>"
            self.assertEqual(self.said_of(text), "", f"{MANUAL}:{fence.line}")
            taken += 1
        self.assertGreaterEqual(taken, 20)

    def test_in_a_template_every_attribute_may_hold_a_parameter(self):
        rules = ('<object path="{p}" each="{p}" when="{p} = A"><value path="{p}.text" from="{p}.1" table="{p}" '
                 'column="{p}" unknown="{p}" with="trim {p}" as="{p}" if-missing="{p}" format="{p}{}"/></object>')
        self.assertEqual(self.said_of(f'<mapping {XMLNS}><template id="t" parameters="p">{rules}</template></mapping>'),
                         "")

    def test_it_refuses_what_is_wrong_and_says_where(self):
        files = dict(WRONG_FILES)
        for rules, word in WRONG_RULES.items():
            files[f"<mapping {XMLNS}>{RESOURCE.format(rules)}</mapping>"] = word
        for changes, word in WRONG_CHANGES.items():
            files[f"<overlay {XMLNS}>{changes}</overlay>"] = word
        for text, word in files.items():
            with self.subTest(text):
                self.assertIn(f"'{word}'", re.sub(r"\{urn[^}]*\}", "", self.said_of(text)))


if __name__ == "__main__":
    main()
