#pragma once
// Text of a document for a terminal, in one cell of one line: a document must not move the cursor.

#include <string>
#include <string_view>

namespace gateway {

/// Control characters as \t, \n or \x1b.
std::string visible_text(std::string_view text);

}  // namespace gateway
