#include "gateway/queue_report.h"

#include "gateway/audit.h"
#include "gateway/known_documents.h"
#include "gateway/outbox_history.h"
#include "gateway/outdated_units.h"
#include "gateway/schema.h"
#include "ssmix2/key_state.h"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

using fhir_mapper::ReportUnit;
using ssmix2::ConditionFlag;
using ssmix2::DataType;
using ssmix2::KeyState;

/// A file that is not known by its name, or not for a data type that is mapped, has its row alone.
constexpr std::string_view kRefused = "refused";

bool same_key(const ssmix2::DocumentName& left, const ssmix2::DocumentName& right) {
  return left.key == right.key && (left.key.type != DataType::PPR_01 || left.department == right.department);
}

std::string_view state_word(const KnownDocument& document, const std::vector<KnownDocument>& all) {
  switch (document.state) {
    case DocumentState::settling:
      return "settling";
    case DocumentState::failed:
      return kRefused;
    case DocumentState::missing:
      return "missing";
    case DocumentState::vanished:
      return "vanished";
    case DocumentState::accepted:
      break;
  }
  std::vector<ssmix2::DocumentName> names;
  std::size_t place = 0;
  for (const KnownDocument& each : all) {
    if (!same_key(each.name, document.name)) continue;
    if (each.ref == document.ref) place = names.size();
    names.push_back(each.name);
  }
  const KeyState key = ssmix2::state_of_key(names);
  if (key.document != place) return "superseded";
  return key.kind == KeyState::Kind::live      ? "live"
         : key.kind == KeyState::Kind::deleted ? "deleted"
                                               : "undecided";
}

bool is_history(std::string_view state) {
  return state == "superseded";
}

std::string_view word_of(Shown shown, const OutboxRow& row) {
  switch (shown) {
    case Shown::nothing:
      return "nothing";
    case Shown::possibly:
      return "unknown";
    case Shown::accepted:
      return row.accepted.hash == row.newest.hash ? "newest" : "older";
  }
  return "unknown";
}

/// The beginning tells versions apart.
template <std::size_t size>
std::string short_hash(const std::optional<std::array<unsigned char, size>>& hash) {
  return hash ? hex(*hash).substr(0, 12) : std::string();
}

bool is_by_person(HistoryEvent event) {
  return event == HistoryEvent::held_by_person || event == HistoryEvent::released ||
         event == HistoryEvent::retried || event == HistoryEvent::dropped || event == HistoryEvent::retracted;
}

}  // namespace

QueueReport::QueueReport(Database& database, const TimeZone& zone, Answers answers, Instant now)
    : database_(database),
      zone_(zone),
      answers_(answers),
      now_(now),
      salt_(label_salt(database)),
      rows_(database) {}

std::string QueueReport::of(const QueueTarget& target) {
  writer_.StartObject();
  if (target.document) {
    write_key(writer_, "document");
    write_document(*target.document);
  }
  write_key(writer_, "units");
  writer_.StartArray();
  for (const UnitId unit : target.units) write_unit(unit);
  writer_.EndArray();
  write_audits();
  writer_.EndObject();
  return {buffer_.GetString(), buffer_.GetSize()};
}

void QueueReport::write_time(std::string_view name, Instant time) {
  write(writer_, name, to_fhir_instant(time, zone_));
}

void QueueReport::write_document(const DocumentRef& document) {
  const auto name = ssmix2::parse_document_path(document.relative_path());
  std::string_view state = kRefused;
  if (name.has_value()) {
    const auto all = known_documents(database_, {fhir_mapper::UnitKind::condition, name->key.patient, {}, {}},
                                     name->key.type);
    const auto known =
        std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.ref == document; });
    if (known != all.end()) state = state_word(*known, all);
  }
  writer_.StartObject();
  write(writer_, "hash", label(salt_, document.root + "/" + document.relative_path()).view());
  write(writer_, "storage", document.root);
  write(writer_, "path", document.relative_path());
  write(writer_, "state", state);
  auto select = database_.prepare("SELECT failure, explanation FROM refusal WHERE folder = ? AND name = ?");
  select.with(document.folder_id.value, std::string_view(stored_name(document.folder, document.name)));
  if (select.step()) {
    write(writer_, "reason", select.text(0));
    write(writer_, "explanation", select.text(1));
  }
  writer_.EndObject();
}

void QueueReport::write_unit(UnitId id) {
  const auto known = Units(database_).find(id);
  if (!known) return;
  const auto& kind = info(known->unit.kind);
  writer_.StartObject();
  std::string bundle;
  if (known->year)
    bundle = bundle_id(institution_number(database_), *known->year, kind.letter, known->unit.key());
  if (!bundle.empty()) bundle_ids_.insert(bundle);
  write_or_null(writer_, "bundle_id", bundle);
  write(writer_, "hash", label(salt_, known->unit.key()).view());
  write(writer_, "type", kind.resource_type);
  write_unit_documents(known->unit);
  write_rows(id);
  writer_.EndObject();
}

/// What it is made of; of versions that are history only how many.
void QueueReport::write_unit_documents(const ReportUnit& unit) {
  std::int64_t superseded = 0;
  write_key(writer_, "documents");
  writer_.StartArray();
  for (const DataType type : {info(unit.kind).document, DataType::ADT_00}) {
    const auto all = known_documents(database_, unit, type);
    for (const KnownDocument& document : all) {
      if (is_history(state_word(document, all))) {
        ++superseded;
      } else {
        write_document(document.ref);
      }
    }
  }
  writer_.EndArray();
  write(writer_, "superseded_documents", superseded);
}

void QueueReport::write_rows(UnitId id) {
  std::vector<DestinationNumber> destinations;
  {
    auto select = database_.prepare("SELECT destination FROM outbox WHERE unit = ? ORDER BY destination");
    select.with(id.value);
    while (select.step()) destinations.push_back({select.integer(0)});
  }
  write_key(writer_, "rows");
  writer_.StartArray();
  for (const DestinationNumber destination : destinations) {
    if (const auto row = rows_.find({id, destination})) write_row(*row);
  }
  writer_.EndArray();
}

void QueueReport::write_row(const QueueRow& found) {
  const OutboxRow& row = found.row;
  writer_.StartObject();
  write_queue_row(writer_, found, zone_, now_);
  write_or_null(writer_, "explanation", row.explanation);
  write(writer_, "transmissions", row.transmissions);
  write(writer_, "superseded", row.superseded);
  write_or_null(writer_, "newest_hash", short_hash(row.newest.hash));
  write(writer_, "shown_there", word_of(shown_of(row), row));
  write_or_null(writer_, "accepted_hash", short_hash(row.accepted.hash));
  const bool has_answer = !row.answer.empty();
  write_key(writer_, "has_answer");
  writer_.Bool(has_answer);
  if (has_answer && answers_ == Answers::shown) write(writer_, "answer", row.answer);
  write_history(row.key);
  writer_.EndObject();
}

void QueueReport::write_history(OutboxKey key) {
  write_key(writer_, "history");
  writer_.StartArray();
  for (const HistoryEntry& entry : history_of(database_, key)) {
    if (is_by_person(entry.event)) ordered_.insert(entry.time);
    writer_.StartObject();
    write_time("time", entry.time);
    write(writer_, "event", name_of(entry.event));
    write(writer_, "operation", entry.operation == Operation::delete_unit ? "delete" : "register");
    write_or_null(writer_, "hash", short_hash(entry.hash));
    if (entry.status != 0) write(writer_, "status", std::int64_t{entry.status});
    write_or_null(writer_, "reason", entry.reason);
    writer_.EndObject();
  }
  writer_.EndArray();
}

/// An order and its entry have the same time; the history of a row is shorter than the audit, which also
/// names the units that were named.
void QueueReport::write_audits() {
  std::vector<AuditEntry> entries;
  if (bundle_ids_.size() == 1) {
    entries = audits_about(database_, ordered_, *bundle_ids_.begin());
  } else {
    entries = audits_about(database_, ordered_, {});
  }
  write_key(writer_, "audit");
  writer_.StartArray();
  for (const AuditEntry& entry : entries) {
    writer_.StartObject();
    write_time("time", entry.time);
    write(writer_, "uid", entry.uid);
    write(writer_, "user", entry.user);
    write(writer_, "command", entry.command);
    write(writer_, "target", entry.target);
    write_or_null(writer_, "why", entry.why);
    write(writer_, "rows", entry.rows);
    writer_.EndObject();
  }
  writer_.EndArray();
}

}  // namespace gateway
