#pragma once
// What libFuzzer calls with each input, and replay.cpp with each committed file. One a program; it ends the
// process (KAKEHASHI_CHECK) when a property does not hold.

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
