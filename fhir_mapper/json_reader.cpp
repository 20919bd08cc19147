#include "fhir_mapper/json_reader.h"

#include "fhir_mapper/well_formed_utf8.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace fhir_mapper {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kMostRepeated = 1000;

JsonPlace place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  return {offset, lines + 1, count_characters(before.substr(line_begin)) + 1};
}

/// Where the quoted name begins that ends before `end`. A quote inside has a backslash before it, the first
/// one has a brace, a comma or space.
std::size_t name_begin(std::string_view text, std::size_t end) {
  std::size_t at = end - 2;
  while (text[at] != '"' || text[at - 1] == '\\') --at;
  return at;
}

/// What an element of FHIR may be called, "_given" and "valueBase64Binary". Anything else says nothing to the
/// reader of a path, may be of any length, and what a patient is called, too.
bool is_element_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  if (name.starts_with('_')) name.remove_prefix(1);
  return !name.empty() && name.size() <= kLongest && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char byte) {
           return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                  (byte >= '0' && byte <= '9');
         });
}

/// What RapidJSON's reader tells, one event after the other.
class TreeBuilder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, TreeBuilder> {
 public:
  TreeBuilder(std::string_view text, const JsonLimits& limits)
      : text_(text), limits_(limits), stream_(text.data(), text.size()) {}

  boost::system::result<JsonDocument, JsonError> read() {
    rapidjson::Reader reader;
    // Iteratively: otherwise a text of brackets alone would overflow the stack before anybody could count
    // them.
    constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag |
                                rapidjson::kParseFullPrecisionFlag;
    const bool read_all = reader.Parse<kFlags>(stream_, *this);
    if (mistake_) return JsonError{*mistake_, place_of(text_, reader.GetErrorOffset())};
    if (!read_all) return JsonError{JsonMistake::malformed, place_of(text_, reader.GetErrorOffset())};
    // RapidJSON takes a NUL for the end of the text, whatever follows.
    if (stream_.Tell() != text_.size())
      return JsonError{JsonMistake::malformed, place_of(text_, stream_.Tell())};
    place_repeated();
    return std::move(document_);
  }

  bool StartObject() {
    if (frames_.empty()) return open(document_.tree.root());
    Node& object = document_.tree.object();
    add(object);
    return open(object);
  }
  bool EndObject(rapidjson::SizeType) {
    link_members(frames_.back());
    members_.resize(frames_.back().first_member);
    frames_.pop_back();
    return true;
  }
  bool StartArray() {
    if (frames_.empty()) return fail(JsonMistake::no_object);
    Node& array = document_.tree.array();
    add(array);
    return open(array);
  }
  bool EndArray(rapidjson::SizeType) {
    frames_.pop_back();
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    if (find_bad_utf8({text, length})) return fail(JsonMistake::unpaired_surrogate);
    members_.push_back({document_.tree.keep({text, length}), nullptr, stream_.Tell()});
    return true;
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    // RapidJSON 1.1 writes the second half of a pair alone as three bytes that are no UTF-8.
    if (find_bad_utf8({text, length})) return fail(JsonMistake::unpaired_surrogate);
    return add_leaf(document_.tree.text({text, length}));
  }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    return add_leaf(document_.tree.number({text, length}));
  }
  bool Bool(bool truth) { return add_leaf(Leaf(truth)); }
  bool Null() { return add_leaf(Leaf(nullptr)); }
  bool Default() { return false; }

 private:
  struct Frame {
    Node* node;
    std::size_t first_member;  // of those in members_
    std::size_t items = 0;     // of an array, so far
  };
  struct Member {
    std::string_view name;
    Node* value;
    std::size_t name_end;
  };

  bool fail(JsonMistake mistake) {
    mistake_ = mistake;
    return false;
  }
  bool open(Node& node) {
    if (frames_.size() == limits_.depth) return fail(JsonMistake::too_deep);
    frames_.push_back({&node, members_.size()});
    return true;
  }
  bool add_leaf(const Leaf& leaf) {
    if (frames_.empty()) return fail(JsonMistake::no_object);
    add(document_.tree.leaf(leaf));
    return true;
  }
  void add(Node& node) {
    Frame& around = frames_.back();
    if (around.node->is_object()) {
      members_.back().value = &node;
    } else {
      document_.tree.append(*around.node, node);
      ++around.items;
    }
  }

  /// At the end of an object and all at once, because looking each name up in what is there already would
  /// take minutes for an object of a million members.
  void link_members(const Frame& frame) {
    const auto first = members_.begin() + static_cast<std::ptrdiff_t>(frame.first_member);
    leave_last_of_each_name(first);
    for (auto member = first; member != members_.end(); ++member) {
      if (member->value == nullptr) continue;
      document_.tree.append(*frame.node, LastingText::vouched(member->name), *member->value);
    }
  }
  void leave_last_of_each_name(std::vector<Member>::iterator first) {
    by_name_.clear();
    for (auto member = first; member != members_.end(); ++member) by_name_.push_back(&*member);
    std::sort(by_name_.begin(), by_name_.end(), [](const Member* left, const Member* right) {
      return std::pair(left->name, left) < std::pair(right->name, right);
    });
    const std::size_t known = document_.repeated.size();
    Member* kept = nullptr;
    for (Member* member : by_name_) {
      if (kept == nullptr || kept->name != member->name) {
        kept = member;
        continue;
      }
      kept->value = std::exchange(member->value, nullptr);
      if (document_.repeated.size() == kMostRepeated) continue;
      document_.repeated.push_back({location(), {.offset = name_begin(text_, member->name_end)}});
    }
    std::sort(document_.repeated.begin() + static_cast<std::ptrdiff_t>(known), document_.repeated.end(),
              [](const auto& left, const auto& right) { return left.place.offset < right.place.offset; });
  }

  /// Lines and columns, counted from one to the next: each from the begin would take as long as the text is
  /// long times as many as they are.
  void place_repeated() {
    std::vector<JsonPlace*> places;
    for (RepeatedMember& each : document_.repeated) places.push_back(&each.place);
    std::sort(places.begin(), places.end(),
              [](const JsonPlace* left, const JsonPlace* right) { return left->offset < right->offset; });
    JsonPlace last;
    for (JsonPlace* const place : places) {
      const JsonPlace beyond = place_of(text_.substr(last.offset), place->offset - last.offset);
      if (beyond.line == 1) {
        last.column += beyond.column - 1;
      } else {
        last.column = beyond.column;
      }
      last.line += beyond.line - 1;
      last.offset = place->offset;
      *place = last;
    }
  }

  /// Of the innermost open object.
  std::string location() const {
    std::string path;
    for (std::size_t i = 0; i + 1 < frames_.size(); ++i) {
      const Frame& around = frames_[i];
      if (around.node->is_array()) {
        path.append("[").append(std::to_string(around.items - 1)).append("]");
      } else {
        const std::string_view name = members_[frames_[i + 1].first_member - 1].name;
        path.append(".").append(is_element_name(name) ? name : "?");
      }
    }
    return path;
  }

  std::string_view text_;
  JsonLimits limits_;
  rapidjson::MemoryStream stream_;
  JsonDocument document_;
  std::vector<Frame> frames_;    // what is open, the innermost last
  std::vector<Member> members_;  // of the open objects, those of the innermost last
  std::vector<Member*> by_name_;
  std::optional<JsonMistake> mistake_;
};

}  // namespace

std::string_view to_text(JsonMistake mistake) {
  switch (mistake) {
    case JsonMistake::too_large:
      return "the text is larger than any Bundle may be";
    case JsonMistake::not_utf8:
      return "the text is not UTF-8 here";
    case JsonMistake::malformed:
      return "the text is not JSON here";
    case JsonMistake::unpaired_surrogate:
      return "an escape stands for half a character here";
    case JsonMistake::too_deep:
      return "objects and arrays are nested deeper here than any resource's";
    case JsonMistake::no_object:
      return "a resource is a JSON object, and this is none";
  }
  return {};
}

void throw_exception_from_error(const JsonError& error, const boost::source_location&) {
  throw std::logic_error(std::string(to_text(error.mistake)));
}

boost::system::result<JsonDocument, JsonError> read_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes) return JsonError{JsonMistake::too_large, {}};
  if (const auto bad = find_bad_utf8(text)) return JsonError{JsonMistake::not_utf8, place_of(text, *bad)};
  const bool has_mark = text.starts_with(kByteOrderMark);
  auto document = TreeBuilder(text.substr(has_mark ? kByteOrderMark.size() : 0), limits).read();
  if (has_mark && document.has_value()) document->has_byte_order_mark = true;
  return document;
}

}  // namespace fhir_mapper
