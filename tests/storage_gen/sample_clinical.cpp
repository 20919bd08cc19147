#include "tests/storage_gen/sample_clinical.h"

#include "tests/storage_gen/sample_tables.h"

#include <algorithm>
#include <array>

namespace storage_gen {
namespace {

using std::chrono::days;

/// The first `count` of 0..size-1, shuffled: an item stands once in a document, or its identifier would
/// clash.
std::vector<std::size_t> draw_distinct(Random& random, std::size_t size, std::size_t count) {
  std::vector<std::size_t> order(size);
  for (std::size_t i = 0; i < size; ++i) order[i] = i;
  for (std::size_t i = 0; i < count; ++i) std::swap(order[i], order[i + random.below(size - i)]);
  order.resize(count);
  return order;
}

void draw_course(Random& random, Problem& problem, Moment today) {
  const std::uint64_t kind = random.below(100);
  const Moment ended_lately = today - days(30 + random.below(700));
  const Moment ended_long_ago =
      today - days(4400 + random.below(2000));  // 12 years: never near the limit of 5
  const Moment started = today - days(30 + random.below(3000));
  const std::uint64_t lasted = 20 + random.below(400);
  const bool outcome_given = random.percent(50);
  if (kind < 10 || (kind >= 10 && kind < 30)) {
    const Moment end = kind < 10 ? ended_long_ago : ended_lately;
    problem.end = date8(end);
    problem.start = date8(end - days(lasted));
    if (outcome_given) problem.outcome = "F";  // else PRB-9 alone says that it ended
  } else {
    problem.start = date8(started);
  }
  problem.recorded = problem.start;
  // A bare 1 is the usual form; all three components are the one of the specification.
  if (kind >= 30 && kind < 42) problem.suspected = outcome_given ? "1" : "1^疑いあり^JHSD0005";
  if (kind >= 42 && kind < 47) problem.action = "DE";
}

void draw_modifiers(Random& random, Problem& problem) {
  const Modifier& prefix = random.pick(sample_prefixes());
  const Modifier& suffix = random.pick(sample_suffixes());
  const std::uint64_t choice = random.below(6);
  if (choice == 0 || choice == 2) problem.prefixes.push_back(prefix);
  if (choice == 1 || choice == 2) problem.suffixes.push_back(suffix);
  problem.text = problem.name;
  for (const Modifier& modifier : problem.prefixes) problem.text.insert(0, modifier.name);
  for (const Modifier& modifier : problem.suffixes) problem.text += modifier.name;
}

void draw_number(Random& random, const SampleItem& item, LabRow& row) {
  const unsigned width = item.high - item.low;
  const std::uint64_t floor = item.low > width / 2 ? item.low - width / 2 : 0;
  const std::uint64_t value = random.between(floor, item.high + width / 2);
  row.value = decimal_text(value, item.decimals);
  row.range = decimal_text(item.low, item.decimals) + '-' + decimal_text(item.high, item.decimals);
  row.flag = value < item.low ? "L" : value > item.high ? "H" : "N";
}

void draw_operator_text(Random& random, const SampleItem& item, LabRow& row) {
  const bool below = random.percent(70);
  const std::uint64_t measured = random.between(item.low, item.high);
  row.value_type = "ST";
  row.range = "<" + decimal_text(item.high, item.decimals);
  // With and without a space: both are what SN.1 becomes when it is written as text.
  if (below)
    row.value = "< " + decimal_text(item.low, item.decimals);
  else
    row.value = ">=" + decimal_text(measured * 100, item.decimals);
  row.flag = below ? "N" : "H";
}

void draw_value(Random& random, const SampleItem& item, LabRow& row) {
  constexpr auto kOrdinals = std::to_array<std::string_view>({"(-)", "(+-)", " 1 +", " 2 +", "  -"});
  constexpr auto kVerdicts = std::to_array<std::string_view>({"-^陰性^99L21", "+^陽性^99L21"});
  constexpr auto kGroups =
      std::to_array<std::string_view>({"A^A^JSHR002", "B^B^JSHR002", "O^O^JSHR002", "AB^AB^JSHR002"});
  switch (item.kind) {
    case ValueKind::number:
      draw_number(random, item, row);
      break;
    case ValueKind::operator_text:
      draw_operator_text(random, item, row);
      break;
    case ValueKind::ordinal_text:
      row.value_type = "ST";
      row.value = random.pick(kOrdinals);
      break;
    case ValueKind::verdict:
      row.value_type = "CWE";
      row.value = random.pick(kVerdicts);
      break;
    case ValueKind::blood_type:
      row.value_type = "CWE";
      row.value = random.pick(kGroups);
      break;
  }
}

LabRow lab_row(const SampleItem& item) {
  LabRow row;
  row.code = item.code;
  row.name = item.name;
  row.local = item.local;
  row.local_name = item.name;
  row.unit = item.unit;
  return row;
}

void add_items(Random& random, std::span<const SampleItem> items, std::size_t count,
               std::vector<LabRow>& rows) {
  for (const std::size_t index : draw_distinct(random, items.size(), count)) {
    LabRow row = lab_row(items[index]);
    draw_value(random, items[index], row);
    if (random.percent(2)) row.status = "D";
    rows.push_back(std::move(row));
  }
}

}  // namespace

std::string decimal_text(std::uint64_t value, unsigned decimals) {
  std::string text = digits(value, decimals + 1);
  if (decimals != 0) text.insert(text.size() - decimals, ".");
  return text;
}

std::vector<Problem> sample_problems(Random& random, Moment today, std::uint64_t order_base) {
  const std::span<const SampleDisease> diseases = sample_diseases();
  std::vector<Problem> problems;
  const std::size_t count = random.between(1, 6);
  for (const std::size_t index : draw_distinct(random, diseases.size(), count)) {
    const SampleDisease& disease = diseases[index];
    Problem problem;
    problem.instance = digits(order_base + problems.size(), 15);
    problem.code = disease.code;
    problem.name = disease.name;
    problem.exchange_code = disease.exchange_code;
    problem.icd = disease.icd;
    draw_course(random, problem, today);
    draw_modifiers(random, problem);
    problem.main_diagnosis = problems.empty();
    problems.push_back(std::move(problem));
  }
  return problems;
}

std::vector<Allergy> sample_allergies(Random& random, Moment today, std::string_view patient_id) {
  constexpr auto kGrades = std::to_array<std::string_view>({"MI", "MO", "SV", "U"});
  const std::span<const SampleAllergen> allergens = sample_allergens();
  std::vector<Allergy> allergies;
  const std::size_t count = random.between(1, 4);
  for (const std::size_t index : draw_distinct(random, allergens.size(), count)) {
    const SampleAllergen& allergen = allergens[index];
    Allergy allergy;
    allergy.type = allergen.type;
    allergy.code = allergen.code;
    allergy.name = allergen.name;
    allergy.system = allergen.system;
    allergy.reaction = allergen.reaction;
    allergy.severity = random.pick(kGrades);
    const std::uint64_t action = random.below(10);
    allergy.action = action == 0 ? "D" : action < 3 ? "U" : "A";
    allergy.id = std::string(patient_id) + '-' + std::to_string(allergies.size() + 1);
    allergy.sensitivity = allergen.type == "MC" ? "CT" : "AL";
    const std::string onset = date8(today - days(400 + random.below(6000)));
    const std::uint64_t precision = random.below(4);
    if (precision == 3)
      allergy.onset_text = "小学校低学年の頃";
    else
      allergy.onset = onset.substr(0, 4 + 2 * precision);
    allergies.push_back(std::move(allergy));
  }
  return allergies;
}

std::vector<LabRow> sample_lab_rows(Random& random) {
  const SampleItem marker_item = {
      "3F050000002327101", "総コレステロール(T-CHO)", "L099", "mg/dL", ValueKind::number, 142, 219, 0};
  std::vector<LabRow> rows = {lab_row(marker_item)};
  rows.front().range = "142-219";
  const std::size_t core = random.between(4, 12);
  const std::size_t other = random.below(3);
  add_items(random, core_items(), core, rows);
  add_items(random, other_items(), other, rows);
  return rows;
}

std::vector<DrugRow> sample_drug_rows(Random& random) {
  constexpr auto kDays = std::to_array<std::string_view>({"3", "5", "7", "14", "28"});
  const std::span<const SampleDrug> drugs = sample_drugs();
  std::vector<DrugRow> rows;
  const std::size_t count = random.between(1, 5);
  unsigned rp = 0;
  std::string days_of_rp;
  SampleUsage usage{};
  for (const std::size_t index : draw_distinct(random, drugs.size(), count)) {
    const bool same_rp = rp != 0 && random.percent(40);  // drugs of one Rp share usage and days
    if (!same_rp) {
      ++rp;
      usage = random.pick(sample_usages());
      days_of_rp = random.pick(kDays);
    }
    const SampleDrug& drug = drugs[index];
    DrugRow row;
    row.code = drug.code;
    row.name = drug.name;
    row.dose = std::to_string(random.between(1, 2));
    row.unit = drug.unit;
    row.unit_name = drug.unit_name;
    row.form = drug.form;
    row.form_name = drug.form_name;
    row.days = days_of_rp;
    row.times_per_day = usage.times_per_day;
    row.usage = usage.code;
    row.usage_name = usage.name;
    row.rp = rp;
    rows.push_back(std::move(row));
  }
  return rows;
}

bool is_reported(const Problem& problem, Moment today) {
  if (problem.action == "DE" || !problem.suspected.empty()) return false;
  return problem.end.empty() || problem.end > date8(today - days(5 * 365));
}

bool is_reported(const Allergy& allergy) {
  return allergy.action != "D";
}

bool is_reported(const LabRow& row) {
  return row.status != "D" && row.status != "W";
}

}  // namespace storage_gen
