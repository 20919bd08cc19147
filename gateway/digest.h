#pragma once
// SHA-256 and what is derived from it.

#include "ssmix2/safe_text.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gateway {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view bytes);
/// Of its 32 bytes, as databases keep it.
Sha256 sha256_of_bytes(std::string_view bytes);
std::string hex(std::span<const unsigned char> bytes);
std::string sha256_hex(std::string_view bytes);

/// The name by which logs and lists speak of a document or a unit: 12 hex digits of a salted hash.
ssmix2::SafeText label(std::string_view salt, std::string_view path_or_key);

/// "1319999999^2026^C" + 35 hex digits: the same on every machine for the same unit and year.
std::string bundle_id(std::string_view institution_number, int year, char kind_letter,
                      std::string_view unit_key);

/// "urn:uuid:…" for entry `index` of sending `transmission` of a snapshot: new at every sending, yet
/// reproducible.
std::string entry_url(std::string_view content_hash, std::int64_t transmission, std::size_t index);

/// `count` random bytes as hex.
std::string random_hex(std::size_t count);

}  // namespace gateway
