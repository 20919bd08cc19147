// References: what they lead to, and whether it is what may stand there.

#include "fhir_mapper/profile_walk.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

constexpr std::size_t kLongestType = 64;  // none of FHIR's names is half as long

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           byte == '-' || byte == '.';
  });
}

/// "Patient/1", also behind a server's address; empty: not of that form.
std::string_view type_in(std::string_view reference) {
  const std::size_t history = reference.find("/_history/");
  reference = reference.substr(0, history);
  const std::size_t slash = reference.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || !is_id(reference.substr(slash + 1))) return {};
  const std::size_t before = reference.rfind('/', slash - 1);
  const std::string_view type =
      reference.substr(before == std::string_view::npos ? 0 : before + 1,
                       before == std::string_view::npos ? slash : slash - before - 1);
  const bool word = !type.empty() && type.front() >= 'A' && type.front() <= 'Z' &&
                    std::all_of(type.begin(), type.end(), [](char byte) {
                      return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
                    });
  return word ? type : std::string_view();
}

bool has_form(std::string_view reference) {
  if (reference.starts_with('#')) return true;
  // The scheme of a URI is the same in capital letters.
  std::string scheme(reference.substr(0, 9));
  for (char& byte : scheme) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  if (scheme.starts_with("urn:uuid:") || scheme.starts_with("urn:oid:")) return true;
  if (reference.find("://") != std::string_view::npos && is_absolute_uri(reference)) return true;
  // Type/id; that the type exists is judged where it matters.
  const std::string_view plain = reference.substr(0, reference.find("/_history/"));
  const std::size_t slash = plain.find('/');
  const std::string_view type = plain.substr(0, slash);
  return slash != std::string_view::npos && is_id(plain.substr(slash + 1)) && type.size() > 1 &&
         std::all_of(type.begin(), type.end(),
                     [](char byte) { return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z'); });
}

bool is_text(const Node* node) {
  return node != nullptr && node->kind() == Node::Kind::text;
}

std::string_view last_part(std::string_view url) {
  return url.substr(url.rfind('/') + 1);
}

}  // namespace

/// The first one; null: none has it. The index is of one resource's: what refers to them stands together.
const Node* ProfileWalk::contained_with_id(const Node& contained, std::string_view id) const {
  std::size_t seen = 0;
  for (const Node& one : contained) {
    if (++seen > kFewContained) break;
    if (text_of(one, "id") == id) return &one;
  }
  if (seen <= kFewContained) return nullptr;
  if (indexed_ != &contained) {
    indexed_ = &contained;
    by_contained_id_.clear();
    for (const Node& one : contained) by_contained_id_.emplace(text_of(one, "id"), &one);
  }
  const auto found = by_contained_id_.find(id);
  return found == by_contained_id_.end() ? nullptr : found->second;
}

ProfileWalk::Resolved ProfileWalk::resolve(const Node& reference, const Scope& scope) const {
  using Kind = Resolved::Kind;
  const Scope& root = scope.root();
  if (reference.kind() == Node::Kind::entry_url) {
    if (root.bundle == nullptr) return {Kind::outside, nullptr, 0, false};
    const Entries& entries = *root.bundle;
    const auto* const found = entries.by_open_url.find(static_cast<std::uint32_t>(reference.entry_index()));
    if (found == nullptr) return {Kind::dangling, nullptr, 0, false};
    return {Kind::bundled, entries.nodes[*found]->find("resource"), *found, false};
  }
  if (reference.kind() != Node::Kind::text) return {};
  const std::string_view text = reference.written();
  if (text.starts_with('#')) {
    if (text == "#")
      return {scope.container == nullptr ? Kind::dangling : Kind::contained,
              scope.container == nullptr ? nullptr : root.resource, 0, false};
    const Node* const contained = root.resource->find("contained");
    if (contained == nullptr) return {Kind::dangling, nullptr, 0, false};
    const Node* const found = contained_with_id(*contained, text.substr(1));
    return {found == nullptr ? Kind::dangling : Kind::contained, found, 0, false};
  }
  const bool absolute = is_absolute_uri(text);
  if (root.bundle == nullptr) return {absolute ? Kind::external : Kind::outside, nullptr, 0, false};
  const Entries& entries = *root.bundle;
  const std::string_view plain = text.substr(0, text.find("/_history/"));
  if (const auto* const found = entries.by_url.find(plain)) {
    return {Kind::bundled, entries.nodes[*found]->find("resource"), *found, false};
  }
  if (absolute)
    return {text.starts_with("urn:uuid:") || text.starts_with("urn:oid:") ? Kind::dangling : Kind::external,
            nullptr, 0, false};
  const std::string_view own = root.entry == nullptr ? "" : text_of(*root.entry, "fullUrl");
  const std::size_t server =
      own.starts_with("http") ? own.rfind('/', own.rfind('/') - 1) : std::string_view::npos;
  if (server != std::string_view::npos) {
    const std::string whole = std::string(own.substr(0, server + 1)).append(plain);
    if (const auto* const found = entries.by_url.find(whole)) {
      return {Kind::bundled, entries.nodes[*found]->find("resource"), *found, false};
    }
  }
  const std::size_t slash = plain.find('/');
  if (slash == std::string_view::npos) return {Kind::dangling, nullptr, 0, false};
  const auto* const found = entries.by_id.find({plain.substr(0, slash), plain.substr(slash + 1)});
  if (found == nullptr) return {Kind::dangling, nullptr, 0, false};
  return {Kind::bundled, entries.nodes[*found]->find("resource"), *found, server == std::string_view::npos};
}

void ProfileWalk::reference(const Item& item, std::size_t begin) {
  const Node* const text = item.value->find("reference");
  const Resolved resolved = text == nullptr ? Resolved{} : resolve(*text, *item.scope);
  reference_form(item, resolved);
  for (std::size_t i = begin; i < stack_.size(); ++i) {
    if (!stack_[i]->targets.empty()) target(item, *stack_[i], resolved);
  }
}

void ProfileWalk::reference_form(const Item& item, const Resolved& resolved) {
  const Node& value = *item.value;
  const Frame& frame = *item.frame;
  const Node* const text = value.find("reference");
  const bool open = text != nullptr && text->kind() == Node::Kind::entry_url;
  if (text == nullptr || (text->kind() != Node::Kind::text && !open)) {
    const Node* const identifier = value.find("identifier");
    const Node* const extension = value.find("extension");
    if ((identifier != nullptr && identifier->is_object()) || is_text(value.find("display")) ||
        (extension != nullptr && extension->is_array() && !extension->empty())) {
      return;
    }
    return error(frame, "reference-empty", "Reference", "has neither reference, identifier nor display",
                 "reference、identifier、displayのどれもありません");
  }
  if (!open && !has_form(text->written())) {
    return error(frame, "reference-form", "Reference", "is no valid reference",
                 "参照の形式が正しくありません");
  }
  const std::string_view type = item.scope->root().bundle == nullptr ? "" : item.scope->root().bundle->type;
  const bool elsewhere = !open && !text->written().starts_with('#') && !text->written().starts_with("urn:") &&
                         type != "collection" && type != "document" && type != "message";
  if (resolved.kind == Resolved::Kind::dangling && !elsewhere) {
    const bool inside = !open && text->written().starts_with('#');
    error(frame, "reference-dangling", "Reference",
          inside ? "nothing that is contained has this id" : "nothing in the Bundle is what is referred to",
          inside ? "containedに参照先のidがありません" : "Bundleに参照先がありません");
  }
  if (resolved.loose) {
    tell(IssueSeverity::warning, frame, "reference-loose", "Reference",
         "is found by its type and id alone, which FHIR does not allow when fullUrl is no RESTful URL",
         "fullUrlがRESTfulのURLではないため、型とidだけでの参照はFHIRでは解決できません");
  }
  const std::string_view said = text_of(value, "type");
  if (is_text(value.find("type")) && resolved.target != nullptr &&
      last_part(said) != text_of(*resolved.target, "resourceType")) {
    error(frame, "reference-type", "Reference", "type says something else than what is referred to is",
          "typeが参照先の型と違います");
  }
}

void ProfileWalk::target(const Item& item, const ElementPlan& element, const Resolved& resolved) {
  const Frame& frame = *item.frame;
  const Node* const text = item.value->find("reference");
  std::string_view type = resolved.target == nullptr ? "" : text_of(*resolved.target, "resourceType");
  if (type.empty() && text != nullptr && text->kind() == Node::Kind::text) {
    type = type_in(text->written());
    if (!plan_.resource_names.contains(type)) type = {};
  }
  if (type.empty()) type = last_part(text_of(*item.value, "type"));
  const Node* const claimed = resolved.target == nullptr ? nullptr : resolved.target->find("resourceType");
  const bool nonsense = claimed != nullptr && !is_text(claimed);
  if (type.empty() && !nonsense) return;
  bool allowed = false;
  bool conforming = false;
  for (const TargetPlan& one : element.targets) {
    if (!same_text(one.type, type) || nonsense) continue;
    allowed = true;
    conforming =
        conforming || one.profile == nullptr || one.profile->root == nullptr || resolved.target == nullptr;
  }
  if (!allowed) {
    if (!wanted(IssueSeverity::error)) return;
    std::string types;
    for (const TargetPlan& one : element.targets) {
      types.append(types.empty() ? "" : ", ").append(one.profile == nullptr ? one.type : one.profile->name);
    }
    // Many may refer to one thing, and what stands in its resourceType may be anything.
    const std::string shown(type.size() > kLongestType ? "?" : type);
    return error(frame, "reference-target", name_of(element.owner, frame),
                 "refers to a " + shown + "; allowed: " + types,
                 shown + "は参照できません。参照できるのは" + types + "です");
  }
  for (const TargetPlan& one : element.targets) {
    if (conforming) return;
    if (same_text(one.type, type)) conforming = conforms(*resolved.target, *one.profile, item, resolved);
  }
  if (conforming) return;
  error(frame, "reference-profile", name_of(element.owner, frame),
        "what is referred to does not keep the profile that is demanded of it",
        "参照先のリソースが、求められるプロファイルに合っていません");
}

bool ProfileWalk::conforms(const Node& node, const ProfileShape& shape, const Item& from,
                           const Resolved& resolved) {
  const TypePlan* const type = type_of(text_of(node, "resourceType"));
  Scope scope{&node, type, nullptr, from.scope->root().bundle, nullptr, {}, false};
  if (resolved.kind == Resolved::Kind::contained && &node != from.scope->root().resource) {
    scope.container = from.scope->container == nullptr ? from.scope : from.scope->container;
    scope.entry = from.scope->entry;
  } else if (resolved.kind == Resolved::Kind::bundled) {
    scope.entry = scope.bundle->nodes[resolved.entry];
  } else {
    scope.entry = from.scope->root().entry;
  }
  const Frame nowhere{nullptr, "", text_of(node, "resourceType"), -1};
  return conforms_as(node, shape, scope, nowhere);
}

/// Without telling why not.
bool ProfileWalk::conforms_as(const Node& node, const ProfileShape& shape, Scope& scope, const Frame& frame) {
  const TypePlan* const type = shape.type;
  if (shape.root == nullptr || type == nullptr) return true;
  constexpr std::size_t kNear = 64;
  for (std::size_t i = conforming_.size(); i > 0 && i + kNear > conforming_.size(); --i) {
    if (conforming_[i - 1].node == &node && conforming_[i - 1].shape == &shape) return true;
  }
  const auto [known, fresh] =
      asked_.emplace(std::pair(&node, &shape), true);  // meanwhile it counts as conforming
  if (!fresh) return known->second;
  const bool was_quiet = std::exchange(quiet_, true);
  const bool had_failed = std::exchange(failed_, false);
  const std::size_t begin = stack_.size();
  const std::size_t hits = hits_.size();
  if (type->is_resource && text_of(node, "resourceType") != type->name) {
    failed_ = true;
  } else {
    stack_.push_back(shape.root);
    if (type->own != nullptr) stack_.push_back(type->own);
    Scope inner{scope.resource, scope.type, scope.container, scope.bundle, scope.entry, {}, false};
    const Present present = object({node, *type, demands_from(begin), frame, inner});
    if (!failed_) rules(node, type, present, begin, frame, inner);
  }
  stack_.resize(begin);
  hits_.resize(hits);
  const bool result = !failed_;
  quiet_ = was_quiet;
  failed_ = had_failed;
  known->second = result;
  return result;
}

}  // namespace fhir_mapper
