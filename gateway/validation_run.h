#pragma once
// `validate`: JSON texts against a profile pack, what is wrong as JSON lines.

#include "fhir_mapper/json_reader.h"
#include "fhir_mapper/profile_check.h"
#include "gateway/profile_packs.h"

#include <cstddef>
#include <iosfwd>
#include <string>

namespace gateway {

class ValidationRun {
 public:
  /// With `quoting` the sentences of the check itself, which may quote values of the patient.
  ValidationRun(LoadedPack pack, bool quoting, std::ostream& results)
      : pack_(std::move(pack)), quoting_(quoting), results_(results) {}

  /// Everything in one file; `name` as the results name it.
  void add(const std::string& name, std::istream& stream);

  std::size_t errors() const { return errors_; }
  /// "2 texts by jp-clins-1.5.3: 3 errors, 1 warning".
  std::string summary() const;

 private:
  struct Text {
    const std::string& file;
    std::size_t line;  // 0: the whole file
  };

  void check(const Text& text, std::string_view json);
  void remark(const Text& text, const fhir_mapper::JsonDocument& document, const std::string& type);
  void print(const Text& text, const fhir_mapper::ProfileIssue& issue, const std::string& place);

  LoadedPack pack_;
  bool quoting_;
  std::ostream& results_;
  std::size_t texts_ = 0;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

}  // namespace gateway
