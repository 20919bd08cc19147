#include "fhir_mapper/mapping_file.h"

#include <algorithm>

namespace fhir_mapper {

MappingFile::MappingFile(const ConfigFile& file, ConfigErrors& errors)
    : name_(file.name), whose_(file.origin), bytes_(file.bytes), errors_(errors) {
  const auto parsed = document_.load_buffer(bytes_.data(), bytes_.size());
  if (parsed) return;
  error_at(origin_at(parsed.offset), std::string("not well-formed XML: ") + parsed.description());
  document_.reset();
}

void MappingFile::error_at(const RuleOrigin& at, std::string message) const {
  ConfigError mistake{at.text() + ":" + std::to_string(at.column), std::move(message)};
  // A template is compiled at every place that uses it; its mistakes count once.
  const bool known = std::any_of(errors_.begin(), errors_.end(), [&](const ConfigError& other) {
    return other.place == mistake.place && other.message == mistake.message;
  });
  if (!known) errors_.push_back(std::move(mistake));
}

RuleOrigin MappingFile::origin_at(std::ptrdiff_t offset) const {
  RuleOrigin origin{name_, 1, 1};
  const auto end = std::min(bytes_.size(), static_cast<std::size_t>(std::max<std::ptrdiff_t>(offset, 0)));
  for (const char c : std::string_view(bytes_).substr(0, end)) {
    origin.column = c == '\n' ? 1 : origin.column + 1;
    if (c == '\n') ++origin.line;
  }
  return origin;
}

}  // namespace fhir_mapper
