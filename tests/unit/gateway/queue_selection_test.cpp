#include "gateway/queue_selection.h"

#include "gateway/queue_row.h"
#include "gateway/unit_names.h"
#include "tests/unit/gateway/queue_support.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;
using fhir_mapper::UnitKind;
using Names = std::vector<std::string>;

const fhir_mapper::ReportUnit kOrder{UnitKind::observation, ssmix2::PatientId("0009"), "20260401", "1"};

/// 0001 delivered, 0002 rejected by the platform, 0003 held, 0004 pending, an order of 0009 pending at two.
struct Several {
  Several() {
    queue.deliver("0001", content("A"), 10);
    queue.put("0002", content("B"), 20);
    queue.deliver(20, Verdict::rejected);
    queue.put("0003", held(), 30);
    queue.put("0004", content("D"), 40);
    BuiltUnit both = built(kOrder, content("E"));
    both.snapshots["region"] = content("E");
    put(queue.contents(), both, at(50));
  }

  /// "patient@destination" of what is selected.
  Names selected(const QueueFilter& filter) {
    QueueRows rows(queue.database());
    Names names;
    const auto selection = select_rows(queue.database(), filter, at(100));
    for (const OutboxKey key : selection.rows) {
      const auto unit = queue.contents().units.find(key.unit);
      names.push_back(unit->unit.patient.reveal() + "@" + rows.find(key)->destination);
    }
    return names;
  }
  std::string label_of(const fhir_mapper::ReportUnit& unit) {
    return label(label_salt(queue.database()), unit.key()).str();
  }

  Queue queue;
};

const Names kUndelivered{"0002@platform", "0003@platform", "0004@platform", "0009@platform", "0009@region"};

}  // namespace

TEST_CASE("A filter that says nothing of delivered rows means those that are not delivered") {
  Several several;
  CHECK(several.selected({}) == kUndelivered);
  CHECK(several.selected({.destinations = {"platform", "region"}}) == kUndelivered);
  CHECK(several.selected({.all = true}).size() == 6);
}

TEST_CASE("Rows are chosen by state, destination, type, reason and age, and all that is given must hold") {
  Several several;
  CHECK(several.selected({.states = {OutboxState::delivered}}) == Names{"0001@platform"});
  CHECK(several.selected({.states = {OutboxState::held, OutboxState::rejected}}) ==
        Names{"0002@platform", "0003@platform"});
  CHECK(several.selected({.destinations = {"region"}}) == Names{"0009@region"});
  CHECK(several.selected({.destinations = {"nowhere"}}) == Names{});
  CHECK(several.selected({.kinds = {UnitKind::observation}}) == Names{"0009@platform", "0009@region"});
  CHECK(several.selected({.reasons = {"patient:no-insurance"}}) == Names{"0003@platform"});
  CHECK(several.selected({.reasons = {"delivery", "patient:no-insurance"}}) ==
        Names{"0002@platform", "0003@platform"});
  CHECK(several.selected({.older_than = std::chrono::seconds(60)}) ==
        Names{"0002@platform", "0003@platform", "0004@platform"});
  CHECK(several.selected({.older_than = std::chrono::seconds(90), .all = true}) == Names{"0001@platform"});
  CHECK(several.selected({.states = {OutboxState::held}, .destinations = {"region"}}) == Names{});
}

TEST_CASE("A patient is found with or without leading zeros, delivered rows with the others") {
  Several several;
  CHECK(several.selected({.patient = ssmix2::PatientId("1")}) == Names{"0001@platform"});
  CHECK(several.selected({.patient = ssmix2::PatientId("0009")}) == Names{"0009@platform", "0009@region"});
  CHECK(several.selected({.patient = ssmix2::PatientId("17")}) == Names{});
  CHECK(several.selected({.states = {OutboxState::pending}, .patient = ssmix2::PatientId("1")}) == Names{});
}

TEST_CASE("Units are named by Bundle-ID or hash, and what is not there is told") {
  Several several;
  const std::string known = bundle_of(condition_unit("0001"));
  CHECK(several.selected({.units = {known}}) == Names{"0001@platform"});
  CHECK(several.selected({.units = {several.label_of(condition_unit("0003")), known, known}}) ==
        Names{"0001@platform", "0003@platform"});
  CHECK(several.selected({.patient = ssmix2::PatientId("0004"), .units = {known}}) == Names{});
  const std::string of_other_year = bundle_of(condition_unit("0001"), 2025);
  const std::string unknown = bundle_of(condition_unit("0005"));
  const auto selection = select_rows(several.queue.database(),
                                     {.units = {known, unknown, of_other_year, "0123456789ab"}}, at(100));
  CHECK(selection.rows.size() == 1);
  CHECK(selection.unknown == Names{"0123456789ab", of_other_year, unknown});
}

TEST_CASE("A unit that never had a snapshot has a hash and no Bundle-ID") {
  Several several;
  const auto unit = condition_unit("0003");
  CHECK(find_units(several.queue.database(), {bundle_of(unit)}).empty());
  CHECK(find_units(several.queue.database(), {several.label_of(unit)}).size() == 1);
}

TEST_CASE("What looks like neither Bundle-ID nor hash is none") {
  CHECK(is_bundle_id(bundle_of(condition_unit())));
  CHECK(is_label("0123456789ab"));
  for (const char* text : {"", "0001234", "0123456789AB", "0123456789abc", "1319999999^2026^C", "^^", "a^b^c",
                           "1319999999^2026^C0123456789012345678901234567890123x"}) {
    CAPTURE(text);
    CHECK_FALSE(is_bundle_id(text));
    CHECK_FALSE(is_label(text));
  }
}

TEST_CASE("A filter is written as on the command line") {
  QueueFilter filter{.states = {OutboxState::held, OutboxState::in_result},
                     .destinations = {"platform"},
                     .kinds = {UnitKind::observation},
                     .reasons = {"gate:mass-delete"},
                     .older_than = std::chrono::hours(2),
                     .patient = ssmix2::PatientId("0001"),
                     .units = {"0123456789ab"},
                     .all = true};
  CHECK(to_text(filter) ==
        "--ALL --state in-result --state held --destination platform --type Observation --reason "
        "gate:mass-delete --older-than 2h --patient 0001 0123456789ab");
  CHECK(filter.names_something());
  CHECK_FALSE(QueueFilter().names_something());
}

TEST_CASE("A row is told without anything of the patient") {
  Several several;
  QueueRows rows(several.queue.database());
  for (const OutboxKey key : select_rows(several.queue.database(), {.all = true}, at(100)).rows) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    write_queue_row(writer, *rows.find(key), *TimeZone::named("Asia/Tokyo"), at(100));
    writer.EndObject();
    const std::string text = buffer.GetString();
    CAPTURE(text);
    for (const char* number : {"0001\"", "\"0002", "\"0003", "\"0004", "\"0009", "20260401", "the outcome"})
      CHECK(text.find(number) == std::string::npos);
  }
}
