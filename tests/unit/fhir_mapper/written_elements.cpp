#include "tests/unit/fhir_mapper/written_elements.h"

#include "tests/unit/fhir_mapper/profile_elements.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace fhir_mapper::test {
namespace {

using Texts = std::vector<std::string>;

std::string path_of(const Rule& rule) {
  std::string path;
  for (const PathStep& step : rule.path) path = joined(path, step.name);
  return path;
}

/// Every system that a chain of tables can give; which it will be depends on the document.
void add_systems(const Rule& rule, const std::string& path, const Mapping& mapping, Facts& facts) {
  std::istringstream words(rule.codes->text());
  Texts names;
  for (std::string name; words >> name;) names.insert(names.begin(), name);
  for (std::string name : names) {
    const bool is_optional = name.ends_with('?');
    if (is_optional) name.pop_back();
    for (const CodeRow& row : mapping.table(name)->rows()) {
      if (!row.to_system.empty()) facts[path].insert(row.to_system);
    }
    if (!is_optional) return;  // it has the last word
  }
}

/// What an object's rules write that slices are told apart by.
void collect_facts(const Rule& rule, const std::string& at, const Mapping& mapping, Facts& facts) {
  for (const Rule& child : rule.children) {
    const std::string path = joined(at, path_of(child));
    if (child.constant) facts[path].insert(*child.constant);
    if (child.codes && child.column == Rule::TableColumn::system) add_systems(child, path, mapping, facts);
    collect_facts(child, path, mapping, facts);
  }
}

void add_once(Texts& texts, const std::string& text) {
  if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
}

/// Rules around a rule: what stands for @, and what decides whether they apply.
struct Around {
  Texts each;
  Texts conditions;
};

Texts source_texts(const Source& source, const Around& around) {
  if (source.kind != Source::Kind::current) return {source.text};
  Texts texts;
  for (const std::string& each : around.each) texts.push_back(each + source.text.substr(1));
  return texts;
}

std::string quoted(const Texts& texts, std::string_view between) {
  std::string all;
  for (const std::string& text : texts) {
    // A bar would end the cell.
    std::string escaped;
    for (const char c : text) escaped.append(c == '|' ? "\\|" : std::string(1, c));
    all.append(all.empty() ? "" : between).append("`").append(escaped).append("`");
  }
  return all;
}

Around with_conditions(Around around, const Rule& rule) {
  for (const auto& alternative : rule.when.alternatives) {
    for (const Clause& clause : alternative) {
      for (const std::string& text : source_texts(clause.source, around)) add_once(around.conditions, text);
    }
  }
  return around;
}

WrittenSource source_of(const Rule& rule, Around around, const std::string& document) {
  WrittenSource source;
  source.document = document;
  source.fixed = rule.constant.has_value();
  if (rule.constant) {
    source.from = "fixed " + quoted({*rule.constant}, "");
  } else {
    Texts from;
    for (const Source& each : rule.from) {
      for (const std::string& text : source_texts(each, around)) add_once(from, text);
    }
    source.from = quoted(from, rule.join ? " + " : ", ");
    if (rule.codes) source.tables = " by table " + quoted({rule.codes->text()}, "");
    if (rule.format) source.rest.append(" as ").append(quoted({*rule.format}, ""));
    std::erase_if(around.conditions, [&](const auto& text) { return std::ranges::count(from, text) > 0; });
  }
  if (rule.otherwise) source.rest.append(", else ").append(quoted({*rule.otherwise}, ""));
  if (rule.if_missing == IfMissing::hold) source.rest.append(", held when none");
  if (!around.conditions.empty()) source.conditions = " (depends on " + quoted(around.conditions, ", ") + ")";
  return source;
}

/// What differs from the one before in its table alone is one with it.
void add(Sources& sources, const WrittenSource& source) {
  if (std::ranges::find(sources, source) != sources.end()) return;
  if (!sources.empty() && !source.tables.empty()) {
    WrittenSource alike = source;
    alike.tables = sources.back().tables;
    if (alike == sources.back() && !alike.tables.empty()) {
      const std::string name = source.tables.substr(source.tables.find('`'));
      if (alike.tables.find(name) == std::string::npos) sources.back().tables.append(", ").append(name);
      return;
    }
  }
  sources.push_back(source);
}

class Collector {
 public:
  explicit Collector(const Mapping& mapping) : mapping_(mapping) {}

  /// An element that rules write into, under each name that it may have.
  struct Place {
    std::string profile;
    std::string element;
    ElementView view;
  };

  void collect(const std::vector<Rule>& rules, const std::vector<Place>& places, const Around& around,
               const std::string& label) {
    for (const Rule& rule : rules) collect(rule, places, around, label);
  }
  std::map<std::string, WrittenElements> all;

 private:
  void collect(const Rule& rule, const std::vector<Place>& places, Around around, const std::string& label) {
    if (rule.each) around.each = source_texts(*rule.each, around);
    around = with_conditions(std::move(around), rule);
    if (rule.kind == Rule::Kind::first) return collect(rule.children, places, around, label);
    for (const Place& place : places) {
      if (place.view.type() != nullptr && rule.path.front().name == "resourceType")
        continue;  // of JSON alone
      for (const Place& at : stepped(place, rule)) {
        if (rule.kind == Rule::Kind::value) {
          add(all[at.profile][at.element], source_of(rule, around, label));
        } else {
          collect(rule.children, {at}, around, label);
        }
      }
    }
  }

  /// Where the rule's path leads from a place: an object of it may be of several slices.
  std::vector<Place> stepped(const Place& place, const Rule& rule) {
    std::vector<Place> places{place};
    for (std::size_t i = 0; i < rule.path.size(); ++i) {
      std::string rest;
      for (std::size_t j = i + 1; j < rule.path.size(); ++j) rest = joined(rest, rule.path[j].name);
      Facts facts;
      if (rule.kind == Rule::Kind::object) collect_facts(rule, rest, mapping_, facts);
      std::vector<Place> next;
      for (const Place& each : places) {
        for (Place& slice : sliced(stepped(each, rule.path[i].name), facts)) next.push_back(std::move(slice));
      }
      places = std::move(next);
    }
    return places;
  }

  static Place stepped(Place place, std::string_view name) {
    const MemberPlan* const member = place.view.type() == nullptr ? nullptr : place.view.type()->find(name);
    if (member == nullptr) {
      throw std::runtime_error("no element " + std::string(name) + " in " + place.profile + "." +
                               place.element);
    }
    place.view = place.view.child(member->group);
    if (member->choice) place.view = place.view.as(*member);
    place.element = joined(place.element, name);
    return place;
  }

  /// As the slices that it may be; where it is of none, as it is.
  std::vector<Place> sliced(const Place& place, const Facts& facts) {
    std::vector<Place> found;
    for (const SliceView& slice : place.view.slices()) {
      if (!may_be(facts, slice)) continue;
      const std::string element = place.element + ":" + slice.name;
      if (place.view.is_of_resources()) {
        all[place.profile][element] = {};
        const ProfileShape& contained = *ElementView::profile_of(slice);
        found.push_back({std::string(contained.name), "", ElementView(contained)});
      } else {
        found.push_back({place.profile, element, place.view.in(slice)});
      }
    }
    if (!found.empty()) return found;
    if (!place.view.is_of_resources()) return {place};
    throw std::runtime_error("a contained resource that is in no slice of " + place.profile);
  }

  const Mapping& mapping_;
};

/// The texts of a tree, by their paths. A resource is told by itself, its profile without its version.
void collect_facts(const Node& node, const std::string& path, Facts& facts) {
  for (const Node& child : node) {
    collect_facts(child, child.name() == "resource" ? "" : joined(path, child.name()), facts);
  }
  if (const auto text = node.text()) facts[path].emplace(text->substr(0, text->find('|')));
}

class JsonCollector {
 public:
  explicit JsonCollector(WrittenElements& elements) : elements_(elements) {}

  void collect(const Node& node, const ElementView& view, const std::string& element) {
    for (const Node& child : node) {
      const MemberPlan* const member = view.type() == nullptr ? nullptr : view.type()->find(child.name());
      if (member == nullptr) continue;  // resourceType
      const ElementView below =
          member->choice ? view.child(member->group).as(*member) : view.child(member->group);
      const std::string name = joined(element, child.name());
      if (!child.is_array()) item(child, below, name);
      if (child.is_array()) {
        for (const Node& each : child) item(each, below, name);
      }
    }
  }

 private:
  void item(const Node& node, const ElementView& view, const std::string& element) {
    Facts facts;
    collect_facts(node, "", facts);
    bool sliced = false;
    for (const SliceView& slice : view.slices()) {
      if (!may_be(facts, slice)) continue;
      sliced = true;
      one(node, view.in(slice), element + ":" + slice.name);
    }
    if (!sliced) one(node, view, element);
  }

  void one(const Node& node, const ElementView& view, const std::string& element) {
    if (!node.is_object() || view.is_of_resources()) {
      elements_[element] = {};
    } else {
      collect(node, view, element);
    }
  }

  WrittenElements& elements_;
};

}  // namespace

std::map<std::string, WrittenElements> written_elements(const Mapping& mapping, const ProfilePack& pack) {
  Collector collector(mapping);
  for (const ResourceRule& resource : mapping.resources()) {
    const bool is_result = resource.type == "Observation";
    const std::string name = "JP_" + resource.type + (is_result ? "_LabResult_eCS" : "_eCS");
    collector.collect(resource.rules, {{name, "", ElementView(profile_named(pack, name))}}, {},
                      std::string(ssmix2::info(resource.document).name));
  }
  return std::move(collector.all);
}

void add_written(const Node& resource, std::string_view profile, const ProfilePack& pack,
                 WrittenElements& elements) {
  JsonCollector(elements).collect(resource, ElementView(profile_named(pack, profile)), "");
}

std::string told(const Sources& sources, const WrittenElements& all) {
  Texts of_all;
  for (const auto& [element, others] : all) {
    for (const WrittenSource& source : others) add_once(of_all, source.document);
  }
  const auto same_fixed = [&](const WrittenSource& each) {
    return each.fixed && each.text() == sources.front().text();
  };
  const auto same_conditions = [&](const WrittenSource& each) {
    return each.conditions == sources.front().conditions;
  };
  if (std::ranges::all_of(sources, same_fixed)) {
    const bool all_alike = std::ranges::all_of(sources, same_conditions);
    return sources.front().text() + (all_alike ? sources.front().conditions : "");
  }

  std::vector<std::pair<Texts, std::string>> texts;  // of which resources
  Texts documents;
  for (const WrittenSource& source : sources) add_once(documents, source.document);
  for (const std::string& document : documents) {
    std::string one;
    for (const WrittenSource& source : sources) {
      if (source.document == document)
        one.append(one.empty() ? "" : "; ").append(source.text() + source.conditions);
    }
    const auto known = std::ranges::find(texts, one, &std::pair<Texts, std::string>::second);
    if (known == texts.end()) {
      texts.push_back({{document}, one});
    } else {
      known->first.push_back(document);
    }
  }
  if (texts.size() == 1 && documents.size() == of_all.size()) return texts.front().second;
  std::string all_texts;
  for (const auto& [of, text] : texts) {
    std::string names;
    for (const std::string& name : of) names.append(names.empty() ? "" : ", ").append(name);
    all_texts.append(all_texts.empty() ? "" : "; ").append(names).append(": ").append(text);
  }
  return all_texts;
}

}  // namespace fhir_mapper::test
