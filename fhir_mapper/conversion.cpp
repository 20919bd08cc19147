#include "fhir_mapper/conversion.h"

#include "ssmix2/hl7_time.h"

#include <array>
#include <charconv>

namespace fhir_mapper {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<Node> text_node(std::optional<std::string> text) {
  if (!text || text->empty()) return std::nullopt;
  return Node(std::move(*text));
}

std::optional<Node> time_node(Conversion conversion, std::string_view text, std::string_view zone) {
  const auto time = ssmix2::Hl7Time::parse(trimmed(text));
  if (!time) return std::nullopt;
  if (conversion == Conversion::date) return Node(time->fhir_date());
  if (conversion == Conversion::date_time) return Node(time->fhir_date_time(zone));
  return text_node(time->fhir_instant(zone));
}

std::optional<Node> decimal_node(const std::optional<Decimal>& decimal) {
  if (!decimal) return std::nullopt;
  return Node(*decimal);
}

std::optional<Node> integer_node(std::string_view text) {
  long value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return decimal_node(Decimal::parse(std::to_string(value)));
}

std::optional<Node> boolean_node(std::string_view text) {
  if (text == "true") return Node(Node::Value(true));
  if (text == "false") return Node(Node::Value(false));
  return std::nullopt;
}

struct Comparison {
  std::string_view written;
  std::string_view fhir;
};

// Longer ones first, so that "<=" is not read as "<".
constexpr std::array kSigns{
    Comparison{"＜＝", "<="}, Comparison{"＝＜", "<="}, Comparison{"＞＝", ">="}, Comparison{"＝＞", ">="},
    Comparison{"< =", "<="},  Comparison{"> =", ">="},  Comparison{"<=", "<="},   Comparison{"=<", "<="},
    Comparison{">=", ">="},   Comparison{"=>", ">="},   Comparison{"≦", "<="},    Comparison{"≧", ">="},
    Comparison{"≤", "<="},    Comparison{"≥", ">="},    Comparison{"<", "<"},     Comparison{">", ">"},
    Comparison{"＜", "<"},    Comparison{"＞", ">"},    Comparison{"〈", "<"},    Comparison{"〉", ">"}};

// 以上 has no kana here: イジョウ is also 異常.
constexpr std::array kWords{Comparison{"未満", "<"},  Comparison{"ミマン", "<"}, Comparison{"ﾐﾏﾝ", "<"},
                            Comparison{"以下", "<="}, Comparison{"イカ", "<="},  Comparison{"ｲｶ", "<="},
                            Comparison{"以上", ">="}, Comparison{"超過", ">"},   Comparison{"超", ">"}};

std::optional<ComparedNumber> compared(const Comparison& comparison, std::string_view number) {
  auto decimal = Decimal::parse(number);
  if (!decimal) return std::nullopt;
  return ComparedNumber{std::string(comparison.fhir), std::move(*decimal)};
}

}  // namespace

std::optional<ComparedNumber> parse_compared(std::string_view text) {
  const std::string_view written = trimmed(text);
  for (const Comparison& sign : kSigns) {
    if (!written.starts_with(sign.written)) continue;
    return compared(sign, written.substr(sign.written.size()));
  }
  for (const Comparison& word : kWords) {
    if (!written.ends_with(word.written)) continue;
    return compared(word, written.substr(0, written.size() - word.written.size()));
  }
  return std::nullopt;
}

std::optional<Node> convert(Conversion conversion, std::string_view text, std::string_view zone) {
  switch (conversion) {
    case Conversion::text:
      return text_node(std::string(text));
    case Conversion::code:
      return text_node(std::string(trimmed(text)));
    case Conversion::decimal:
      return decimal_node(Decimal::parse(text));
    case Conversion::compared_decimal: {
      const auto parsed = parse_compared(text);
      return parsed ? std::optional<Node>(Node(parsed->number)) : std::nullopt;
    }
    case Conversion::comparator: {
      const auto parsed = parse_compared(text);
      return parsed ? text_node(parsed->comparator) : std::nullopt;
    }
    case Conversion::date:
    case Conversion::date_time:
    case Conversion::instant:
      return time_node(conversion, text, zone);
    case Conversion::integer:
      return integer_node(trimmed(text));
    case Conversion::boolean:
      return boolean_node(text);
  }
  return std::nullopt;
}

}  // namespace fhir_mapper
