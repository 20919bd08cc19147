#include "fhir_mapper/fhir_path_shortcut.h"

#include "fhir_mapper/fhir_type.h"

#include <algorithm>
#include <string>

namespace fhir_mapper {
namespace {

using Answer = FhirPathShortcut::Answer;

constexpr std::size_t kLongestText = 4096;  // an evaluation has a limit, which is far from here

Answer answer_of(bool truth) {
  return truth ? Answer::yes : Answer::no;
}

Answer negation_of(Answer answer) {
  if (answer > Answer::yes) return answer;
  return answer_of(answer == Answer::no);
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

/// Whether an object may have something beside an element that it does not have: _birthDate.
bool has_beside(const Node& object) {
  for (const Node& member : object) {
    if (member.name().starts_with('_')) return true;
  }
  return false;
}

bool is_known_resource(const Node& object) {
  const Node* const type = object.find("resourceType");
  return type != nullptr && fhir_type(type->written()) != FhirType::unknown;
}

/// Whether "valueIdentifier" is the stem "value" and the type "Identifier".
bool is_member_of(std::string_view member, std::string_view stem, std::string_view type) {
  if (member.size() != stem.size() + type.size()) return false;
  const char first = type.front();
  const char upper = first >= 'a' && first <= 'z' ? static_cast<char>(first - 'a' + 'A') : first;
  return member[stem.size()] == upper && same_text(member.substr(stem.size() + 1), type.substr(1));
}

/// The member of a choice where it is the only one that may be of it; null: there is none, or it is open.
const Node* choice_of(const Node& object, std::string_view stem, std::string_view type, bool& is_open) {
  const Node* found = nullptr;
  for (const Node& member : object) {
    const std::string_view name = member.name();
    if (!begins_so(name, stem)) {
      is_open = is_open || name.starts_with('_');
    } else if (found == nullptr && is_member_of(name, stem, type)) {
      found = &member;
    } else {
      is_open = true;
    }
  }
  return is_open ? nullptr : found;
}

}  // namespace

Answer FhirPathShortcut::truth(Index index, const Node& node) const {
  const Part& part = parts_.data()[index];
  switch (part.what) {
    case What::text:
      return text(part, node);
    case What::both:
    case What::either:
    case What::exclusive:
    case What::implies:
      return logic(part, node);
    case What::negation:
      return negation_of(truth(part.first, node));
    case What::any:
    case What::none:
    case What::every:
      return each(part, node);
    case What::count:
      return count(part, node);
    case What::is_type:
      return is_type(part, node);
    case What::matches:
    case What::matches_full:
    case What::has_text:
      return text_test(part, node);
    case What::same:
      return same(part, node);
    case What::within:
      return within(part, node);
    default:
      return Answer::open;
  }
}

/// The second operand is only looked at where it decides.
Answer FhirPathShortcut::logic(const Part& part, const Node& node) const {
  const Answer left = truth(part.first, node);
  if (left == Answer::open) return left;
  const bool is_and = part.what == What::both;
  const bool is_or = part.what == What::either;
  const bool is_implication = part.what == What::implies;
  if (left == Answer::no && (is_and || is_implication)) return answer_of(!is_and);
  if (left == Answer::yes && is_or) return Answer::yes;
  const Answer right = truth(part.second, node);
  if (right == Answer::open) return right;
  if (is_and) return right == Answer::no || left == Answer::yes ? right : Answer::nothing;
  if (is_or) return right == Answer::yes || left == Answer::no ? right : Answer::nothing;
  if (is_implication) return right == Answer::yes || left == Answer::yes ? right : Answer::nothing;
  if (left == Answer::nothing || right == Answer::nothing) return Answer::nothing;
  return answer_of(left != right);
}

Answer FhirPathShortcut::text(const Part& part, const Node& node) const {
  const Node* asked = &node;
  if (!part.name.empty()) {
    asked = node.find(part.name);
    if (asked == nullptr) return leads_nowhere(part, node) ? Answer::nothing : Answer::open;
  }
  if (asked->is_array() && !part.name.empty()) {
    if (asked->empty()) return Answer::nothing;
    if (asked->size() > 1) return part.relation == Relation::is ? answer_of(part.is_negated) : Answer::open;
    asked = &*asked->begin();
  }
  if (asked->kind() != Node::Kind::text) return Answer::open;
  const std::string_view its = asked->written();
  switch (part.relation) {
    case Relation::is:
      return answer_of(same_text(its, part.text) != part.is_negated);
    case Relation::begins:
      return answer_of(begins_so(its, part.text));
    case Relation::ends:
      return answer_of(ends_so(its, part.text));
    case Relation::holds:
      break;
  }
  return Answer::open;
}

Answer FhirPathShortcut::each(const Part& part, const Node& node) const {
  Taken taken;
  if (walk(&parts_.data()[part.first], &node, taken) == Way::open) return Answer::open;
  return answer_of((taken.count > 0) == (part.what == What::any));
}

Answer FhirPathShortcut::count(const Part& part, const Node& node) const {
  Taken taken;
  if (walk(&parts_.data()[part.first], &node, taken) == Way::open) return Answer::open;
  return answer_of((taken.count == part.second) != part.is_negated);
}

Answer FhirPathShortcut::is_type(const Part& part, const Node& node) const {
  Taken taken;
  if (walk(&parts_.data()[part.first], &node, taken) == Way::open || taken.count > 1) return Answer::open;
  if (taken.count == 0) return Answer::nothing;
  const Node* const type = taken.first->find("resourceType");
  return answer_of(type != nullptr && same_text(type->written(), part.name));
}

Answer FhirPathShortcut::text_test(const Part& part, const Node& node) const {
  const Reading reading = read_path(part.first, node);
  if (reading.found == Answer::nothing) return Answer::nothing;
  if (reading.found != Answer::yes) return Answer::open;
  const std::string_view its = reading.text;
  if (part.what == What::matches) return answer_of(part.pattern->is_in(its));
  if (part.what == What::matches_full) return answer_of(part.pattern->matches(its));
  if (part.relation == Relation::begins) return answer_of(begins_so(its, part.text));
  if (part.relation == Relation::ends) return answer_of(ends_so(its, part.text));
  return answer_of(its.find(part.text) != std::string_view::npos);
}

/// Both are read, as either of them may fail.
Answer FhirPathShortcut::same(const Part& part, const Node& node) const {
  const Reading left = read(part.first, node);
  const Reading right = left.found == Answer::open ? left : read(part.second, node);
  if (right.found == Answer::open) return Answer::open;
  if (left.found == Answer::nothing || right.found == Answer::nothing) return Answer::nothing;
  if (left.found == Answer::no && right.found == Answer::no) return Answer::open;
  bool are_same = left.found == right.found;
  if (are_same && left.before.empty() && right.before.empty()) {
    are_same = same_text(left.text, right.text);
  } else if (are_same) {
    are_same = std::string(left.before).append(left.text) == std::string(right.before).append(right.text);
  }
  return answer_of(are_same != part.is_negated);
}

Answer FhirPathShortcut::within(const Part& part, const Node& node) const {
  const Reading few = read_path(part.first, node);
  const Reading many = read_path(part.second, node);
  // Several, or what may fail an evaluation.
  if (few.found == Answer::open || few.found == Answer::no) return Answer::open;
  if (many.found == Answer::open || many.found == Answer::no) return Answer::open;
  if (few.found == Answer::nothing) return Answer::yes;
  return answer_of(many.found == Answer::yes && same_text(few.text, many.text));
}

FhirPathShortcut::Reading FhirPathShortcut::read(Index index, const Node& node) const {
  const Part& part = parts_.data()[index];
  if (part.what == What::constant) return {Answer::yes, {}, part.text};
  Reading reading = read_path(part.first, node);
  if (reading.found > Answer::yes || part.what == What::path) return reading;
  if (reading.found == Answer::no || reading.text.size() > kLongestText) return {};
  reading.before = part.text;
  if (part.what == What::joined) return reading;
  if (!is_ascii(reading.text)) return {};
  if (part.second >= reading.text.size()) return {Answer::nothing, {}, {}};
  reading.text = reading.text.substr(part.second, part.third);
  return reading;
}

FhirPathShortcut::Reading FhirPathShortcut::read_path(Index index, const Node& node) const {
  Taken taken;
  if (walk(&parts_.data()[index], &node, taken) == Way::open) return {};
  if (taken.count == 0) return {Answer::nothing, {}, {}};
  if (taken.count > 1) return {Answer::no, {}, {}};
  if (taken.first->kind() != Node::Kind::text) return {};
  return {Answer::yes, {}, taken.first->written()};
}

/// Whether it is known that nothing is there, where a node has no member of the name.
bool FhirPathShortcut::leads_nowhere(const Part& part, const Node& node) {
  if (part.absence == Absence::open || !node.is_object() || has_beside(node)) return false;
  return part.absence == Absence::nothing || is_known_resource(node);
}

/// From a node along the parts of a path that are left.
FhirPathShortcut::Way FhirPathShortcut::walk(const Part* part, const Node* node, Taken& taken) const {
  for (;; ++part) {
    switch (part->what) {
      case What::step: {
        const Node* const member = node->find(part->name);
        if (member == nullptr) return leads_nowhere(*part, *node) ? Way::on : Way::open;
        if (member->is_array()) return walk_items(part + 1, *member, taken);
        node = member;
        break;
      }
      case What::choice: {
        bool is_open = !node->is_object();
        const Node* const member = choice_of(*node, part->text, part->name, is_open);
        if (is_open) return Way::open;
        if (member == nullptr) return Way::on;
        if (member->is_array()) return walk_items(part + 1, *member, taken);
        node = member;
        break;
      }
      case What::resource_type: {
        const Node* const type = node->find("resourceType");
        if (type == nullptr || !same_text(type->written(), part->name)) return Way::on;
        break;
      }
      case What::where: {
        const Answer fits = truth(part->first, *node);
        if (fits == Answer::open) return Way::open;
        if (fits != Answer::yes) return Way::on;
        break;
      }
      case What::first:
        if (taken.passed++ > 0) return Way::on;
        break;
      case What::tail:
        if (taken.passed++ == 0) return Way::on;
        break;
      default:
        return end(*part, *node, taken);
    }
  }
}

FhirPathShortcut::Way FhirPathShortcut::walk_items(const Part* part, const Node& array, Taken& taken) const {
  for (const Node& item : array) {
    const Way way = walk(part, &item, taken);
    if (way != Way::on) return way;
  }
  return Way::on;
}

/// Once it is decided no more is asked, but what may fail an evaluation is still looked at.
FhirPathShortcut::Way FhirPathShortcut::end(const Part& part, const Node& node, Taken& taken) const {
  if (part.what == What::take) {
    if (taken.count++ == 0) taken.first = &node;
    return Way::on;
  }
  if (taken.count > 0) return Way::on;
  if (part.what != What::found) {
    const Answer answer = truth(part.first, node);
    if (answer == Answer::open) return Way::open;
    if ((answer == Answer::yes) != (part.what == What::ask_yes)) return Way::on;
  }
  taken.count = 1;
  return part.is_sure ? Way::done : Way::on;
}

}  // namespace fhir_mapper
