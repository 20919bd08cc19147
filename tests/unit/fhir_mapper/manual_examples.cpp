#include "tests/unit/fhir_mapper/manual_examples.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace fhir_mapper::test {
namespace {

const std::string kNamespace = "urn:kakehashi:mapping:1";

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<Example> all_examples() {
  std::vector<Example> examples;
  std::optional<Example> open;
  int number = 0;
  for (const std::string& line : lines_of(manual_text())) {
    ++number;
    if (!line.starts_with("```")) {
      if (open) open->body += line + "\n";
      continue;
    }
    if (open) {
      examples.push_back(std::move(*open));
      open.reset();
      continue;
    }
    std::istringstream info(line.substr(3));
    open = Example{.line = number, .language = {}, .words = {}, .body = {}};
    info >> open->language;
    for (std::string word; info >> word;) open->words.push_back(word);
  }
  if (open) throw std::runtime_error("a fence of the manual has no end");
  return examples;
}

/// What FHIR requires of a resource besides what the example shows.
std::string required_of(const std::string& type, const std::string& body) {
  if (type == "Condition") return R"(<value path="subject.reference" constant="#p"/>)";
  if (type == "AllergyIntolerance") return R"(<value path="patient.reference" constant="#p"/>)";
  if (type != "Observation") return "";
  const bool has_code = body.find("path=\"code.coding[]") != std::string::npos;
  return R"(<value path="status" constant="final"/>)" +
         std::string(has_code ? "" : R"(<value path="code.text" constant="x"/>)");
}

std::string resource_around(const std::string& type, const std::string& body) {
  const std::string rows = type == "Patient"       ? R"(document="ADT-00" row="PID" instance="$patient-id")"
                           : type == "Condition"   ? R"(document="PPR-01" row="PRB" instance="PRB-4.1")"
                           : type == "Observation" ? R"(document="OML-11" row="OBX" instance="OBX-3")"
                                                   : R"(document="ADT-61" row="IAM" instance="IAM-7.1")";
  return "<resource id=\"example\" type=\"" + type + "\" " + rows + ">\n" + body + required_of(type, body) +
         "</resource>";
}

ConfigFile whole(const std::string& name, const std::string& root, const std::string& body,
                 ConfigOrigin origin) {
  return {name, "<" + root + " xmlns=\"" + kNamespace + "\">\n" + body + "</" + root + ">", origin};
}

/// Rules of the site beside the shipped ones.
std::vector<ConfigFile> beside_shipped_ones(const Example* except) {
  std::vector<ConfigFile> files = shipped_mappings();
  for (const Example& example : manual_examples("xml")) {
    if (!example.has("site") || (except != nullptr && example.line == except->line)) continue;
    files.push_back(
        whole("site/" + std::to_string(example.line) + ".xml", "mapping", example.body, ConfigOrigin::site));
  }
  return files;
}

}  // namespace

bool Example::has(const std::string& word) const {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<std::string> Example::value_of(const std::string& name) const {
  for (const std::string& word : words) {
    if (word.starts_with(name + "=")) return word.substr(name.size() + 1);
  }
  return std::nullopt;
}

std::string manual_text() {
  return read_file(KAKEHASHI_SOURCE_DIR "/config/README.md");
}

std::vector<Example> manual_examples(const std::string& language) {
  std::vector<Example> examples = all_examples();
  std::erase_if(examples, [&](const Example& example) { return example.language != language; });
  return examples;
}

std::optional<Example> example_behind(const Example& before, const std::string& language) {
  int line = before.line + static_cast<int>(lines_of(before.body).size()) + 2;
  for (const Example& example : all_examples()) {
    if (example.line != line) continue;
    if (example.language == language) return example;
    line += static_cast<int>(lines_of(example.body).size()) + 2;
  }
  return std::nullopt;
}

std::vector<std::vector<std::string>> manual_table(const std::string& name) {
  const std::vector<std::string> lines = lines_of(manual_text());
  auto line = std::find(lines.begin(), lines.end(), "<!-- words: " + name + " -->");
  if (line == lines.end()) throw std::runtime_error("the manual has no table of words: " + name);
  std::vector<std::vector<std::string>> rows;
  for (line += 3; line != lines.end() && line->starts_with("|"); ++line) {
    std::vector<std::string> cells;
    std::string cell;
    for (std::size_t at = 1; at < line->size(); ++at) {
      const bool escaped = (*line)[at] == '\\' && at + 1 < line->size() && (*line)[at + 1] == '|';
      if (escaped || (*line)[at] != '|') {
        cell += escaped ? (*line)[++at] : (*line)[at];
        continue;
      }
      cells.push_back(cell.size() < 2 ? "" : cell.substr(1, cell.size() - 2));  // a space at both ends
      cell.clear();
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::vector<std::string> quoted_in(const std::string& cell) {
  std::vector<std::string> quoted;
  for (std::size_t begin = cell.find('`'); begin != std::string::npos;) {
    const std::size_t end = cell.find('`', begin + 1);
    if (end == std::string::npos) break;
    quoted.push_back(cell.substr(begin + 1, end - begin - 1));
    begin = cell.find('`', end + 1);
  }
  return quoted;
}

std::vector<ConfigFile> manual_tables() {
  std::vector<ConfigFile> tables;
  for (const Example& example : manual_examples("tsv")) {
    const auto name = example.value_of("table");
    if (!name || example.is_wrong()) continue;
    tables.push_back({*name + ".tsv", example.body,
                      name->starts_with("site/") ? ConfigOrigin::site : ConfigOrigin::shipped});
  }
  return tables;
}

std::vector<ConfigFile> files_of(const Example& example) {
  if (example.value_of("file")) return {{"example.xml", example.body}};
  if (const auto type = example.value_of("resource")) {
    return {whole("example.xml", "mapping", resource_around(*type, example.body), ConfigOrigin::shipped)};
  }
  if (example.has("mapping") && !example.has("site")) {
    return {whole("example.xml", "mapping", example.body, ConfigOrigin::shipped)};
  }
  std::vector<ConfigFile> files = beside_shipped_ones(&example);
  files.push_back(whole("site/example.xml", example.has("overlay") ? "overlay" : "mapping", example.body,
                        ConfigOrigin::site));
  return files;
}

}  // namespace fhir_mapper::test
