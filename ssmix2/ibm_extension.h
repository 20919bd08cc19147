#pragma once
// IBM's extension characters as CP932 has them: rows 115-119, bytes FA40-FC4B.

#include "ssmix2/jis_cells.h"

namespace ssmix2 {

constexpr std::size_t kFirstIbmRow = 115;
extern const JisCells<char16_t, 5> kIbmExtension;

}  // namespace ssmix2
