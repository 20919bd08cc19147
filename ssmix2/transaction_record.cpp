#include "ssmix2/transaction_record.h"

#include "ssmix2/document_name.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ssmix2 {
namespace {

constexpr std::string_view kMark = "#SSMIX";

// FS as well: messages are copied into the log with the MLLP end mark that writers leave in them, and a
// header may follow it directly. None of the three is ever part of a two-byte character.
bool is_line_end(char c) {
  return c == '\r' || c == '\n' || c == '\x1C';
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_time(std::string_view text) {
  return text.size() >= 12 && text.size() <= 17 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

constexpr std::size_t kFields = 10;
enum Field : std::size_t { kPatient = 3, kDate = 4, kType = 5, kOrder = 6, kKind = 7, kTime = 9 };

/// Further fields, as later versions might have them, are left alone.
std::optional<std::array<std::string_view, kFields>> split_header(std::string_view line) {
  std::array<std::string_view, kFields> fields;
  for (std::size_t i = 0; i < kFields; ++i) {
    const auto comma = line.find(',');
    fields[i] = line.substr(0, comma);
    if (comma != std::string_view::npos) {
      line.remove_prefix(comma + 1);
    } else if (i + 1 < kFields) {
      return std::nullopt;
    }
  }
  return fields;
}

std::optional<std::string> folder_of(std::string_view patient, std::string_view date, std::string_view type) {
  if (patient.size() < 6) return std::nullopt;
  std::string folder;
  folder.append(patient.substr(0, 3)).append("/").append(patient.substr(3, 3)).append("/");
  folder.append(patient).append("/").append(date).append("/").append(type);
  // One parser decides what a folder of a storage is: a number with a separator in it makes another depth.
  if (DocumentFolder::parse(folder).has_error()) return std::nullopt;
  return folder;
}

std::optional<TransactionRecord> parse_header(std::string_view line, std::uint64_t offset) {
  const auto fields = split_header(line);
  if (!fields || std::ranges::any_of(line, is_control)) return std::nullopt;
  const auto& field = *fields;
  const bool is_insert = field[kKind] == "INS";
  if (!is_insert && field[kKind] != "DEL") return std::nullopt;
  if (field[0] != kMark || field[kOrder].empty() || !is_time(field[kTime])) return std::nullopt;
  return TransactionRecord{
      offset, folder_of(field[kPatient], field[kDate], field[kType]), std::string(field[kOrder]),
      is_insert ? TransactionKind::insert : TransactionKind::remove, std::string(field[kTime])};
}

}  // namespace

std::vector<TransactionRecord> TransactionReader::feed(std::string_view bytes) {
  std::vector<TransactionRecord> complete;
  while (!bytes.empty()) {
    const auto end = std::ranges::find_if(bytes, is_line_end);
    const auto length = static_cast<std::size_t>(end - bytes.begin());
    take(bytes.substr(0, length), complete);
    at_ += length;
    bytes.remove_prefix(length);
    if (bytes.empty()) break;
    at_ += 1;
    bytes.remove_prefix(1);
    end_line();
  }
  return complete;
}

std::vector<TransactionRecord> TransactionReader::finish() {
  std::vector<TransactionRecord> complete;
  end_line();
  if (pending_) complete.push_back(std::move(*pending_));
  pending_.reset();
  return complete;
}

/// The next part of the current line, which may come in pieces of one byte.
void TransactionReader::take(std::string_view part, std::vector<TransactionRecord>& complete) {
  if (line_kind_ == Line::other) return;
  line_.append(part.substr(0, kLongestHeader + 1 - line_.size()));
  if (line_kind_ == Line::undecided) {
    const std::size_t known = std::min(line_.size(), kMark.size());
    if (line_.compare(0, known, kMark, 0, known) != 0) {
      line_kind_ = Line::other;
      line_.clear();
      return;
    }
    if (known < kMark.size()) return;
    line_kind_ = Line::header;
    if (pending_) complete.push_back(std::move(*pending_));
    pending_.reset();
  }
  if (line_.size() > kLongestHeader) {
    ++malformed_headers_;
    line_kind_ = Line::other;
    line_.clear();
  }
}

void TransactionReader::end_line() {
  if (line_kind_ == Line::header) {
    pending_ = parse_header(line_, line_begin_);
    if (!pending_) ++malformed_headers_;
  }
  line_kind_ = Line::undecided;
  line_.clear();
  line_begin_ = at_;
}

}  // namespace ssmix2
