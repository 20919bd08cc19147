#pragma once
// A platform as small as can be, which carries requests out when they come, when it pleases, or long after
// their connection is gone. Knows nothing of the outbox but what is sent to it.

#include "gateway/instant.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gateway::test {

class PlatformModel {
 public:
  struct Request {
    std::string bundle_id;
    std::string person;
    std::optional<std::string> body;  // nothing: a delete
  };

  /// False: refused, because the Bundle-ID is known under another person.
  bool carry_out(const Request& request) {
    const auto known = standing_.find(request.bundle_id);
    if (!request.body) {
      if (known != standing_.end()) standing_.erase(known);
      return true;
    }
    if (known != standing_.end() && known->second.person != request.person) return false;
    standing_[request.bundle_id] = request;
    return true;
  }

  /// Its connection is gone; at `when` it is carried out all the same.
  void carry_out_late(Request request, Instant when) { late_.push_back({std::move(request), when}); }

  void pass_to(Instant now) {
    std::stable_sort(late_.begin(), late_.end(),
                     [](const Late& a, const Late& b) { return a.when < b.when; });
    auto due = late_.begin();
    while (due != late_.end() && due->when <= now) carry_out((due++)->request);
    late_.erase(late_.begin(), due);
  }

  std::optional<std::string> standing(const std::string& bundle_id) const {
    const auto known = standing_.find(bundle_id);
    return known == standing_.end() ? std::nullopt : known->second.body;
  }

 private:
  struct Late {
    Request request;
    Instant when;
  };
  std::map<std::string, Request> standing_;
  std::vector<Late> late_;
};

}  // namespace gateway::test
