#include "gateway/unit_plan.h"

#include "ssmix2/check.h"
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

struct KnownDocument {
  PlannedDocument document;
  std::string state;
  std::string explanation;
  bool was_live = false;
  Instant first_seen;
};

/// Everything about one unit that the plan looks at, and the plan as it takes shape.
class Planner {
 public:
  Planner(Database& database, const PlanSettings& settings, Instant now)
      : database_(database), settings_(settings), now_(now) {}

  std::optional<UnitPlan> plan(UnitId unit) {
    if (!load_unit(unit)) return std::nullopt;
    const DataType type = info(plan_.unit.kind).document;
    const auto documents = load_documents(type);
    const auto masters = load_documents(DataType::ADT_00);
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
    if (!plan_.documents.empty()) hold_twins();
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

  std::vector<KnownDocument> load_documents(DataType type) {
    const bool of_order = type == info(plan_.unit.kind).document && !info(plan_.unit.kind).whole_patient;
    auto select = database_.prepare(
        "SELECT root, folder, name, size, mtime_ns, inode, state, explanation, was_live, first_seen, changed "
        "FROM document "
        "WHERE patient = ? AND type = ? AND (? OR (date = ? AND order_no = ?)) ORDER BY id");
    select.with(std::string_view(plan_.unit.patient.reveal()), info(type).name, std::int64_t{!of_order},
                std::string_view(plan_.unit.date), std::string_view(plan_.unit.order_no));
    std::vector<KnownDocument> documents;
    while (select.step()) {
      KnownDocument known;
      known.document.ref = {select.text(0), select.text(1), select.text(2)};
      known.document.stat = {select.integer(3), select.integer(4), select.integer(5)};
      const auto name = ssmix2::parse_document_path(known.document.ref.relative_path());
      KAKEHASHI_CHECK(name.has_value());
      known.document.name = *name;
      known.state = select.text(6);
      known.explanation = select.text(7);
      known.was_live = select.integer(8) != 0;
      known.first_seen = Instant(Milliseconds(select.integer(9)));
      known.document.accepted = Instant(Milliseconds(select.integer(10)));
      documents.push_back(std::move(known));
    }
    return documents;
  }

  /// One group a key; several live PPR-01 of one key with different departments count as one each.
  static std::map<std::string, std::vector<KnownDocument>> by_key(
      const std::vector<KnownDocument>& documents) {
    std::map<std::string, std::vector<KnownDocument>> groups;
    for (const KnownDocument& known : documents) {
      const DocumentName& name = known.document.name;
      const bool per_department = name.key.type == DataType::PPR_01;
      groups[name.key.date + "|" + name.key.order_no + "|" + (per_department ? name.department : "")]
          .push_back(known);
    }
    return groups;
  }

  void add_live(const std::vector<KnownDocument>& documents, std::vector<PlannedDocument>& live) {
    for (const auto& [key, group] : by_key(documents)) {
      std::vector<DocumentName> names;
      for (const KnownDocument& known : group) names.push_back(known.document.name);
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
      const DocumentName& name = known.document.name;
      return name.key == old.document.name.key && name.flag == ssmix2::ConditionFlag::live &&
             name.occurred_at_padded() > old.document.name.occurred_at_padded();
    });
  }

  void add_if_usable(const KnownDocument& known, std::vector<PlannedDocument>& live) {
    if (!settings_.storages.contains(known.document.ref.root)) {
      hold({FailureCode::file_vanished, {}, "its storage is no longer in the settings"});
    } else if (known.state == "accepted") {
      live.push_back(known.document);
    } else if (known.state == "settling") {
      wait(now_ + kSettlePoll);
    } else if (known.state == "vanished") {
      const bool master = known.document.name.key.type == DataType::ADT_00;
      hold({FailureCode::file_vanished,
            {},
            master ? SafeText("the patient's ADT-00") : SafeText("a document of the unit")});
    } else {
      // The explanation was made from a Failure when the document was refused: it holds no patient data.
      hold({FailureCode::file_unreadable, {}, SafeText::vouched(known.explanation)});
    }
  }

  Milliseconds delete_settle(const std::string& root) const {
    const auto storage = settings_.storages.find(root);
    return storage == settings_.storages.end() ? Milliseconds(0) : storage->second.delete_settle;
  }

  void wait_for_delete_settle(const KnownDocument& known, const std::vector<KnownDocument>& group) {
    const Instant settled = known.first_seen + delete_settle(known.document.ref.root);
    if (settled > now_) return wait(settled);
    // The newest may be the delete message, a file of its own; what was live is the one that it deletes.
    const bool mass_delete = std::any_of(group.begin(), group.end(), [this](const KnownDocument& each) {
      const auto storage = settings_.storages.find(each.document.ref.root);
      return each.was_live && storage != settings_.storages.end() && is_mass_delete(each, storage->second);
    });
    if (mass_delete) hold({FailureCode::gate_mass_delete, {}, {}});
  }

  /// Deletes seen about the same time, against the live documents that are left and those that went.
  bool is_mass_delete(const KnownDocument& known, const StorageSettings& storage) {
    const Milliseconds window = std::max(storage.sweep_interval, storage.delete_settle);
    auto select = database_.prepare(
        "SELECT COUNT(*), (SELECT COUNT(*) FROM document WHERE flag = 1) FROM document AS gone "
        "WHERE flag = 0 AND was_live = 1 AND first_seen BETWEEN ? AND ? AND NOT EXISTS "
        // Some writers rename to 0 before they create the next 1: that is an update.
        "(SELECT 1 FROM document AS next WHERE next.patient = gone.patient AND next.type = gone.type AND "
        "next.date = gone.date AND next.order_no = gone.order_no AND next.flag = 1)");
    select.with((known.first_seen - window).time_since_epoch().count(),
                (known.first_seen + window).time_since_epoch().count());
    if (!select.step()) return false;
    const std::int64_t deleted = select.integer(0);
    const double allowed =
        static_cast<double>(select.integer(1) + deleted) * storage.delete_limit_percent / 100.0;
    return deleted > kDeletesAlwaysAllowed && static_cast<double>(deleted) > allowed;
  }

  void wait_for_decision(const KnownDocument& known, bool replaced) {
    // It may as well be the first half of this department's own update.
    const Instant settled = known.first_seen + delete_settle(known.document.ref.root);
    if (replaced && settled > now_) return wait(settled);
    if (replaced) return;
    if (known.state == "vanished")
      return hold({FailureCode::file_vanished, {}, "a superseded version was the last of its key"});
    if (known.first_seen + kUndecidedPatience > now_) return wait(known.first_seen + kUndecidedPatience);
    hold({FailureCode::key_undecided, {}, {}});
  }

  void hold_twins() {
    auto select = database_.prepare(
        "SELECT COUNT(DISTINCT patient) FROM document WHERE canonical = ? AND state <> 'vanished'");
    select.with(std::string_view(plan_.unit.patient.canonical()));
    if (select.step() && select.integer(0) > 1) hold({FailureCode::path_patient_twins, {}, {}});
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
