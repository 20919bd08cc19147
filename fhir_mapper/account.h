#pragma once
// What became of every value of a document: the account of what is sent, left out on purpose, unusable, or
// not thought of. Its sum is the number of values present. Views into the message and into the mapping, which
// must outlive it. One thread.

#include "fhir_mapper/mapping.h"
#include "fhir_mapper/trace.h"
#include "ssmix2/hl7_message.h"

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// What counts more stands later: a value that one rule could not use and another did is mapped.
enum class Fate {
  unmapped,   // no rule speaks of it
  ignored,    // a rule says that it is not sent, or only decides by it
  malformed,  // a rule wanted it and could not use it
  mapped,     // it stands in the output, as it is or as what a table or conversion made of it
};
std::string_view name_of(Fate fate);

struct AccountedValue {
  ssmix2::Value value = {};
  Fate fate = Fate::unmapped;
  const RuleIdentity* rule = nullptr;  // null: no rule decided
  std::string_view reason = {};        // of what is ignored; empty when the rule says enough
  std::string element = {};            // of what is mapped or malformed
};

/// Present is every smallest part (field, repetition, component or sub-component) that says something: not
/// empty, not `""`, not spaces alone. MSH-1 and MSH-2 are the delimiters, and no values.
class Account {
 public:
  explicit Account(const ssmix2::Message& message);

  /// `value` and all its parts, unless something that counts more was said of them.
  void settle(const AccountedValue& of_value);
  void settle(const ssmix2::Segment& segment, Fate fate, const RuleIdentity* rule, std::string_view reason);
  void settle(const Trace& trace);
  void settle(const Ignore& ignore);
  void settle(const Ignore&&) = delete;  // its reason is kept as a view
  /// Rules see some values as a variable: which these are, no trace tells.
  void settle_variable(std::string_view variable, const std::vector<ssmix2::Value>& values,
                       const Trace& trace);
  /// Of the same message, mapped for another unit.
  void settle(const Account& other);

  const ssmix2::Message& message() const { return *message_; }
  const std::vector<AccountedValue>& values() const { return values_; }  // in the order of the message

  using Counts = std::array<std::size_t, 4>;  // by Fate
  Counts counts() const;

 private:
  void add_parts(const ssmix2::Value& field);

  const ssmix2::Message* message_;
  std::vector<AccountedValue> values_;
};

}  // namespace fhir_mapper
