#include "fhir_mapper/mapping.h"

#include <algorithm>

namespace fhir_mapper {

const ResourceRule* Mapping::find(std::string_view resource_type, ssmix2::DataType document) const {
  const auto rule = std::find_if(resources_.begin(), resources_.end(), [&](const ResourceRule& candidate) {
    return candidate.type == resource_type && candidate.document == document;
  });
  return rule == resources_.end() ? nullptr : &*rule;
}

const CodeTable* Mapping::table(std::string_view name) const {
  const auto table = tables_->find(name);
  return table == tables_->end() ? nullptr : &table->second;
}

}  // namespace fhir_mapper
