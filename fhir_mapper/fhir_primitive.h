#pragma once
// The forms of FHIR R4's primitive types: what JSON value they are, and what their text may look like.

#include "fhir_mapper/fhir_node.h"

#include <cstdint>
#include <string_view>

namespace fhir_mapper {

enum class Primitive : std::uint8_t {
  none,  // no primitive type
  base64_binary,
  boolean,
  canonical,
  code,
  date,
  date_time,
  decimal,
  id,
  instant,
  integer,
  markdown,
  oid,
  positive_int,
  string,
  time,
  unsigned_int,
  uri,
  url,
  uuid,
  xhtml,
};

/// "dateTime"; none for a name that is no primitive type's.
Primitive primitive_of(std::string_view type_name);

struct PrimitiveFlaw {
  std::string_view en;  // literals; empty: nothing is wrong
  std::string_view ja;
  bool only_warning = false;
};

/// What is wrong with a leaf as a value of that type. Places that are filled in at sending are an instant and
/// a URI.
PrimitiveFlaw primitive_flaw(Primitive type, const Node& leaf);

/// Whether `text` begins with a scheme: "urn:", "http:".
bool is_absolute_uri(std::string_view text);

}  // namespace fhir_mapper
