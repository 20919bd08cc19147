#include "fhir_mapper/fhir_primitive.h"

#include "fhir_mapper/narrative.h"
#include "fhir_mapper/same_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

namespace fhir_mapper {
namespace {

constexpr std::size_t kLongestString = 1024 * 1024;
constexpr std::size_t kLongestId = 64;

struct Name {
  std::string_view name;
  Primitive type;
};
constexpr std::array<Name, 20> kNames = {{{"base64Binary", Primitive::base64_binary},
                                          {"boolean", Primitive::boolean},
                                          {"canonical", Primitive::canonical},
                                          {"code", Primitive::code},
                                          {"date", Primitive::date},
                                          {"dateTime", Primitive::date_time},
                                          {"decimal", Primitive::decimal},
                                          {"id", Primitive::id},
                                          {"instant", Primitive::instant},
                                          {"integer", Primitive::integer},
                                          {"markdown", Primitive::markdown},
                                          {"oid", Primitive::oid},
                                          {"positiveInt", Primitive::positive_int},
                                          {"string", Primitive::string},
                                          {"time", Primitive::time},
                                          {"unsignedInt", Primitive::unsigned_int},
                                          {"uri", Primitive::uri},
                                          {"url", Primitive::url},
                                          {"uuid", Primitive::uuid},
                                          {"xhtml", Primitive::xhtml}}};

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}
bool is_letter(char byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}
bool is_of_id(char byte) {
  return is_letter(byte) || is_digit(byte) || byte == '-' || byte == '.';
}
bool is_space(char byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/// Reads a text from the left; what does not fit makes it fail for good.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }
  bool next_is(char byte) const { return ok_ && !rest_.empty() && rest_.front() == byte; }
  bool take(char byte) {
    if (!next_is(byte)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void need(char byte) { ok_ = take(byte) && ok_; }
  /// Exactly so many digits, between the bounds.
  int number(std::size_t digits, int least, int most) {
    int value = 0;
    if (rest_.size() < digits) ok_ = false;
    for (std::size_t i = 0; ok_ && i < digits; ++i) {
      ok_ = is_digit(rest_[i]);
      value = value * 10 + (rest_[i] - '0');
    }
    if (ok_) rest_.remove_prefix(digits);
    ok_ = ok_ && value >= least && value <= most;
    return value;
  }
  void digits() {
    ok_ = ok_ && !rest_.empty() && is_digit(rest_.front());
    while (ok_ && !rest_.empty() && is_digit(rest_.front())) rest_.remove_prefix(1);
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

int days_of(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

void read_time(Reader& reader) {
  reader.number(2, 0, 23);
  reader.need(':');
  reader.number(2, 0, 59);
  reader.need(':');
  reader.number(2, 0, 60);
  if (reader.take('.')) reader.digits();
}

void read_zone(Reader& reader) {
  if (reader.take('Z')) return;
  if (!reader.take('+')) reader.need('-');
  const int hours = reader.number(2, 0, 14);
  reader.need(':');
  reader.number(2, 0, hours == 14 ? 0 : 59);
}

enum class Form { good, bad, no_such_day };

/// How exact a date and time must at least be: a year, or everything.
Form date_form(std::string_view text, bool whole, bool time_allowed) {
  Reader reader(text);
  const int year = reader.number(4, 1, 9999);
  if (!whole && reader.at_end()) return Form::good;
  reader.need('-');
  const int month = reader.number(2, 1, 12);
  if (!whole && reader.at_end()) return Form::good;
  reader.need('-');
  const int day = reader.number(2, 1, 31);
  if (!reader.ok()) return Form::bad;
  const bool exists = day <= days_of(year, month);
  if (!whole && reader.at_end()) return exists ? Form::good : Form::no_such_day;
  if (!time_allowed) return Form::bad;
  reader.need('T');
  read_time(reader);
  read_zone(reader);
  if (!reader.at_end()) return Form::bad;
  return exists ? Form::good : Form::no_such_day;
}

bool is_oid(std::string_view text) {
  if (!begins_so(text, "urn:oid:") || text.size() < 10 || text[8] < '0' || text[8] > '2') return false;
  std::string_view rest = text.substr(9);
  while (!rest.empty()) {
    if (rest.front() != '.') return false;
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('.'), rest.size());
    const std::string_view arc = rest.substr(0, end);
    if (arc.empty() || (arc.size() > 1 && arc.front() == '0') ||
        !std::all_of(arc.begin(), arc.end(), is_digit)) {
      return false;
    }
    rest.remove_prefix(end);
  }
  return true;
}

bool is_uuid(std::string_view text) {
  if (!begins_so(text, "urn:uuid:") || text.size() != 45) return false;
  for (std::size_t i = 9; i < text.size(); ++i) {
    const bool dash = i == 17 || i == 22 || i == 27 || i == 32;
    const char byte = text[i];
    if (dash ? byte != '-' : !is_digit(byte) && (byte < 'a' || byte > 'f')) return false;
  }
  return true;
}

bool is_base64(std::string_view text) {
  std::size_t letters = 0;
  for (const char byte : text) {
    if (is_space(byte)) continue;
    if (!is_letter(byte) && !is_digit(byte) && byte != '+' && byte != '/' && byte != '=') return false;
    ++letters;
  }
  return letters % 4 == 0;
}

PrimitiveFlaw integer_flaw(Primitive type, std::string_view digits) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) {
    return {"must be a whole number", "整数でなければなりません"};
  }
  if (value < -2147483648 || value > 2147483647)
    return {"is outside of 32 bits", "32ビットの範囲を超えています"};
  if (type == Primitive::unsigned_int && value < 0) return {"must not be negative", "負の数は使えません"};
  if (type == Primitive::positive_int && value < 1) return {"must be 1 or more", "1以上でなければなりません"};
  return {};
}

/// Whether a byte is below `limit`, at most 0x80; eight at a time, as most texts have none.
bool has_below(std::string_view text, unsigned char limit) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  constexpr std::uint64_t kHighBits = 0x8080808080808080u;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (; end - at >= 8; at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, 8);
    if (((bytes - kOnes * limit) & ~bytes & kHighBits) != 0) return true;
  }
  for (; at != end; ++at) {
    if (static_cast<unsigned char>(*at) < limit) return true;
  }
  return false;
}

/// Nothing that a text may get wrong by single bytes: no control character, no space of ASCII, nothing that
/// begins as U+FFFD does. Most texts are so, and are looked at once. Not empty.
bool is_plain(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  constexpr std::uint64_t kHighBits = 0x8080808080808080u;
  const auto suspects = [](std::uint64_t bytes) {
    const std::uint64_t of_replaced = bytes ^ (kOnes * 0xEF);
    return ((bytes - kOnes * 0x21) & ~bytes) | ((of_replaced - kOnes) & ~of_replaced);
  };
  const char* const at = text.data();
  const std::size_t size = text.size();
  std::uint64_t found = 0;
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) found |= suspects(kOnes * static_cast<unsigned char>(at[i]));
    return (found & kHighBits) == 0;
  }
  for (std::size_t i = 0; i + 8 <= size; i += 8) found |= suspects(word_at<std::uint64_t>(at + i));
  found |= suspects(word_at<std::uint64_t>(at + size - 8));  // the rest, and some of it again
  return (found & kHighBits) == 0;
}

/// What no string may hold, whatever its type.
PrimitiveFlaw character_flaw(std::string_view text) {
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') {
      return {"holds a control character", "制御文字を含んでいます"};
    }
  }
  return {};
}

/// FHIR takes the character. It says that the text was read with a loss: one unreadable character of a name
/// is no reason to keep a whole list from the platform, and a code with one never gets so far.
PrimitiveFlaw damage(std::string_view text) {
  for (std::size_t at = text.find('\xEF'); at != std::string_view::npos; at = text.find('\xEF', at + 1)) {
    if (text.substr(at, 3) != "\xEF\xBF\xBD") continue;
    return {"holds U+FFFD: a character of the text could not be read",
            "U+FFFDを含んでいます（読み取れない文字がありました）", true};
  }
  return {};
}

PrimitiveFlaw form_flaw(Primitive type, std::string_view text, bool plain) {
  constexpr PrimitiveFlaw kForm = {"does not have the form of its type", "データ型の形式に合っていません"};
  const auto dated = [&kForm](Form form) -> PrimitiveFlaw {
    if (form == Form::no_such_day) return {"names a day that does not exist", "存在しない日付です"};
    return form == Form::good ? PrimitiveFlaw{} : kForm;
  };
  switch (type) {
    case Primitive::date:
      return dated(date_form(text, false, false));
    case Primitive::date_time:
      return dated(date_form(text, false, true));
    case Primitive::instant:
      return dated(date_form(text, true, true));
    case Primitive::time: {
      Reader reader(text);
      read_time(reader);
      return reader.at_end() ? PrimitiveFlaw{} : kForm;
    }
    case Primitive::code: {
      // One space between words at most, none around them.
      if (plain) return {};
      bool was_space = true;
      for (const char byte : text) {
        if (is_space(byte) && was_space) return kForm;
        was_space = is_space(byte);
      }
      return was_space ? kForm : PrimitiveFlaw{};
    }
    case Primitive::id:
      return text.size() <= kLongestId && std::all_of(text.begin(), text.end(), is_of_id) ? PrimitiveFlaw{}
                                                                                          : kForm;
    case Primitive::uri:
    case Primitive::url:
    case Primitive::canonical:
      if (!plain && has_below(text, 0x21)) return kForm;
      if (begins_so(text, "urn:oid:") && !is_oid(text))
        return {"is no valid OID", "OIDとして正しくありません"};
      if (begins_so(text, "urn:uuid:") && !is_uuid(text)) {
        return {"is no valid UUID in lower case", "小文字のUUIDとして正しくありません"};
      }
      if (type == Primitive::canonical && text.front() != '#' && !is_absolute_uri(text)) {
        return {"must be an absolute URI or begin with #", "絶対URIまたは#で始まる値でなければなりません"};
      }
      return {};
    case Primitive::oid:
      return is_oid(text) ? PrimitiveFlaw{} : kForm;
    case Primitive::uuid:
      return is_uuid(text) ? PrimitiveFlaw{} : kForm;
    case Primitive::base64_binary:
      return is_base64(text) ? PrimitiveFlaw{} : kForm;
    default:
      return {};
  }
}

/// Of most leaves no more need be known than that their text is plain.
bool is_right_when_plain(Primitive type, std::string_view text) {
  switch (type) {
    case Primitive::string:
    case Primitive::markdown:
    case Primitive::code:
      return !begins_so(text, "\u3000") && !ends_so(text, "\u3000");
    case Primitive::uri:
    case Primitive::url:
      return text.front() != 'u';  // no urn:oid: and no urn:uuid:
    default:
      return false;
  }
}

PrimitiveFlaw string_flaw(Primitive type, std::string_view text) {
  if (text.empty()) return {"is an empty string", "空の文字列です"};
  if (text.size() > kLongestString) return {"is longer than 1 MiB", "1MiBを超えています"};
  const bool plain = is_plain(text);
  if (plain && is_right_when_plain(type, text)) return {};
  if (!plain) {
    if (const PrimitiveFlaw flaw = character_flaw(text); !flaw.en.empty()) return flaw;
  }
  if (const PrimitiveFlaw flaw = form_flaw(type, text, plain); !flaw.en.empty()) return flaw;
  if (!plain) {
    if (const PrimitiveFlaw flaw = damage(text); !flaw.en.empty()) return flaw;
  }
  if (type != Primitive::string && type != Primitive::markdown && type != Primitive::code) return {};
  const bool around =
      is_space(text.front()) || is_space(text.back()) || begins_so(text, "\u3000") || ends_so(text, "\u3000");
  if (!around) return {};
  std::size_t blank = 0;
  while (blank < text.size()) {
    if (is_space(text[blank])) {
      ++blank;
    } else if (text.substr(blank, 3) == "\u3000") {
      blank += 3;
    } else {
      break;
    }
  }
  if (blank == text.size()) return {"holds nothing but white space", "空白だけの文字列です"};
  return {"has white space at its begin or end", "先頭または末尾に空白があります", true};
}

}  // namespace

Primitive primitive_of(std::string_view type_name) {
  const auto* const found = std::ranges::lower_bound(kNames, type_name, {}, &Name::name);
  return found != kNames.end() && found->name == type_name ? found->type : Primitive::none;
}

bool is_absolute_uri(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return false;
  for (const char byte : text) {
    if (byte == ':') return true;
    if (!is_letter(byte) && !is_digit(byte) && byte != '+' && byte != '.' && byte != '-') return false;
  }
  return false;
}

PrimitiveFlaw primitive_flaw(Primitive type, const Node& leaf) {
  constexpr PrimitiveFlaw kBoolean = {"must be a JSON boolean", "JSONの真偽値でなければなりません"};
  constexpr PrimitiveFlaw kNumber = {"must be a JSON number", "JSONの数値でなければなりません"};
  constexpr PrimitiveFlaw kString = {"must be a JSON string", "JSONの文字列でなければなりません"};
  const Node::Kind kind = leaf.kind();
  switch (type) {
    case Primitive::boolean:
      return kind == Node::Kind::boolean ? PrimitiveFlaw{} : kBoolean;
    case Primitive::decimal:
      return kind == Node::Kind::decimal ? PrimitiveFlaw{} : kNumber;
    case Primitive::integer:
    case Primitive::unsigned_int:
    case Primitive::positive_int:
      return kind == Node::Kind::decimal ? integer_flaw(type, leaf.written()) : kNumber;
    default:
      break;
  }
  if (kind == Node::Kind::snapshot_time) {
    return type == Primitive::instant || type == Primitive::date_time ? PrimitiveFlaw{} : kString;
  }
  if (kind == Node::Kind::entry_url) {
    return type == Primitive::uri || type == Primitive::string || type == Primitive::url ? PrimitiveFlaw{}
                                                                                         : kString;
  }
  if (kind != Node::Kind::text) return kString;
  if (type == Primitive::xhtml) return narrative_flaw(leaf.written());
  return string_flaw(type, leaf.written());
}

}  // namespace fhir_mapper
