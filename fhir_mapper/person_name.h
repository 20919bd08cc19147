#pragma once
// A person's name that a storage wrote into one component: 架橋　太郎.

#include <optional>
#include <string>
#include <string_view>

namespace fhir_mapper {

struct PersonName {
  std::string family;
  std::string given;
};

/// Family name first, then one space of either width; spaces around the whole do not count. Nothing when
/// there is no space or more than one: which of them parts the names is not written.
std::optional<PersonName> split_name(std::string_view utf8);

}  // namespace fhir_mapper
