// config/schema/mapping.xsd has the attributes and words that the program has. What it takes and refuses is
// tried by tests/e2e/schema_test.py.
#include "fhir_mapper/normaliser.h"
#include "tests/unit/fhir_mapper/program_words.h"

#include <pugixml.hpp>

namespace fhir_mapper::test {
namespace {

class Schema {
 public:
  Schema() {
    REQUIRE(document_.load_file(KAKEHASHI_SOURCE_DIR "/config/schema/mapping.xsd"));
    schema_ = document_.child("xs:schema");
  }

  Words attributes_of(const std::string& type) const {
    const auto complex = schema_.find_child_by_attribute("xs:complexType", "name", type.c_str());
    Words names;
    for (const pugi::xml_node each : complex.children("xs:attribute"))
      names.insert(each.attribute("name").value());
    return names;
  }

  Words words_of(const std::string& type) const {
    const std::string query = "xs:simpleType[@name='" + type + "']//xs:enumeration";
    Words words;
    for (const auto& each : schema_.select_nodes(query.c_str()))
      words.insert(each.node().attribute("value").value());
    return words;
  }

 private:
  pugi::xml_document document_;
  pugi::xml_node schema_;
};

TEST_CASE("the schema of mappings has the attributes that the program has") {
  const Schema schema;
  const std::string there_are = "; there are: ";
  for (const std::string kind : {"value", "object", "first", "leave-out", "ended", "ignore"}) {
    INFO(kind);
    CHECK(schema.attributes_of(kind) == program_words("<" + kind + " bogus=\"x\"/>", there_are));
  }
  for (const std::string kind : {"resource", "template"}) {
    INFO(kind);
    CHECK(schema.attributes_of(kind) == program_words(mapping_of("<" + kind + " bogus=\"x\"/>"), there_are));
  }
  for (const std::string kind : {"replace", "remove", "add"}) {
    INFO(kind);
    CHECK(schema.attributes_of(kind) == program_words_of_overlay("<" + kind + " bogus=\"x\"/>", there_are));
  }
}

TEST_CASE("the schema of mappings has the words that the program has") {
  const Schema schema;
  const auto of_program = [](const std::string& attribute) {
    return program_words(R"(<value path="code.text" from="PRB-1" table="gender" )" + attribute + "=\"?\"/>",
                         "must be one of: ");
  };
  CHECK(schema.words_of("conversion") == of_program("as"));
  for (const std::string name : {"if-missing", "unknown", "column"}) {
    INFO(name);
    CHECK(schema.words_of(name) == of_program(name));
  }
  CHECK(schema.words_of("held-as") ==
        program_words(R"(<value path="code.text" from="PRB-1" if-missing="hold" held-as="?"/>)",
                      "must be one of: "));
  Words functions;
  for (const Normaliser& normaliser : normalisers()) functions.emplace(normaliser.name);
  CHECK(schema.words_of("normaliser") == functions);
}

}  // namespace
}  // namespace fhir_mapper::test
