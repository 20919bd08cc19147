#pragma once
// The path of a document below its root, parsed: pid[0:3]/pid[3:6]/pid/date/type/file. Pure; any thread.

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

/// pid[0:3]/pid[3:6]/pid/date/type, parsed once for all the names in it: a storage holds millions of files,
/// and parsing a name here allocates nothing but what the DocumentName itself holds.
class DocumentFolder {
 public:
  /// `folder_path` is below the root, separated by '/'. The first two levels must begin the patient number;
  /// of numbers shorter than six characters nobody has said what they are, so there any will do.
  static Result<DocumentFolder> parse(std::string_view folder_path);

  /// `file` is one name without '/':
  ///   patient_date_type_order_occurred[_department]_flag[.extension]
  /// The first three must be the folder's, byte for byte (path_folder_disagrees). A missing or empty 診療科
  /// and an extension are tolerated: both are seen in the field.
  Result<DocumentName> name(std::string_view file) const;

  const PatientId& patient() const { return patient_; }
  const std::string& date() const { return date_; }
  DataType type() const { return type_; }

 private:
  DocumentFolder(std::string_view patient, std::string_view date, DataType type)
      : patient_(std::string(patient)), date_(date), type_(type) {}

  PatientId patient_;
  std::string date_;
  DataType type_;
};

/// Folder and file together.
Result<DocumentName> parse_document_path(std::string_view relative_path);

}  // namespace ssmix2
