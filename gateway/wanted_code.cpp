#include "gateway/wanted_code.h"

#include "ssmix2/value_place.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::size_t kMostRules = 8;

/// A rule may look up a part of the value that stands there.
bool has_code(const SearchedDocument& document, const fhir_mapper::MissingCode& missing) {
  if (missing.place.segment.empty()) {
    return document.content.name.department.find(missing.code) != std::string::npos;  // $department
  }
  return value_at(*document.content.message, missing.place).text().find(missing.code) != std::string::npos;
}

std::string document_of(const fhir_mapper::MissingCode& missing,
                        const std::vector<SearchedDocument>& documents) {
  if (documents.empty()) return {};
  const auto found = std::find_if(documents.begin(), documents.end(),
                                  [&](const SearchedDocument& each) { return has_code(each, missing); });
  const DocumentRef& ref = found == documents.end() ? documents.front().ref : found->ref;
  return ref.root + "/" + ref.relative_path();
}

std::string joined(const std::set<std::string>& rules) {
  std::string text;
  for (const std::string& rule : rules)
    text.append(text.empty() ? "" : "\n").append(rule);  // a rule's name may hold spaces
  return text;
}

}  // namespace

void WantedCodes::add(const std::vector<fhir_mapper::MissingCode>& missing,
                      const std::vector<SearchedDocument>& documents) {
  for (const auto& each : missing) {
    Wish& wish = wishes_[{each.table, each.system, each.code}];
    if (wish.rules.size() < kMostRules) wish.rules.insert(each.rule);
    wish.holds = wish.holds || each.holds;
    if (wish.document.empty()) wish.document = document_of(each, documents);
  }
}

std::vector<WantedCode> WantedCodes::list() const {
  std::vector<WantedCode> wanted;
  std::size_t others = 0;
  const auto holding = static_cast<std::size_t>(
      std::count_if(wishes_.begin(), wishes_.end(), [](const auto& entry) { return entry.second.holds; }));
  for (const auto& [key, wish] : wishes_) {
    if (!wish.holds && holding + ++others > kMost) continue;
    const auto& [table, system, code] = key;
    wanted.push_back({table, system, code, joined(wish.rules), wish.holds, wish.document});
  }
  return wanted;
}

}  // namespace gateway
