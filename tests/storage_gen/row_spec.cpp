#include "tests/storage_gen/row_spec.h"

#include "tests/storage_gen/sample_tables.h"
#include "tests/storage_gen/usage_error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

namespace storage_gen {
namespace {

template <typename Row>
struct Key {
  std::string_view name;
  void (*set)(Row&, const std::string&);
};

Modifier modifier(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) throw UsageError("a modifier is CODE:NAME, not '" + text + "'");
  return {text.substr(0, colon), text.substr(colon + 1), ""};
}

unsigned rp_number(const std::string& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw UsageError("rp takes a number, not '" + text + "'");
  return value;
}

constexpr auto kProblemKeys = std::to_array<Key<Problem>>({
    {"instance", [](Problem& row, const std::string& value) { row.instance = value; }},
    {"code", [](Problem& row, const std::string& value) { row.code = value; }},
    {"name", [](Problem& row, const std::string& value) { row.name = value; }},
    {"icd", [](Problem& row, const std::string& value) { row.icd = value; }},
    {"text", [](Problem& row, const std::string& value) { row.text = value; }},
    {"start", [](Problem& row, const std::string& value) { row.start = value; }},
    {"recorded", [](Problem& row, const std::string& value) { row.recorded = value; }},
    {"end", [](Problem& row, const std::string& value) { row.end = value; }},
    {"outcome", [](Problem& row, const std::string& value) { row.outcome = value; }},
    {"suspected", [](Problem& row, const std::string& value) { row.suspected = value; }},
    {"action", [](Problem& row, const std::string& value) { row.action = value; }},
    {"main", [](Problem& row, const std::string& value) { row.main_diagnosis = value == "1"; }},
    {"prefix", [](Problem& row, const std::string& value) { row.prefixes.push_back(modifier(value)); }},
    {"suffix", [](Problem& row, const std::string& value) { row.suffixes.push_back(modifier(value)); }},
});

constexpr auto kAllergyKeys = std::to_array<Key<Allergy>>({
    {"code", [](Allergy& row, const std::string& value) { row.code = value; }},
    {"name", [](Allergy& row, const std::string& value) { row.name = value; }},
    {"system", [](Allergy& row, const std::string& value) { row.system = value; }},
    {"type", [](Allergy& row, const std::string& value) { row.type = value; }},
    {"severity", [](Allergy& row, const std::string& value) { row.severity = value; }},
    {"reaction", [](Allergy& row, const std::string& value) { row.reaction = value; }},
    {"action", [](Allergy& row, const std::string& value) { row.action = value; }},
    {"sensitivity", [](Allergy& row, const std::string& value) { row.sensitivity = value; }},
    {"onset", [](Allergy& row, const std::string& value) { row.onset = value; }},
    {"onset-text", [](Allergy& row, const std::string& value) { row.onset_text = value; }},
    {"id", [](Allergy& row, const std::string& value) { row.id = value; }},
});

constexpr auto kLabKeys = std::to_array<Key<LabRow>>({
    {"code", [](LabRow& row, const std::string& value) { row.code = value; }},
    {"name", [](LabRow& row, const std::string& value) { row.name = value; }},
    {"local", [](LabRow& row, const std::string& value) { row.local = value; }},
    {"local-name", [](LabRow& row, const std::string& value) { row.local_name = value; }},
    {"local-system", [](LabRow& row, const std::string& value) { row.local_system = value; }},
    {"value", [](LabRow& row, const std::string& value) { row.value = value; }},
    {"vt", [](LabRow& row, const std::string& value) { row.value_type = value; }},
    {"unit", [](LabRow& row, const std::string& value) { row.unit = value; }},
    {"range", [](LabRow& row, const std::string& value) { row.range = value; }},
    {"flag", [](LabRow& row, const std::string& value) { row.flag = value; }},
    {"status", [](LabRow& row, const std::string& value) { row.status = value; }},
});

constexpr auto kDrugKeys = std::to_array<Key<DrugRow>>({
    {"code", [](DrugRow& row, const std::string& value) { row.code = value; }},
    {"name", [](DrugRow& row, const std::string& value) { row.name = value; }},
    {"system", [](DrugRow& row, const std::string& value) { row.system = value; }},
    {"dose", [](DrugRow& row, const std::string& value) { row.dose = value; }},
    {"unit", [](DrugRow& row, const std::string& value) { row.unit = value; }},
    {"days", [](DrugRow& row, const std::string& value) { row.days = value; }},
    {"usage", [](DrugRow& row, const std::string& value) { row.usage = value; }},
    {"usage-name", [](DrugRow& row, const std::string& value) { row.usage_name = value; }},
    {"times", [](DrugRow& row, const std::string& value) { row.times_per_day = value; }},
    {"rp", [](DrugRow& row, const std::string& value) { row.rp = rp_number(value); }},
});

std::vector<std::string> split_pairs(std::string_view spec) {
  std::vector<std::string> pairs(1);
  for (std::size_t i = 0; i < spec.size(); ++i) {
    if (spec.substr(i, 2) == "\\,")
      pairs.back() += spec[++i];
    else if (spec[i] == ',')
      pairs.emplace_back();
    else
      pairs.back() += spec[i];
  }
  return pairs;
}

template <typename Row, std::size_t Size>
std::string key_names(const std::array<Key<Row>, Size>& keys) {
  std::string names;
  for (const Key<Row>& key : keys) {
    if (!names.empty()) names += ' ';
    names += key.name;
  }
  return names;
}

template <typename Row, std::size_t Size>
Row parse_row(std::string_view spec, const std::array<Key<Row>, Size>& keys) {
  Row row;
  for (const std::string& pair : split_pairs(spec)) {
    const std::size_t equals = pair.find('=');
    const std::string_view name = std::string_view(pair).substr(0, equals);
    const auto key =
        std::find_if(keys.begin(), keys.end(), [&](const Key<Row>& k) { return k.name == name; });
    if (equals == std::string::npos || key == keys.end())
      throw UsageError("--row has '" + pair + "', but takes KEY=VALUE with one of: " + key_names(keys));
    key->set(row, pair.substr(equals + 1));
  }
  return row;
}

}  // namespace

Problem parse_problem(std::string_view spec) {
  Problem row = parse_row(spec, kProblemKeys);
  if (row.instance.empty()) throw UsageError("--row of PPR-01 needs instance=ID (PRB-4)");
  if (row.text.empty()) row.text = row.name;
  if (row.recorded.empty()) row.recorded = row.start;
  return row;
}

Allergy parse_allergy(std::string_view spec) {
  return parse_row(spec, kAllergyKeys);
}

LabRow parse_lab_row(std::string_view spec) {
  LabRow row = parse_row(spec, kLabKeys);
  if (row.code.empty() && row.local.empty())
    throw UsageError("--row of OML-11 needs code=JLAC10 or local=CODE");
  return row;
}

DrugRow parse_drug_row(std::string_view spec) {
  DrugRow row = parse_row(spec, kDrugKeys);
  row.unit_name = unit_name(row.unit);
  for (const SampleUsage& usage : sample_usages()) {
    if (usage.code != row.usage) continue;
    if (row.usage_name.empty()) row.usage_name = usage.name;
    row.times_per_day = usage.times_per_day;
  }
  return row;
}

std::string row_help() {
  return "  PPR-01          " + key_names(kProblemKeys) + "\n  ADT-61, ADT-00  " + key_names(kAllergyKeys) +
         "\n  OML-11          " + key_names(kLabKeys) + "\n  OMP-01          " + key_names(kDrugKeys) + '\n';
}

}  // namespace storage_gen
