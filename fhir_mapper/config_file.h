#pragma once
// A file of the configuration as bytes, and what is wrong with it. Bytes, not paths: tests and fuzzers need
// no files, and a mapping can be kept beside what was made with it.

#include <string>
#include <vector>

#include <boost/system/result.hpp>

namespace fhir_mapper {

/// Whose file it is: the product's, or this site's own beside it.
enum class ConfigOrigin { shipped, site };

struct ConfigFile {
  std::string name;  // as a person is told it: "condition.xml", "site/gender.tsv"
  std::string bytes;
  ConfigOrigin origin = ConfigOrigin::shipped;

  friend bool operator==(const ConfigFile&, const ConfigFile&) = default;
};

/// A mistake in a mapping or table: "condition.xml:12:5" and what would be right. Never holds patient data.
struct ConfigError {
  std::string place;
  std::string message;
};
using ConfigErrors = std::vector<ConfigError>;
[[noreturn]] void throw_exception_from_error(const ConfigErrors& errors, const boost::source_location& where);

}  // namespace fhir_mapper
