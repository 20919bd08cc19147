// decode_bench FOLDER [ROUNDS]: decoding and parsing of the documents below FOLDER, in memory and on one
// core, against the C library's iconv from ISO-2022-JP to UTF-8 alone. Only documents that iconv accepts
// count.
#include "ssmix2/hl7_message.h"
#include "ssmix2/text_decoder.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <iconv.h>

namespace {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::duration<double, std::nano>;

constexpr std::size_t kDefaultRounds = 51;
constexpr std::size_t kBytesARound = 16u * 1024 * 1024;

/// One descriptor and one buffer, as a reader that cares for speed would have them.
class Iconv {
 public:
  Iconv() : handle_(iconv_open("UTF-8", "ISO-2022-JP")) {
    if (handle_ == reinterpret_cast<iconv_t>(-1)) throw std::runtime_error("iconv knows no ISO-2022-JP");
  }
  ~Iconv() { iconv_close(handle_); }
  Iconv(const Iconv&) = delete;
  Iconv& operator=(const Iconv&) = delete;

  /// The length in UTF-8; nothing when it is refused.
  std::optional<std::size_t> convert(const std::string& bytes) {
    if (buffer_.size() < 3 * bytes.size()) buffer_.resize(3 * bytes.size());
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    char* in = const_cast<char*>(bytes.data());
    char* out = buffer_.data();
    std::size_t in_left = bytes.size(), out_left = buffer_.size();
    if (iconv(handle_, &in, &in_left, &out, &out_left) == static_cast<std::size_t>(-1)) return std::nullopt;
    return buffer_.size() - out_left;
  }

 private:
  iconv_t handle_;
  std::string buffer_;
};

std::vector<std::string> load_documents(const std::filesystem::path& folder) {
  std::vector<std::string> documents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (bytes.starts_with("MSH")) documents.push_back(std::move(bytes));
  }
  std::ranges::sort(documents);  // not in the order of the disk
  return documents;
}

struct Content {
  std::size_t bytes = 0;
  std::size_t in_two_byte_text = 0;
};

Content content_of(const std::vector<std::string>& documents) {
  Content content;
  for (const std::string& document : documents) {
    content.bytes += document.size();
    for (auto at = document.find("\x1B$B"); at != std::string::npos; at = document.find("\x1B$B", at)) {
      const auto end = std::min(document.find_first_of("\x1B\r\n", at + 3), document.size());
      content.in_two_byte_text += end - at - 3;
      at = end;
    }
  }
  return content;
}

/// Nanoseconds for each byte. The sum keeps the compiler from leaving the work out, and is compared.
template <typename Work>
double measure(const std::vector<std::string>& documents, std::size_t passes, std::size_t expected,
               Work work) {
  std::size_t bytes = 0, sum = 0;
  const auto begin = Clock::now();
  for (std::size_t pass = 0; pass < passes; ++pass) {
    for (const std::string& document : documents) {
      sum += work(document);
      bytes += document.size();
    }
  }
  const Nanoseconds elapsed = Clock::now() - begin;
  if (sum != passes * expected) throw std::runtime_error("a round gave another result than the first one");
  return elapsed.count() / static_cast<double>(bytes);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::size_t decode_and_parse(const std::string& document) {
  auto text = ssmix2::decode_text(document);
  const auto message = ssmix2::Message::parse(std::move(text.value().utf8));
  return message.value().size();
}

void run(const std::filesystem::path& folder, std::size_t rounds) {
  Iconv reference;
  std::vector<std::string> documents = load_documents(folder);
  const std::size_t found = documents.size();
  std::erase_if(documents, [&](const std::string& document) { return !reference.convert(document); });
  if (documents.empty()) throw std::runtime_error("there is no document that iconv accepts");
  const Content content = content_of(documents);
  const std::size_t passes = kBytesARound / content.bytes + 1;

  std::size_t converted_bytes = 0, segments = 0;
  for (const std::string& document : documents) {
    converted_bytes += *reference.convert(document);
    segments += decode_and_parse(document);
  }
  const auto convert = [&](const std::string& document) { return *reference.convert(document); };
  std::vector<double> by_iconv, by_us, ratios;
  for (std::size_t round = 0; round < rounds; ++round) {
    by_iconv.push_back(measure(documents, passes, converted_bytes, convert));
    by_us.push_back(measure(documents, passes, segments, decode_and_parse));
    ratios.push_back(by_us.back() / by_iconv.back());
  }
  std::cout << documents.size() << " of " << found << " documents, " << content.bytes << " bytes, "
            << 100 * content.in_two_byte_text / content.bytes << " % of them two-byte text; median of "
            << rounds << " rounds of " << passes << " passes\n"
            << "iconv ISO-2022-JP to UTF-8  " << median(by_iconv) << " ns a byte\n"
            << "decode and parse            " << median(by_us) << " ns a byte\n"
            << "ratio                       " << median(ratios) << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rounds = kDefaultRounds;
  const std::string_view given = argc == 3 ? argv[2] : "";
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), rounds);
  const bool is_number = given.empty() || (error == std::errc() && end == given.data() + given.size());
  if (argc < 2 || argc > 3 || !is_number || rounds == 0) {
    std::cerr << "usage: decode_bench FOLDER [ROUNDS]\n";
    return 2;
  }
  try {
    run(argv[1], rounds);
  } catch (const std::exception& failure) {
    std::cerr << "decode_bench: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
