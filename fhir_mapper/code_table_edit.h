#pragma once
// Rows added to a table that a person wrote: `codes apply`. What stands there stays as it is, to the byte.

#include "fhir_mapper/code_row.h"

#include <string>
#include <vector>

#include <boost/system/result.hpp>

namespace fhir_mapper {

/// The bytes of `table` with `rows` behind its last line; of an empty file, with a header before them. All
/// mistakes when the table has some, when a row does not fit into one, or when a code has its row already; a
/// mistake of a new row is told with its place(). A code of a storage becomes a from_code by from_code_of.
boost::system::result<std::string, ConfigErrors> with_rows(const ConfigFile& table,
                                                           const std::vector<CodeRow>& rows);

/// A list of codes to do, which is a table whose to_code and display a person fills in.
struct FilledRows {
  std::vector<CodeRow> rows;  // with a to_code
  std::size_t open = 0;       // those without one
};
boost::system::result<FilledRows, ConfigErrors> read_filled_rows(const ConfigFile& list);

}  // namespace fhir_mapper
