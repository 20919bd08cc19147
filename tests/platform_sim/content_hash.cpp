#include "tests/platform_sim/content_hash.h"

#include <array>
#include <cstddef>

#include <openssl/evp.h>
#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace platform_sim {
namespace {

using Encoding = rapidjson::UTF8<>;

/// Copies the bytes as they are and leaves out the values that change with every sending. It works on the
/// text and not on a tree, because a tree would also forget spaces, escapes and the digits of a number (7.20
/// and 7.2).
class Masker : public rapidjson::BaseReaderHandler<Encoding, Masker> {
 public:
  Masker(std::string_view body, const rapidjson::MemoryStream& stream) : body_(body), stream_(stream) {}

  /// All other values, and the begin of an array or object.
  bool Default() {
    key_.clear();
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    key_.assign(text, size);
    after_key_ = stream_.Tell();
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (is_masked({text, size})) {
      const auto value = body_.find('"', after_key_);  // only spaces and a colon stand between
      masked_ += body_.substr(copied_, value - copied_);
      masked_ += "\"-\"";
      copied_ = stream_.Tell();
    }
    return Default();
  }
  /// Without this, the base class hands numbers to String(), which looks for quotes.
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return Default(); }

  std::string take() {
    masked_ += body_.substr(copied_);
    return std::move(masked_);
  }

 private:
  bool is_masked(std::string_view value) const {
    if (key_ == "reference") return value.starts_with("urn:uuid:");
    return key_ == "fullUrl" || key_ == "timestamp" || key_ == "lastUpdated";
  }

  std::string_view body_;
  const rapidjson::MemoryStream& stream_;
  std::string masked_;
  std::string key_;  // of the value that comes next; empty inside an array
  std::size_t after_key_ = 0;
  std::size_t copied_ = 0;
};

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) return {};
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (std::size_t i = 0; i < size; ++i) {
    hex += kHex[digest[i] >> 4U];
    hex += kHex[digest[i] & 15U];
  }
  return hex;
}

}  // namespace

std::string content_hash(std::string_view body) {
  rapidjson::MemoryStream stream(body.data(), body.size());
  Masker masker(body, stream);
  rapidjson::Reader reader;
  // Iterative: a body that is nothing but "[[[[" must not use up the stack.
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  if (reader.Parse<kFlags>(stream, masker).IsError()) return {};
  return sha256_hex(masker.take());
}

}  // namespace platform_sim
