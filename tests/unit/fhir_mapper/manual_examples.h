#pragma once
// config/README.md as its tests read it: examples in fences with an info string, and tables of words.
//
//   ```xml resource=Condition   stands inside a <resource> of that type, with what FHIR requires added
//   ```xml mapping [site]       stands inside <mapping>
//   ```xml overlay              stands inside <overlay>, on top of the shipped rules
//   ```xml file=NAME            a whole file
//   ```tsv table=NAME           a whole table; site/NAME changes a shipped one
//   ```hl7, ```json             behind rules: segments (without MSH), and what the rules make of them
//   wrong                       is refused

#include "tests/unit/fhir_mapper/support.h"

#include <optional>
#include <string>
#include <vector>

namespace fhir_mapper::test {

struct Example {
  int line = 0;
  std::string language;            // "xml"
  std::vector<std::string> words;  // "resource=Condition", "wrong"
  std::string body;

  bool has(const std::string& word) const;
  /// Of "table=NAME"; nothing: there is no such word.
  std::optional<std::string> value_of(const std::string& name) const;
  bool is_wrong() const { return has("wrong"); }
};

std::string manual_text();
std::vector<Example> manual_examples(const std::string& language);
/// The example of that language right behind `before`.
std::optional<Example> example_behind(const Example& before, const std::string& language);

/// The cells of the rows of the table behind "<!-- words: NAME -->", without its header.
std::vector<std::vector<std::string>> manual_table(const std::string& name);
/// What stands between ` and ` in a cell.
std::vector<std::string> quoted_in(const std::string& cell);

/// Every table that the manual shows, but those that are wrong.
std::vector<ConfigFile> manual_tables();
/// The files that an example of rules is loaded with: its own last.
std::vector<ConfigFile> files_of(const Example& example);

}  // namespace fhir_mapper::test
