#include "fhir_mapper/fhir_path_parser.h"

#include "fhir_mapper/closest_name.h"

#include <algorithm>
#include <array>

namespace fhir_mapper {
namespace {

using Token = FhirPathToken;
using Operator = FhirPathOperator;

constexpr int kLoosest = 1;
constexpr int kTypeTest = 8;

struct Infix {
  std::string_view written;
  Operator what;
  int tightness;
};
constexpr Infix kInfixes[] = {
    {"implies", Operator::implies, kLoosest},
    {"or", Operator::either, 2},
    {"xor", Operator::exclusive, 2},
    {"and", Operator::both, 3},
    {"in", Operator::in, 4},
    {"contains", Operator::contains, 4},
    {"=", Operator::equal, 5},
    {"!=", Operator::unequal, 5},
    {"~", Operator::equivalent, 5},
    {"!~", Operator::not_equivalent, 5},
    {"<", Operator::less, 6},
    {"<=", Operator::less_or_equal, 6},
    {">", Operator::greater, 6},
    {">=", Operator::greater_or_equal, 6},
    {"|", Operator::unite, 7},
    {"is", Operator::is, kTypeTest},
    {"as", Operator::as, kTypeTest},
    {"+", Operator::plus, 9},
    {"-", Operator::minus, 9},
    {"&", Operator::join, 9},
    {"*", Operator::times, 10},
    {"/", Operator::divide, 10},
    {"div", Operator::whole_divide, 10},
    {"mod", Operator::remainder, 10},
};

const Infix* infix_of(const Token& token) {
  for (const Infix& infix : kInfixes) {
    if (token.is_sign(infix.written) || token.is_word(infix.written)) return &infix;
  }
  return nullptr;
}

/// Words of the language that name nothing without `around them; "as", "is", "in" and "contains" may.
bool is_reserved(const Token& token) {
  constexpr std::array kReserved = {"and", "div", "implies", "mod", "or", "xor"};
  return std::ranges::any_of(kReserved, [&](std::string_view word) { return token.is_word(word); });
}

std::string shown(const Token& token) {
  if (token.kind == Token::Kind::end) return "the expression ends here";
  if (token.kind == Token::Kind::text) return "a text stands here";
  return "\"" + token.text + "\" stands here";
}

}  // namespace

boost::system::result<FhirPathPlan, FhirPathMistake> FhirPathParser::parse() {
  if (plan_.expression.size() > kLongestFhirPath) {
    return FhirPathMistake{1, "an expression may have " + std::to_string(kLongestFhirPath) +
                                  " bytes; write several rules instead"};
  }
  advance();
  plan_.root = expression(kLoosest);
  if (!failed() && token_.kind != Token::Kind::end) {
    fail(token_, shown(token_) + ", where an operator, a dot or the end must stand");
  }
  if (mistake_.has_value()) return *std::move(mistake_);
  return std::move(plan_);
}

FhirPathIndex FhirPathParser::expression(int loosest) {
  if (++depth_ > kDeepestFhirPath)
    return fail(token_, "this is nested too deeply; write several rules instead");
  Index left = signed_term();
  while (!failed()) {
    const Infix* const infix = infix_of(token_);
    if (infix == nullptr || infix->tightness < loosest) break;
    advance();
    if (infix->tightness == kTypeTest) {
      left = typed(left, infix->what);
      continue;
    }
    const Index right = expression(infix->tightness + 1);
    left = add({.what = infix->what, .arguments = {left, right, kNoOperation}});
  }
  --depth_;
  return left;
}

FhirPathIndex FhirPathParser::typed(Index left, Operator what) {
  const auto type = type_named();
  if (!type.has_value()) return kNoOperation;
  return add({.what = what, .input = left, .detail = *type});
}

FhirPathIndex FhirPathParser::signed_term() {
  bool negative = false;
  bool is_signed = false;
  for (; token_.is_sign("-") || token_.is_sign("+"); advance()) {
    is_signed = true;
    if (token_.is_sign("-")) negative = !negative;
  }
  const Index operand = chained(term());
  if (!is_signed || failed()) return operand;
  // Also "+": it can only stand before a number.
  const Index number = negative ? operand : add({.what = Operator::negate, .input = operand});
  return add({.what = Operator::negate, .input = number});
}

FhirPathIndex FhirPathParser::term() {
  if (failed()) return kNoOperation;
  const Token token = token_;
  switch (token.kind) {
    case Token::Kind::text:
      advance();
      return text(token.text);
    case Token::Kind::number: {
      const auto number = FhirPathNumber::parse(token.text);
      if (!number.has_value()) return fail(token, "a number may have eighteen digits");
      advance();
      if (token_.kind != Token::Kind::text) return constant(FhirPathValue::of(*number));
      FhirPathValue quantity = FhirPathValue::of(keep(token_.text), FhirPathValue::Kind::quantity);
      quantity.number = *number;
      advance();
      return constant(quantity);
    }
    case Token::Kind::date:
    case Token::Kind::time: {
      advance();
      const bool is_date = token.kind == Token::Kind::date;
      return constant(FhirPathValue::of(keep(token.text),
                                        is_date ? FhirPathValue::Kind::date : FhirPathValue::Kind::time));
    }
    case Token::Kind::name:
      if (!token.is_word("true") && !token.is_word("false")) return invocation(kNoOperation, true);
      advance();
      return constant(FhirPathValue::of(token.text == "true"));
    case Token::Kind::sign:
      if (token.text == "(") return bracketed(")");
      if (token.text == "$") return dollar();
      if (token.text == "%") return variable();
      if (token.text == "{") {
        advance();
        return expect("}", token) ? add({.what = Operator::nothing}) : kNoOperation;
      }
      break;
    case Token::Kind::end:
      break;
  }
  return fail(token, shown(token) + ", where a value must stand: a path, a literal or a (");
}

/// What stands between brackets; the opening one is next.
FhirPathIndex FhirPathParser::bracketed(std::string_view closing) {
  const Token opened = token_;
  advance();
  const Index inside = expression(kLoosest);
  return !failed() && expect(closing, opened) ? inside : kNoOperation;
}

FhirPathIndex FhirPathParser::chained(Index input) {
  while (!failed()) {
    if (token_.is_sign(".")) {
      advance();
      input = token_.is_sign("$") ? dollar() : invocation(input, false);
    } else if (token_.is_sign("[")) {
      const Index index = bracketed("]");
      input = add({.what = Operator::item, .input = input, .arguments = {index, kNoOperation, kNoOperation}});
    } else {
      break;
    }
  }
  return input;
}

FhirPathIndex FhirPathParser::invocation(Index input, bool begins) {
  const Token name = token_;
  if (name.kind != Token::Kind::name || is_reserved(name)) {
    const std::string remedy =
        is_reserved(name) ? "; write `" + name.text + "` for an element of that name" : "";
    return fail(name, shown(name) + ", where the name of an element or a function must stand" + remedy);
  }
  advance();
  if (token_.is_sign("(") && !name.is_quoted) return call(input, name);
  const bool is_type = begins && !name.text.empty() && name.text.front() >= 'A' && name.text.front() <= 'Z';
  if (!is_type) return step(name.text, input);
  const FhirType type = fhir_type(name.text);
  if (type == FhirType::unknown) {
    return fail(name,
                "FHIR R4 has no type \"" + name.text + "\"" + did_you_mean(name.text, fhir_type_names()));
  }
  plan_.types.push_back({.fhir = type});
  return add({.what = Operator::root_type, .detail = static_cast<Index>(plan_.types.size() - 1)});
}

FhirPathIndex FhirPathParser::dollar() {
  const Token sign = token_;
  advance();
  const Token name = token_;
  advance();
  if (name.is_word("this")) return add({.what = Operator::scope});
  if (name.is_word("index")) return add({.what = Operator::index});
  return fail(sign, "only $this and $index are known here");
}

void FhirPathParser::advance() {
  if (failed()) return;
  auto token = lexer_.next();
  if (token.has_error()) {
    mistake_ = token.error();
    token_ = Token{.kind = Token::Kind::end, .text = {}};
  } else {
    token_ = *std::move(token);
  }
}

bool FhirPathParser::expect(std::string_view sign, const Token& opened) {
  if (token_.is_sign(sign)) {
    advance();
    return true;
  }
  if (token_.kind == Token::Kind::end) {
    fail(opened, "\"" + opened.text + "\" is never closed; write " + std::string(sign) + " where it ends");
  } else {
    fail(token_, shown(token_) + ", where " + std::string(sign) + " or an operator must stand");
  }
  return false;
}

FhirPathIndex FhirPathParser::fail(const Token& at, std::string message) {
  if (!mistake_.has_value()) mistake_ = lexer_.mistake(at.offset, std::move(message));
  return kNoOperation;
}

}  // namespace fhir_mapper
