#include "tests/storage_gen/documents.h"

#include "tests/storage_gen/calendar.h"
#include "tests/storage_gen/message_writer.h"
#include "tests/storage_gen/sample_tables.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace storage_gen {
namespace {

std::string occurred14(const DocumentContext& context) {
  return context.name.occurred.substr(0, 14);
}

std::string person(const PersonName& name) {
  return escaped(name.family) + '^' + escaped(name.given) + "^^^^^L^I~" + escaped(name.family_kana) + '^' +
         escaped(name.given_kana) + "^^^^^L^P";
}

std::string doctor_field(const Doctor& doctor) {
  return doctor.id + '^' + escaped(doctor.name.family) + '^' + escaped(doctor.name.given) +
         "^^^^^^^L^^^^^I~^" + escaped(doctor.name.family_kana) + '^' + escaped(doctor.name.given_kana) +
         "^^^^^^^L^^^^^P";
}

std::string place(const Department& department) {
  return department.code + "^^^^^C";
}

void begin_message(MessageWriter& writer, const DocumentContext& context, std::string_view message_type) {
  const std::string& occurred = context.name.occurred;
  std::string sent = occurred.substr(0, 14);
  if (occurred.size() > 14) sent += '.' + occurred.substr(14);
  writer.segment("MSH").field(3, "HIS001").field(4, "SEND001").field(5, "GW").field(6, "RCV001");
  writer.field(7, sent).field(9, message_type).field(10, occurred.substr(0, 20)).field(11, "P");
  writer.field(12, "2.5").field(18, "~ISO IR87").field(20, "ISO 2022-1994");
  writer.field(21, "SS-MIX2_1.20^SS-MIX2^1.2.392.200250.2.1.100.1.2.120^ISO");
}

void add_event(MessageWriter& writer, const DocumentContext& context) {
  writer.segment("EVN").field(2, occurred14(context)).field(7, "SEND001");
}

void add_patient(MessageWriter& writer, const DocumentContext& context) {
  const Patient& patient = context.patient;
  writer.segment("PID").field(1, "0001").field(3, patient.pid3 + "^^^^PI").field(5, person(patient.name));
  writer.field(7, patient.birth_date).field(8, std::string(1, patient.gender));
  writer.field(11, "^^^^" + patient.postal_code + "^JPN^H^" + escaped(patient.address));
  writer.field(13, "^PRN^PH^^^^^^^^^" + patient.phone);
  // PID-33 is mandatory in A08 only and the version stamp of the demographics there.
  if (context.name.type == "ADT-00") writer.field(33, occurred14(context));
}

void add_visit(MessageWriter& writer, const DocumentContext& context) {
  writer.segment("PV1").field(1, "0001").field(2, "O").field(3, place(context.department));
  writer.field(7, doctor_field(context.doctor));
}

void add_al1(MessageWriter& writer, std::span<const Allergy> allergies) {
  unsigned number = 0;
  for (const Allergy& allergy : allergies) {
    writer.segment("AL1").field(1, std::to_string(++number));
    writer.field(2, coded(allergy.type, allergy_type_name(allergy.type), "HL70127"));
    writer.field(3, coded(allergy.code, allergy.name, allergy.system));
  }
}

void add_insured_number(MessageWriter& writer, const Insurance& insurance) {
  const std::string symbol = escaped(insurance.symbol);
  const std::string number = escaped(insurance.number);
  switch (insurance.form) {
    case InsuranceForm::repetition:
      writer.field(10, symbol + '~' + number + (insurance.branch.empty() ? "" : '~' + insurance.branch));
      break;
    case InsuranceForm::split:
      writer.field(10, symbol).field(11, number);
      break;
    case InsuranceForm::joined:
      writer.field(10, symbol.empty() ? number : symbol + "・" + number);
      break;
    case InsuranceForm::public_assistance:
      writer.field(10, number);
      break;
    case InsuranceForm::none:
      break;
  }
}

void add_insurances(MessageWriter& writer, const Patient& patient) {
  unsigned set_id = 0;
  for (const Insurance& insurance : patient.insurances) {
    writer.segment("IN1").field(1, std::to_string(++set_id));
    writer.field(2, coded(insurance.plan_code, insurance.plan_name, "JHSD0001"));
    writer.field(3, insurance.insurer).field(4, escaped(insurance.insurer_name));
    add_insured_number(writer, insurance);
    writer.field(12, insurance.valid_from).field(13, insurance.valid_to);
    writer.field(17, coded("SEL", "本人", "HL70063"));
  }
}

struct OrderStatus {
  std::string_view control;
  std::string_view state;
};

void add_order(MessageWriter& writer, const DocumentContext& context, std::string_view number,
               std::string_view group, OrderStatus status) {
  writer.segment("ORC").field(1, context.deletion ? "CA" : status.control).field(2, number).field(4, group);
  writer.field(5, context.deletion ? "CA" : status.state).field(9, occurred14(context));
  writer.field(12, doctor_field(context.doctor)).field(13, place(context.department));
  writer.field(17, coded(context.department.code, context.department.name, "HL70069"));
  writer.field(21, kHospitalName).field(29, coded("O", "外来患者オーダ", "HL70482"));
}

std::string joined_modifiers(const std::vector<Modifier>& modifiers, std::string Modifier::*code) {
  std::string text;
  for (const Modifier& modifier : modifiers) {
    if ((modifier.*code).empty()) continue;
    if (!text.empty()) text += '~';
    text += coded(modifier.*code, modifier.name, "MDCDX2");
  }
  return text;
}

void add_problem(MessageWriter& writer, const DocumentContext& context, const Problem& problem) {
  writer.segment("PRB").field(1, context.deletion ? "DE" : problem.action).field(2, occurred14(context));
  writer.field(3, coded(problem.code, problem.name, "MDCDX2")).field(4, problem.instance);
  writer.field(7, problem.recorded).field(9, problem.end);
  if (!problem.icd.empty()) writer.field(10, problem.icd + "^^I10^O^外来時^JHSD0004^2013");
  writer.field(13, problem.suspected);
  if (!problem.outcome.empty()) {
    writer.field(14, coded(problem.outcome, outcome_name(problem.outcome), "HL70241"));
    writer.field(15, problem.end);
  }
  writer.field(16, problem.start).field(17, escaped(problem.text));
  if (problem.main_diagnosis) writer.field(18, coded("1", "主診断", "JHSD0007"));
}

void add_modifiers(MessageWriter& writer, const Problem& problem) {
  if (problem.prefixes.empty() && problem.suffixes.empty()) return;
  writer.segment("ZPR").field(1, joined_modifiers(problem.prefixes, &Modifier::code));
  writer.field(2, coded(problem.code, problem.name, "MDCDX2"));
  writer.field(3, joined_modifiers(problem.suffixes, &Modifier::code));
  writer.field(4, joined_modifiers(problem.prefixes, &Modifier::exchange_code));
  if (!problem.exchange_code.empty()) writer.field(5, coded(problem.exchange_code, problem.name, "MDCDX2"));
  writer.field(6, joined_modifiers(problem.suffixes, &Modifier::exchange_code));
}

/// The three digits of a JLAC10 code that name the material; serum for an item without one.
std::string material_of(const LabRow& row) {
  return row.code.size() >= 12 ? row.code.substr(9, 3) : "023";
}

std::string lab_item(const LabRow& row) {
  const std::string& local_name = row.local_name.empty() ? row.name : row.local_name;
  if (row.code.empty()) return coded(row.local, local_name, row.local_system);
  std::string item = coded(row.code, row.name, "JC10");
  if (!row.local.empty()) item += '^' + coded(row.local, local_name, row.local_system);
  return item;
}

void add_observation(MessageWriter& writer, const LabRow& row, unsigned number, std::string_view collected) {
  writer.segment("OBX").field(1, std::to_string(number)).field(2, row.value_type).field(3, lab_item(row));
  writer.field(5, row.value_type == "CWE" ? row.value : escaped(row.value));
  if (!row.unit.empty()) writer.field(6, coded(row.unit, row.unit, "ISO+"));
  writer.field(7, escaped(row.range)).field(8, row.flag).field(11, row.status).field(14, collected);
}

void add_specimen(MessageWriter& writer, const DocumentContext& context, const std::string& material,
                  std::string_view collected, unsigned number) {
  const std::string& order = context.name.order;
  writer.segment("SPM").field(1, std::to_string(number)).field(2, order + digits(number, 2));
  const std::string name(material_name(material));
  writer.field(4, coded(material, name, "JC10") + '^' + coded("M" + material, name, "99L02"));
  writer.field(17, collected);
  writer.segment("OBR").field(1, std::to_string(number)).field(2, order);
  writer.field(4, coded("P" + material, name + "検査", "99L03")).field(7, collected);
  writer.field(16, doctor_field(context.doctor)).field(22, occurred14(context));
}

void add_drug(MessageWriter& writer, const DocumentContext& context, const DrugRow& drug) {
  unsigned days = 0;
  unsigned times = 0;
  unsigned dose = 0;
  const auto whole_number = [](const std::string& text, unsigned& value) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
  };
  const bool countable = whole_number(drug.days, days) && whole_number(drug.times_per_day, times) &&
                         whole_number(drug.dose, dose);
  const std::string unit = drug.unit.empty() ? "\"\"" : coded(drug.unit, drug.unit_name, "MR9P");
  writer.segment("RXE").field(2, coded(drug.code, drug.name, drug.system));
  writer.field(3, drug.dose.empty() ? "\"\"" : drug.dose).field(5, unit);
  if (!drug.form.empty()) writer.field(6, coded(drug.form, drug.form_name, "MR9P"));
  writer.field(10, countable ? std::to_string(days * times * dose) : "1").field(11, unit);
  writer.field(15, context.name.order);
  if (countable)
    writer.field(19, std::to_string(times * dose) + '^' + subcoded(drug.unit, drug.unit_name, "MR9P"));
  writer.field(21, coded("OHP", "外来処方", "MR9P") + '~' + coded("OHO", "院外処方", "MR9P"));
  writer.segment("TQ1").field(1, "1").field(3, subcoded(drug.usage, drug.usage_name, "JAMISDP01"));
  if (!drug.days.empty()) writer.field(6, drug.days + "^d");
  writer.field(7, context.name.date + "00");
  writer.segment("RXR").field(1, coded(drug.route, drug.route_name, "HL70162"));
}

}  // namespace

std::string write_adt_00(const DocumentContext& context, std::span<const Allergy> allergies) {
  MessageWriter writer;
  begin_message(writer, context, context.deletion ? "ADT^A23^ADT_A21" : "ADT^A08^ADT_A01");
  add_event(writer, context);
  add_patient(writer, context);
  add_visit(writer, context);
  if (context.deletion) return writer.take();
  writer.segment("DB1").field(1, "1").field(2, "PT").field(4, "N");
  writer.segment("OBX").field(1, "1").field(2, "NM").field(3, coded("9N001000000000001", "身長", "JC10"));
  writer.field(5, "165.0").field(6, coded("cm", "cm", "ISO+")).field(11, "F");
  add_al1(writer, allergies);
  add_insurances(writer, context.patient);
  return writer.take();
}

std::string write_adt_12(const DocumentContext& context) {
  MessageWriter writer;
  begin_message(writer, context, "ADT^A04^ADT_A01");
  add_event(writer, context);
  add_patient(writer, context);
  add_visit(writer, context);
  writer.field(10, context.department.code).field(44, context.name.date + "0900");
  return writer.take();
}

std::string write_adt_61(const DocumentContext& context, std::span<const Allergy> allergies) {
  MessageWriter writer;
  begin_message(writer, context, "ADT^A60^ADT_A60");
  add_event(writer, context);
  add_patient(writer, context);
  unsigned number = 0;
  for (const Allergy& allergy : allergies) {
    const std::string action = context.deletion ? "D" : allergy.action;
    writer.segment("IAM").field(1, std::to_string(++number));
    writer.field(2, coded(allergy.type, allergy_type_name(allergy.type), "HL70127"));
    writer.field(3, coded(allergy.code, allergy.name, allergy.system));
    if (!allergy.severity.empty())
      writer.field(4, coded(allergy.severity, severity_name(allergy.severity), "HL70128"));
    writer.field(5, escaped(allergy.reaction));
    writer.field(6, coded(action, allergy_action_name(action), "HL70323")).field(7, allergy.id);
    if (!allergy.sensitivity.empty())
      writer.field(9, coded(allergy.sensitivity, sensitivity_name(allergy.sensitivity), "HL70436"));
    writer.field(11, allergy.onset).field(12, escaped(allergy.onset_text));
  }
  return writer.take();
}

std::string write_ppr_01(const DocumentContext& context, std::span<const Problem> problems) {
  MessageWriter writer;
  begin_message(writer, context, "PPR^ZD1^PPR_ZD1");
  add_patient(writer, context);
  for (const Problem& problem : problems) {
    add_problem(writer, context, problem);
    add_modifiers(writer, problem);
    add_order(writer, context, problem.instance, "", {"NW", ""});
  }
  return writer.take();
}

std::string write_oml_11(const DocumentContext& context, std::string_view collected,
                         std::span<const LabRow> rows) {
  MessageWriter writer;
  begin_message(writer, context, "OUL^R22^OUL_R22");
  add_patient(writer, context);
  add_visit(writer, context);
  std::vector<std::string> materials;
  for (const LabRow& row : rows) {
    const std::string material = material_of(row);
    if (std::find(materials.begin(), materials.end(), material) == materials.end())
      materials.push_back(material);
  }
  if (materials.empty()) materials.push_back("023");
  unsigned specimen = 0;
  for (const std::string& material : materials) {
    add_specimen(writer, context, material, collected, ++specimen);
    add_order(writer, context, context.name.order, "", {"SC", "CM"});
    unsigned number = 0;
    for (const LabRow& row : rows)
      if (material_of(row) == material) add_observation(writer, row, ++number, collected);
  }
  return writer.take();
}

std::string write_omp_01(const DocumentContext& context, std::span<const DrugRow> drugs) {
  MessageWriter writer;
  begin_message(writer, context, "RDE^O11^RDE_O11");
  add_patient(writer, context);
  add_visit(writer, context);
  unsigned previous_rp = 0;
  unsigned within_rp = 0;
  for (const DrugRow& drug : drugs) {
    within_rp = drug.rp == previous_rp ? within_rp + 1 : 1;
    previous_rp = drug.rp;
    const std::string group = context.name.order + '_' + digits(drug.rp, 2) + '_' + digits(within_rp, 3);
    add_order(writer, context, context.name.order, group, {"NW", ""});
    add_drug(writer, context, drug);
  }
  return writer.take();
}

}  // namespace storage_gen
