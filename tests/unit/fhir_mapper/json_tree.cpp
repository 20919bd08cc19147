#include "tests/unit/fhir_mapper/json_tree.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace fhir_mapper::test {
namespace {

struct Builder : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Builder> {
  Tree tree;
  std::vector<Node*> open;
  LastingText name = "";

  bool put(const Leaf& leaf) {
    if (open.back()->is_array()) {
      tree.append(*open.back(), tree.leaf(leaf));
    } else {
      tree.set(*open.back(), name, leaf);
    }
    return true;
  }
  bool Null() { return StartObject() && EndObject(0); }
  bool Bool(bool truth) { return put(Leaf(truth)); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return put(tree.decimal(*Decimal::parse(std::string_view(text, size))));
  }
  bool String(const char* text, rapidjson::SizeType size, bool) { return put(tree.text({text, size})); }
  bool StartObject() {
    if (open.empty()) {
      open.push_back(&tree.root());
    } else if (open.back()->is_array()) {
      Node& item = tree.object();
      tree.append(*open.back(), item);
      open.push_back(&item);
    } else {
      open.push_back(&tree.object_at(*open.back(), name));
    }
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    name = LastingText::vouched(tree.keep({text, size}));
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    open.pop_back();
    return true;
  }
  bool StartArray() {
    open.push_back(&tree.array_at(*open.back(), name));
    return true;
  }
  bool EndArray(rapidjson::SizeType) { return EndObject(0); }
};

}  // namespace

Tree tree_of(std::string_view json) {
  Builder builder;
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(json.data(), json.size());
  const auto done = reader.Parse<rapidjson::kParseNumbersAsStringsFlag>(stream, builder);
  if (done.IsError()) throw std::runtime_error("no JSON: " + std::string(json));
  return std::move(builder.tree);
}

}  // namespace fhir_mapper::test
