#include "gateway/settings_delivery.h"

#include <boost/asio/ip/address.hpp>

namespace gateway {

namespace {

using namespace std::chrono_literals;

DeliverySettings& delivery(Settings& settings) {
  return settings.destinations.back().delivery;
}
AnswerSettings& answer(Settings& settings) {
  return delivery(settings).answers.back();
}

/// Of a schedule whose ends may be given in two places: `first` and `max` are the names of its attributes.
void check_schedule(const RetrySchedule& schedule, std::string_view first, std::string_view max,
                    std::vector<Finding>& findings) {
  if (schedule.first <= schedule.max) return;
  findings.push_back({{first, max},
                      std::string(first) + " (" + format_duration(schedule.first) + ") is longer than " +
                          std::string(max) + " (" + format_duration(schedule.max) +
                          "); the first wait must not be longer than the longest"});
}

std::vector<Finding> check_delivery(const Settings& settings) {
  const DeliverySettings& last = settings.destinations.back().delivery;
  std::vector<Finding> findings;
  check_schedule(last.retry(), "retry-first", "retry-max", findings);
  // What follows from a wrong retry-first has been said.
  if (!findings.empty()) return findings;
  check_schedule(last.result(), "result-first", "result-max", findings);
  check_schedule(last.pause(), "pause-first", "pause-max", findings);
  if (last.late_window() < last.timeout) {
    findings.push_back({{"late-window", "timeout"},
                        "late-window (" + format_duration(last.late_window()) +
                            ") is shorter than timeout (" + format_duration(last.timeout) +
                            "); what we give up at the timeout may still be carried out after it"});
  }
  return findings;
}

std::vector<Finding> check_answer(const Settings& settings) {
  const auto& answers = settings.destinations.back().delivery.answers;
  const int status = answers.back().status;
  const bool taken = std::any_of(answers.begin(), answers.end() - 1,
                                 [&](const AnswerSettings& other) { return other.status == status; });
  if (!taken) return {};
  return {{{"status"}, "two <answer> name status " + std::to_string(status) + "; keep one"}};
}

bool is_address(std::string_view text) {
  boost::system::error_code error;
  boost::asio::ip::make_address(text, error);
  return !error;
}

ElementRule answer_element() {
  using A = AnswerSettings;
  return {.name = "answer",
          .count = Count::any,
          .attributes =
              {
                  // What was accepted is not for a site to deny, nor what was not accepted to be called so.
                  required(whole_number("status", in(answer, &A::status), 300, 599,
                                        "a status that does not mean here what it usually does; those of "
                                        "success cannot be named")),
                  required(one_of<AnswerMeaning>(
                      "means", in(answer, &A::means),
                      "`unit`: it is refused for its content; `destination`: the destination is paused; "
                      "`later`: it is sent again")),
              },
          .begin = [](Settings& settings) { delivery(settings).answers.emplace_back(); },
          .check = check_answer};
}

}  // namespace

ElementRule delivery_element() {
  using D = DeliverySettings;
  return {
      .name = "delivery",
      .attributes =
          {
              whole_number("connections", in(delivery, &D::connections), 1, 64,
                           "connections at the same time"),
              duration("timeout", in(delivery, &D::timeout), 1s, 10min, "how long an answer is waited for"),
              duration("retry-first", in(delivery, &D::retry_first), 10ms, 1h, "wait before the first retry"),
              duration("retry-max", in(delivery, &D::retry_max), 10ms, 24h,
                       "longest wait between retries; not shorter than `retry-first`"),
              when_missing(duration("result-first", in(delivery, &D::result_first), 10ms, 1h,
                                    "wait before a promised result is asked for, and for the second time"),
                           "`retry-first`"),
              when_missing(
                  duration("result-max", in(delivery, &D::result_max), 10ms, 1h,
                           "longest wait between two such questions; not shorter than `result-first`"),
                  "`retry-max`"),
              duration(
                  "result-patience", in(delivery, &D::result_patience), 1s, 24h,
                  "how long a promised result is waited for; then the newest content is sent again. Also how "
                  "long a state that is made anew sends nothing, where `late-window` is shorter"),
              when_missing(duration("pause-first", in(delivery, &D::pause_first), 10ms, 1h,
                                    "first wait before a paused destination is tried again"),
                           "`retry-first`"),
              when_missing(duration("pause-max", in(delivery, &D::pause_max), 10ms, 24h,
                                    "longest wait between two such tries; not shorter than `pause-first`"),
                           "`retry-max`"),
              when_missing(
                  duration("late-window", in(delivery, &D::late_window_given), 1s, 24h,
                           "how long the destination may still carry out a request that was given up; not "
                           "shorter than `timeout`"),
                  "twice `timeout`"),
              when_missing(
                  text("source-address", in(delivery, &D::source_address), is_address,
                       "an IPv4 or IPv6 address of this server", "connections come from this address"),
                  "as the system routes"),
          },
      .children = {answer_element()},
      .check = check_delivery};
}

}  // namespace gateway
