#include "tests/unit/fhir_mapper/rule_run.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const std::string kRequired = R"(<value path="subject.reference" constant="#p"/>)";

Variables variables() {
  Variables variables;
  variables.set(Variable::institution_number, "1319999999");
  variables.set(Variable::patient_id, "0001");
  variables.set(Variable::patient_url, EntryUrl{0});
  return variables;
}

std::shared_ptr<const Mapping> mapping_with(const std::string& rules, const std::vector<ConfigFile>& more) {
  auto files = mapping_of(resource_of(rules));
  files.insert(files.end(), more.begin(), more.end());
  const auto mapping =
      load_mapping(files, {table_of("t.tsv", "\tAD\thttp://s\tadded\t追加\n\tabc\t\t\t空\nX\tP1\t\tof-x\n")});
  if (mapping.has_error()) {
    for (const ConfigError& error : mapping.error()) UNSCOPED_INFO(error.place << " " << error.message);
  }
  REQUIRE(mapping.has_value());
  return *mapping;
}

MappedRow mapped(const Mapping& mapping, const ssmix2::Row& row, const ssmix2::Message& message, bool trace,
                 Tree& tree) {
  const ResourceRule& rule = mapping.resources().front();
  const ssmix2::FieldIndex fields(message);
  const Variables of_document = variables();
  return map_row(rule, RowScope(rule, row, fields, of_document), {"+09:00", trace}, tree);
}

}  // namespace

const std::string_view kProblemMessage =
    "MSH|^~\\&|H|S|G|R|20260401||PPR^ZD1|1|P|2.5\n"
    "PRB|AD|20260401|20054174^胃炎^MDCDX2|P1|7.20|abc||20260231|||||A B\n"
    "ZPR|1^急性^S~2^^S~3^慢性^S\n";

std::string resource_of(std::string_view rules) {
  return "<resource id=\"c\" type=\"Condition\" document=\"PPR-01\" row=\"PRB\" instance=\"PRB-4.1\">\n" +
         std::string(rules) + kRequired + "</resource>";
}

RuleRun::RuleRun(const std::string& rules, const RuleSetting& setting)
    : message_(message_of(setting.message)),
      rows_(rows_of(message_, ssmix2::DataType::PPR_01, "PRB")),
      mapping_(mapping_with(rules, setting.more)),
      mapped_(mapped(*mapping_, rows_.at(0), message_, setting.trace, tree_)) {}

std::string RuleRun::json() const {
  const std::string all = json_of(*mapped_.resource);
  const std::string head = R"({"resourceType":"Condition",)";
  const std::string tail = R"("subject":{"reference":"#p"}})";
  INFO(all);
  REQUIRE(all.starts_with(head));
  REQUIRE(all.ends_with(tail));
  std::string between = all.substr(head.size(), all.size() - head.size() - tail.size());
  if (between.ends_with(',')) between.pop_back();
  return "{" + between + "}";
}

std::string json_of_rules(const std::string& rules, const RuleSetting& setting) {
  return RuleRun(rules, setting).json();
}

bool holds_when(const std::string& when, const RuleSetting& setting) {
  const std::string json =
      json_of_rules("<value path=\"onsetString\" constant=\"y\" when=\"" + when + "\"/>", setting);
  return json == R"({"onsetString":"y"})";
}

}  // namespace fhir_mapper::test
