// Values: forms of primitives, fixed values, codes.

#include "fhir_mapper/profile_walk.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

/// 1.0 and 1 are one number, though not one measurement: a fixed value is compared as a number.
bool same_number(std::string_view left, std::string_view right) {
  const auto plain = [](std::string_view number) {
    if (number.find('.') == std::string_view::npos || number.find_first_of("eE") != std::string_view::npos) {
      return number;
    }
    number = number.substr(0, number.find_last_not_of('0') + 1);
    if (number.ends_with('.')) number.remove_suffix(1);
    return number;
  };
  return plain(left) == plain(right);
}

bool is_value(const Node& node, std::string_view wanted) {
  if (node.kind() == Node::Kind::decimal) return same_number(node.written(), wanted);
  return same_text(node.written(), wanted) &&
         (node.kind() == Node::Kind::text || node.kind() == Node::Kind::boolean);
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kMostBytes = 80;
  if (text.size() <= kMostBytes) return "\"" + std::string(text) + "\"";
  std::size_t end = kMostBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  return "\"" + std::string(text.substr(0, end)) + "…\"";
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0u) != 0x80u;
  }));
}

bool has_coding(const Node& concept_node, std::string_view system, std::string_view code) {
  const Node* const codings = concept_node.find("coding");
  if (codings == nullptr) return false;
  for (const Node& coding : *codings) {
    if (same_text(text_of(coding, "system"), system) && same_text(text_of(coding, "code"), code)) return true;
  }
  return false;
}

/// "A comma and spaces are the same, letters are compared without case": how displays are compared.
std::string display_key(std::string_view text) {
  std::string key;
  for (const char byte : text) {
    const bool space = byte == ' ' || (byte >= '\t' && byte <= '\r');
    if (space && (key.empty() || key.back() == ' ')) continue;
    key += space ? ' ' : byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  }
  while (key.ends_with(' ')) key.pop_back();
  return key;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

}  // namespace

/// A primitive value of which nothing is asked but that it is one: most of a resource.
void ProfileWalk::leaf(const Node& value, const MemberPlan& member, const Frame& around, Scope& scope) {
  note_fragment(value, scope);
  const PrimitiveFlaw flaw = primitive_flaw(member.primitive, value);
  if (flaw.en.empty()) return;
  misshapen(member, flaw, Frame::of(member, around, -1));
}

void ProfileWalk::misshapen(const MemberPlan& member, const PrimitiveFlaw& flaw, const Frame& frame) {
  tell(flaw.only_warning ? IssueSeverity::warning : IssueSeverity::error, frame,
       member.primitive == Primitive::xhtml ? "xhtml" : "primitive", member.type_name, std::string(flaw.en),
       std::string(flaw.ja));
}

/// "#p1" refers to what is contained, whatever the element is.
void ProfileWalk::note_fragment(const Node& value, Scope& scope) {
  if (value.kind() != Node::Kind::text || !value.written().starts_with('#')) return;
  constexpr std::size_t kUsualFragments = 8;
  if (scope.fragments.capacity() == 0) scope.fragments.reserve(kUsualFragments);
  scope.fragments.push_back(value.written().substr(1));
  scope.refers_up = scope.refers_up || value.written() == "#";
}

void ProfileWalk::primitive(const Item& item, std::size_t begin) {
  const Frame& frame = *item.frame;
  if (item.beside != nullptr) beside(item);
  if (item.value == nullptr) return;
  const Node& value = *item.value;
  if (value.is_object() || value.is_array()) {
    return error(*frame.up, "json", "", std::string(frame.name) + " must be a JSON primitive",
                 std::string(frame.name) + "は単純な値でなければなりません");
  }
  note_fragment(value, *item.scope);
  if (const PrimitiveFlaw flaw = primitive_flaw(item.member->primitive, value); !flaw.en.empty()) {
    misshapen(*item.member, flaw, frame);
  }
  const Asks asks = asks_from(begin);
  if (includes(asks, Asks::value)) primitive_values(item, begin);
  if (includes(asks, Asks::rules)) rules(value, nullptr, {}, begin, frame, *item.scope);
}

void ProfileWalk::primitive_values(const Item& item, std::size_t begin) {
  const Frame& frame = *item.frame;
  const Node& value = *item.value;
  for (const ElementPlan* const demand : at(demands_from(begin))) {
    const ElementPlan& element = *demand;
    if (!includes(element.asks, Asks::value)) continue;
    for (const auto& [wanted_text, rule] :
         {std::pair{&element.fixed, "fixed"}, std::pair{&element.pattern, "pattern"}}) {
      if (!*wanted_text || is_value(value, **wanted_text) || !wanted(IssueSeverity::error)) continue;
      error(frame, rule, name_of(element.owner, frame),
            "must be " + quoted(**wanted_text) + ", is " + quoted(value.written()),
            quoted(**wanted_text) + "でなければなりません（" + quoted(value.written()) + "になっています）");
    }
    if (element.max_length > 0 && characters(value.written()) > element.max_length) {
      error(frame, "maxLength", name_of(element.owner, frame),
            "is longer than " + std::to_string(element.max_length) + " characters",
            std::to_string(element.max_length) + "文字を超えています");
    }
    if (element.codes != nullptr) binding(item, *element.codes, element);
  }
}

/// What JSON keeps beside a primitive value: _birthDate.
void ProfileWalk::beside(const Item& item) {
  const Frame& frame = *item.frame;
  if (!item.beside->is_object()) {
    if (item.value != nullptr && frame.index < 0) return;  // told by shape_beside()
    return error(*frame.up, "json", "", "_" + std::string(frame.name) + " must be a JSON object",
                 "_" + std::string(frame.name) + "はJSONのオブジェクトでなければなりません");
  }
  bool extended = false;
  const MemberPlan* const extension = plan_.extension_type->find("extension");
  for (const Node& member : *item.beside) {
    if (member.name() == "id") continue;
    if (member.name() != "extension") {
      error(frame, "unknown-element", "",
            std::string(member.name()) + " may not stand beside a primitive value",
            "単純な値に付けられるのはidとextensionだけです（" + std::string(member.name()) + "）");
      continue;
    }
    if (!member.is_array()) {
      error(frame, "json", "", "extension must be a JSON array", "extensionは配列でなければなりません");
      continue;
    }
    std::ptrdiff_t index = 0;
    for (const Node& one : member) {
      const Frame at{&frame, "extension", "Extension", index++};
      const std::size_t begin = stack_.size();
      complex({&one, nullptr, extension, &at, item.scope}, begin);
      stack_.resize(begin);
      extended = true;
    }
  }
  if (item.value == nullptr && !extended) {
    nothing_at_all(frame);
  }
}

void ProfileWalk::values(const Item& item, std::size_t begin) {
  const Node& value = *item.value;
  for (const ElementPlan* const demand : at(demands_from(begin))) {
    const ElementPlan& element = *demand;
    if (!includes(element.asks, Asks::value)) continue;
    if (element.pattern_coding) {
      const auto& [system, code] = *element.pattern_coding;
      if (!has_coding(value, system, code) && wanted(IssueSeverity::error)) {
        error(*item.frame, "pattern", name_of(element.owner, *item.frame),
              "must hold the code " + std::string(code) + " of " + std::string(system),
              std::string(system) + "のコード" + std::string(code) + "が必要です");
      }
    }
    if (element.codes != nullptr) binding(item, *element.codes, element);
  }
}

/// Whether one of the codes is a member. `only_warns`: one that is not is of a list that newer versions of
/// the guide have made longer.
Known ProfileWalk::member_of(const CodeSetPlan& codes, const Item& item, bool& only_warns) const {
  const Node& value = *item.value;
  if (!value.is_object()) return codes.has_code(value.written());
  const auto of_coding = [&](const Node& coding) {
    const std::string_view system = text_of(coding, "system");
    const std::string_view code = text_of(coding, "code");
    const Known here = code.empty() ? Known::no : codes.has(system, code);
    if (here != Known::no) return here;
    const CodeSystemPlan* const* const known = plan_.system_index.find(system);
    if (known != nullptr && (*known)->beyond_warns) only_warns = true;
    return here;
  };
  if (item.member->type->special != SpecialType::concept_) return of_coding(value);
  Known known = Known::no;
  const Node* const codings = value.find("coding");
  if (codings == nullptr || !codings->is_array()) return known;
  for (const Node& coding : *codings) {
    const Known here = of_coding(coding);
    if (here == Known::yes) return here;
    if (here == Known::not_told) known = here;
  }
  return known;
}

void ProfileWalk::binding(const Item& item, const CodeSetPlan& codes, const ElementPlan& element) {
  const Node& value = *item.value;
  bool only_warns = false;
  if (value.is_object()) {
    const SpecialType special = item.member->type->special;
    const bool has_code = special == SpecialType::coding || special == SpecialType::concept_ ||
                          (special == SpecialType::quantity && value.find("code") != nullptr);
    if (!has_code) return;
  } else if (value.kind() != Node::Kind::text) {
    return;
  }
  if (member_of(codes, item, only_warns) != Known::no) return;
  if (!value.is_object() && !codes.parts.empty()) {
    const CodeSystemPlan* const* const system = plan_.system_index.find(codes.parts.front().system);
    only_warns = system != nullptr && (*system)->beyond_warns;
  }
  const IssueSeverity severity = only_warns ? IssueSeverity::warning : IssueSeverity::error;
  if (!wanted(severity)) return;
  const std::string shown = value.is_object() ? "" : quoted(value.written()) + " ";
  tell(severity, *item.frame, "binding", name_of(element.owner, *item.frame),
       shown + "is none of the codes " + std::string(codes.id),
       shown + "は" + std::string(codes.id) + "のコードではありません");
}

void ProfileWalk::special(const Item& item, const TypePlan& type, std::size_t begin) {
  switch (type.special) {
    case SpecialType::coding:
      return coding(item);
    case SpecialType::identifier:
      return identifier(item);
    case SpecialType::quantity:
      return quantity(item);
    case SpecialType::reference:
      return reference(item, begin);
    case SpecialType::none:
    case SpecialType::concept_:
    case SpecialType::extension:
    case SpecialType::narrative:
      return;
  }
}

void ProfileWalk::absolute(const Node* system, std::string_view what, const Frame& frame) {
  if (system == nullptr || system->kind() != Node::Kind::text || is_absolute_uri(system->written())) return;
  error(frame, "absolute-uri", what, "system must be an absolute URI", "systemは絶対URIでなければなりません");
}

void ProfileWalk::coding(const Item& item) {
  const Node& value = *item.value;
  const Node* const code = value.find("code");
  const Node* const system_node = value.find("system");
  absolute(system_node, "Coding", *item.frame);
  if (system_node == nullptr || system_node->kind() != Node::Kind::text) {
    if (code != nullptr) {
      tell(IssueSeverity::warning, *item.frame, "coding-no-system", "Coding",
           "a code without a system has no meaning", "systemのないcodeには意味がありません");
    }
    return;
  }
  if (code == nullptr || code->kind() != Node::Kind::text) return;
  const std::string_view system = system_node->written();
  if (!system.empty()) code_in_system(item, system, code->written(), value.find("display"));
}

void ProfileWalk::quantity(const Item& item) {
  const Node& value = *item.value;
  if (item.member->type->name != "Quantity") return;
  absolute(value.find("system"), "Quantity", *item.frame);
  const std::string_view system = text_of(value, "system");
  const std::string_view code = text_of(value, "code");
  if (!system.empty() && !code.empty()) code_in_system(item, system, code, nullptr);
}

void ProfileWalk::identifier(const Item& item) {
  const Node& value = *item.value;
  const Node* const system_node = value.find("system");
  if (system_node == nullptr || system_node->kind() != Node::Kind::text) return;
  absolute(system_node, "Identifier", *item.frame);
  const std::string_view system = system_node->written();
  if (system.starts_with("http")) unknown_identifier_system(item, system);
  if (system != "urn:ietf:rfc:3986") return;
  const std::string_view text = text_of(value, "value");
  if (!text.empty() && !is_absolute_uri(text)) {
    error(*item.frame, "absolute-uri", "Identifier", "the value of this system must be a URI",
          "このsystemの値はURIでなければなりません");
  }
}

void ProfileWalk::code_in_system(const Item& item, std::string_view system, std::string_view code,
                                 const Node* display) {
  const Frame& frame = *item.frame;
  const CodeSystemPlan* const* const found = plan_.system_index.find(system);
  if (found == nullptr) {
    if (plan_.set_index.contains(system) || system.starts_with("http://hl7.org/fhir/ValueSet/")) {
      return error(frame, "coding-system", "Coding", "system is a value set, no code system",
                   "systemが値セットを指しています（コード体系ではありません）");
    }
    return unknown_system(item, system);
  }
  const Known known = (*found)->find(code);
  if (known == Known::no) {
    const IssueSeverity severity = (*found)->beyond_warns ? IssueSeverity::warning : IssueSeverity::error;
    return tell(severity, frame, "code-unknown", "Coding",
                quoted(code) + " is no code of " + std::string(system),
                quoted(code) + "は" + std::string(system) + "のコードではありません");
  }
  if (known != Known::yes || quiet_ || display == nullptr || display->kind() != Node::Kind::text) return;
  const std::vector<std::string_view>* const displays = (*found)->displays_of(code);
  if (displays == nullptr || displays->empty()) return;
  const std::string_view shown = display->written();
  if (std::find(displays->begin(), displays->end(), shown) != displays->end()) return;
  if (!is_ascii(shown) && std::all_of(displays->begin(), displays->end(), is_ascii)) return;  // a translation
  const std::string key = display_key(shown);
  for (const std::string_view one : *displays) {
    if (display_key(one) == key) return;
  }
  tell(IssueSeverity::warning, frame, "display", "Coding", "display should be " + quoted(displays->front()),
       "displayは" + quoted(displays->front()) + "です");
}

}  // namespace fhir_mapper
