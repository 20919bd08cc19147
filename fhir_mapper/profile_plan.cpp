#include "fhir_mapper/profile_plan.h"

#include <algorithm>
#include <array>

namespace fhir_mapper {
namespace {

/// ASCII alone: codes of systems that ignore case have nothing else.
std::string lower(std::string_view text) {
  std::string result(text);
  for (char& byte : result) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return result;
}

}  // namespace

Known CodeSystemPlan::find(std::string_view code) const {
  if (!listed) {
    if (form && !form->matches(code)) return Known::no;
    return Known::not_told;
  }
  if (codes.contains(code)) return Known::yes;
  if (ignores_case && codes.contains(lower(code))) return Known::yes;
  return complete ? Known::no : Known::not_told;
}

const std::vector<std::string_view>* CodeSystemPlan::displays_of(std::string_view code) const {
  const std::uint32_t* found = codes.find(code);
  if (found == nullptr && ignores_case) found = codes.find(lower(code));
  return found == nullptr ? nullptr : &displays[*found];
}

Known CodeSetPlan::of_part(const Part& part, std::string_view code) const {
  if (!part.told) return Known::not_told;
  if (part.all != nullptr) return part.all->find(code);
  return part.codes.contains(code) ? Known::yes : Known::no;
}

Known CodeSetPlan::has_code(std::string_view code) const {
  Known known = Known::no;
  for (const Part& part : parts) {
    const Known here = of_part(part, code);
    if (here == Known::yes) return here;
    if (here == Known::not_told) known = here;
  }
  return known;
}

Known CodeSetPlan::has(std::string_view system, std::string_view code) const {
  Known known = Known::no;
  for (const Part& part : parts) {
    if (!part.system.empty() && !same_text(part.system, system)) continue;
    const Known here = of_part(part, code);
    if (here == Known::yes) return here;
    if (here == Known::not_told) known = here;
  }
  return known;
}

std::uint16_t TypePlan::group_of(std::string_view element) const {
  const auto found = std::find(groups.begin(), groups.end(), element);
  return found == groups.end() ? kNoGroup : static_cast<std::uint16_t>(found - groups.begin());
}

const ProfileShape* ProfilePlan::profile(std::string_view canonical) const {
  const ProfileShape* const* found = profile_index.find(canonical);  // most name no version
  if (found == nullptr) found = profile_index.find(canonical.substr(0, canonical.find('|')));
  return found == nullptr ? nullptr : *found;
}

}  // namespace fhir_mapper
