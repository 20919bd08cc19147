#pragma once
// A code table's file as rows, with all of its mistakes. A table is edited by people, in editors and in
// spreadsheets: what those do to a file is either tolerated (a byte order mark, CRLF, empty lines) or named.

#include "fhir_mapper/code_row.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace fhir_mapper {

constexpr std::size_t kMostCodeRows = 1'000'000;
constexpr std::size_t kMostShapeRows = 1'000;  // each is asked for every code that no exact row knows
constexpr std::size_t kLongestCodeLine = 10'000;
constexpr std::size_t kMostMistakesTold = 100;  // of a file; then how many more there are

/// The rows that are right, in their order; `errors` gets what is wrong with the others.
std::vector<CodeRow> read_code_rows(const ConfigFile& file, ConfigErrors& errors);

/// What read_code_rows would say of this row's cells, at its place(), before it is written.
void check_code_row(const CodeRow& row, ConfigErrors& errors);

/// What may stand before the header: the mark that some editors write.
std::string_view without_byte_order_mark(std::string_view bytes);

}  // namespace fhir_mapper
