// Any files are a mapping or refused with what is wrong and where; what is a mapping maps a message without
// harm, and reads back from what is shown of it. The input is a mapping file, an overlay, a table and a
// site's table, with a line of %%%% between them.
#include "fhir_mapper/account.h"
#include "fhir_mapper/effective_mapping.h"
#include "fhir_mapper/effective_table.h"
#include "fhir_mapper/explanation.h"
#include "fhir_mapper/json_writer.h"
#include "fhir_mapper/mapping_loader.h"
#include "fhir_mapper/row_mapper.h"
#include "fhir_mapper/row_selection.h"
#include "ssmix2/check.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/utf8.h"

#include <string>
#include <string_view>

using namespace fhir_mapper;

namespace {

constexpr std::string_view kSeparator = "\n%%%%\n";
constexpr std::string_view kMessage =
    "MSH|^~\\&|H|S|G|R|20260401||PPR^ZD1|1|P|2.5\n"
    "PID|0001||0001234^^^^PI||架橋^太郎^^^^^L^I||19600229|M\n"
    "PRB|AD|20260401|LOC1^胃炎^99LOC^20054174^胃炎^MDCDX2|P1|7.20|<0.5||20260231|||||A B\n"
    "NTE|1||\\F\\初診~次行\n"
    "ZPR|1^急性^S~2^^S~3^慢性^S\n";

std::string_view taken_part(std::string_view& rest) {
  const std::size_t end = rest.find(kSeparator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + kSeparator.size());
  return part;
}

void check_errors(const ConfigErrors& errors) {
  KAKEHASHI_CHECK(!errors.empty());
  for (const ConfigError& error : errors) KAKEHASHI_CHECK(!error.place.empty() && !error.message.empty());
}

void check_row(const ResourceRule& rule, const RowScope& scope, Account& account) {
  Tree tree;
  const MappedRow mapped = map_row(rule, scope, {"+09:00", true}, tree);
  static_cast<void>(instance_of(rule, scope));
  static_cast<void>(find_left_out(rule, scope, "20260701"));
  static_cast<void>(find_unreadable_decision(rule, scope, "x", true));
  Trace selection;
  trace_selection(rule, scope, selection);
  const std::size_t present = account.values().size();
  account.settle(selection);
  account.settle(mapped.trace);
  for (const Ignore& ignore : rule.ignored) account.settle(ignore);
  KAKEHASHI_CHECK(account.values().size() == present);
  for (const Explanation& explanation : explanations_of(mapped.trace, scope.message())) {
    KAKEHASHI_CHECK(!explanation.element.empty() && !explanation.rule.empty());
  }
  const std::string json = SnapshotTemplate::of(*mapped.resource).render("<time>", [](std::size_t) {
    return std::string("<url>");
  });
  KAKEHASHI_CHECK(json.starts_with("{\"resourceType\":") && fuzz::is_utf8(json));
}

void check_mapping(const Mapping& mapping) {
  const auto message = ssmix2::Message::parse(std::string(kMessage));
  const ssmix2::FieldIndex fields(*message);
  Variables variables;
  variables.set(Variable::patient_id, "0001234");
  variables.set(Variable::patient_url, EntryUrl{0});
  for (const ResourceRule& rule : mapping.resources()) {
    Account account(*message);
    for (const ssmix2::Row& row : rows_of(*message, rule.document, rule.row)) {
      check_row(rule, RowScope(rule, row, fields, variables), account);
    }
  }
  for (const RuleIdentity& rule : mapping.rules()) {
    KAKEHASHI_CHECK(!rule.address.empty() && rule.origin.line > 0 && rule.origin.column > 0);
  }
}

void check_shown(const std::vector<ConfigFile>& mappings, const std::vector<ConfigFile>& tables,
                 const Mapping& mapping) {
  const EffectiveMapping effective(mappings);
  std::vector<ConfigFile> shown_tables;
  for (const std::string& name : table_names(tables)) {
    shown_tables.push_back({name + ".tsv", effective_table(tables, name)});
  }
  const auto shown = load_mapping({{"shown.xml", effective.text()}}, shown_tables);
  KAKEHASHI_CHECK(shown.has_value());
  KAKEHASHI_CHECK((*shown)->rules().size() == mapping.rules().size());
  for (std::size_t i = 0; i < mapping.rules().size(); ++i) {
    KAKEHASHI_CHECK((*shown)->rules()[i].address == mapping.rules()[i].address);
  }
  for (const std::string_view id : effective.resources()) {
    KAKEHASHI_CHECK(load_mapping({{"shown.xml", effective.text_of_resource(id)}}, shown_tables).has_value());
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<ConfigFile> mappings{{"m.xml", std::string(taken_part(rest)), ConfigOrigin::shipped}};
  if (const auto overlay = taken_part(rest); !overlay.empty()) {
    mappings.push_back({"site/o.xml", std::string(overlay), ConfigOrigin::site});
  }
  std::vector<ConfigFile> tables;
  for (const ConfigOrigin origin : {ConfigOrigin::shipped, ConfigOrigin::site}) {
    const auto rows = taken_part(rest);
    if (rows.empty()) continue;
    tables.push_back({origin == ConfigOrigin::site ? "site/t.tsv" : "t.tsv",
                      "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n" + std::string(rows),
                      origin});
  }
  const auto mapping = load_mapping(mappings, tables);
  if (mapping.has_value()) {
    check_mapping(**mapping);
    check_shown(mappings, tables, **mapping);
  } else {
    check_errors(mapping.error());
  }
  return 0;
}
