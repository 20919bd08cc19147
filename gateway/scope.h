#pragma once
// Which folders of a storage are entered: those whose documents something can be made of, and all that nobody
// knows, because an unknown file is told and never passed over. Immutable; any thread. No clock inside.

#include "gateway/settings.h"
#include "ssmix2/data_type.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

class Scope {
 public:
  using Date = std::chrono::year_month_day;

  Scope(const Settings& settings, const StorageSettings& storage);

  /// ADT-00, and what `types` of <scope> allows and some destination takes.
  bool wants_type(ssmix2::DataType type) const;

  /// Levels: 0 root, 1 and 2 digits, 3 patient, 4 date, 5 kind. `date_folder` is the name of the date folder
  /// above a kind. ADT-00, ADT-61 and PPR-01 have no date and lie below "-": a date folder is wanted for the
  /// sake of the other kinds only, as long as one of them looks back so far.
  bool wants_folder(int level, std::string_view date_folder, std::string_view name, Date today) const;

  /// The same for a folder below the root, "000/123/0001234/20260401/OML-11", and all above it. A folder that
  /// is known and not wanted any more was not lost: nobody looked.
  bool wants_path(std::string_view folder, Date today) const;

  /// "types=ADT-61,OML-11 lab-lookback=366d". Stored with the state: when it differs from the last start's,
  /// what was passed over then may be wanted now.
  std::string text() const;

 private:
  struct WantedType {
    ssmix2::DataType type;
    bool is_dated;
    std::optional<std::chrono::days> lookback;
  };
  const WantedType* wanted(ssmix2::DataType type) const;
  bool wants_date(std::string_view name, Date today) const;

  std::vector<WantedType> types_;  // without ADT-00; in the order of DataType
};

}  // namespace gateway
