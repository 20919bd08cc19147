#pragma once
// One text for whoever helps from afar: what runs here, how it is set, what it counts and what its log says.
// A person reads it before it is mailed, and it holds nothing of a patient: numbers, names, birth dates,
// paths inside of storages, explanations that quote a document, answers of platforms stay out. What goes in
// is SafeText, so that every doubtful source is a claim to be looked for. A command's own thread.

#include "gateway/instant.h"
#include "ssmix2/safe_text.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace gateway {

class BundleText {
 public:
  void section(const ssmix2::SafeText& title);
  void line(const ssmix2::SafeText& text);
  /// Lines as they are.
  void block(const ssmix2::SafeText& text);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

struct SupportBundleOptions {
  std::filesystem::path settings_file;
  std::optional<std::filesystem::path> log;  // nothing: the journal's
  std::size_t patients = 100;                // whose documents are read for the coverage
};

/// Also of settings that are wrong and of a state that cannot be read: what fails is told in its place.
std::string make_support_bundle(const SupportBundleOptions& options, Instant now);

/// gateway.xml without comments, where people keep what is none of a helper's business, and passwords of
/// URLs.
std::string settings_for_others(std::string_view xml);

}  // namespace gateway
