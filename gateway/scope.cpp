#include "gateway/scope.h"

#include "fhir_mapper/report_unit.h"
#include "gateway/storage_tree.h"
#include "gateway/unit_builder.h"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

using ssmix2::DataType;
using std::chrono::days;
using std::chrono::sys_days;

/// `count` digits of `value`, with zeros before them.
void append_digits(std::string& text, unsigned value, int count) {
  std::string digits(static_cast<std::size_t>(count), '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, value /= 10) {
    *digit = static_cast<char>('0' + value % 10);
  }
  text += digits;
}

std::string as_folder_name(Scope::Date date) {
  std::string text;
  append_digits(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  append_digits(text, static_cast<unsigned>(date.month()), 2);
  append_digits(text, static_cast<unsigned>(date.day()), 2);
  return text;
}

/// Not "-", and not what nobody can tell the age of.
bool is_calendar_date(std::string_view name) {
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  if (name.size() != 8 || !std::all_of(name.begin(), name.end(), is_digit)) return false;
  const auto number = [name](std::size_t at, std::size_t count) {
    unsigned value = 0;
    for (const char digit : name.substr(at, count)) value = value * 10 + static_cast<unsigned>(digit - '0');
    return value;
  };
  return std::chrono::year_month_day(std::chrono::year(static_cast<int>(number(0, 4))),
                                     std::chrono::month(number(4, 2)), std::chrono::day(number(6, 2)))
      .ok();
}

bool is_older(std::string_view date_folder, const std::optional<days>& lookback, Scope::Date today) {
  if (!lookback || !is_calendar_date(date_folder)) return false;
  return date_folder < as_folder_name(sys_days(today) - *lookback);
}

std::string_view setting_of(DataType type) {
  return type == DataType::OML_11 ? "lab-lookback" : "prescription-lookback";
}

}  // namespace

Scope::Scope(const Settings& settings, const StorageSettings& storage) {
  const ScopeSettings& scope = storage.scope;
  for (const ssmix2::DataTypeInfo& type : ssmix2::data_types()) {
    const auto kind = fhir_mapper::unit_kind_of(type.type);
    if (!kind) continue;
    if (!scope.types.empty() && !scope.types.contains(std::string(type.name))) continue;
    const bool taken =
        std::any_of(settings.destinations.begin(), settings.destinations.end(),
                    [&kind](const DestinationSettings& destination) { return takes(destination, *kind); });
    if (!taken) continue;
    const auto lookback = type.type == DataType::OML_11   ? scope.lab_lookback
                          : type.type == DataType::OMP_01 ? scope.prescription_lookback
                                                          : std::nullopt;
    types_.push_back({type.type, !fhir_mapper::info(*kind).whole_patient, lookback});
  }
}

const Scope::WantedType* Scope::wanted(DataType type) const {
  const auto found = std::find_if(types_.begin(), types_.end(),
                                  [type](const WantedType& each) { return each.type == type; });
  return found == types_.end() ? nullptr : &*found;
}

bool Scope::wants_type(DataType type) const {
  return type == DataType::ADT_00 || wanted(type) != nullptr;
}

bool Scope::wants_date(std::string_view name, Date today) const {
  if (!is_calendar_date(name)) return true;
  return std::any_of(types_.begin(), types_.end(), [&](const WantedType& type) {
    return type.is_dated && !is_older(name, type.lookback, today);
  });
}

bool Scope::wants_folder(int level, std::string_view date_folder, std::string_view name, Date today) const {
  if (level == kDateLevel) return wants_date(name, today);
  if (level != kKindLevel) return true;  // deeper ones too: their files get a reason each
  const auto type = ssmix2::data_type_named(name);
  if (!type || *type == DataType::ADT_00) return true;
  const WantedType* found = wanted(*type);
  return found != nullptr && !is_older(date_folder, found->lookback, today);
}

bool Scope::wants_path(std::string_view folder, Date today) const {
  std::string_view above;
  for (int level = 1; !folder.empty(); ++level) {
    const auto slash = std::min(folder.find('/'), folder.size());
    const std::string_view name = folder.substr(0, slash);
    if (!wants_folder(level, above, name, today)) return false;
    above = name;
    folder.remove_prefix(std::min(slash + 1, folder.size()));
  }
  return true;
}

std::string Scope::text() const {
  std::string types = "types=";
  std::string lookbacks;
  for (const WantedType& type : types_) {
    if (types.back() != '=') types += ',';
    types += ssmix2::info(type.type).name;
    if (!type.lookback) continue;
    lookbacks.append(" ").append(setting_of(type.type)).append("=");
    lookbacks.append(std::to_string(type.lookback->count())).append("d");
  }
  return types + lookbacks;
}

}  // namespace gateway
