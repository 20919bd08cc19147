#pragma once
// One evaluation of a plan on a tree. Collections lie one above the other on a stack, so that the usual rule
// needs no memory of its own; what a hostile one may take of time, memory and stack is bounded. Used once.

#include "fhir_mapper/fhir_path.h"
#include "fhir_mapper/fhir_path_comparison.h"
#include "fhir_mapper/fhir_path_plan.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

namespace fhir_mapper {

class FhirPathEvaluation {
 public:
  FhirPathEvaluation(const FhirPathPlan& plan, const FhirPathWorld& world, const FhirPathValue& focus);
  FhirPathEvaluation(const FhirPathEvaluation&) = delete;
  FhirPathEvaluation& operator=(const FhirPathEvaluation&) = delete;

  FhirPath::Verdict verdict();
  std::optional<std::vector<FhirPath::Found>> found();

 private:
  using Index = FhirPathIndex;
  using Operation = FhirPathOperation;
  using Truth = FhirPathTruth;
  using Value = FhirPathValue;

  /// Items on the stack.
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t size() const { return end - begin; }
  };
  /// What $this and paths without a beginning mean.
  struct Scope {
    Range items;
    std::int64_t index = 0;
  };

  // Each pushes its result. What fails pushes anything: nobody looks at it any more.
  void evaluate(Index index, const Scope& scope);
  void step(const Operation& operation, const Scope& scope);
  void root_type(const Operation& operation, const Scope& scope);
  void item(const Operation& operation, const Scope& scope);
  void negate(const Operation& operation, const Scope& scope);
  void unite(Index left, Index right, const Scope& left_scope, const Scope& right_scope);
  void typed(const Operation& operation, FhirPathIndex type, const Scope& scope, bool many);
  void reckon(const Operation& operation, const Scope& scope);
  void join_texts(const Operation& operation, const Scope& scope);

  // Each takes what it evaluates from the stack again.
  Truth truth(Index index, const Scope& scope);
  Truth logic(const Operation& operation, const Scope& scope);
  Truth equality(const Operation& operation, const Scope& scope);
  Truth order(const Operation& operation, const Scope& scope);
  Truth membership(Index one, Index many, const Scope& scope);
  Truth type_test(const Operation& operation, FhirPathIndex type, const Scope& scope);
  Truth truth_since(std::size_t base);
  std::optional<Value> single(Index index, const Scope& scope);

  // Calls.
  void call(const Operation& operation, const Scope& scope);
  void call_on_items(const Operation& operation, const Range& input, const Scope& scope);
  void call_on_text(const Operation& operation, const Range& input);
  Truth test(const Operation& operation, const Scope& scope);
  Truth test_one(const Operation& operation, const Range& input);
  Truth test_on_text(const Operation& operation, const Range& input);
  Truth test_all(const Operation& operation, const Range& input);
  Truth test_booleans(FhirPathFunction function, const Range& input);
  Truth test_exists(const Operation& operation, const Range& input);
  Truth test_distinct(const Range& input);
  Truth test_subset(const Range& few, const Range& many);
  Truth test_world(const Operation& operation, const Range& input);
  Truth member_of(std::string_view value_set, const Value& value);
  void where(const Operation& operation, const Range& input);
  void select(const Operation& operation, const Range& input);
  void repeat(const Operation& operation, const Range& input);
  void expand(Index criteria, const Value& item, std::size_t first);
  void descendants(const Range& input, bool deep);
  void part(const Range& input, std::int64_t skipped, std::int64_t taken);
  void part_by_argument(const Operation& operation, const Range& input);
  void choose(const Operation& operation, const Range& input, const Scope& scope);
  void combined(const Operation& operation, const Range& input, const Scope& scope);
  void push_distinct(const Range& items, std::size_t first);
  void extension(const Operation& operation, const Range& input);
  void resolve(const Range& input);
  void convert(FhirPathFunction function, const Range& input);
  void clock(FhirPathFunction function);
  void substring(const Operation& operation, const Range& input, std::string_view text);
  void replace(const Operation& operation, const Range& input, std::string_view text);
  void join(const Operation& operation, const Range& input);

  // Elements.
  FhirType type_of(const Value& value) const;
  bool is_of(const Value& value, const FhirPathType& type);
  void push_members(const Value& item, const FhirPathStep& step);
  void push_choice(const Value& item, const FhirPathStep& step);
  void push_element(const Node& node, FhirType type, const Node* owner);
  void push_bare(const Node& node, FhirType type);
  void push_children(const Value& item);
  /// What JSON keeps beside a primitive value; null: nothing.
  static const Node* beside(const Value& item);

  // Texts.
  std::optional<std::string_view> text(const Value& value);
  std::optional<std::string_view> text_argument(const Operation& operation, std::size_t number,
                                                const Range& input);
  std::optional<std::int64_t> whole_argument(const Operation& operation, std::size_t number,
                                             const Range& input);
  std::string_view keep(std::string_view text);
  void push_text(std::string_view text) { push(Value::of(keep(text))); }

  // The stack.
  Range input_of(const Operation& operation, const Scope& scope);
  void push(const Value& value);
  void push_copy(std::size_t index);
  void push_truth(Truth truth);
  /// What lies from `first` on comes down to `base`.
  void bring_down(std::size_t base, std::size_t first);
  void drop_to(std::size_t size) {
    stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(size), stack_.end());
  }
  std::size_t top() const { return stack_.size(); }
  static Scope about(std::size_t index, std::size_t begin) {
    return {{index, index + 1}, static_cast<std::int64_t>(index - begin)};
  }

  /// False: it is over, the evaluation has failed.
  bool goes_on();
  Truth fail();

  static constexpr std::size_t kUsualBytes = 8 * 1024;

  const FhirPathPlan& plan_;
  const FhirPathWorld& world_;
  alignas(std::max_align_t) std::array<std::byte, kUsualBytes> room_;
  std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
  std::pmr::vector<Value> stack_{&memory_};
  std::size_t steps_ = 0;
  bool failed_ = false;
};

}  // namespace fhir_mapper
