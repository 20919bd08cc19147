#pragma once
// The path of a document below its root, written and taken apart.

#include <string>
#include <string_view>

namespace storage_gen {

inline constexpr std::string_view kNoOrder = "999999999999999";

struct DocumentName {
  std::string patient;
  std::string date = "-";  // 診療日
  std::string type;
  std::string order{kNoOrder};
  std::string occurred;  // 発生日時, 17 digits
  std::string department = "-";
  int flag = 1;
};

/// pid[0:3]/pid[3:6]/pid/date/type
std::string folder_of(const DocumentName& name);

/// folder_of / patient_date_type_order_occurred_department_flag
std::string path_of(const DocumentName& name);

/// What the names of all documents of one key begin with.
std::string key_prefix(const DocumentName& name);

/// Throws UsageError when `relative_path` is no path that path_of could have made.
DocumentName parse_path(std::string_view relative_path);

}  // namespace storage_gen
