// Extensions: what their url says they are, and where they may stand.

#include "fhir_mapper/profile_walk.h"

namespace fhir_mapper {
namespace {

bool is_of_publishers(std::string_view url) {
  for (const std::string_view base :
       {"http://hl7.org/fhir/StructureDefinition/", "https://hl7.org/fhir/StructureDefinition/",
        "http://jpfhir.jp/", "https://jpfhir.jp/"}) {
    if (url.starts_with(base)) return true;
  }
  return false;
}

}  // namespace

void ProfileWalk::extension(const Item& item, std::size_t begin) {
  const Frame& frame = *item.frame;
  const Node& value = *item.value;
  // ext-1, which is asked of every one.
  const Node* const inner = value.find("extension");
  const bool nested = inner != nullptr && !inner->empty();
  const bool valued = any_of(value, [](const Node& member) {
    const std::string_view name = member.name();
    return name.starts_with("value") || name.starts_with("_value");
  });
  if (nested == valued) {
    error(frame, "ext-1", "Extension", "must have either a value or extensions inside, and not both",
          "値とextensionのどちらか一方だけが必要です");
  }
  const Node* const url_node = value.find("url");
  if (url_node == nullptr || url_node->kind() != Node::Kind::text) return;
  const std::string_view url = url_node->written();
  const ProfileShape* const shape = plan_.profile(url);
  if (!is_absolute_uri(url)) {
    // A part of another: its definition names it.
    if (frame.up == nullptr || frame.up->type_name != "Extension") {
      error(frame, "extension-url", "Extension", "url must be absolute", "urlは絶対URIでなければなりません");
    }
    return;
  }
  const bool modifier = frame.name == "modifierExtension";
  if (shape == nullptr || shape->type_name != "Extension") {
    if (plan_.extension_urls.contains(url.substr(0, url.find('|')))) return;
    const bool severe = is_of_publishers(url) || modifier;
    return tell(severe ? IssueSeverity::error : IssueSeverity::warning, frame, "extension-unknown", "",
                "there is no extension " + std::string(url) + " in " + pack_.id(),
                std::string(url) + "という拡張は" + pack_.id() + "にありません");
  }
  add_profile(*shape, begin);
  if (shape->modifier != modifier) {
    error(frame, "extension-modifier", shape->name,
          shape->modifier ? "is a modifier extension" : "is no modifier extension",
          shape->modifier ? "modifierExtensionに書く拡張です" : "modifierExtensionに書く拡張ではありません");
  }
  if (context_allows(*shape, frame) || !wanted(IssueSeverity::error)) return;
  std::string contexts;
  for (const std::string_view context : shape->contexts)
    contexts.append(contexts.empty() ? "" : ", ").append(context);
  error(frame, "extension-context", shape->name, "may stand on " + contexts + " alone",
        contexts + "にだけ書ける拡張です");
}

bool ProfileWalk::context_allows(const ProfileShape& shape, const Frame& extension) const {
  if (shape.contexts.empty() || extension.up == nullptr) return true;
  const Frame& parent = *extension.up;
  const Frame* const around = parent.up;
  for (const std::string_view context : shape.contexts) {
    if (context == "Element" || context == parent.type_name) return true;
    if (context == "Resource" || context == "DomainResource") {
      const TypePlan* const type = type_of(parent.type_name);
      const bool is_any = context == "Resource";
      if (type != nullptr && type->is_resource && (is_any || type->is_domain_resource)) return true;
    }
    // "Condition.code": the element of the type around.
    if (around == nullptr) continue;
    const std::size_t dot = context.rfind('.');
    if (dot == std::string_view::npos || context.substr(0, dot) != around->type_name) continue;
    std::string_view name = context.substr(dot + 1);
    if (name.ends_with("[x]")) name.remove_suffix(3);
    if (name == parent.name) return true;
  }
  return false;
}

}  // namespace fhir_mapper
