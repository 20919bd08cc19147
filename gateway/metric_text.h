#pragma once
// Metrics as Prometheus reads them (text format 0.0.4). A label's value is SafeText: patient data does not
// compile. Value type.

#include "gateway/histogram.h"
#include "ssmix2/safe_text.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

/// A literal of lower-case letters and '_', as metrics and labels are called.
class MetricName {
 public:
  template <std::size_t N>
  consteval MetricName(const char (&literal)[N]) : text_(literal, N - 1) {
    for (const char letter : text_) {
      if (letter != '_' && (letter < 'a' || letter > 'z'))
        throw "a metric's name is lower-case letters and '_'";
    }
  }
  constexpr std::string_view view() const { return text_; }

 private:
  std::string_view text_;
};

struct MetricLabel {
  MetricName name;
  ssmix2::SafeText value;
};
using MetricLabels = std::vector<MetricLabel>;

enum class MetricType { counter, gauge, histogram, summary };

class MetricText {
 public:
  /// What follows belongs to it, until the next one begins. `help` is one line.
  void family(MetricName name, MetricType type, ssmix2::SafeText help);

  void sample(std::span<const MetricLabel> labels, std::int64_t value);
  void sample(std::span<const MetricLabel> labels, double value);
  void sample(std::int64_t value) { sample({}, value); }
  void sample(double value) { sample({}, value); }
  void histogram(std::span<const MetricLabel> labels, const Histogram& histogram);
  void summary(std::span<const MetricLabel> labels, std::int64_t count, double sum);

  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, std::span<const MetricLabel> labels, std::string_view bound,
            std::string_view value);

  std::string text_;
  std::string_view name_;
};

}  // namespace gateway
