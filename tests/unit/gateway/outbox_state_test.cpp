#include "gateway/outbox_state.h"

#include <array>
#include <string>

#include <catch2/catch.hpp>

namespace {

using gateway::after;
using gateway::name_of;
using gateway::outbox_state_of;
using State = gateway::OutboxState;
using Event = gateway::OutboxEvent;

constexpr std::array kStates{State::pending, State::in_result, State::unknown,
                             State::held,    State::rejected,  State::delivered};
constexpr std::array kEvents{Event::newer_snapshot,  Event::hold,
                             Event::unfit,           Event::already_there,
                             Event::confirmed,       Event::confirmed_older,
                             Event::result_promised, Event::postponed,
                             Event::failed_there,    Event::answer_lost,
                             Event::refused,         Event::refused_older,
                             Event::retried,         Event::confirmed_in_doubt};

/// What should become of a row, from what is true of it: nothing is read from the table under test.
State expected(State state, Event event) {
  switch (event) {
    case Event::hold:
      return State::held;
    case Event::unfit:
      return State::rejected;
    case Event::newer_snapshot:
      // Not before the result of the older one is known, and an answer that was lost stays lost.
      return state == State::in_result || state == State::unknown ? state : State::pending;
    case Event::already_there:
      return state == State::in_result || state == State::unknown ? state : State::delivered;
    default:
      break;
  }
  // No answer releases what a person or a rule stopped.
  if (state == State::held) return State::held;
  if (event == Event::retried) return state == State::rejected ? State::pending : state;
  if (state == State::rejected) return State::rejected;
  switch (event) {
    case Event::confirmed:
      return State::delivered;
    case Event::refused:
      return State::rejected;
    case Event::confirmed_older:
    case Event::refused_older:
    case Event::failed_there:
      return State::pending;
    case Event::result_promised:
      return State::in_result;
    case Event::answer_lost:
    case Event::confirmed_in_doubt:
      return State::unknown;
    default:
      return state;  // postponed
  }
}

}  // namespace

TEST_CASE("Every event leads from every state to where the rules of delivery say") {
  for (const Event event : kEvents) {
    for (const State state : kStates) {
      CAPTURE(static_cast<int>(event), name_of(state));
      CHECK(name_of(after(state, event)) == name_of(expected(state, event)));
    }
  }
}

TEST_CASE("No event but another snapshot, or a person, brings back a row that is held or rejected") {
  for (const Event event : kEvents) {
    for (const State state : {State::held, State::rejected}) {
      const bool snapshot = event == Event::newer_snapshot || event == Event::already_there;
      const bool person = event == Event::retried && state == State::rejected;
      const State left = after(state, event);
      CHECK((left == State::held || left == State::rejected) == !(snapshot || person));
    }
  }
}

TEST_CASE("A row becomes delivered only by a confirmation of the newest, or because the destination has it") {
  for (const Event event : kEvents) {
    for (const State state : kStates) {
      if (state == State::delivered || after(state, event) != State::delivered) continue;
      CHECK((event == Event::confirmed || event == Event::already_there));
    }
  }
}

TEST_CASE("A row becomes rejected only by a refusal of the newest, by the destination or by ourselves") {
  for (const Event event : kEvents) {
    for (const State state : kStates) {
      if (state == State::rejected || after(state, event) != State::rejected) continue;
      CHECK((event == Event::refused || event == Event::unfit));
    }
  }
}

TEST_CASE("A newer snapshot is never taken for delivered or rejected") {
  for (const State state : kStates) {
    CHECK(after(state, Event::newer_snapshot) != State::delivered);
    CHECK(after(state, Event::newer_snapshot) != State::rejected);
    CHECK(after(state, Event::newer_snapshot) != State::held);
  }
}

TEST_CASE(
    "While a result is awaited, nothing but an answer about it, a hold or unfit content ends the waiting") {
  for (const Event event :
       {Event::newer_snapshot, Event::already_there, Event::postponed, Event::result_promised}) {
    CHECK(after(State::in_result, event) == State::in_result);
  }
}

TEST_CASE("States have the names of the contract, and the numbers that are in databases") {
  const std::array<std::string, 6> names{"pending", "in-result", "unknown", "held", "rejected", "delivered"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(name_of(kStates[i]) == names[i]);
    CHECK(outbox_state_of(static_cast<std::int64_t>(i)) == kStates[i]);
  }
}
