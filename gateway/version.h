#pragma once
// The version of this build; the number stands in the top CMakeLists.txt only.

namespace gateway {

inline constexpr char kVersion[] = KAKEHASHI_VERSION;

}  // namespace gateway
