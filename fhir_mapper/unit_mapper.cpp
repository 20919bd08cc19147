#include "fhir_mapper/unit_mapper.h"

#include "fhir_mapper/document_gate.h"
#include "fhir_mapper/json_writer.h"
#include "fhir_mapper/numbered_thing.h"
#include "fhir_mapper/replaced_character.h"
#include "fhir_mapper/row_selection.h"
#include "ssmix2/value_place.h"

#include <algorithm>
#include <map>

namespace fhir_mapper {
namespace {

using ssmix2::DataType;
using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::Place;
using ssmix2::SafeText;
using ssmix2::Value;

/// A row of a document, before it is mapped.
struct Candidate {
  RowScope scope;
  std::string instance;
  std::optional<LeftOut> left_out;
};

class UnitMapper {
 public:
  UnitMapper(const UnitInput& input, const Mapping& mapping, const UnitSettings& settings)
      : input_(input), mapping_(mapping), settings_(settings), context_{settings.zone, settings.explain} {}

  UnitOutcome run() {
    for (const UnitDocument& document : input_.documents) {
      hold(find_gate_failure(document, input_.unit.patient));
    }
    if (!outcome_.holds.empty()) return std::move(outcome_);
    if (settings_.explain) open_accounts();
    map_documents();
    // A unit without rows is empty whoever the patient is: nothing will be sent under the identity.
    if (resources_.empty() && outcome_.holds.empty()) return std::move(outcome_);
    map_patient();
    if (outcome_.holds.empty()) {
      outcome_.mapped =
          MappedUnit{std::move(tree_), patient_, std::move(resources_), std::move(insured_identifier_)};
    }
    return std::move(outcome_);
  }

  UnitOutcome run_patient() {
    if (find_gate_failure(*input_.master, input_.unit.patient)) {
      map_patient();  // tells why
      return std::move(outcome_);
    }
    if (settings_.explain) open_accounts();
    map_patient();
    return std::move(outcome_);
  }

 private:
  void map_documents() {
    std::vector<const UnitDocument*> newest_first;
    for (const UnitDocument& document : input_.documents) newest_first.push_back(&document);
    std::stable_sort(newest_first.begin(), newest_first.end(), [](const auto* left, const auto* right) {
      return left->name.occurred_at_padded() > right->name.occurred_at_padded();
    });
    for (const UnitDocument* document : newest_first) {
      if (settings_.newest_document_only && document != newest_first.front()) {
        if (Account* account = account_of(*document)) ignore_whole(*account, "not the newest list");
      } else {
        map_rows(*document);
      }
    }
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
    const auto rows = rows_of(*document.message, document.name.key.type, rule->row);
    if (rows.empty()) hold(find_missing_rows(document));
    turn_to(document);
    Variables variables = variables_of(document);
    std::vector<Candidate> candidates;
    candidates.reserve(rows.size());
    // Of an instance that was added and then deleted in one message the last row tells the state.
    std::map<std::string_view, const Candidate*> last;
    for (const ssmix2::Row& row : rows) {
      RowScope scope(*rule, row, *fields_, variables);
      std::string instance = instance_of(*rule, scope);
      auto left_out = find_left_out(*rule, scope, settings_.today);
      candidates.push_back({std::move(scope), std::move(instance), left_out});
      last[candidates.back().instance] = &candidates.back();
    }
    resource_in_document_.clear();
    for (Candidate& candidate : candidates) {
      follow_last(candidate, *last[candidate.instance], document);
      map_row(*rule, document, candidate, variables);
    }
  }

  void follow_last(Candidate& candidate, const Candidate& last, const UnitDocument& document) {
    if (!last.left_out) return;
    if (!candidate.left_out && !candidate.instance.empty()) {
      hold(find_other_thing({last.scope.row().segment(), &document.name},
                            {candidate.scope.row().segment(), &document.name}, mapping_));
    }
    candidate.left_out = last.left_out;
  }

  void hold(std::optional<Failure> failure) {
    if (failure) outcome_.holds.push_back(std::move(*failure));
  }

  void map_row(const ResourceRule& rule, const UnitDocument& document, const Candidate& candidate,
               Variables& variables) {
    const std::string& instance = candidate.instance;
    const Place at{.segment = rule.row, .occurrence = candidate.scope.row().segment().occurrence()};
    Account* account = account_of(document);
    if (account != nullptr) keep_selection(rule, candidate, *account);
    if (instance.empty() && candidate.left_out && says_nothing(candidate.scope.row())) {
      return leave_out(candidate, account);
    }
    if (instance.empty()) {
      if (account != nullptr) refuse_row(rule, candidate, *account);
      outcome_.holds.push_back(
          {FailureCode::map_missing_element, at,
           SafeText::vouched("the row has nothing that identifies it, by " + rule.identity->origin.text())});
      return;
    }
    if (auto unreadable =
            find_unreadable_decision(rule, candidate.scope, instance, context_.may_be_unreadable)) {
      if (account != nullptr) refuse_row(rule, candidate, *account);
      outcome_.holds.push_back(std::move(*unreadable));
      return;
    }
    // Also before a row is left out: what a newer document deleted must not come back from an older one.
    const NumberedRow row{candidate.scope.row().segment(), &document.name};
    const NumberedRow& newest = newest_row_of_.try_emplace(instance, row).first->second;
    if (newest.document != row.document) {
      if (!candidate.left_out) hold(find_other_thing(newest, row, mapping_));
      if (account != nullptr) ignore_row(candidate, *account, {nullptr, "a newer document has this row"});
      return;
    }
    if (candidate.left_out) return leave_out(candidate, account);
    hold(find_future_end(rule, candidate.scope, std::string_view(document.name.occurred_at).substr(0, 8)));
    variables.set(Variable::instance, instance);
    variables.set(Variable::patient_url, EntryUrl{0});
    MappedRow mapped = fhir_mapper::map_row(rule, candidate.scope, context_, tree_);
    keep_trace(mapped, account);
    if (account != nullptr) {
      account->settle_variable("$instance", instance_values(rule, candidate.scope), mapped.trace);
    }
    if (is_repetition(rule, at, instance, *mapped.resource)) return;
    explain(mapped, document, at, info(input_.unit.kind).resource_type);
    keep(mapped);
    resource_in_document_.emplace(instance, resources_.size());
    resources_.push_back(mapped.resource);
  }

  void leave_out(const Candidate& candidate, Account* account) {
    if (account != nullptr) ignore_row(candidate, *account, *candidate.left_out);
    ++outcome_.rows_left_out;
  }

  /// Writers repeat rows. Two that differ under one identity would be one resource to whoever receives them.
  bool is_repetition(const ResourceRule& rule, const Place& at, const std::string& instance,
                     const Node& resource) {
    const auto earlier = resource_in_document_.find(instance);
    if (earlier == resource_in_document_.end()) return false;
    if (content_of(*resources_[earlier->second]) == content_of(resource)) return true;
    outcome_.holds.push_back(
        {FailureCode::map_bad_value, at,
         SafeText::vouched("an earlier row has the same identity and says something else; add to "
                           "instance=\"...\" what tells them apart, by " +
                           rule.identity->origin.text())});
    return false;
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
    // For want of an insurance alone, the values of the master are accounted for all the same.
    const bool held = !outcome_.holds.empty();
    add_insured_identifier(*plans, variables);
    const auto rows = rows_of(*input_.master->message, DataType::ADT_00, rule->row);
    if (rows.empty()) {
      outcome_.holds.push_back(
          {FailureCode::map_no_rule, {.segment = rule->row}, "the ADT-00 has no such row"});
      return;
    }
    if (held) return;
    turn_to(*input_.master);
    MappedRow mapped =
        fhir_mapper::map_row(*rule, RowScope(*rule, rows.front(), *fields_, variables), context_, tree_);
    patient_ = mapped.resource;
    Account* account = account_of(*input_.master);
    keep_trace(mapped, account);
    if (account != nullptr) settle_identifiers(mapped.trace, *account);
    explain(mapped, *input_.master, {.segment = rule->row, .occurrence = 1}, "Patient");
    keep(mapped);
  }

  void add_insured_identifier(const CodeTable& plans, Variables& variables) {
    const auto selected =
        select_insured_identifier(*input_.master->message, plans,
                                  {.form = settings_.insured_number,
                                   .branch_required = settings_.branch_required,
                                   .public_payers = has_public_payers(settings_.pack_version),
                                   .today = settings_.today});
    if (Account* account = account_of(*input_.master)) settle_insurances(selected, *account);
    if (selected.has_value()) {
      insured_identifier_values_ = selected->taken;
      insured_identifier_ = selected->value;
      variables.set(Variable::insured_identifier, selected->value);
      variables.set(Variable::insured_identifier_system, std::string(selected->system()));
      if (selected->validity == InsuredIdentifier::Validity::expired) {
        outcome_.warnings.push_back(
            {FailureCode::patient_insurance_expired, {.segment = "IN1"}, "IN1-13 is in the past"});
      } else if (selected->validity == InsuredIdentifier::Validity::not_yet_valid) {
        outcome_.warnings.push_back(
            {FailureCode::patient_insurance_expired, {.segment = "IN1"}, "IN1-12 is in the future"});
      }
    } else {
      // Of prescriptions, too, which go to regional servers alone: they claim to be of a JP_Patient_eCS, and
      // that has the identifier.
      outcome_.holds.push_back(selected.error());
    }
  }

  Variables variables_of(const UnitDocument& document) const {
    Variables variables;
    variables.set(Variable::institution_number, settings_.institution_number);
    variables.set(Variable::facility_name, settings_.facility_name);
    variables.set(Variable::pack_version, settings_.pack_version);
    variables.set(Variable::untold, settings_.untold);
    variables.set(Variable::patient_id, input_.unit.patient.reveal());
    variables.set(Variable::order_no, document.name.key.order_no);
    variables.set(Variable::document_time, document.name.occurred_at_padded());
    if (document.name.department != "-") variables.set(Variable::department, document.name.department);
    return variables;
  }

  /// `fields_` and `context_` are of the document from now on. A message is searched once, not for each row,
  /// nor again where a document is its unit's master, too.
  void turn_to(const UnitDocument& document) {
    if (fields_ && &fields_->message() == document.message) return;
    fields_.emplace(*document.message);
    context_.may_be_unreadable = may_have_replaced_character(*document.message);
  }

  void keep(MappedRow& mapped) {
    std::move(mapped.holds.begin(), mapped.holds.end(), std::back_inserter(outcome_.holds));
    std::move(mapped.warnings.begin(), mapped.warnings.end(), std::back_inserter(outcome_.warnings));
    std::move(mapped.missing_codes.begin(), mapped.missing_codes.end(),
              std::back_inserter(outcome_.missing_codes));
  }

  // What is below is kept only when it was asked for.

  void open_accounts() {
    std::vector<UnitDocument> documents;
    if (input_.master) documents.push_back(*input_.master);
    for (const UnitDocument& document : input_.documents) {
      const bool is_master = input_.master && input_.master->message == document.message;
      if (!is_master) documents.push_back(document);
    }
    for (const UnitDocument& document : documents) {
      outcome_.accounts.push_back({document.name, Account(*document.message)});
      auto& opened = outcome_.accounts.back();
      settle_gate(opened.account);
      for (const ResourceRule& rule : mapping_.resources()) {
        if (rule.document != document.name.key.type) continue;
        for (const Ignore& ignore : rule.ignored) opened.account.settle(ignore);
      }
    }
  }

  Account* account_of(const UnitDocument& document) {
    for (auto& opened : outcome_.accounts) {
      if (&opened.account.message() == document.message) return &opened.account;
    }
    return nullptr;
  }

  static void ignore_row(const Candidate& candidate, Account& account, const LeftOut& left_out) {
    for (const ssmix2::Segment& segment : candidate.scope.row().own_segments()) {
      account.settle(segment, Fate::ignored, left_out.rule, left_out.reason);
    }
  }

  static void refuse_row(const ResourceRule& rule, const Candidate& candidate, Account& account) {
    for (const ssmix2::Segment& segment : candidate.scope.row().own_segments()) {
      account.settle(segment, Fate::malformed, rule.identity, "nothing readable identifies the row");
    }
  }

  /// What could not be used is the field of the failure; the rest was only looked at.
  void settle_insurances(const ssmix2::Result<InsuredIdentifier>& selected, Account& account) const {
    for (const Value& value : insured_identifier_sources(account.message(), settings_.insured_number)) {
      account.settle(
          {.value = value, .fate = Fate::ignored, .reason = "the insured identifier is chosen by it"});
    }
    if (selected.has_value() || selected.error().place.field == 2) return;
    account.settle({.value = ssmix2::value_at(account.message(), selected.error().place),
                    .fate = Fate::malformed,
                    .reason = "no insured identifier can be made of it"});
  }

  void settle_identifiers(const Trace& trace, Account& account) const {
    if (const auto pid = account.message().first("PID")) {
      account.settle_variable("$patient-id", {pid->field(3).component(1)}, trace);
    }
    account.settle_variable("$insured-identifier", insured_identifier_values_, trace);
  }

  static void ignore_whole(Account& account, std::string_view reason) {
    for (std::size_t i = 0; i < account.message().size(); ++i) {
      account.settle(account.message().segment(i), Fate::ignored, nullptr, reason);
    }
  }

  void keep_selection(const ResourceRule& rule, const Candidate& candidate, Account& account) {
    Trace trace;
    trace_selection(rule, candidate.scope, trace);
    account.settle(trace);
    if (candidate.left_out) outcome_.rules_applied.insert(candidate.left_out->rule);
  }

  void keep_trace(const MappedRow& mapped, Account* account) {
    if (account == nullptr) return;
    account->settle(mapped.trace);
    for (const TracedValue& traced : mapped.trace.values()) {
      if (traced.use == TracedValue::Use::mapped) outcome_.rules_applied.insert(traced.rule);
    }
  }

  void explain(const MappedRow& mapped, const UnitDocument& document, const Place& row,
               std::string_view type) {
    if (!settings_.explain) return;
    auto at = type == "Patient" ? outcome_.explanations.begin() : outcome_.explanations.end();
    outcome_.explanations.insert(at, {std::string(type), explanations_of(mapped.trace, *document.message),
                                      to_text(row).str(), document.name});
  }

  const UnitInput& input_;
  const Mapping& mapping_;
  const UnitSettings& settings_;
  MappingContext context_;
  std::optional<ssmix2::FieldIndex> fields_;  // see turn_to()
  UnitOutcome outcome_;
  Tree tree_;
  Node* patient_ = nullptr;
  std::vector<Node*> resources_;
  std::string insured_identifier_;
  std::vector<Value> insured_identifier_values_;
  std::map<std::string, NumberedRow> newest_row_of_;         // by instance, of the newest document with it
  std::map<std::string, std::size_t> resource_in_document_;  // by instance: index into resources_
};

}  // namespace

UnitOutcome map_unit(const UnitInput& input, const Mapping& mapping, const UnitSettings& settings) {
  return UnitMapper(input, mapping, settings).run();
}

UnitOutcome map_patient_alone(const UnitDocument& master, const Mapping& mapping,
                              const UnitSettings& settings) {
  // Of this kind an insurance that cannot be used is no reason to stop.
  UnitInput input{.unit = {UnitKind::medication_request, master.name.key.patient, "", ""},
                  .documents = {},
                  .master = master};
  return UnitMapper(input, mapping, settings).run_patient();
}

}  // namespace fhir_mapper
