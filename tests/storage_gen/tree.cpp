#include "tests/storage_gen/tree.h"

#include "tests/storage_gen/documents.h"
#include "tests/storage_gen/manifest.h"
#include "tests/storage_gen/random.h"
#include "tests/storage_gen/sample_clinical.h"
#include "tests/storage_gen/sample_tables.h"
#include "tests/storage_gen/usage_error.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <utility>

namespace storage_gen {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::minutes;

// Streams of random numbers, one for each purpose.
enum Stream : std::uint64_t {
  kFate = 1,
  kTimes,
  kAllergies,
  kProblems,
  kLabs,
  kPrescriptions,
  kDemographics,
  kReceptions
};

struct Fate {
  unsigned older_versions = 0;
  int older_flag = 2;
  bool deleted = false;
  bool delete_message = false;
};

/// One version of a document: the message, and what the newest one must lead to.
struct Version {
  std::string message;
  std::size_t rows = 0;
  std::string marker;
};

/// `older`: how many versions follow this one.
using BuildVersion = std::function<Version(const DocumentContext&, unsigned version, unsigned older)>;

/// Two draws in two statements: the order inside one expression would be the compiler's choice.
struct TimeRange {
  unsigned earliest_days_ago;
  unsigned latest_days_ago;
  unsigned first_hour;
  unsigned last_hour;
};

Moment draw_moment(Random& random, Moment today, const TimeRange& range) {
  const auto day = days(random.between(range.latest_days_ago, range.earliest_days_ago));
  const auto time = minutes(random.between(range.first_hour * 60, range.last_hour * 60));
  return today - day + time;
}

std::string_view insurance_name(InsuranceForm form) {
  switch (form) {
    case InsuranceForm::repetition:
      return "repetition";
    case InsuranceForm::split:
      return "split";
    case InsuranceForm::joined:
      return "joined";
    case InsuranceForm::public_assistance:
      return "public";
    case InsuranceForm::none:
      return "none";
  }
  return "none";
}

/// An older version knew one row less.
template <typename Row>
std::span<Row> known_rows(std::vector<Row>& rows, unsigned older) {
  const std::size_t missing = std::min<std::size_t>(older, rows.size() - 1);
  return std::span(rows).first(rows.size() - missing);
}

/// Puts the marker on the first row that counts; returns how many count.
template <typename Row, typename Counts>
std::size_t mark_rows(std::span<Row> rows, std::string Row::*text, const std::string& marker, Counts counts) {
  std::size_t count = 0;
  for (Row& row : rows) {
    if (!counts(row)) continue;
    if (count++ == 0) row.*text += ' ' + marker;
  }
  return count;
}

class TreeWriter {
 public:
  TreeWriter(const Arguments& arguments, std::ostream* manifest)
      : arguments_(arguments), files_(arguments.root), manifest_(manifest) {}

  void write_patient(std::uint64_t number);

  std::uint64_t documents() const { return documents_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t units() const { return units_; }

 private:
  Random stream(Stream purpose, std::uint64_t detail = 0) const {
    return Random{arguments_.wishes.seed, hash_text(patient_.id), purpose, detail};
  }

  Fate draw_fate(std::string_view type, std::uint64_t detail) const;
  void write_file(const DocumentName& name, std::string_view message);
  void write_versions(std::string_view kind, DocumentName name, Moment first, const Fate& fate,
                      const BuildVersion& build);

  void write_demographics(std::vector<Allergy> al1, bool reported);
  void write_allergies(const std::vector<Allergy>& allergies);
  void write_problems();
  void write_lab(std::uint64_t lab);
  void write_prescription(std::uint64_t prescription);
  void write_reception();

  DocumentName dateless(std::string_view type, std::string department) const {
    DocumentName name;
    name.patient = patient_.id;
    name.type = type;
    name.department = std::move(department);
    return name;
  }

  std::string order_number(std::uint64_t within_patient) const {
    return digits(number_ * 1'000'000 + within_patient, 15);
  }

  const Arguments& arguments_;
  DocumentFiles files_;
  std::ostream* manifest_;
  Iso2022JpEncoder encoder_;
  Patient patient_;
  std::uint64_t number_ = 0;
  const Doctor* doctor_ = nullptr;
  const Department* department_ = nullptr;
  std::uint64_t documents_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t units_ = 0;
};

Fate TreeWriter::draw_fate(std::string_view type, std::uint64_t detail) const {
  Random random = stream(kFate, hash_text(type) + detail);
  const unsigned versions = static_cast<unsigned>(random.between(1, 2));
  const bool updated = random.percent(arguments_.updates_percent);
  Fate fate;
  // Some writers rename the old `_1` straight to `_0`: beside a newer `_1` that is no delete.
  fate.older_flag = random.percent(25) ? 0 : 2;
  fate.older_versions = updated ? versions : 0;
  // Without ADT-00 nobody knows who the patient is, and the whole patient would be held.
  fate.deleted = random.percent(arguments_.deletes_percent) && type != "ADT-00";
  fate.delete_message = random.percent(67);
  return fate;
}

void TreeWriter::write_file(const DocumentName& name, std::string_view message) {
  const std::string bytes = document_bytes(message, arguments_.text, encoder_);
  files_.write(name, bytes, {});
  ++documents_;
  bytes_ += bytes.size();
}

void TreeWriter::write_versions(std::string_view kind, DocumentName name, Moment first, const Fate& fate,
                                const BuildVersion& build) {
  Random random = stream(kTimes, hash_text(name.type + name.order));
  Moment occurred = first;
  Version newest;
  for (unsigned version = 0; version <= fate.older_versions; ++version) {
    const bool last = version == fate.older_versions;
    name.occurred = stamp17(occurred);
    name.flag = fate.deleted ? 0 : last ? 1 : fate.older_flag;
    const DocumentContext context{name, patient_, *doctor_, *department_, false};
    newest = build(context, version, fate.older_versions - version);
    write_file(name, newest.message);
    occurred += minutes(random.between(30, 4000));
    occurred += milliseconds(random.below(60'000));
  }
  if (fate.deleted && fate.delete_message) {
    name.occurred = stamp17(occurred);
    const DocumentContext context{name, patient_, *doctor_, *department_, true};
    write_file(name, build(context, fate.older_versions, 0).message);
  }
  if (newest.rows == 0) return;
  ++units_;
  const InsuranceForm form = insurance_form(patient_.id, arguments_.wishes.insurance);
  if (manifest_) write_unit(*manifest_, {kind, name, newest.rows, newest.marker, insurance_name(form)});
}

void TreeWriter::write_demographics(std::vector<Allergy> al1, bool reported) {
  Random random = stream(kDemographics);
  const Moment first = draw_moment(random, arguments_.wishes.today, {400, 200, 8, 18});
  const std::string address = patient_.address;
  write_versions("AllergyIntolerance", dateless("ADT-00", "-"), first, draw_fate("ADT-00", 0),
                 [&](const DocumentContext& context, unsigned version, unsigned older) {
                   std::vector<Allergy> rows = al1;
                   Version result;
                   result.marker = text_marker(patient_.id, 1, 0, version);
                   const auto counts = [&](const Allergy& row) { return reported && is_reported(row); };
                   result.rows = mark_rows(std::span(rows), &Allergy::name, result.marker, counts);
                   patient_.address =
                       older == 0 ? address : "架空県旧見本市" + std::to_string(older) + "番地";
                   result.message = write_adt_00(context, rows);
                   patient_.address = address;
                   return result;
                 });
}

void TreeWriter::write_allergies(const std::vector<Allergy>& allergies) {
  Random random = stream(kTimes, 61);
  const Moment first = draw_moment(random, arguments_.wishes.today, {360, 60, 8, 18});
  write_versions("AllergyIntolerance", dateless("ADT-61", "-"), first, draw_fate("ADT-61", 0),
                 [&](const DocumentContext& context, unsigned version, unsigned older) {
                   std::vector<Allergy> all = allergies;
                   const std::span<Allergy> rows = known_rows(all, older);
                   Version result;
                   result.marker = text_marker(patient_.id, 2, 0, version);
                   const auto counts = [](const Allergy& row) { return is_reported(row); };
                   result.rows = mark_rows(rows, &Allergy::name, result.marker, counts);
                   result.message = write_adt_61(context, rows);
                   return result;
                 });
}

void TreeWriter::write_problems() {
  Random random = stream(kProblems);
  const Moment today = arguments_.wishes.today;
  const Moment first = draw_moment(random, today, {30, 20, 8, 18});
  const std::vector<Problem> problems = sample_problems(random, today, number_ * 1'000'000 + 900'000);
  write_versions("Condition", dateless("PPR-01", department_->code), first, draw_fate("PPR-01", 0),
                 [&](const DocumentContext& context, unsigned version, unsigned older) {
                   std::vector<Problem> all = problems;
                   const std::span<Problem> rows = known_rows(all, older);
                   Version result;
                   result.marker = text_marker(patient_.id, 3, 0, version);
                   const auto counts = [&](const Problem& row) { return is_reported(row, today); };
                   result.rows = mark_rows(rows, &Problem::text, result.marker, counts);
                   result.message = write_ppr_01(context, rows);
                   return result;
                 });
}

void TreeWriter::write_lab(std::uint64_t lab) {
  Random random = stream(kLabs, lab);
  const Moment collected = draw_moment(random, arguments_.wishes.today, {330, 80, 7, 17});
  const auto usual_delay = minutes(random.between(40, 400));
  const auto late_delay = days(random.between(14, 60)) + usual_delay;
  const bool late = random.percent(arguments_.late_percent);
  const std::vector<LabRow> drawn = sample_lab_rows(random);
  DocumentName name = dateless("OML-11", department_->code);
  name.date = date8(collected);
  name.order = order_number(lab + 1);
  write_versions("Observation", name, collected + (late ? late_delay : usual_delay), draw_fate("OML-11", lab),
                 [&](const DocumentContext& context, unsigned version, unsigned older) {
                   std::vector<LabRow> all = drawn;
                   const std::span<LabRow> rows = known_rows(all, older);
                   Version result;
                   result.marker = value_marker(number_, lab + 1, version);
                   rows.front().value = result.marker;
                   rows.front().flag = "N";
                   for (LabRow& row : rows)
                     if (older != 0 && row.status == "F") row.status = "P";
                   const auto counts = [](const LabRow& row) { return is_reported(row); };
                   result.rows = static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), counts));
                   result.message = write_oml_11(context, stamp17(collected).substr(0, 12), rows);
                   return result;
                 });
}

void TreeWriter::write_prescription(std::uint64_t prescription) {
  Random random = stream(kPrescriptions, prescription);
  const Moment ordered = draw_moment(random, arguments_.wishes.today, {270, 20, 9, 17});
  const std::vector<DrugRow> drawn = sample_drug_rows(random);
  DocumentName name = dateless("OMP-01", department_->code);
  name.date = date8(ordered);
  name.order = order_number(500'000 + prescription);
  write_versions("MedicationRequest", name, ordered, draw_fate("OMP-01", prescription),
                 [&](const DocumentContext& context, unsigned version, unsigned older) {
                   std::vector<DrugRow> all = drawn;
                   const std::span<DrugRow> rows = known_rows(all, older);
                   Version result;
                   result.marker = text_marker(patient_.id, 4, prescription + 1, version);
                   const auto counts = [](const DrugRow&) { return true; };
                   result.rows = mark_rows(rows, &DrugRow::name, result.marker, counts);
                   result.message = write_omp_01(context, rows);
                   return result;
                 });
}

/// A kind that the gateway has to leave alone.
void TreeWriter::write_reception() {
  Random random = stream(kReceptions);
  if (random.percent(50)) return;
  const Moment arrived = draw_moment(random, arguments_.wishes.today, {270, 20, 9, 9});
  DocumentName name = dateless("ADT-12", department_->code);
  name.date = date8(arrived);
  name.occurred = stamp17(arrived);
  write_file(name, write_adt_12({name, patient_, *doctor_, *department_, false}));
}

void TreeWriter::write_patient(std::uint64_t number) {
  number_ = number;
  const std::string& prefix = arguments_.patient_prefix;
  patient_ = sample_patient(prefix + digits(number, 10 - prefix.size()), arguments_.wishes);
  Random random = stream(kAllergies);
  doctor_ = &random.pick(sample_doctors());
  department_ = &random.pick(sample_departments());
  const std::uint64_t where = random.below(12);
  const bool adt_61 = where < 8;
  // Besides those without ADT-61, some with it repeat their allergies in ADT-00: these must not count twice.
  const bool al1 = where >= 6 && where < 10;
  std::vector<Allergy> allergies = sample_allergies(random, arguments_.wishes.today, patient_.id);
  std::vector<Allergy> al1_rows = al1 ? allergies : std::vector<Allergy>();
  for (Allergy& row : al1_rows) row.action = "A";  // AL1 has no action
  write_demographics(std::move(al1_rows), !adt_61);
  if (adt_61) write_allergies(allergies);
  write_problems();
  for (std::uint64_t lab = 0; lab < arguments_.labs; ++lab) write_lab(lab);
  for (std::uint64_t i = 0; i < arguments_.prescriptions; ++i) write_prescription(i);
  write_reception();
}

}  // namespace

void write_tree(const Arguments& arguments, std::ostream& summary) {
  if (digits(arguments.patients, 0).size() + arguments.patient_prefix.size() > 10)
    throw UsageError("--patients does not fit into 10 digits after --patient-prefix");
  std::ofstream manifest;
  if (!arguments.manifest.empty()) {
    manifest.open(arguments.manifest, std::ios::binary | std::ios::trunc);
    if (!manifest) throw UsageError("--manifest cannot be written: " + arguments.manifest);
  }
  TreeWriter writer(arguments, arguments.manifest.empty() ? nullptr : &manifest);
  for (std::uint64_t number = 1; number <= arguments.patients; ++number) writer.write_patient(number);
  if (!arguments.manifest.empty() && !manifest.flush())
    throw std::runtime_error("the manifest could not be written completely: " + arguments.manifest);
  summary << "{\"patients\":" << arguments.patients << ",\"documents\":" << writer.documents()
          << ",\"bytes\":" << writer.bytes() << ",\"units\":" << writer.units() << "}\n";
}

}  // namespace storage_gen
