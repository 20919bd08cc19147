#include "gateway/metric_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace gateway {
namespace {

std::string_view name_of(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
    case MetricType::summary:
      return "summary";
  }
  return "untyped";
}

std::string to_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  std::array<char, 32> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), written.ptr};
}

void escape(std::string& text, std::string_view value, bool quoted) {
  for (const char letter : value) {
    if (letter == '\n') {
      text += "\\n";
    } else if (letter == '\\' || (quoted && letter == '"')) {
      text.append("\\").append(1, letter);
    } else {
      text += letter;
    }
  }
}

}  // namespace

void MetricText::family(MetricName name, MetricType type, ssmix2::SafeText help) {
  name_ = name.view();
  text_.append("# HELP ").append(name_).append(" ");
  escape(text_, help.view(), false);
  text_.append("\n# TYPE ").append(name_).append(" ").append(name_of(type)).append("\n");
}

void MetricText::sample(std::span<const MetricLabel> labels, std::int64_t value) {
  line({}, labels, {}, std::to_string(value));
}

void MetricText::sample(std::span<const MetricLabel> labels, double value) {
  line({}, labels, {}, to_text(value));
}

void MetricText::histogram(std::span<const MetricLabel> labels, const Histogram& histogram) {
  for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
    line("_bucket", labels, to_text(histogram.bounds()[i]), std::to_string(histogram.up_to(i)));
  }
  line("_bucket", labels, "+Inf", std::to_string(histogram.count()));
  summary(labels, histogram.count(), histogram.sum());
}

void MetricText::summary(std::span<const MetricLabel> labels, std::int64_t count, double sum) {
  line("_sum", labels, {}, to_text(sum));
  line("_count", labels, {}, std::to_string(count));
}

void MetricText::line(std::string_view suffix, std::span<const MetricLabel> labels, std::string_view bound,
                      std::string_view value) {
  text_.append(name_).append(suffix);
  char before = '{';
  const auto label = [&](std::string_view name, std::string_view content) {
    text_.append(1, before).append(name).append("=\"");
    escape(text_, content, true);
    text_ += '"';
    before = ',';
  };
  for (const MetricLabel& each : labels) label(each.name.view(), each.value.view());
  if (!bound.empty()) label("le", bound);
  text_.append(before == ',' ? "} " : " ").append(value).append("\n");
}

}  // namespace gateway
