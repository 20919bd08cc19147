"""Messages of an SS-MIX2 storage as bytes, as few segments as the gateway needs. Shares nothing with the product."""

SENT = "20260101090000.000"


def _message(kind, patient, lines):
    name = "架橋^太郎^^^^^L^I~カケハシ^タロウ^^^^^L^P"
    head = [f"MSH|^~\\&|HIS001|SEND001|GW|RCV001|{SENT}||{kind}|{SENT}|P|2.5||||||~ISO IR87||ISO 2022-1994|"
            "SS-MIX2_1.20^SS-MIX2^1.2.392.200250.2.1.100.1.2.120^ISO"]
    if kind.startswith("ADT"):
        head.append("EVN||20260101090000|||||SEND001")
    head.append(f"PID|0001||{patient}^^^^PI||{name}||19600401|M|||^^^^999-0001^JPN^H^架空県見本市")
    return "".join(line + "\r" for line in head + lines).encode("iso2022_jp")


def adt_00(patient, number):
    """`number` is the 番号 of the insured number 記号~番号~枝番."""
    return _message("ADT^A08^ADT_A01", patient,
                    ["PV1|0001|O", f"IN1|1|06^見本保険^JHSD0001|06999998|見本保険者||||||12~{number}~01"])


def adt_61(patient, allergens):
    """`allergens`: pairs of IAM-7 and the allergen's name."""
    return _message("ADT^A60^ADT_A60", patient,
                    [f"IAM|{row}|FA^食物アレルギー^HL70127|^{name}^99XYZ|||A^追加^HL70323|{instance}"
                     for row, (instance, name) in enumerate(allergens, 1)])


def ppr_01(patient, problems):
    """`problems`: pairs of PRB-4 and the problem's name."""
    lines = []
    for instance, name in problems:
        lines.append(f"PRB|AD|20260101090000|^^MDCDX2|{instance}|||20250401|||||||||20250401|{name}")
        lines.append(f"ORC|NW|{instance}{'|' * 27}O^外来患者オーダ^HL70482")
    return _message("PPR^ZD1^PPR_ZD1", patient, lines)


def oml_11(patient, order, value, collected):
    return _message("OUL^R22^OUL_R22", patient, [
        "PV1|0001|O|01^^^^^C|||||||01", f"SPM|1|{order}01||019^全血(添加物入り)^JC10|||||||||||||{collected}",
        f"OBR|1|{order}||P019^全血検査^99L03|||{collected}|||||||||607^医師^一郎", f"ORC|SC|{order}|||CM",
        f"OBX|1|NM|3D046000001906202^HbA1c^JC10||{value}|%^%^ISO+|||||F|||{collected}"])


def delete_message(kind, patient):
    """What a writer files as `_0`. Its content says nothing that its name does not."""
    names = {"ADT-00": "ADT^A23^ADT_A21", "ADT-61": "ADT^A60^ADT_A60", "PPR-01": "PPR^ZD1^PPR_ZD1",
             "OML-11": "OUL^R22^OUL_R22"}
    return _message(names[kind], patient, [])
