#pragma once
// The path of a document below its root, parsed: pid[0:3]/pid[3:6]/pid/date/type/file.

#include "ssmix2/data_type.h"
#include "ssmix2/failure.h"
#include "ssmix2/patient_id.h"

#include <compare>
#include <string>
#include <string_view>

namespace ssmix2 {

/// (患者ID, 診療日, データ種別, オーダNo). The root is not part of it: the same key in two roots is one key.
struct StorageKey {
  PatientId patient;
  std::string date;  // YYYYMMDD, or "-" for kinds without a date; a key, never a clinical date
  DataType type = DataType::ADT_00;
  std::string order_no;

  friend auto operator<=>(const StorageKey&, const StorageKey&) = default;
};

enum class ConditionFlag { deleted = 0, live = 1, superseded = 2 };

struct DocumentName {
  StorageKey key;
  std::string occurred_at;  // 発生日時 as written, 12 to 17 digits
  std::string department;   // 診療科; "-" or empty: none
  ConditionFlag flag = ConditionFlag::live;

  /// 発生日時 padded with zeros to 17 digits, so that it can be compared: writers leave out milliseconds.
  std::string occurred_at_padded() const;

  friend auto operator<=>(const DocumentName&, const DocumentName&) = default;
};

/// `relative_path` is below the root, separated by '/'. Folder and file name must agree byte for byte
/// (path_folder_disagrees otherwise); the first two levels must begin the patient id. A file extension is
/// tolerated, a missing 診療科 too (both seen in the field).
Result<DocumentName> parse_document_path(std::string_view relative_path);

}  // namespace ssmix2
