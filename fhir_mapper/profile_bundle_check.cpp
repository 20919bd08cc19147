// What holds of Bundles and of resources with others in them, whatever their profiles say.

#include "fhir_mapper/profile_walk.h"

#include <algorithm>
#include <set>

namespace fhir_mapper {

ProfileWalk::Entries ProfileWalk::entries_of(const Node& bundle) const {
  Entries entries;
  entries.type = text_of(bundle, "type");
  const Node* const list = bundle.find("entry");
  if (list == nullptr || !list->is_array()) return entries;
  const std::size_t count = list->size();
  entries.nodes.reserve(count);
  entries.by_open_url.reserve(count);
  entries.by_id.reserve(count);
  constexpr std::size_t kUsualTypes = 8;
  entries.resource_types.reserve(kUsualTypes);
  for (const Node& entry : *list) {
    const auto index = static_cast<std::uint32_t>(entries.nodes.size());
    entries.nodes.push_back(&entry);
    const Node* const resource = entry.find("resource");
    const Node* const url = entry.find("fullUrl");
    if (url != nullptr && url->kind() == Node::Kind::text) {
      entries.by_url.add(url->written(), index);
    } else if (url != nullptr && url->kind() == Node::Kind::entry_url) {
      entries.by_open_url.add(static_cast<std::uint32_t>(url->entry_index()), index);
    }
    if (resource == nullptr) continue;
    const std::string_view type = text_of(*resource, "resourceType");
    auto& types = entries.resource_types;
    const auto is_type = [type](std::string_view known) { return same_text(known, type); };
    if (std::none_of(types.begin(), types.end(), is_type)) types.push_back(type);
    const std::string_view id = text_of(*resource, "id");
    if (!id.empty()) entries.by_id.add({type, id}, index);
  }
  const auto keep_url = [&entries](std::uint32_t entry) { entries.same_url.push_back(entry); };
  entries.by_url.close(keep_url);
  entries.by_open_url.close(keep_url);
  entries.by_id.close([&entries](std::uint32_t entry) { entries.same_id.push_back(entry); });
  std::sort(entries.same_url.begin(), entries.same_url.end());
  std::sort(entries.same_id.begin(), entries.same_id.end());
  return entries;
}

void ProfileWalk::full_url(const Node& entry, const Node& url, const Frame& frame) {
  if (url.kind() == Node::Kind::entry_url) return;
  if (url.kind() != Node::Kind::text) {
    return error(frame, "bundle-fullUrl", "Bundle", "fullUrl must be a JSON string",
                 "fullUrlは文字列でなければなりません");
  }
  const std::string_view text = url.written();
  const bool http = text.starts_with("http://") || text.starts_with("https://");
  if (!http && !text.starts_with("urn:uuid:") && !text.starts_with("urn:oid:")) {
    return error(frame, "bundle-fullUrl", "Bundle", "fullUrl must be an absolute URL or a URN",
                 "fullUrlは絶対URLまたはURNでなければなりません");
  }
  const Node* const resource = entry.find("resource");
  if (!http || resource == nullptr) return;
  const std::size_t slash = text.rfind('/');
  const std::size_t before = slash == 0 ? std::string_view::npos : text.rfind('/', slash - 1);
  if (before == std::string_view::npos) return;
  const std::string_view type = text.substr(before + 1, slash - before - 1);
  if (!plan_.resource_names.contains(type)) return;
  if (type != text_of(*resource, "resourceType") || text.substr(slash + 1) != text_of(*resource, "id")) {
    error(frame, "bundle-fullUrl", "Bundle", "fullUrl names another resource than the one that stands there",
          "fullUrlがリソースの型やidと合っていません");
  }
}

void ProfileWalk::bundle(const Node& bundle, const Entries& entries, const Frame& frame) {
  bundle_rules(bundle, entries, frame);
  const auto is_among = [](const std::vector<std::uint32_t>& ascending, std::uint32_t index) {
    return std::binary_search(ascending.begin(), ascending.end(), index);
  };
  const bool needs_url = entries.type != "batch" && entries.type != "transaction" &&
                         entries.type != "batch-response" && entries.type != "transaction-response";
  for (std::uint32_t i = 0; i < entries.nodes.size() && !full_; ++i) {
    const Node& entry = *entries.nodes[i];
    const Frame at{&frame, "entry", "Bundle.entry", static_cast<std::ptrdiff_t>(i)};
    if (!entry.is_object()) continue;
    const Node* const resource = entry.find("resource");
    const Node* const url = entry.find("fullUrl");
    if (url == nullptr) {
      if (needs_url) error(at, "bundle-fullUrl", "Bundle", "has no fullUrl", "fullUrlがありません");
    } else {
      full_url(entry, *url, at);
      const Node* const meta = resource == nullptr ? nullptr : resource->find("meta");
      if (is_among(entries.same_url, i) && (meta == nullptr || meta->find("versionId") == nullptr)) {
        if (entries.type != "history") {
          error(frame, "bdl-7", "Bundle", "two entries have the same fullUrl", "fullUrlが重複しています");
        }
        error(at, "bundle-fullUrl-unique", "Bundle", "fullUrl is that of another entry, too",
              "fullUrlがほかのentryと重複しています");
      }
    }
    if (is_among(entries.same_id, i)) {
      tell(IssueSeverity::warning, at, "bundle-id-unique", "Bundle",
           "another entry has this type and id, too", "同じ型とidのリソースがほかにもあります");
    }
  }
}

/// bdl-1 to bdl-8: which entries a Bundle of this type may have. Asked of every entry, so not as expressions.
void ProfileWalk::bundle_rules(const Node& bundle, const Entries& entries, const Frame& frame) {
  const std::string_view type = entries.type;
  const bool asks = type == "batch" || type == "transaction" || type == "history";
  const bool answers = type == "batch-response" || type == "transaction-response" || type == "history";
  bool searched = false;
  // Of a Bundle without a type FHIR's expressions are true for no entry.
  const bool untyped = bundle.find("type") == nullptr && !entries.nodes.empty();
  bool request_wrong = untyped;
  bool response_wrong = untyped;
  for (std::size_t i = 0; i < entries.nodes.size(); ++i) {
    const Node& entry = *entries.nodes[i];
    const Frame at{&frame, "entry", "Bundle.entry", static_cast<std::ptrdiff_t>(i)};
    const bool request = entry.find("request") != nullptr;
    const bool response = entry.find("response") != nullptr;
    request_wrong = request_wrong || request != asks;
    response_wrong = response_wrong || response != answers;
    searched = searched || entry.find("search") != nullptr;
    if (!request && !response && entry.find("resource") == nullptr) {
      error(at, "bdl-5", "Bundle", "has neither resource, request nor response",
            "resource、request、responseのどれもありません");
    }
    if (text_of(entry, "fullUrl").find("/_history/") != std::string_view::npos) {
      error(at, "bdl-8", "Bundle", "fullUrl must not name a version", "fullUrlに版を書くことはできません");
    }
  }
  if (type != "searchset" && type != "history" && bundle.find("total") != nullptr) {
    error(frame, "bdl-1", "Bundle", "total may stand in a searchset or history alone",
          "totalはsearchsetかhistoryにだけ書けます");
  }
  if (searched && type != "searchset") {
    error(frame, "bdl-2", "Bundle", "entry.search may stand in a searchset alone",
          "entry.searchはsearchsetにだけ書けます");
  }
  if (request_wrong) {
    error(frame, "bdl-3", "Bundle",
          "entry.request belongs in every entry of a batch, transaction or history and in no other",
          "entry.requestはbatch、transaction、historyのすべてのentryに書き、ほかでは書けません");
  }
  if (response_wrong) {
    error(frame, "bdl-4", "Bundle",
          "entry.response belongs in every entry of a batch-response, transaction-response or history and in "
          "no other",
          "entry.responseはbatch-response、transaction-"
          "response、historyのすべてのentryに書き、ほかでは書けません");
  }
}

/// dom-2 to dom-5, and that what is contained has an id. Asked of every resource, so not as expressions.
void ProfileWalk::domain_resource(const Node& node, const Frame& frame, const Scope& scope) {
  const Node* const contained = node.find("contained");
  if (contained == nullptr || !contained->is_array()) return;
  contained_ids(*contained, frame);
  bool nested = false;
  bool versioned = false;
  bool secured = false;
  bool unreferenced = false;
  // Usually a handful, which are looked through at once.
  const std::vector<std::string_view>& fragments = scope.fragments;
  std::set<std::string_view> many;
  if (fragments.size() > kFewContained) {
    many.insert(fragments.begin(), fragments.end());
  }
  const auto is_referred_to = [&](std::string_view id) {
    if (fragments.size() > kFewContained) return many.contains(id);
    return std::find(fragments.begin(), fragments.end(), id) != fragments.end();
  };
  for (const Node& one : *contained) {
    nested = nested || one.find("contained") != nullptr;
    if (const Node* const meta = one.find("meta")) {
      versioned = versioned || meta->find("versionId") != nullptr || meta->find("lastUpdated") != nullptr;
      secured = secured || meta->find("security") != nullptr;
    }
    const std::string_view id = text_of(one, "id");
    unreferenced = unreferenced || (one.find("id") != nullptr && !is_referred_to(id));
  }
  if (nested) {
    error(frame, "dom-2", "DomainResource", "what is contained must not contain anything itself",
          "containedのリソースの中にcontainedは書けません");
  }
  if (unreferenced) {
    error(frame, "dom-3", "DomainResource",
          "what is contained must be referred to from the resource around it",
          "containedのリソースは、どこかから参照されていなければなりません");
  }
  if (versioned) {
    error(frame, "dom-4", "DomainResource",
          "what is contained must have no meta.versionId and no meta.lastUpdated",
          "containedのリソースにmeta.versionIdやmeta.lastUpdatedは書けません");
  }
  if (secured) {
    error(frame, "dom-5", "DomainResource", "what is contained must have no meta.security",
          "containedのリソースにmeta.securityは書けません");
  }
}

void ProfileWalk::contained_ids(const Node& contained, const Frame& frame) {
  const auto at = [&frame](const Node& one, std::uint32_t index) {
    return Frame{&frame, "contained", text_of(one, "resourceType"), static_cast<std::ptrdiff_t>(index)};
  };
  EntryIndex<std::string_view> by_id;
  by_id.reserve(contained.size());
  std::uint32_t index = 0;
  for (const Node& one : contained) {
    if (one.find("id") == nullptr) {
      error(at(one, index), "contained-id", "DomainResource", "a contained resource needs an id",
            "containedのリソースにはidが必要です");
    } else {
      by_id.add(text_of(one, "id"), index);
    }
    ++index;
  }
  std::vector<std::uint32_t> repeats;
  by_id.close([&repeats](std::uint32_t one) { repeats.push_back(one); });
  std::sort(repeats.begin(), repeats.end());
  auto repeat = repeats.begin();
  index = 0;
  for (const Node& one : contained) {
    if (repeat == repeats.end()) break;
    if (index++ != *repeat) continue;
    error(at(one, *repeat++), "contained-id", "DomainResource", "another contained resource has this id, too",
          "containedのidが重複しています");
  }
}

}  // namespace fhir_mapper
