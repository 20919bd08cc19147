#include "gateway/outbox_state.h"

#include "ssmix2/check.h"

#include <array>
#include <cstddef>

namespace gateway {
namespace {

using State = OutboxState;
constexpr State P = State::pending;
constexpr State I = State::in_result;
constexpr State U = State::unknown;
constexpr State H = State::held;
constexpr State R = State::rejected;
constexpr State D = State::delivered;

constexpr std::size_t kStates = 6;
constexpr std::size_t kEvents = 14;

// A hold or unfit content may arrive while a sending is under way: whatever the answer then says, the row
// stays held or rejected. (A refusal by the destination is itself the answer: after it there is none.) A
// newer snapshot waits beside an outstanding result, because the platform still works on the older one.
constexpr std::array<std::array<State, kStates>, kEvents> kAfter{{
    //                   pending in-result unknown held rejected delivered
    /* newer_snapshot */ {P, I, U, P, P, P},
    /* hold */ {H, H, H, H, H, H},
    /* unfit */ {R, R, R, R, R, R},
    /* already_there */ {D, I, U, D, D, D},
    /* confirmed */ {D, D, D, H, R, D},
    /* confirmed_in_doubt */ {U, U, U, H, R, U},
    /* confirmed_older */ {P, P, P, H, R, P},
    /* result_promised */ {I, I, I, H, R, I},
    /* postponed */ {P, I, U, H, R, D},
    /* failed_there */ {P, P, P, H, R, P},
    /* answer_lost */ {U, U, U, H, R, U},
    /* refused */ {R, R, R, H, R, R},
    /* refused_older */ {P, P, P, H, R, P},
    /* retried */ {P, I, U, H, P, D},
}};

constexpr std::array<std::string_view, kStates> kNames{"pending", "in-result", "unknown",
                                                       "held",    "rejected",  "delivered"};

}  // namespace

OutboxState after(OutboxState state, OutboxEvent event) {
  return kAfter[static_cast<std::size_t>(event)][static_cast<std::size_t>(state)];
}

std::string_view name_of(OutboxState state) {
  return kNames[static_cast<std::size_t>(state)];
}

bool is_unfinished(OutboxState state) {
  return state == State::pending || state == State::in_result || state == State::unknown;
}

std::int64_t number_of(OutboxState state) {
  return static_cast<std::int64_t>(state);
}

OutboxState outbox_state_of(std::int64_t number) {
  KAKEHASHI_CHECK(number >= 0 && number < static_cast<std::int64_t>(kStates));
  return static_cast<OutboxState>(number);
}

}  // namespace gateway
