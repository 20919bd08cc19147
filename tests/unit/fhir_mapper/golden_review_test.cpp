// The clinical golden pairs: a person says of every element why it is right.
#include "tests/unit/fhir_mapper/golden_review.h"

#include "fhir_mapper/profile_check.h"
#include "tests/unit/fhir_mapper/golden.h"
#include "tests/unit/fhir_mapper/profile_packs.h"
#include "tests/unit/fhir_mapper/support.h"
#include "tests/unit/json_tree.h"

#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

namespace fs = std::filesystem;

using Reasons = std::map<std::pair<std::string, std::string>, std::string>;  // of an element with its value

std::vector<fs::path> clinical_documents() {
  std::vector<fs::path> documents = golden_documents();
  documents.erase(
      std::remove_if(documents.begin(), documents.end(), [](const auto& path) { return !is_clinical(path); }),
      documents.end());
  return documents;
}

fs::path beside(const fs::path& document, const char* extension) {
  return fs::path(document).replace_extension(extension);
}

/// What is wrong with the review itself is told at once.
Reasons reasons_of(const fs::path& review) {
  Reasons reasons;
  for (const ReviewedElement& row : review_of(review)) {
    INFO(review.filename() << ": " << row.where);
    CHECK(row.why != "");
    CHECK(reasons.emplace(std::pair(row.where, row.value), row.why).second);
  }
  return reasons;
}

const Reasons& shared_reasons() {
  static const Reasons reasons =
      reasons_of(fs::path(KAKEHASHI_GOLDEN_DIR) / "clinical" / "every-document.review.md");
  return reasons;
}

TEST_CASE("every element of a clinical golden has its reason, and no reason is without its element",
          "[golden]") {
  const auto documents = clinical_documents();
  CHECK(documents.size() >= 30);
  std::set<std::pair<std::string, std::string>> shared_and_used;
  for (const fs::path& document : documents) {
    INFO(document.filename());
    Reasons own = reasons_of(beside(document, ".review.md"));
    for (const auto& [where, value] : elements_of(read_file(beside(document, ".json").string()))) {
      INFO("| " << where << " | " << value << " | … |");
      const bool is_own = own.erase({where, value}) == 1;
      const bool is_shared = shared_reasons().count({without_number(where), value}) == 1;
      CHECK(is_own != is_shared);  // one reason: neither none nor two
      if (is_shared) shared_and_used.emplace(without_number(where), value);
    }
    for (const auto& [element, why] : own) {
      INFO("the review has what is not there: " << element.first << " = " << element.second);
      CHECK(why == "");
    }
  }
  for (const auto& [element, why] : shared_reasons()) {
    INFO("no document has what every-document.review.md says: " << element.first << " = " << element.second);
    CHECK(shared_and_used.count(element) == 1);
  }
}

TEST_CASE("a clinical golden is without an error by the version that it claims", "[golden]") {
  for (const fs::path& document : clinical_documents()) {
    const std::string folder = document.parent_path().filename().string();
    const std::string pack = folder.starts_with("jp-clins-") ? folder : "jp-clins-1.5.3";
    const Tree bundle = tree_of(read_file(beside(document, ".json").string()));
    // A prescription alone is nothing that CLINS takes: it is judged by the profiles that it claims.
    const bool is_prescription = read_file(document.string()).find("_OMP-01_") != std::string::npos;
    const auto demand = is_prescription ? ProfileDemand::as_claimed : ProfileDemand::clins_submission;
    for (const ProfileIssue& issue : check_profiles(bundle.root(), shipped_pack(pack), demand)) {
      INFO(document.filename() << " " << issue.location << " " << issue.rule << " " << issue.en);
      CHECK(issue.severity == IssueSeverity::warning);
    }
  }
}

}  // namespace
}  // namespace fhir_mapper::test
