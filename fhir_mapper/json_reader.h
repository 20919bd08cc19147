#pragma once
// FHIR JSON to a tree. What makes the text unusable is an error with its place; what FHIR's JSON forbids in a
// text that can be read (null, empty strings, arrays and objects) stands in the tree as it was written, for
// the check of profiles to judge. Names that occur twice and a byte order mark leave no trace in a tree, so
// they are remarked here.

#include "fhir_mapper/fhir_tree.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

namespace fhir_mapper {

struct JsonLimits {
  std::size_t bytes = 16 * 1024 * 1024;  // a Bundle has at most 10 MB
  std::size_t depth = 128;               // what walks a tree recurses; FHIR nests about 20 deep
};

/// Counted in characters from 1, as editors do; `offset` in bytes from 0. A byte order mark counts as
/// nothing.
struct JsonPlace {
  std::size_t offset = 0;
  std::size_t line = 1;
  std::size_t column = 1;
};

enum class JsonMistake {
  too_large,
  not_utf8,
  malformed,
  unpaired_surrogate,  // "\ud800" alone is no character, so no UTF-8 can hold it
  too_deep,
  no_object,  // every resource is one
};

struct JsonError {
  JsonMistake mistake = JsonMistake::malformed;
  JsonPlace place;
};
/// One sentence without anything of the text.
std::string_view to_text(JsonMistake mistake);
[[noreturn]] void throw_exception_from_error(const JsonError& error, const boost::source_location& where);

/// A member whose name another one of the same object has too. The last one counts and is in the tree.
struct RepeatedMember {
  // Below the root, by names and indexes as in JSON: ".entry[0].resource"; empty: the root. A name that no
  // element of FHIR can have is a question mark: it may be anything, also a patient's.
  std::string object;
  JsonPlace place;  // of its name
};

struct JsonDocument {
  Tree tree;
  bool has_byte_order_mark = false;
  std::vector<RepeatedMember> repeated;  // a thousand at most
};

/// Numbers keep their digits; one that a double cannot hold is malformed. The tree is independent of `text`.
boost::system::result<JsonDocument, JsonError> read_json(std::string_view text, JsonLimits limits = {});

}  // namespace fhir_mapper
