#pragma once
// What HL7 v2.5 says about the segments of SS-MIX2 documents: their fields, and the components of these. A
// source of a mapping that names a field which does not exist is a mistake to be told, and not an element
// that stays empty for ever. Constant tables; where storages differ from the standard they take the storages'
// side (see the tables).

#include "ssmix2/data_type.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace ssmix2 {

struct Hl7Component {
  std::string_view name;
  std::string_view type;  // its components are the subcomponents
};

struct Hl7Field {
  unsigned number = 0;    // 1 is the first behind the segment's name; of MSH the separator itself
  std::string_view name;  // English, as in the standard
  std::string_view type;  // "varies" (OBX-5): as another field says, so any component may be there
  bool repeats = false;
};

/// The fields of a segment, number 1 first, none left out. Empty: no segment of the table, such as a site's
/// own.
std::span<const Hl7Field> fields_of(std::string_view segment);

/// Null: the table has no such field.
const Hl7Field* find_field(std::string_view segment, std::size_t number);

/// Whether fields behind those of the table are no mistake: in Z segments, which sites extend.
bool may_be_longer(std::string_view segment);

/// Empty: a primitive type (ST, NM …), whose only component is the value itself; or "varies".
/// Codes of users' tables (IS) have the components of a CWE here, as in later versions: a site whose writer
/// puts text and system behind such a code can read them.
std::span<const Hl7Component> components_of(std::string_view type);

/// Whether SS-MIX2 documents of this kind may hold the segment: as the messages of the guideline are built,
/// and what was met besides. Any document may hold Z segments.
bool may_hold(DataType type, std::string_view segment);

}  // namespace ssmix2
