#include "fhir_mapper/rule_value.h"

#include "fhir_mapper/conversion.h"

#include <algorithm>
#include <iterator>

namespace fhir_mapper {
namespace {

using ssmix2::FailureCode;

// No code is that long.
constexpr std::size_t kLongestMatched = 1000;

std::string_view column_of(const CodeTranslation& translation, Rule::TableColumn column) {
  switch (column) {
    case Rule::TableColumn::code:
      return translation.code();
    case Rule::TableColumn::display:
      return translation.display();
    case Rule::TableColumn::system:
      return translation.system();
  }
  return translation.code();
}

class ValueTaker {
 public:
  ValueTaker(const Rule& rule, const RowScope& scope, std::string_view zone, Tree& tree, TakenValue& taken)
      : rule_(rule), scope_(scope), zone_(zone), tree_(tree), taken_(taken) {}

  void take() {
    if (rule_.constant) {
      taken_.leaf = rule_.constant_leaf ? rule_.constant_leaf : converted_as_it_is(*rule_.constant);
      return;
    }
    if (!rule_.from.empty()) taken_.first_asked = &rule_.from.front();
    if (rule_.join) {
      take_joined();
    } else {
      take_first();
    }
    if (!taken_.leaf && rule_.otherwise) {
      taken_.leaf = converted_as_it_is(*rule_.otherwise);
      give_up_parts();
    }
  }

 private:
  /// The first source that gives a value; when none does, what is kept is the first problem.
  void take_first() {
    for (const Source& source : rule_.from) {
      Found found = scope_.find(source);
      if (found.empty()) continue;
      if (found.entry_url()) {
        taken_.leaf = Leaf(*found.entry_url());
      } else if (const auto problem = use(source, found)) {
        if (*problem == FailureCode::map_missing_element) continue;
        if (*problem == FailureCode::map_bad_value && !taken_.bad) taken_.bad = {&source, found};
        if (taken_.problem) {
          taken_.unusable.push_back({&source, std::move(found)});
        } else {
          taken_.problem = problem;
          taken_.parts.push_back({&source, std::move(found)});
        }
        continue;
      }
      give_up_parts();
      taken_.problem.reset();
      taken_.parts.push_back({&source, std::move(found)});
      return;
    }
  }

  void give_up_parts() {
    std::ranges::move(taken_.parts, std::back_inserter(taken_.unusable));
    taken_.parts.clear();
  }

  /// Sets the leaf, or tells why it cannot: map_missing_element when the value is not one the rule is about.
  std::optional<FailureCode> use(const Source& source, const Found& found) {
    // What is looked up or matched is a code, or begins with one.
    std::string_view text = rule_.matches || rule_.codes ? found.code() : found.text();
    if (rule_.matches) {
      const auto matched = text.size() > kLongestMatched ? std::nullopt : rule_.matches->taken(text);
      if (!matched) return FailureCode::map_missing_element;
      text = *matched;
    }
    return make(text, source, found);
  }

  /// The value of what the sources gave; these only to say where it stands.
  std::optional<FailureCode> make(std::string_view text, const Source& source, const Found& found) {
    std::string changed;
    if (!normalise(text, changed)) {
      // A table that knows only some codes is asked for some spellings only.
      return rule_.codes && !rule_.unknown_is_todo ? FailureCode::map_missing_element
                                                   : FailureCode::map_bad_value;
    }
    if (!rule_.codes) return set_leaf(text);
    auto known = rule_.codes->find(text, rule_.table_system);
    if (!known.has_value()) {
      if (rule_.unknown_is_todo && !taken_.unknown) note_unknown(known.error(), source, found);
      return FailureCode::map_no_code;
    }
    const auto problem = set_leaf(column_of(*known, rule_.column));
    if (!problem) taken_.translation = std::move(*known);
    return problem;
  }

  std::optional<FailureCode> set_leaf(std::string_view text) {
    if (text.empty()) return FailureCode::map_missing_element;
    taken_.leaf = converted(text);
    return taken_.leaf ? std::nullopt : std::optional(FailureCode::map_bad_value);
  }

  void note_unknown(const UnknownCode& code, const Source& source, const Found& found) {
    taken_.unknown = {{&source, found}, code.table(), std::string(code.system()), std::string(code.code())};
  }

  bool must_be_whole() const { return rule_.if_missing == IfMissing::hold; }

  void take_joined() {
    const bool is_code = rule_.codes || rule_.conversion == Conversion::code;
    std::string joined;
    for (const Source& source : rule_.from) {
      auto all = scope_.find_all(source);
      if (all.size() > RowScope::kMostRepetitions) {
        taken_.problem = FailureCode::map_bad_value;
        taken_.parts.push_back({&source, std::move(all.front())});
        return;
      }
      if (auto incomplete = must_be_whole() ? scope_.find_incomplete(source) : std::nullopt) {
        taken_.problem = FailureCode::map_missing_element;
        taken_.parts = {{&source, std::move(*incomplete)}};
        return;
      }
      for (Found& found : all) {
        joined.append(joined.empty() ? "" : *rule_.join).append(is_code ? found.code() : found.text());
        taken_.parts.push_back({&source, std::move(found)});
      }
    }
    if (joined.empty()) return;
    taken_.problem = make(joined, *taken_.parts.front().source, taken_.parts.front().found);
  }

  /// Before a table is asked: its rows are written for the one spelling. `text` then points into `changed`.
  /// False: the text is not of a form that the functions are for.
  bool normalise(std::string_view& text, std::string& changed) const {
    for (const Normaliser* normaliser : rule_.normalisers) {
      auto normal = normaliser->apply(text);
      if (!normal) return false;
      changed = std::move(*normal);
      text = changed;
    }
    return true;
  }

  std::optional<Leaf> converted(std::string_view text) const {
    if (!rule_.format) return converted_as_it_is(text);
    std::string formatted = *rule_.format;
    return converted_as_it_is(formatted.replace(formatted.find("{}"), 2, text));
  }

  std::optional<Leaf> converted_as_it_is(std::string_view text) const {
    return convert(rule_.conversion, text, zone_, tree_);
  }

  const Rule& rule_;
  const RowScope& scope_;
  std::string_view zone_;
  Tree& tree_;
  TakenValue& taken_;
};

}  // namespace

TakenValue take_value(const Rule& rule, const RowScope& scope, std::string_view zone, Tree& tree) {
  TakenValue taken;
  ValueTaker(rule, scope, zone, tree, taken).take();
  return taken;
}

}  // namespace fhir_mapper
