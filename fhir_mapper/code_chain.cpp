#include "fhir_mapper/code_chain.h"

#include "fhir_mapper/closest_name.h"
#include "fhir_mapper/word_list.h"

#include <algorithm>
#include <stdexcept>

namespace fhir_mapper {
void throw_exception_from_error(const UnknownCode&, const boost::source_location&) {
  throw std::logic_error("a code that no table knows");  // which one is patient data
}

void throw_exception_from_error(const ChainFailure& failure, const boost::source_location&) {
  throw std::logic_error(failure.message);
}

std::string CodeTranslation::trail() const {
  std::string text;
  for (const CodeRow* row : rows()) text += (text.empty() ? "" : " > ") + row->place();
  return text;
}

void CodeTranslation::take(const CodeRow& row) {
  filled_in_ = row.has_gaps() ? row.code_for(code()) : std::string();
  code_ = row.has_gaps() ? std::string_view() : row.to_code;
  rows_.at(count_++) = &row;
}

boost::system::result<CodeChain, ChainFailure> CodeChain::parse(std::string_view text,
                                                                const CodeTables& tables) {
  CodeChain chain;
  std::string failure;
  const auto fail = [&failure](const std::string& message) {
    failure += (failure.empty() ? "" : "; ") + message;
  };
  const auto words = words_of(text);
  for (std::string_view word : words) {
    const bool is_optional = word.ends_with('?');
    if (is_optional) word.remove_suffix(1);
    const std::string name(word);
    const auto table = tables.find(name);
    if (table == tables.end()) {
      std::vector<std::string_view> names;
      for (const auto& [known, each] : tables) names.push_back(known);
      fail("there is no code table \"" + name + "\" (" + name +
           ".tsv in the terminology directory or the overlay)" + did_you_mean(name, names));
      continue;
    }
    if (std::ranges::find(chain.steps_, &table->second, &Step::table) != chain.steps_.end()) {
      fail("the code table \"" + name + "\" stands twice in a chain");
    }
    chain.steps_.push_back({&table->second, is_optional});
  }
  if (words.size() > kLongestChain) {
    fail("a chain has at most " + std::to_string(kLongestChain) + " code tables");
  }
  if (words.empty()) fail("the name of a code table must stand here");
  if (!failure.empty()) return ChainFailure{failure};
  return chain;
}

boost::system::result<CodeTranslation, UnknownCode> CodeChain::find(std::string_view code,
                                                                    std::string_view system) const {
  CodeTranslation translation(code);
  std::size_t first_asked = 0;  // of the steps that were asked for the code as it is now
  for (std::size_t index = 0; index < steps_.size(); ++index) {
    const CodeRow* row = steps_[index].table->find(translation.code(), system);
    if (row != nullptr) {
      translation.take(*row);
      if (translation.code().empty()) return translation;
      system = row->to_system;
      first_asked = index + 1;
    } else if (!steps_[index].is_optional) {
      return unknown(std::span(steps_).subspan(first_asked, index + 1 - first_asked), std::move(translation),
                     system);
    }
  }
  if (translation.count_ == 0) return unknown(steps_, std::move(translation), system);
  return translation;
}

UnknownCode CodeChain::unknown(std::span<const Step> asked, CodeTranslation so_far, std::string_view system) {
  UnknownCode unknown(std::move(so_far), system);
  for (const Step& step : asked) unknown.tables_.at(unknown.count_++) = step.table;
  return unknown;
}

bool CodeChain::knows(std::string_view code, std::string_view system) const {
  return find(code, system).has_value();
}

std::string CodeChain::text() const {
  std::string text;
  for (const Step& step : steps_) {
    text += (text.empty() ? "" : " ") + step.table->name() + (step.is_optional ? "?" : "");
  }
  return text;
}

}  // namespace fhir_mapper
