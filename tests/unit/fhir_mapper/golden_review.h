#pragma once
// tests/golden/clinical/NAME.review.md: what each element of NAME.json must be, and why a person holds it for
// right.
//
// A review is Markdown: what the document is about, and tables with a row an element: | where | value | why
// |. What every document has alike is in every-document.review.md; there a resource has no number
// (Condition.status).

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace fhir_mapper::test {

struct ReviewedElement {
  std::string where;
  std::string value;
  std::string why;
};

/// The rows of all its tables, in order.
std::vector<ReviewedElement> review_of(const std::filesystem::path& review);

/// Every element of a golden Bundle that holds a value: {"Condition[0].code.text", "肺炎"}. Those of the
/// Bundle itself are "Bundle.type"; an entry's URL is that of its resource ("Condition[0].fullUrl").
std::vector<std::pair<std::string, std::string>> elements_of(const std::string& bundle);

/// "Condition[0].code.text" as every-document.review.md has it: "Condition.code.text".
std::string without_number(const std::string& where);

}  // namespace fhir_mapper::test
