#include "gateway/visible_text.h"

#include <catch2/catch.hpp>

using gateway::visible_text;

TEST_CASE("Text of a document stays in its cell and cannot steer a terminal") {
  CHECK(visible_text("a\tb\nc") == "a\\tb\\nc");
  CHECK(visible_text("\x1b[2J\x7f") == "\\x1b[2J\\x7f");
  CHECK(visible_text("\xC2\x9B") == "\\x9b");  // the one-character CSI
  CHECK(visible_text("架橋 \xC2\xB5g") == "架橋 \xC2\xB5g");
}
