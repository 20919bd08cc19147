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
bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_not_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, is_digit);
}

struct Layout {
  std::string_view first, second, patient, date, type, file;
};

std::optional<Layout> split_path(std::string_view path) {
  std::array<std::string_view, 6> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto slash = path.find('/');
    const bool last = i + 1 == parts.size();
    if (last != (slash == std::string_view::npos)) return std::nullopt;
    parts[i] = path.substr(0, slash);
    if (parts[i].empty() || parts[i] == "." || parts[i] == "..") return std::nullopt;
    if (!last) path.remove_prefix(slash + 1);
  }
  return Layout{parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]};
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

// Numbers shorter than six characters leave open what the second level is, so any piece that continues (or,
// when the first level used the number up, repeats) the number will do.
bool levels_agree(std::string_view first, std::string_view second, std::string_view patient) {
  if (patient.size() >= 6) return first == patient.substr(0, 3) && second == patient.substr(3, 3);
  if (!patient.starts_with(first)) return false;
  const std::string_view rest = patient.substr(first.size());
  return rest.empty() ? patient.starts_with(second) : rest.starts_with(second);
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

Result<DocumentName> parse_document_path(std::string_view relative_path) {
  const auto layout = split_path(relative_path);
  if (!layout) return Failure{FailureCode::path_unknown_layout};
  if (std::ranges::any_of(relative_path, is_control)) {
    return Failure{FailureCode::path_bad_name, {}, "control character"};
  }
  // Keys become identifiers in FHIR; names in other character sets come as whatever bytes the share makes of
  // them.
  if (std::ranges::any_of(relative_path, is_not_ascii)) {
    return Failure{FailureCode::path_bad_name, {}, "a character that is not ASCII"};
  }
  const auto parts = split_name(layout->file);
  if (!parts) return Failure{FailureCode::path_bad_name};

  if (layout->patient != parts->patient) return disagreement("patient folder");
  if (layout->date != parts->date) return disagreement("date folder");
  if (layout->type != parts->type) return disagreement("data type folder");
  if (!levels_agree(layout->first, layout->second, parts->patient)) return disagreement("first two folders");

  const auto type = data_type_named(parts->type);
  if (!type) {  // three letters and two digits: nothing of a patient fits
    return Failure{FailureCode::path_unknown_data_type, {}, SafeText::vouched(std::string(parts->type))};
  }
  DocumentName name;
  name.key = {PatientId(std::string(parts->patient)), std::string(parts->date), *type,
              std::string(parts->order_no)};
  name.occurred_at = parts->occurred_at;
  name.department = parts->department;
  name.flag = parts->flag;
  return name;
}

}  // namespace ssmix2
