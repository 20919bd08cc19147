#include "tests/unit/fhir_mapper/json_tree.h"

#include <stdexcept>
#include <string>

#include <rapidjson/document.h>

namespace fhir_mapper::test {
namespace {

Node& node_of(Tree& tree, const rapidjson::Value& value);

void fill(Tree& tree, Node& object, const rapidjson::Value& value) {
  for (const auto& member : value.GetObject()) {
    const auto name =
        LastingText::vouched(tree.keep({member.name.GetString(), member.name.GetStringLength()}));
    if (member.value.IsArray()) {
      Node& array = tree.array_at(object, name);
      for (const auto& item : member.value.GetArray()) tree.append(array, node_of(tree, item));
    } else {
      tree.set(object, name, node_of(tree, member.value));
    }
  }
}

Node& node_of(Tree& tree, const rapidjson::Value& value) {
  if (value.IsString()) return tree.leaf(tree.text({value.GetString(), value.GetStringLength()}));
  if (value.IsBool()) return tree.leaf(Leaf(value.GetBool()));
  if (value.IsObject()) {
    Node& object = tree.object();
    fill(tree, object, value);
    return object;
  }
  if (!value.IsNumber()) throw std::runtime_error("null, or an array in an array, has no place in a tree");
  const std::string digits =
      value.IsInt64() ? std::to_string(value.GetInt64()) : std::to_string(value.GetDouble());
  return tree.leaf(tree.decimal(Decimal::parse(digits).value()));
}

}  // namespace

Tree tree_of(std::string_view json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) throw std::runtime_error("no JSON object");
  Tree tree;
  fill(tree, tree.root(), document);
  return tree;
}

}  // namespace fhir_mapper::test
