#include "gateway/digest.h"

#include "ssmix2/check.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <openssl/evp.h>
#include <openssl/rand.h>

namespace gateway {

Sha256 sha256(std::string_view bytes) {
  Sha256 digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-256");
  }
  return digest;
}

Sha256 sha256_of_bytes(std::string_view bytes) {
  Sha256 hash{};
  KAKEHASHI_CHECK(bytes.size() == hash.size());
  std::transform(bytes.begin(), bytes.end(), hash.begin(),
                 [](char byte) { return static_cast<unsigned char>(byte); });
  return hash;
}

std::string hex(std::span<const unsigned char> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0F];
  }
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  return hex(sha256(bytes));
}

ssmix2::SafeText label(std::string_view salt, std::string_view path_or_key) {
  return ssmix2::SafeText::vouched(sha256_hex(std::string(salt).append(path_or_key)).substr(0, 12));
}

std::string bundle_id(std::string_view institution_number, int year, char kind_letter,
                      std::string_view unit_key) {
  std::string id(institution_number);
  id.append("^").append(std::to_string(year)).append("^").append(1, kind_letter);
  return id.append(sha256_hex(unit_key), 0, 35);
}

std::string entry_url(std::string_view content_hash, std::int64_t transmission, std::size_t index) {
  std::string name(content_hash);
  name.append("|").append(std::to_string(transmission)).append("|").append(std::to_string(index));
  std::string digits = sha256_hex(name).substr(0, 32);
  digits[12] = '8';  // RFC 9562 version 8: made by a rule of our own
  digits[16] = "89ab"[static_cast<unsigned char>(digits[16]) & 0x03];
  for (const std::size_t at : {20u, 16u, 12u, 8u}) digits.insert(at, "-");
  return "urn:uuid:" + digits;
}

std::string random_hex(std::size_t count) {
  std::vector<unsigned char> bytes(count);
  if (RAND_bytes(bytes.data(), static_cast<int>(count)) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes");
  }
  return hex(bytes);
}

}  // namespace gateway
