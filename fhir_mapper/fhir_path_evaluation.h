#pragma once
// One evaluation of a plan on a tree. Collections lie one above the other on a stack, so that the usual rule
// needs no memory of its own; what a hostile one may take of time, memory and stack is bounded. Used once.

#include "fhir_mapper/fhir_path.h"
#include "fhir_mapper/fhir_path_comparison.h"
#include "fhir_mapper/fhir_path_plan.h"

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

class FhirPathEvaluation {
 public:
  FhirPathEvaluation(const FhirPathPlan& plan, const FhirPathWorld& world, const Node& focus,
                     FhirType focus_type);
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
  /// What $this and paths without a beginning mean: one item that lies elsewhere, or items on the stack.
  struct Scope {
    Range items;
    const Value* one = nullptr;
    std::int64_t index = 0;
  };
  /// What becomes of each item in turn; false: no more are wanted.
  class Sink {
   public:
    template <typename Takes>
    explicit Sink(Takes& takes)
        : takes_(&takes),
          call_([](void* each, const Value& item) { return (*static_cast<Takes*>(each))(item); }) {}
    bool operator()(const Value& item) const { return call_(takes_, item); }

   private:
    void* takes_;
    bool (*call_)(void*, const Value&);
  };
  /// As much of a result as matters where one item is wanted.
  struct Few {
    const Value* first = nullptr;
    std::size_t count = 0;  // may stop at two
    Value room;
  };

  /// What a where() leads to that an expression says several times of its focus.
  struct Known {
    const Operation* operation = nullptr;
    std::size_t count = 0;
    Value first;
  };
  /// What is left of a row of hops, and what becomes of the items at its end.
  struct Way {
    const FhirPathHop* hop;
    const FhirPathHop* end;
    const Sink& sink;
  };

  // Items one after the other, without making a collection of them. False: no more were wanted, or it failed.
  bool visit(Index index, const Scope& scope, const Sink& sink);
  bool visit_call(const Operation& operation, const Scope& scope, const Sink& sink);
  bool visit_where(const Operation& operation, const Scope& scope, const Sink& sink);
  bool visit_repeated(const Operation& operation, const Scope& scope, const Sink& sink);
  bool go(const Value& item, const Way& way);
  bool go_if_of_type(const Value& item, const FhirPathType& type, const Way& rest);
  bool visit_members(const Value& item, const FhirPathStep& step, const Way& rest);
  bool visit_choice(const Value& item, const FhirPathStep& step, const Way& rest);
  bool visit_element(const Node& node, FhirType type, const Node* owner, const Way& rest);
  bool visit_bare(const Node& node, FhirType type, const Way& rest);
  static bool is_visited(const Operation& operation);
  void look(Index index, const Scope& scope, Few& few);
  bool look_at_member(Index index, const Scope& scope, Few& few);
  /// Whether the operation cannot fail, so that its visit may end early.
  bool is_sure(Index index) const { return index == kNoOperation || plan_.at(index).is_sure; }

  // Each pushes its result. What fails pushes anything: nobody looks at it any more.
  void evaluate(Index index, const Scope& scope);
  void push_visited(Index index, const Scope& scope);
  void item(const Operation& operation, const Scope& scope);
  void negate(const Operation& operation, const Scope& scope);
  void unite(Index left, Index right, const Scope& left_scope, const Scope& right_scope);
  void as_type(const Operation& operation, const Scope& scope);
  void reckon(const Operation& operation, const Scope& scope);
  void join_texts(const Operation& operation, const Scope& scope);

  // Each takes what it evaluates from the stack again.
  Truth truth(Index index, const Scope& scope);
  Truth logic(const Operation& operation, const Scope& scope);
  std::optional<Truth> answer(const FhirPathTextTest& test, const Scope& scope) const;
  Truth equality(const Operation& operation, const Scope& scope);
  Truth equality_of_many(const Operation& operation, const Scope& scope);
  Truth order(const Operation& operation, const Scope& scope);
  Truth membership(Index one, Index many, const Scope& scope);
  Truth type_test(const Operation& operation, FhirPathIndex type, const Scope& scope);
  Truth truth_of_items(Index index, const Scope& scope);
  std::optional<Value> single(Index index, const Scope& scope);

  // Calls.
  void call(const Operation& operation, const Scope& scope);
  void call_on_items(const Operation& operation, const Range& input, const Scope& scope);
  void call_on_text(const Operation& operation, const Range& input);
  Truth test(const Operation& operation, const Scope& scope);
  Truth test_collection(const Operation& operation, const Scope& scope);
  Truth test_one(const Operation& operation, const Value& value);
  Truth test_on_text(const Operation& operation, const Value& value);
  Truth test_each(const Operation& operation, const Scope& scope);
  Truth test_booleans(FhirPathFunction function, const Range& input);
  Truth test_distinct(const Range& input);
  Truth test_subset(const Range& few, const Range& many);
  Truth test_world(const Operation& operation, const Value& value);
  Truth member_of(std::string_view value_set, const Value& value);
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
  FhirType type_of_member(const Value& item, const FhirPathStep& step) const;
  bool is_of(const Value& value, const FhirPathType& type);
  void push_element(const Node& node, FhirType type, const Node* owner);
  void push_bare(const Node& node, FhirType type);
  void push_children(const Value& item);
  /// What JSON keeps beside a primitive value; null: nothing.
  static const Node* beside(const Value& item);

  // Texts.
  std::optional<std::string_view> text(const Value& value);
  std::optional<std::string_view> text_argument(const Operation& operation, std::size_t number,
                                                const Scope& scope);
  std::optional<std::int64_t> whole_argument(const Operation& operation, std::size_t number,
                                             const Scope& scope);
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
    return {{index, index + 1}, nullptr, static_cast<std::int64_t>(index - begin)};
  }

  /// False: it is over, the evaluation has failed.
  bool goes_on() {
    if (++steps_ > kMostSteps) failed_ = true;
    return !failed_;
  }
  [[gnu::cold]] Truth fail();

  // A Bundle of a thousand entries takes some ten thousand steps of a rule that looks at each.
  static constexpr std::size_t kMostSteps = 4'000'000;

  const FhirPathPlan& plan_;
  const FhirPathWorld& world_;
  const Value focus_;                     // %context
  std::vector<Value> stack_;              // of collections as a whole, which few rules ask for
  std::forward_list<std::string> texts_;  // that the expression makes
  Known known_;
  std::size_t steps_ = 0;
  bool failed_ = false;
};

}  // namespace fhir_mapper
