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

std::optional<Leaf> text_leaf(std::string_view text, Tree& tree) {
  if (text.empty()) return std::nullopt;
  return tree.text(text);
}

std::optional<Leaf> time_leaf(Conversion conversion, std::string_view text, std::string_view zone,
                              Tree& tree) {
  const auto time = ssmix2::Hl7Time::parse(trimmed(text));
  if (!time) return std::nullopt;
  if (conversion == Conversion::date) return tree.text(time->fhir_date());
  if (conversion == Conversion::date_time) return tree.text(time->fhir_date_time(zone));
  return text_leaf(time->fhir_instant(zone).value_or(""), tree);
}

std::optional<Leaf> decimal_leaf(std::string_view text, Tree& tree) {
  const auto decimal = Decimal::parse(text);
  if (!decimal) return std::nullopt;
  return tree.decimal(*decimal);
}

std::optional<Leaf> integer_leaf(std::string_view text, Tree& tree) {
  long value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return decimal_leaf(std::to_string(value), tree);
}

std::optional<Leaf> boolean_leaf(std::string_view text) {
  if (text != "true" && text != "false") return std::nullopt;
  return Leaf(text == "true");
}

struct Comparison {
  std::string_view written;
  LastingText fhir;
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
  return ComparedNumber{comparison.fhir, std::move(*decimal)};
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

std::optional<Leaf> convert(Conversion conversion, std::string_view text, std::string_view zone, Tree& tree) {
  switch (conversion) {
    case Conversion::text:
      return text_leaf(text, tree);
    case Conversion::code:
      return text_leaf(trimmed(text), tree);
    case Conversion::decimal:
      return decimal_leaf(text, tree);
    case Conversion::compared_decimal: {
      const auto parsed = parse_compared(text);
      return parsed ? std::optional(tree.decimal(parsed->number)) : std::nullopt;
    }
    case Conversion::comparator: {
      const auto parsed = parse_compared(text);
      return parsed ? std::optional(Leaf(parsed->comparator)) : std::nullopt;
    }
    case Conversion::date:
    case Conversion::date_time:
    case Conversion::instant:
      return time_leaf(conversion, text, zone, tree);
    case Conversion::integer:
      return integer_leaf(trimmed(text), tree);
    case Conversion::boolean:
      return boolean_leaf(text);
  }
  return std::nullopt;
}

}  // namespace fhir_mapper
