#include "ssmix2/field_index.h"

#include "ssmix2/check.h"

namespace ssmix2 {
namespace {

constexpr std::size_t kUsualPieces = 256;  // room for most messages at once

}  // namespace

FieldIndex::FieldIndex(const Message& message) : message_(&message) {
  pieces_.reserve(kUsualPieces);
  first_piece_.reserve(message.size() + 1);
  const char delimiter = message.delimiters().field;
  for (std::size_t i = 0; i < message.size(); ++i) {
    first_piece_.push_back(static_cast<std::uint32_t>(pieces_.size()));
    std::string_view rest = message.segment(i).text();
    while (true) {
      const std::size_t end = rest.find(delimiter);
      pieces_.push_back(rest.substr(0, end));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  first_piece_.push_back(static_cast<std::uint32_t>(pieces_.size()));
}

Value FieldIndex::field(std::size_t segment_index, std::size_t number) const {
  KAKEHASHI_CHECK(segment_index + 1 < first_piece_.size());
  const std::size_t begin = first_piece_[segment_index];
  const std::size_t count = first_piece_[segment_index + 1] - begin;
  // MSH-1 is the delimiter itself, and MSH-2 must not be split by its own characters.
  if (pieces_[begin] == "MSH" && number <= 2) return message_->segment(segment_index).field(number);
  const std::size_t piece = pieces_[begin] == "MSH" ? number - 1 : number;
  if (number == 0 || piece >= count) return {};
  return Value(pieces_[begin + piece], &message_->delimiters());
}

std::size_t FieldIndex::fields(std::size_t segment_index) const {
  KAKEHASHI_CHECK(segment_index + 1 < first_piece_.size());
  const std::size_t begin = first_piece_[segment_index];
  const std::size_t pieces = first_piece_[segment_index + 1] - begin;
  return pieces_[begin] == "MSH" ? pieces : pieces - 1;
}

}  // namespace ssmix2
