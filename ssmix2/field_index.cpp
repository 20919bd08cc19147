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
    const std::string_view text = message.segment(i).text();
    // Byte by byte: most fields are empty or short, and a call for each would cost more.
    const char* begin = text.data();
    const char* const end = begin + text.size();
    for (const char* at = begin; at != end; ++at) {
      if (*at != delimiter) continue;
      pieces_.emplace_back(begin, at - begin);
      begin = at + 1;
    }
    pieces_.emplace_back(begin, end - begin);
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
