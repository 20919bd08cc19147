// Any text is a message or refused; every value of it lies in its text, tells its place and is found there.
#include "ssmix2/check.h"
#include "ssmix2/data_type.h"
#include "ssmix2/segment_group.h"
#include "ssmix2/value_place.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/utf8.h"

#include <algorithm>
#include <string>
#include <string_view>

using namespace ssmix2;

namespace {

class MessageCheck {
 public:
  MessageCheck(const Message& message, std::string_view text)
      : message_(message), text_(text), is_utf8_(fuzz::is_utf8(text)) {}

  void run() const {
    KAKEHASHI_CHECK(message_.size() >= 1 && message_.size() <= kMaxSegments);
    for (std::size_t i = 0; i < message_.size(); ++i) check_segment(message_.segment(i));
    // One of each grammar.
    for (const DataType type :
         {DataType::ADT_00, DataType::PPR_01, DataType::OMD, DataType::OMP_12, DataType::OML_11}) {
      check_rows(type);
    }
  }

 private:
  void check_segment(const Segment& segment) const {
    KAKEHASHI_CHECK(segment.field(segment.fields() + 1).raw().data() == nullptr);
    for (std::size_t i = 1; i <= segment.fields(); ++i) {
      const Value field = segment.field(i);
      check_value(field);
      for (std::size_t r = 1; r <= field.repetitions(); ++r) {
        const Value repetition = field.repetition(r);
        check_value(repetition);
        for (std::size_t c = 1; c <= repetition.components(); ++c) {
          check_value(repetition.component(c));
          check_value(repetition.component(c).subcomponent(2));
        }
        KAKEHASHI_CHECK(repetition.component(repetition.components() + 1).empty());
      }
      KAKEHASHI_CHECK(field.repetition(field.repetitions() + 1).empty());
    }
  }

  void check_value(const Value& value) const {
    if (value.raw().data() == nullptr) return;
    const Place place = place_of(message_, value);
    const Value again = value_at(message_, place);
    KAKEHASHI_CHECK(again.raw().data() == value.raw().data() && again.raw().size() == value.raw().size());
    const auto offset = message_.offset_of(value);
    KAKEHASHI_CHECK(offset && *offset <= text_.size());
    if (value.raw().find('\n') == std::string_view::npos) {  // no line was glued to it
      KAKEHASHI_CHECK(text_.substr(*offset, value.raw().size()) == value.raw());
    }
    const std::string text = value.text();
    KAKEHASHI_CHECK(text.size() <= value.raw().size());
    KAKEHASHI_CHECK(!is_utf8_ || fuzz::is_utf8(text));
    KAKEHASHI_CHECK(!value.is_null() || (text.empty() && value.empty()));
  }

  void check_rows(DataType type) const {
    for (const std::string_view name : {"PRB", "OBX", "RXE", "RXA", "IAM", "PID", "NTE"}) {
      const auto rows = rows_of(message_, type, name);
      std::size_t row = 0;
      for (const Segment& segment : message_.all(name)) {
        if (row < rows.size() && rows[row].segment().index() == segment.index()) {
          check_row(rows[row++]);
        } else {  // a remark on one result
          KAKEHASHI_CHECK(type == DataType::OML_11 && name == "OBX");
          KAKEHASHI_CHECK(
              std::ranges::count_if(rows, [&](const Row& each) { return belongs_to(each, segment); }) == 1);
        }
      }
      KAKEHASHI_CHECK(row == rows.size());
    }
  }

  static void check_row(const Row& row) {
    KAKEHASHI_CHECK(row.find(row.segment().name())->index() == row.segment().index());
    for (const std::string_view other : {"ORC", "OBR", "SPM", "NTE"}) static_cast<void>(row.all(other));
  }

  static bool belongs_to(const Row& row, const Segment& segment) {
    return std::ranges::any_of(row.own_segments(),
                               [&](const Segment& own) { return own.index() == segment.index(); });
  }

  const Message& message_;
  std::string_view text_;
  bool is_utf8_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto message = Message::parse(text);
  if (message) MessageCheck(*message, text).run();
  return 0;
}
