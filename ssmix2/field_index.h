#pragma once
// Where every field of a message begins: found in one pass, so that rules which read many fields of a segment
// do not walk along it for each. Views into the Message, which must outlive it. One thread.

#include "ssmix2/hl7_message.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ssmix2 {

class FieldIndex {
 public:
  explicit FieldIndex(const Message& message);

  const Message& message() const { return *message_; }
  /// The same as segment.field(number) of the message's segment `segment_index`.
  Value field(std::size_t segment_index, std::size_t number) const;
  std::size_t fields(std::size_t segment_index) const;  // highest field number written

 private:
  const Message* message_;
  std::vector<std::string_view> pieces_;    // of all segments, each segment's name first
  std::vector<std::uint32_t> first_piece_;  // by segment, and one more for the end
};

}  // namespace ssmix2
