#include "fhir_mapper/config_file.h"

#include <stdexcept>

namespace fhir_mapper {

void throw_exception_from_error(const ConfigErrors& errors, const boost::source_location&) {
  throw std::logic_error(errors.empty() ? "configuration"
                                        : errors.front().place + ": " + errors.front().message);
}

}  // namespace fhir_mapper
