#include "gateway/digest.h"

#include <array>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/rand.h>

namespace gateway {
namespace {

std::string hex(const unsigned char* bytes, std::size_t count) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 0x0F];
  }
  return text;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-256");
  }
  return hex(digest.data(), size);
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
  std::string bytes(count, '\0');
  auto* data = reinterpret_cast<unsigned char*>(bytes.data());
  if (RAND_bytes(data, static_cast<int>(count)) != 1) throw std::runtime_error("OpenSSL has no random bytes");
  return hex(data, count);
}

}  // namespace gateway
