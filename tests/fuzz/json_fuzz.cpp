// Any bytes are a tree or refused with a place inside them; a tree is written and read again as the same
// tree.
#include "fhir_mapper/json_reader.h"
#include "fhir_mapper/json_writer.h"
#include "ssmix2/check.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/utf8.h"

#include <string>
#include <string_view>

using namespace fhir_mapper;

namespace {

void check_equal(const Node& left, const Node& right) {
  KAKEHASHI_CHECK(left.kind() == right.kind() && left.name() == right.name());
  KAKEHASHI_CHECK(left.written() == right.written() && left.size() == right.size());
  auto other = right.begin();
  for (const Node& child : left) {
    check_equal(child, *other);
    ++other;
  }
}

void check_place(const JsonPlace& place, std::size_t size) {
  KAKEHASHI_CHECK(place.offset <= size && place.line >= 1 && place.line <= size + 1);
  KAKEHASHI_CHECK(place.column >= 1 && place.column <= place.offset + 1);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = read_json(text, {.bytes = 1 << 20, .depth = 64});
  if (!document.has_value()) {
    check_place(document.error().place, size);
    KAKEHASHI_CHECK(!to_text(document.error().mistake).empty());
    return 0;
  }
  for (const RepeatedMember& repeated : document->repeated) {
    check_place(repeated.place, size);
    KAKEHASHI_CHECK(text.substr(repeated.place.offset + (document->has_byte_order_mark ? 3 : 0)).front() ==
                    '"');
  }
  const std::string json = SnapshotTemplate::of(document->tree.root()).text();
  KAKEHASHI_CHECK(fuzz::is_utf8(json));
  const auto again = read_json(json);
  KAKEHASHI_CHECK(again.has_value() && again->repeated.empty());
  check_equal(document->tree.root(), again->tree.root());
  return 0;
}
