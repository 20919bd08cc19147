#include "fhir_mapper/unit_mapper.h"

#include "fhir_mapper/json_writer.h"
#include "fhir_mapper/replaced_character.h"
#include "ssmix2/hl7_time.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace fhir_mapper {
namespace {

using ssmix2::DataType;
using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::Hl7Time;
using ssmix2::Place;
using ssmix2::SafeText;

constexpr int kYearsAfterEnd = 5;  // what ended longer ago is not part of a list (JP-CLINS, 1報告単位)

/// An ADT message of another event under ADT-61 has no IAM rows: it would pass for a patient without
/// allergies.
std::optional<Failure> find_type_failure(const ssmix2::Message& message, const ssmix2::DataTypeInfo& type) {
  const auto msh = message.first("MSH");
  const std::string code = msh ? msh->field(9).component(1).text() : "";
  const std::string event = msh ? msh->field(9).component(2).text() : "";
  if (code == type.message_code && (type.event.empty() || event == type.event)) return std::nullopt;
  std::string expected(type.message_code);
  if (!type.event.empty()) expected.append("^").append(type.event);
  return Failure{
      FailureCode::hl7_wrong_message_type,
      {.segment = "MSH", .occurrence = 1, .field = 9},
      SafeText::vouched("a document under " + std::string(type.name) + " holds " + expected + " messages")};
}

/// The message is of the kind its path says, and of the patient its path says, and that is the unit's
/// patient.
std::optional<Failure> find_gate_failure(const UnitDocument& document, const ssmix2::PatientId& patient) {
  const auto& key = document.name.key;
  if (key.patient != patient) {
    return Failure{FailureCode::patient_mismatch,
                   {},
                   SafeText::vouched("a " + std::string(info(key.type).name) +
                                     " document of another patient's folder was taken for this unit")};
  }
  if (auto failure = find_type_failure(*document.message, info(key.type))) return failure;
  const auto pids = document.message->all("PID");
  if (pids.size() > 1) {
    return Failure{FailureCode::patient_mismatch,
                   {.segment = "PID", .occurrence = 2},
                   "the message has more than one PID: nobody can tell whose its rows are"};
  }
  const auto pid = document.message->first("PID");
  if (!pid || !key.patient.same_patient(pid->field(3).component(1).text())) {
    return Failure{FailureCode::patient_mismatch,
                   {.segment = "PID", .occurrence = 1, .field = 3, .component = 1},
                   SafeText::vouched("in the " + std::string(info(key.type).name) + " document")};
  }
  return std::nullopt;
}

/// "20261122" five years earlier: "20211122". The 29th of February has no earlier self, which only text
/// comparison needs, and as text it is right.
std::string years_before(std::string_view day, int years) {
  int year = 0;
  std::from_chars(day.data(), day.data() + 4, year);
  return std::to_string(year - years).append(day.substr(4));
}

class UnitMapper {
 public:
  UnitMapper(const UnitInput& input, const Mapping& mapping, const UnitSettings& settings)
      : input_(input), mapping_(mapping), settings_(settings), context_{settings.zone, settings.explain} {}

  UnitOutcome run() {
    for (const UnitDocument& document : input_.documents) {
      if (auto failure = find_gate_failure(document, input_.unit.patient))
        outcome_.holds.push_back(std::move(*failure));
    }
    if (!outcome_.holds.empty()) return std::move(outcome_);
    map_documents();
    // A unit without rows is empty whoever the patient is: nothing will be sent under the identity.
    if (resources_.empty() && outcome_.holds.empty()) return std::move(outcome_);
    map_patient();
    if (outcome_.holds.empty()) {
      outcome_.mapped =
          MappedUnit{std::move(patient_), std::move(resources_), std::move(insured_identifier_)};
    }
    return std::move(outcome_);
  }

 private:
  void map_documents() {
    std::vector<const UnitDocument*> newest_first;
    for (const UnitDocument& document : input_.documents) newest_first.push_back(&document);
    std::stable_sort(newest_first.begin(), newest_first.end(), [](const auto* left, const auto* right) {
      return left->name.occurred_at_padded() > right->name.occurred_at_padded();
    });
    if (settings_.newest_document_only && !newest_first.empty()) newest_first = {newest_first.front()};
    for (const UnitDocument* document : newest_first) map_rows(*document);
  }

  void map_rows(const UnitDocument& document) {
    const ResourceRule* rule = mapping_.find(info(input_.unit.kind).resource_type, document.name.key.type);
    if (rule == nullptr) {
      outcome_.holds.push_back({FailureCode::map_no_rule,
                                {},
                                SafeText::vouched("no mapping file has a <resource> for " +
                                                  std::string(info(document.name.key.type).name))});
      return;
    }
    const std::set<std::string> in_newer_documents = instances_;
    contents_in_document_.clear();
    const auto rows = rows_of(*document.message, document.name.key.type, rule->row);
    // Of an instance that was added and then deleted in one message the last row tells the state.
    std::set<std::string> left_out_at_last;
    for (const ssmix2::Row& row : rows) {
      const Variables variables = variables_of(document);
      const Scope scope{.row = &row, .variables = &variables};
      if (is_left_out(*rule, scope)) {
        left_out_at_last.insert(instance_of(*rule, scope));
      } else {
        left_out_at_last.erase(instance_of(*rule, scope));
      }
    }
    for (const ssmix2::Row& row : rows) map_row(*rule, document, row, in_newer_documents, left_out_at_last);
  }

  void map_row(const ResourceRule& rule, const UnitDocument& document, const ssmix2::Row& row,
               const std::set<std::string>& in_newer_documents,
               const std::set<std::string>& left_out_at_last) {
    Variables variables = variables_of(document);
    const Scope scope{.row = &row, .variables = &variables};
    const std::string instance = instance_of(rule, scope);
    if (instance.empty()) {
      outcome_.holds.push_back(
          {FailureCode::map_missing_element,
           {.segment = rule.row, .occurrence = row.segment().occurrence()},
           SafeText::vouched("the row has nothing that identifies it, by " + rule.origin.text())});
      return;
    }
    if (auto unreadable = find_unreadable_decision(rule, scope, instance)) {
      outcome_.holds.push_back(std::move(*unreadable));
      return;
    }
    // Also before a row is left out: what a newer document deleted must not come back from an older one.
    if (in_newer_documents.contains(instance)) return;
    instances_.insert(instance);
    if (left_out_at_last.contains(instance) || is_left_out(rule, scope)) {
      ++outcome_.rows_left_out;
      return;
    }
    variables.emplace("instance", instance);
    variables.emplace("patient-url", EntryUrl{0});
    MappedRow mapped = fhir_mapper::map_row(rule, row, variables, context_);
    if (is_repetition(rule, row, instance, mapped.resource)) return;
    keep(mapped);
    resources_.push_back(std::move(mapped.resource));
  }

  /// Which row it is and whether it is sent must not hang on a character that could not be read: two
  /// allergies would be one, a deleted row would be sent.
  static std::optional<Failure> find_unreadable_decision(const ResourceRule& rule, const Scope& scope,
                                                         const std::string& instance) {
    for (const LeaveOut& leave_out : rule.leave_out) {
      if (auto unreadable = find_unreadable(leave_out.when, scope)) return unreadable;
    }
    for (const Ended& ended : rule.ended) {
      if (auto unreadable = find_unreadable(ended.when, scope)) return unreadable;
    }
    if (!has_replaced_character(instance)) return std::nullopt;
    return Failure{FailureCode::map_bad_value,
                   {.segment = rule.row, .occurrence = scope.row->segment().occurrence()},
                   SafeText::vouched("what identifies the row has a character that could not be read, by " +
                                     rule.origin.text())};
  }

  /// Writers repeat rows. Two that differ under one identity would be one resource to whoever receives them.
  bool is_repetition(const ResourceRule& rule, const ssmix2::Row& row, const std::string& instance,
                     const Node& resource) {
    const auto [earlier, fresh] = contents_in_document_.try_emplace(instance, content_of(resource));
    if (fresh) return false;
    if (earlier->second == content_of(resource)) return true;
    outcome_.holds.push_back(
        {FailureCode::map_bad_value,
         {.segment = rule.row, .occurrence = row.segment().occurrence()},
         SafeText::vouched("an earlier row has the same identity and says something else; add to "
                           "instance=\"...\" what tells them apart, by " +
                           rule.origin.text())});
    return false;
  }

  bool is_left_out(const ResourceRule& rule, const Scope& scope) const {
    for (const LeaveOut& leave_out : rule.leave_out) {
      if (holds(leave_out.when, scope)) return true;
    }
    const std::string ended = latest_end(rule, scope);
    return !ended.empty() && ended < years_before(settings_.today, kYearsAfterEnd).substr(0, ended.size());
  }

  /// As many digits as are known, so that a partial date counts as within the window for as long as it can
  /// be.
  static std::string latest_end(const ResourceRule& rule, const Scope& scope) {
    std::string latest;
    for (const Ended& ended : rule.ended) {
      if (!holds(ended.when, scope)) continue;
      for (const Source& source : ended.from) {
        const auto time = Hl7Time::parse(find(source, scope).text);
        if (!time) continue;
        const std::size_t known = time->precision() == ssmix2::TimePrecision::year    ? 4
                                  : time->precision() == ssmix2::TimePrecision::month ? 6
                                                                                      : 8;
        latest = std::max(latest, time->sortable().substr(0, known));
      }
    }
    return latest;
  }

  /// The place of each part is kept, so that an item without a local code is not taken for one without a
  /// sub-id.
  static std::string instance_of(const ResourceRule& rule, const Scope& scope) {
    for (const auto& alternative : rule.instance) {
      std::string joined;
      bool anything = false;
      for (const Source& source : alternative) {
        const Found found = find(source, scope);
        // The order number alone does not tell its rows apart.
        const bool of_row = source.kind != Source::Kind::variable || alternative.size() == 1;
        anything = anything || (of_row && !found.text.empty());
        joined.append(found.text).append("_");
      }
      joined.erase(joined.find_last_not_of('_') + 1);
      if (anything) return joined;
    }
    return "";
  }

  void map_patient() {
    if (!input_.master) {
      outcome_.holds.push_back({FailureCode::patient_no_master, {}, {}});
      return;
    }
    if (auto failure = find_gate_failure(*input_.master, input_.unit.patient)) {
      outcome_.holds.push_back(std::move(*failure));
      return;
    }
    const ResourceRule* rule = mapping_.find("Patient", DataType::ADT_00);
    const CodeTable* plans = mapping_.table("insurance-plans");
    if (rule == nullptr || plans == nullptr) {
      outcome_.holds.push_back(
          {FailureCode::map_no_rule,
           {},
           "the mapping has no <resource type=\"Patient\" document=\"ADT-00\"> or no table "
           "insurance-plans"});
      return;
    }
    Variables variables = variables_of(*input_.master);
    add_insured_identifier(*plans, variables);
    const auto rows = rows_of(*input_.master->message, DataType::ADT_00, rule->row);
    if (rows.empty()) {
      outcome_.holds.push_back(
          {FailureCode::map_no_rule, {.segment = rule->row}, "the ADT-00 has no such row"});
    }
    if (!outcome_.holds.empty()) return;
    MappedRow mapped = fhir_mapper::map_row(*rule, rows.front(), variables, context_);
    patient_ = std::move(mapped.resource);
    keep(mapped, /*first=*/true);
  }

  void add_insured_identifier(const CodeTable& plans, Variables& variables) {
    const auto selected = select_insured_identifier(*input_.master->message, plans, settings_.insured_number,
                                                    settings_.branch_required, settings_.today);
    if (selected.has_value()) {
      insured_identifier_ = selected->value;
      variables.emplace("insured-identifier", selected->value);
      variables.emplace("insured-identifier-system", std::string(selected->system()));
      if (selected->expired) {
        outcome_.warnings.emplace_back(FailureCode::patient_insurance_expired, Place{.segment = "IN1"});
      }
    } else if (input_.unit.kind != UnitKind::medication_request) {
      // A prescription by itself never goes to the national platform, which alone needs this identifier.
      outcome_.holds.push_back(selected.error());
    }
  }

  Variables variables_of(const UnitDocument& document) const {
    Variables variables{
        {"institution-number", settings_.institution_number},
        {"facility-name", settings_.facility_name},
        {"pack-version", settings_.pack_version},
        {"untold", settings_.untold},
        {"patient-id", input_.unit.patient.reveal()},
        {"order-no", document.name.key.order_no},
        {"document-time", document.name.occurred_at_padded()},
    };
    if (document.name.department != "-") variables.emplace("department", document.name.department);
    return variables;
  }

  void keep(MappedRow& mapped, bool first = false) {
    std::move(mapped.holds.begin(), mapped.holds.end(), std::back_inserter(outcome_.holds));
    std::move(mapped.warnings.begin(), mapped.warnings.end(), std::back_inserter(outcome_.warnings));
    std::move(mapped.missing_codes.begin(), mapped.missing_codes.end(),
              std::back_inserter(outcome_.missing_codes));
    if (!settings_.explain) return;
    UnitOutcome::ExplainedResource explained{
        first ? "Patient" : std::string(info(input_.unit.kind).resource_type),
        std::move(mapped.explanations)};
    outcome_.explanations.insert(first ? outcome_.explanations.begin() : outcome_.explanations.end(),
                                 std::move(explained));
  }

  const UnitInput& input_;
  const Mapping& mapping_;
  const UnitSettings& settings_;
  MappingContext context_;
  UnitOutcome outcome_;
  Node patient_;
  std::vector<Node> resources_;
  std::string insured_identifier_;
  std::set<std::string> instances_;
  std::map<std::string, std::string> contents_in_document_;  // by instance
};

}  // namespace

UnitOutcome map_unit(const UnitInput& input, const Mapping& mapping, const UnitSettings& settings) {
  return UnitMapper(input, mapping, settings).run();
}

}  // namespace fhir_mapper
