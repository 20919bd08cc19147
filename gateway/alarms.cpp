#include "gateway/alarms.h"

#include "ssmix2/check.h"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

struct AlarmName {
  AlarmKind kind;
  std::string_view name;
};

constexpr auto kAlarmNames = std::to_array<AlarmName>({
    {AlarmKind::outage, "outage"},
    {AlarmKind::unreadable, "unreadable"},
    {AlarmKind::clock, "clock"},
    {AlarmKind::disk, "state-disk"},
    {AlarmKind::space, "state-space"},
    {AlarmKind::backlog, "backlog"},
    {AlarmKind::rebuilt, "state-rebuilt"},
    {AlarmKind::years, "unit-years"},
    {AlarmKind::restored, "state-restored"},
    {AlarmKind::certificate, "certificate"},
});

constexpr std::chrono::days kKept{30};

AlarmKind alarm_named(std::string_view name) {
  const auto found = std::ranges::find(kAlarmNames, name, &AlarmName::name);
  KAKEHASHI_CHECK(found != kAlarmNames.end());
  return found->kind;
}

}  // namespace

std::string_view name_of(AlarmKind kind) {
  return std::ranges::find(kAlarmNames, kind, &AlarmName::kind)->name;
}

std::vector<AlarmKind> alarm_kinds() {
  std::vector<AlarmKind> kinds;
  for (const AlarmName& alarm : kAlarmNames) kinds.push_back(alarm.kind);
  return kinds;
}

bool is_acknowledged(AlarmKind kind) {
  return kind == AlarmKind::rebuilt || kind == AlarmKind::years || kind == AlarmKind::restored;
}

bool Alarms::raise(std::string_view storage, AlarmKind kind, const ssmix2::SafeText& explanation,
                   Instant now) {
  const bool raised = is_raised(storage, kind);
  database_
      .prepare(
          "INSERT INTO alarm (storage, kind, since, explanation) VALUES (?, ?, ?, ?) "
          "ON CONFLICT (storage, kind) DO UPDATE SET explanation = excluded.explanation "
          "WHERE explanation <> excluded.explanation")
      .with(storage, name_of(kind), now.time_since_epoch().count(), explanation.view())
      .run();
  return !raised;
}

bool Alarms::clear(std::string_view storage, AlarmKind kind) {
  if (!is_raised(storage, kind)) return false;
  database_.prepare("DELETE FROM alarm WHERE storage = ? AND kind = ?").with(storage, name_of(kind)).run();
  return true;
}

bool Alarms::is_raised(std::string_view storage, AlarmKind kind) {
  auto select = database_.prepare("SELECT 1 FROM alarm WHERE storage = ? AND kind = ?");
  return select.with(storage, name_of(kind)).step();
}

std::vector<Alarm> Alarms::all() {
  auto select =
      database_.prepare("SELECT storage, kind, since, explanation FROM alarm ORDER BY storage, kind");
  std::vector<Alarm> alarms;
  while (select.step()) {
    alarms.push_back({select.text(0), alarm_named(select.text(1)), Instant(Milliseconds(select.integer(2))),
                      select.text(3)});
  }
  return alarms;
}

int Alarms::acknowledge() {
  int dropped = 0;
  for (const Alarm& alarm : all()) {
    if (is_acknowledged(alarm.kind)) dropped += clear(alarm.storage, alarm.kind) ? 1 : 0;
  }
  return dropped;
}

int Alarms::drop_old(Instant now) {
  int dropped = 0;
  for (const Alarm& alarm : all()) {
    if (!is_acknowledged(alarm.kind) || now - alarm.since < kKept) continue;
    dropped += clear(alarm.storage, alarm.kind) ? 1 : 0;
  }
  return dropped;
}

void Alarms::drop_all_but(const std::set<std::string>& storages) {
  for (const Alarm& alarm : all()) {
    const bool is_of_machine = alarm.storage.empty();
    if (!is_of_machine && !storages.contains(alarm.storage)) clear(alarm.storage, alarm.kind);
  }
}

}  // namespace gateway
