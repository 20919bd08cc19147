#pragma once
// What a rule may ask for by with="NAME ...": one spelling for texts that storages write in several. Never
// applied unasked: values keep their text.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fhir_mapper {

struct Normaliser {
  std::string_view name;
  std::string_view meaning;  // one sentence, for config/README.md
  /// Nothing: the text is not of the form the function is for. It is not guessed at; the rule counts the
  /// value as one it could not use.
  std::optional<std::string> (*apply)(std::string_view utf8);
};

/// In the order in which they are documented.
std::span<const Normaliser> normalisers();

/// Null when there is none of that name.
const Normaliser* find_normaliser(std::string_view name);

}  // namespace fhir_mapper
