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

}  // namespace

std::optional<ComparedNumber> parse_compared(std::string_view text) {
  struct Sign {
    std::string_view written;
    std::string_view fhir;
  };
  // Two-character signs first, so that "<=" is not read as "<".
  static constexpr std::array kSigns{Sign{"<=", "<="}, Sign{">=", ">="}, Sign{"≦", "<="}, Sign{"≧", ">="},
                                     Sign{"<", "<"},   Sign{">", ">"},   Sign{"＜", "<"}, Sign{"＞", ">"}};
  const std::string_view rest = trimmed(text);
  for (const Sign& sign : kSigns) {
    if (!rest.starts_with(sign.written)) continue;
    auto number = Decimal::parse(rest.substr(sign.written.size()));
    if (!number) return std::nullopt;
    return ComparedNumber{std::string(sign.fhir), std::move(*number)};
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
      const auto compared = parse_compared(text);
      return compared ? std::optional<Node>(Node(compared->number)) : std::nullopt;
    }
    case Conversion::comparator: {
      const auto compared = parse_compared(text);
      return compared ? text_node(compared->comparator) : std::nullopt;
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
