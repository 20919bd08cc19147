#include "gateway/unit_plan.h"

#include "gateway/deletes_release.h"
#include "gateway/known_documents.h"
#include "ssmix2/key_state.h"

#include <algorithm>

namespace gateway {
namespace {

using fhir_mapper::UnitKind;
using ssmix2::DataType;
using ssmix2::DocumentName;
using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::KeyState;
using ssmix2::SafeText;

constexpr std::int64_t kDeletesAlwaysAllowed = 20;
// The end of the sweep decides what a missing file means.
constexpr Milliseconds kMissingPoll{10'000};

/// Everything about one unit that the plan looks at, and the plan as it takes shape.
class Planner {
 public:
  Planner(Database& database, const PlanSettings& settings, Instant now)
      : database_(database), settings_(settings), now_(now) {}

  std::optional<UnitPlan> plan(UnitId unit) {
    if (!load_unit(unit)) return std::nullopt;
    const DataType type = info(plan_.unit.kind).document;
    const auto documents = known_documents(database_, plan_.unit, type);
    const auto masters = known_documents(database_, plan_.unit, DataType::ADT_00);
    add_live(documents, plan_.documents);
    std::vector<PlannedDocument> live_masters;
    add_live(masters, live_masters);
    if (!live_masters.empty()) {
      // One of several roots may hold an older copy: the newest stands.
      plan_.master = *std::max_element(live_masters.begin(), live_masters.end(), [](auto& left, auto& right) {
        return left.name.occurred_at_padded() < right.name.occurred_at_padded();
      });
    }
    // AL1 counts only for patients without any ADT-61, whatever its flag: a deleted list is an empty list.
    if (plan_.unit.kind == UnitKind::allergy_intolerance && documents.empty() && plan_.master) {
      plan_.documents.push_back(*plan_.master);
    }
    if (!plan_.documents.empty() && has_twins(database_, plan_.unit.patient)) {
      hold({FailureCode::path_patient_twins, {}, {}});
    }
    if (has_unreadable_folder(database_, plan_.unit)) {
      hold({FailureCode::file_unreadable, {}, "a folder of the patient cannot be listed"});
    }
    if (has_unlisted_folder(database_, plan_.unit)) wait(now_ + kMissingPoll);
    for (const PlannedDocument& document : plan_.documents) {
      plan_.empty_from = std::max(plan_.empty_from, document.accepted + delete_settle(document.ref.root));
    }
    return std::move(plan_);
  }

 private:
  bool load_unit(UnitId id) {
    auto known = Units(database_).find(id);
    if (!known) return false;
    plan_.id = id;
    plan_.unit = std::move(known->unit);
    plan_.year = known->year;
    return true;
  }

  /// One group a key; several live PPR-01 of one key with different departments count as one each.
  static std::map<std::string, std::vector<KnownDocument>> by_key(
      const std::vector<KnownDocument>& documents) {
    std::map<std::string, std::vector<KnownDocument>> groups;
    for (const KnownDocument& known : documents) {
      const DocumentName& name = known.name;
      const bool per_department = name.key.type == DataType::PPR_01;
      groups[name.key.date + "|" + name.key.order_no + "|" + (per_department ? name.department : "")]
          .push_back(known);
    }
    return groups;
  }

  void add_live(const std::vector<KnownDocument>& documents, std::vector<PlannedDocument>& live) {
    for (const auto& [key, group] : by_key(documents)) {
      std::vector<DocumentName> names;
      for (const KnownDocument& known : group) names.push_back(known.name);
      const KeyState state = state_of_key(names);
      const KnownDocument& decisive = group[state.document];
      switch (state.kind) {
        case KeyState::Kind::live:
          add_if_usable(decisive, live);
          break;
        case KeyState::Kind::deleted:
          wait_for_delete_settle(decisive, group);
          break;
        case KeyState::Kind::undecided:
          wait_for_decision(decisive, is_replaced(decisive, documents));
          break;
      }
    }
  }

  /// The writer's key has no department in it: an update by another one renames this one's document, too.
  static bool is_replaced(const KnownDocument& old, const std::vector<KnownDocument>& documents) {
    return std::any_of(documents.begin(), documents.end(), [&old](const KnownDocument& known) {
      const DocumentName& name = known.name;
      return name.key == old.name.key && name.flag == ssmix2::ConditionFlag::live &&
             name.occurred_at_padded() > old.name.occurred_at_padded();
    });
  }

  void add_if_usable(const KnownDocument& known, std::vector<PlannedDocument>& live) {
    if (!settings_.storages.contains(known.ref.root)) {
      hold({FailureCode::file_vanished, {}, "its storage is no longer in the settings"});
      return;
    }
    switch (known.state) {
      case DocumentState::accepted:
        live.push_back({known.ref, known.stat, known.name, known.since});
        break;
      case DocumentState::settling:
        wait(now_ + kSettlePoll);
        break;
      case DocumentState::missing:
        wait(now_ + kMissingPoll);
        break;
      case DocumentState::vanished:
        hold({FailureCode::file_vanished,
              {},
              known.name.key.type == DataType::ADT_00 ? SafeText("the patient's ADT-00")
                                                      : SafeText("a document of the unit")});
        break;
      case DocumentState::failed:
        // The explanation was made from a Failure when the document was refused: it holds no patient data.
        hold({known.failure == kind_of(FailureCode::file_unreadable).id ? FailureCode::file_unreadable
                                                                        : FailureCode::file_refused,
              {},
              SafeText::vouched(known.explanation)});
        break;
    }
  }

  Milliseconds delete_settle(const std::string& root) const {
    const auto storage = settings_.storages.find(root);
    return storage == settings_.storages.end() ? Milliseconds(0) : storage->second.delete_settle;
  }

  void wait_for_delete_settle(const KnownDocument& known, const std::vector<KnownDocument>& group) {
    if (!settings_.storages.contains(known.ref.root)) {
      return hold({FailureCode::file_vanished, {}, "its storage is no longer in the settings"});
    }
    // From when the key lost its last live document, which need not have been its newest.
    Instant since = known.since;
    for (const KnownDocument& each : group) since = std::max(since, each.since);
    const Instant settled = since + delete_settle(known.ref.root);
    if (settled > now_) return wait(settled);
    // The newest may be the delete message, a file of its own; what was live is the one that it deletes.
    const bool mass_delete = std::any_of(group.begin(), group.end(), [this](const KnownDocument& each) {
      const auto storage = settings_.storages.find(each.ref.root);
      return each.was_live && storage != settings_.storages.end() && is_mass_delete(each, storage->second);
    });
    if (mass_delete) hold({FailureCode::gate_mass_delete, {}, {}});
    plan_.deletes.push_back({known.ref, known.stat, known.name, known.since});
  }

  /// Deletes seen about the same time, against the live documents that are left and those that went. What a
  /// person let go counts no more: a delete that follows it is judged by itself.
  bool is_mass_delete(const KnownDocument& known, const StorageSettings& storage) {
    const Instant released = deletes_released_until(database_, known.ref.root);
    if (known.since <= released) return false;
    const Milliseconds window = std::max(storage.sweep_interval, storage.delete_settle);
    const auto [deleted, live] = deletes_between(
        database_, std::max(known.since - window, released + Milliseconds(1)), known.since + window);
    const double allowed = static_cast<double>(live + deleted) * storage.delete_limit_percent / 100.0;
    return deleted > kDeletesAlwaysAllowed && static_cast<double>(deleted) > allowed;
  }

  void wait_for_decision(const KnownDocument& known, bool replaced) {
    // It may as well be the first half of this department's own update.
    const Instant settled = known.since + delete_settle(known.ref.root);
    if (replaced && settled > now_) return wait(settled);
    if (replaced) return;
    if (known.state == DocumentState::missing) return wait(now_ + kMissingPoll);
    if (known.state == DocumentState::vanished)
      return hold({FailureCode::file_vanished, {}, "a superseded version was the last of its key"});
    if (known.since + kUndecidedPatience > now_) return wait(known.since + kUndecidedPatience);
    hold({FailureCode::key_undecided, {}, {}});
  }

  void wait(Instant until) {
    if (plan_.action == UnitPlan::Action::hold) return;
    plan_.action = UnitPlan::Action::wait;
    if (!plan_.due_again || until < *plan_.due_again) plan_.due_again = until;
  }

  /// A hold outweighs waiting: it lasts longer and a person must hear of it.
  void hold(Failure reason) {
    plan_.action = UnitPlan::Action::hold;
    if (!plan_.reason) plan_.reason = std::move(reason);
  }

  Database& database_;
  const PlanSettings& settings_;
  Instant now_;
  UnitPlan plan_;
};

}  // namespace

std::optional<UnitPlan> plan_unit(Database& database, UnitId unit, const PlanSettings& settings,
                                  Instant now) {
  return Planner(database, settings, now).plan(unit);
}

}  // namespace gateway
