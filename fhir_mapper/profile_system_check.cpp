// Systems that nobody knows: misspelt ones, and those that their publishers do not have.

#include "fhir_mapper/profile_walk.h"

#include <algorithm>
#include <numeric>

namespace fhir_mapper {
namespace {

constexpr std::size_t kMostSlips = 2;
constexpr std::size_t kSharedEnd = 8;  // what a slip of the pen leaves alone at one end of a url

/// Whether one becomes the other by at most two letters put in, left out or replaced.
bool differs_by_a_slip(std::string_view left, std::string_view right) {
  const std::size_t longer = std::max(left.size(), right.size());
  if (longer - std::min(left.size(), right.size()) > kMostSlips) return false;
  if (left.substr(0, kSharedEnd) != right.substr(0, kSharedEnd) &&
      left.substr(left.size() - std::min(left.size(), kSharedEnd)) !=
          right.substr(right.size() - std::min(right.size(), kSharedEnd))) {
    return false;
  }
  std::vector<std::size_t> row(right.size() + 1);
  std::vector<std::size_t> last;
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    last = row;
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      row[j + 1] = std::min({last[j] + (left[i] == right[j] ? 0 : 1), row[j] + 1, last[j + 1] + 1});
    }
    if (*std::min_element(row.begin(), row.end()) > kMostSlips) return false;
  }
  return row.back() <= kMostSlips;
}

bool is_of_publishers(std::string_view url) {
  const std::size_t slashes = url.find("://");
  if (slashes == std::string_view::npos || !url.starts_with("http")) return false;
  const std::string_view host = url.substr(slashes + 3);
  return host.starts_with("terminology.hl7.org/") || host.starts_with("hl7.org/fhir/") ||
         host.starts_with("jpfhir.jp/");
}

}  // namespace

std::string normalised_system(std::string_view url) {
  std::string text(url);
  for (char& byte : text) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  if (text.starts_with("https:")) text.erase(4, 1);
  while (text.ends_with('/') || text.ends_with('#')) text.pop_back();
  return text;
}

void ProfileWalk::unknown_identifier_system(const Item& item, std::string_view system) {
  if (quiet_ || plan_.system_urls.contains(system) || plan_.system_index.contains(system)) return;
  const std::string_view* const meant = plan_.normalised_systems.find(normalised_system(system));
  if (meant == nullptr) return;
  tell(IssueSeverity::warning, *item.frame, "system-suspect", "Identifier",
       "the system is not known; is " + std::string(*meant) + " meant?",
       "知られていないsystemです。" + std::string(*meant) + "の誤りではありませんか");
}

void ProfileWalk::unknown_system(const Item& item, std::string_view system) {
  if (quiet_ || plan_.system_urls.contains(system)) return;
  for (const std::string_view big :
       {"http://snomed.info/sct", "http://loinc.org", "http://unitsofmeasure.org"}) {
    if (system == big) return;
    if (!system.starts_with(big)) continue;
    return error(*item.frame, "coding-system", "Coding", "is no code system; " + std::string(big) + " is",
                 "コード体系ではありません（正しくは" + std::string(big) + "）");
  }
  const std::string_view* meant = plan_.normalised_systems.find(normalised_system(system));
  for (std::size_t i = 0; meant == nullptr && i < plan_.known_systems.size(); ++i) {
    const std::string_view known = plan_.known_systems[i];
    if (!known.starts_with("urn:oid:") && differs_by_a_slip(system, known)) meant = &plan_.known_systems[i];
  }
  if (meant != nullptr) {
    return tell(IssueSeverity::warning, *item.frame, "system-suspect", "Coding",
                "the code system is not known; is " + std::string(*meant) + " meant?",
                "知られていないコード体系です。" + std::string(*meant) + "の誤りではありませんか");
  }
  if (!is_of_publishers(system)) return;
  tell(IssueSeverity::warning, *item.frame, "system-unknown", "Coding",
       "there is no code system " + std::string(system) + " in " + pack_.id(),
       std::string(system) + "というコード体系は" + pack_.id() + "にありません");
}

}  // namespace fhir_mapper
