#include "gateway/known_documents.h"

#include "gateway/stored_instant.h"
#include "ssmix2/check.h"

namespace gateway {
std::vector<KnownDocument> known_documents(Database& database, const fhir_mapper::ReportUnit& unit,
                                           ssmix2::DataType type) {
  const auto& kind = info(unit.kind);
  const bool of_order = type == kind.document && !kind.whole_patient;
  // '`' is the character behind '_'. Of two roots with a document of the same key and moment one must count:
  // always the same one, and not the one whose folder was seen last.
  auto select = database.prepare(
      "SELECT place.storage, place.path || '/' || date.name || '/' || kind.name, kind.id, document.name, "
      "document.size, document.mtime_ns, document.state, refusal.failure, refusal.explanation, "
      "document.was_live, document.since "
      "FROM patient JOIN patient_folder AS place ON place.patient = patient.id "
      "CROSS JOIN folder AS date ON date.parent = place.folder AND date.name BETWEEN ?3 AND ?4 "
      "CROSS JOIN folder AS kind ON kind.parent = date.id AND kind.name = ?2 "
      "CROSS JOIN document ON document.folder = kind.id AND document.name BETWEEN ?5 AND ?6 AND flag <> 3 "
      "LEFT JOIN refusal ON refusal.folder = document.folder AND refusal.name = document.name "
      "WHERE patient.number = ?1 ORDER BY place.storage, date.name, document.name");
  const std::string any_text = "\x7F";
  select.with(std::string_view(unit.patient.reveal()), info(type).name,
              std::string_view(of_order ? unit.date : ""), std::string_view(of_order ? unit.date : any_text),
              std::string_view(of_order ? unit.order_no + "_" : ""),
              std::string_view(of_order ? unit.order_no + "`" : any_text));
  std::vector<KnownDocument> documents;
  while (select.step()) {
    KnownDocument known;
    known.ref.root = select.text(0);
    known.ref.folder = select.text(1);
    known.ref.folder_id = {select.integer(2)};
    known.ref.name = whole_name(known.ref.folder, select.text(3));
    known.stat = {select.integer(4), select.integer(5)};
    const auto name = ssmix2::parse_document_path(known.ref.relative_path());
    KAKEHASHI_CHECK(name.has_value());
    known.name = *name;
    known.state = static_cast<DocumentState>(select.integer(6));
    known.failure = select.text(7);
    known.explanation = select.text(8);
    known.was_live = select.integer(9) != 0;
    known.since = to_instant(select.integer(10));
    documents.push_back(std::move(known));
  }
  return documents;
}

namespace {

/// Whether `condition` holds of a folder that may hold documents of the unit, or the patient's ADT-00: the
/// undated folder concerns every unit.
bool any_folder(Database& database, const fhir_mapper::ReportUnit& unit, const std::string& condition) {
  auto select = database.prepare(
      "SELECT 1 FROM patient JOIN patient_folder AS place ON place.patient = patient.id "
      "JOIN folder AS above ON above.id = place.folder "
      "LEFT JOIN folder AS date ON date.parent = above.id AND date.name IN ('-', ?2) "
      "LEFT JOIN folder AS kind ON kind.parent = date.id AND kind.name IN ('ADT-00', ?3) "
      "WHERE patient.number = ?1 AND " +
      condition + " LIMIT 1");
  select.with(std::string_view(unit.patient.reveal()), std::string_view(unit.date),
              info(info(unit.kind).document).name);
  return select.step();
}

}  // namespace

bool has_unreadable_folder(Database& database, const fhir_mapper::ReportUnit& unit) {
  return any_folder(database, unit, "3 IN (above.state, date.state, kind.state)");
}

bool has_unlisted_folder(Database& database, const fhir_mapper::ReportUnit& unit) {
  return any_folder(database, unit, "-1 IN (above.mtime_ns, date.mtime_ns, kind.mtime_ns)");
}

bool has_twins(Database& database, const ssmix2::PatientId& patient) {
  auto select = database.prepare(
      "SELECT COUNT(DISTINCT patient.number) FROM patient JOIN patient_folder AS place ON place.patient = "
      "patient.id JOIN folder ON folder.id = place.folder WHERE canonical = ? AND folder.state <> 2");
  return select.with(std::string_view(patient.canonical())).step() && select.integer(0) > 1;
}

Deletes deletes_between(Database& database, Instant from, Instant to) {
  auto select = database.prepare(
      "SELECT COUNT(*), (SELECT TOTAL(count) FROM tally WHERE name = 'live-documents') FROM document AS gone "
      "WHERE was_live = 1 AND since BETWEEN ? AND ? AND NOT EXISTS "
      "(SELECT 1 FROM document AS next WHERE next.folder = gone.folder AND next.flag = 1 AND next.name "
      "BETWEEN "
      "substr(gone.name, 1, instr(gone.name, '_')) AND substr(gone.name, 1, instr(gone.name, '_') - 1) || "
      "'`')");
  select.with(to_milliseconds(from), to_milliseconds(to));
  if (!select.step()) return {};
  return {select.integer(0), select.integer(1)};
}

}  // namespace gateway
