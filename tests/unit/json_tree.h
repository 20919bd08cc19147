#pragma once
// JSON to a tree, so that tests can write resources as they read. "<time>" stands for the snapshot's time and
// "<url 3>" for the URL of entry 3, as json_of() prints them.

#include "fhir_mapper/fhir_tree.h"

#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace fhir_mapper::test {

class JsonTree : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, JsonTree> {
 public:
  static Tree parse(std::string_view json) {
    JsonTree handler;
    rapidjson::MemoryStream stream(json.data(), json.size());
    rapidjson::Reader reader;
    if (!reader.Parse<rapidjson::kParseNumbersAsStringsFlag>(stream, handler))
      throw std::runtime_error("a test's JSON is wrong");
    return std::move(handler.tree_);
  }

  bool StartObject() {
    if (open_.empty()) {
      open_.push_back(&tree_.root());
    } else {
      Node& object = tree_.object();
      add(object);
      open_.push_back(&object);
    }
    return true;
  }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool StartArray() {
    // The only way to make one is as a member, which is how FHIR has it.
    open_.push_back(&tree_.array_at(*open_.back(), LastingText::vouched(name_)));
    return true;
  }
  bool EndArray(rapidjson::SizeType) { return close(); }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    name_ = tree_.keep({text, length});
    return true;
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view value(text, length);
    std::uint32_t entry = 0;
    if (value == "<time>") {
      add(tree_.leaf(Leaf(SnapshotTime{})));
    } else if (value.starts_with("<url ")) {
      std::from_chars(value.data() + 5, value.data() + value.size(), entry);
      add(tree_.leaf(Leaf(EntryUrl{entry})));
    } else {
      add(tree_.leaf(tree_.text(value)));
    }
    return true;
  }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    add(tree_.leaf(tree_.decimal(Decimal::parse({text, length}).value())));
    return true;
  }
  bool Bool(bool truth) {
    add(tree_.leaf(Leaf(truth)));
    return true;
  }
  bool Default() { return false; }

 private:
  void add(Node& value) {
    Node& around = *open_.back();
    if (around.is_array()) {
      tree_.append(around, value);
    } else {
      tree_.set(around, LastingText::vouched(name_), value);
    }
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  Tree tree_;
  std::vector<Node*> open_;
  std::string_view name_;
};

/// The root is the object that `json` is.
inline Tree tree_of(std::string_view json) {
  return JsonTree::parse(json);
}

}  // namespace fhir_mapper::test
