#include "ssmix2/document_name.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace ssmix2 {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_alphanumeric(char c) {
  return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z');
}
bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, is_digit);
}

/// Keys become identifiers in FHIR, and names in other character sets come as whatever bytes the share makes
/// of them.
std::optional<Failure> find_bad_character(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) return Failure{FailureCode::path_bad_name, {}, "control character"};
    if (byte >= 0x80) return Failure{FailureCode::path_bad_name, {}, "a character that is not ASCII"};
  }
  return std::nullopt;
}

struct Layout {
  std::string_view first, second, patient, date, type;
};

std::optional<Layout> split_folder(std::string_view path) {
  std::array<std::string_view, 5> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto slash = path.find('/');
    const bool last = i + 1 == parts.size();
    if (last != (slash == std::string_view::npos)) return std::nullopt;
    parts[i] = path.substr(0, slash);
    if (parts[i].empty() || parts[i] == "." || parts[i] == "..") return std::nullopt;
    if (!last) path.remove_prefix(slash + 1);
  }
  return Layout{parts[0], parts[1], parts[2], parts[3], parts[4]};
}

/// Cuts the last part off `text`, from its '_' on; nothing when there is no '_'.
std::optional<std::string_view> take_last(std::string_view& text) {
  const auto underscore = text.rfind('_');
  if (underscore == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(underscore + 1);
  text = text.substr(0, underscore);
  return part;
}

bool is_occurred_at(std::string_view text) {
  return text.size() >= 12 && text.size() <= 17 && all_digits(text);
}
bool is_department(std::string_view text) {
  return text == "-" || (text.size() <= 5 && std::ranges::all_of(text, is_alphanumeric));
}
bool is_date(std::string_view text) {
  return text == "-" || (text.size() == 8 && all_digits(text));
}
bool is_flag(std::string_view text) {
  if (text.empty() || text[0] < '0' || text[0] > '2') return false;
  const std::string_view extension = text.substr(1);
  return extension.empty() || (extension.size() >= 2 && extension[0] == '.' &&
                               std::ranges::all_of(extension.substr(1), is_alphanumeric));
}
bool is_data_type(std::string_view text) {
  if (text.size() != 3 && text.size() != 6) return false;
  if (!std::ranges::all_of(text.substr(0, 3), is_upper)) return false;
  return text.size() == 3 || (text[3] == '-' && all_digits(text.substr(4)));
}

struct Parts {
  std::string_view patient, date, type, order_no, occurred_at, department;
  ConditionFlag flag;
};

// From the right: a patient number may hold '_', the parts after it may not.
std::optional<Parts> split_name(std::string_view name) {
  Parts parts{};
  const auto flag = take_last(name);
  if (!flag || !is_flag(*flag)) return std::nullopt;
  parts.flag = static_cast<ConditionFlag>((*flag)[0] - '0');

  auto part = take_last(name);
  if (part && !is_occurred_at(*part)) {  // else the department was left out; it is never that long
    parts.department = *part;
    part = take_last(name);
  }
  if (!part || !is_occurred_at(*part) || !is_department(parts.department)) return std::nullopt;
  parts.occurred_at = *part;

  const auto order_no = take_last(name);
  const auto type = take_last(name);
  const auto date = take_last(name);
  if (!order_no || !type || !date) return std::nullopt;
  if (order_no->empty() || !is_data_type(*type) || !is_date(*date) || name.empty()) return std::nullopt;
  parts.order_no = *order_no;
  parts.type = *type;
  parts.date = *date;
  parts.patient = name;
  return parts;
}

bool levels_agree(const Layout& layout) {
  const std::string_view patient = layout.patient;
  if (patient.size() < 6) return true;
  return layout.first == patient.substr(0, 3) && layout.second == patient.substr(3, 3);
}

Failure disagreement(SafeText where) {
  return {FailureCode::path_folder_disagrees, {}, std::move(where)};
}

}  // namespace

std::string DocumentName::occurred_at_padded() const {
  std::string padded = occurred_at;
  padded.resize(std::max<std::size_t>(padded.size(), 17), '0');
  return padded;
}

Result<DocumentFolder> DocumentFolder::parse(std::string_view folder_path) {
  const auto layout = split_folder(folder_path);
  if (!layout) return Failure{FailureCode::path_unknown_layout};
  if (const auto bad = find_bad_character(folder_path)) return *bad;
  if (!is_date(layout->date)) return Failure{FailureCode::path_unknown_layout, {}, "date folder"};
  if (!is_data_type(layout->type)) return Failure{FailureCode::path_bad_name, {}, "data type folder"};
  if (!levels_agree(*layout)) return disagreement("first two folders");
  const auto type = data_type_named(layout->type);
  if (!type) {  // three letters and two digits: nothing of a patient fits
    return Failure{FailureCode::path_unknown_data_type, {}, SafeText::vouched(std::string(layout->type))};
  }
  return DocumentFolder(layout->patient, layout->date, *type);
}

Result<DocumentName> DocumentFolder::name(std::string_view file) const {
  if (file.find('/') != std::string_view::npos) return Failure{FailureCode::path_unknown_layout};
  if (const auto bad = find_bad_character(file)) return *bad;
  const auto parts = split_name(file);
  if (!parts) return Failure{FailureCode::path_bad_name};
  if (patient_.reveal() != parts->patient) return disagreement("patient folder");
  if (date_ != parts->date) return disagreement("date folder");
  if (info(type_).name != parts->type) return disagreement("data type folder");

  DocumentName name;
  name.key = {patient_, date_, type_, std::string(parts->order_no)};
  name.occurred_at = parts->occurred_at;
  name.department = parts->department;
  name.flag = parts->flag;
  return name;
}

Result<DocumentName> parse_document_path(std::string_view relative_path) {
  const auto slash = relative_path.rfind('/');
  if (slash == std::string_view::npos) return Failure{FailureCode::path_unknown_layout};
  const auto folder = DocumentFolder::parse(relative_path.substr(0, slash));
  if (!folder) return folder.error();
  return folder->name(relative_path.substr(slash + 1));
}

}  // namespace ssmix2
