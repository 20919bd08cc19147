#pragma once
// config/profiles/README.md as its test reads it, and the rows that it must have.
//
// The table behind "<!-- profile: NAME -->" has a row an element: its cardinality, that of the newer pack
// where it differs, and what the rules say of where it comes from, to the letter. A person adds sentences
// behind that, and the reason why an element is not sent. KAKEHASHI_UPDATE_GOLDEN=1 writes the rows anew and
// keeps what persons wrote.

#include "tests/unit/fhir_mapper/written_elements.h"

#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper::test {

struct PageRow {
  std::string element;
  std::string cardinality;
  std::string newer;   // empty: the same
  std::string source;  // of the page: the whole cell; of a row that must be: what the rules say
  bool written = true;
};

inline constexpr std::string_view kBelow = "below";
inline constexpr std::string_view kInSlices = "in the slices";
inline constexpr std::string_view kNotSent = "not sent:";
/// Before what a person adds to what the rules say.
inline constexpr std::string_view kRemark = "<br>";

/// Whether a cell says this, whatever a person added.
bool says(std::string_view cell, std::string_view source);

/// Every row that the table of a profile must have, in order.
std::vector<PageRow> rows_of_profile(std::string_view profile, const WrittenElements& written,
                                     const ProfilePack& pack, const ProfilePack& newer);

std::string page_text();
/// Those that the page has a table of.
std::vector<std::string> profiles_of_page();
/// The rows of the table behind "<!-- NAME -->", each as its cells, without its header.
std::vector<std::vector<std::string>> page_table(const std::string& name);
std::vector<PageRow> page_rows(std::string_view profile);
/// Writes the page with other rows behind "<!-- NAME -->".
void replace_page_table(const std::string& name, const std::vector<std::vector<std::string>>& rows);
/// The rows as cells, with what a person wrote in the page; `by_hand`: where elements come from, too.
std::vector<std::vector<std::string>> with_remarks(const std::vector<PageRow>& rows,
                                                   const std::vector<PageRow>& page, bool by_hand);

}  // namespace fhir_mapper::test
