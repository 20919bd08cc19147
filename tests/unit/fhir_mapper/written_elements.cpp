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

/// Every system, code and display that the tables of a chain can give; which it will be depends on the
/// document.
void add_table(const Rule& rule, const std::string& path, const Mapping& mapping, Facts& facts) {
  std::istringstream names(rule.codes->text());
  for (std::string name; names >> name;) {
    if (name.ends_with('?')) name.pop_back();
    const CodeTable* const table = mapping.table(name);
    if (table == nullptr) continue;
    for (const CodeRow& row : table->rows()) {
      const std::string& text = rule.column == Rule::TableColumn::system    ? row.to_system
                                : rule.column == Rule::TableColumn::display ? row.to_display
                                                                            : row.to_code;
      if (!text.empty()) facts[path].insert(text);
    }
  }
}

/// What an object's rules write that slices are told apart by.
void collect_facts(const Rule& rule, const std::string& at, const Mapping& mapping, Facts& facts) {
  for (const Rule& child : rule.children) {
    const std::string path = joined(at, path_of(child));
    if (child.constant) facts[path].insert(*child.constant);
    const bool of_system = child.codes && path.ends_with("system");
    if (of_system) add_table(child, path, mapping, facts);
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

WrittenSource source_of(const Rule& rule, Around around, const std::string& resource) {
  WrittenSource source{resource, "", "", rule.constant.has_value()};
  if (rule.constant) {
    source.text = "fixed " + quoted({*rule.constant}, "");
  } else {
    Texts from;
    for (const Source& each : rule.from) {
      for (const std::string& text : source_texts(each, around)) add_once(from, text);
    }
    source.text = quoted(from, rule.join ? " + " : ", ");
    if (rule.codes) source.text.append(" by table ").append(quoted({rule.codes->text()}, ""));
    if (rule.format) source.text.append(" as ").append(quoted({*rule.format}, ""));
    std::erase_if(around.conditions, [&](const auto& text) { return std::ranges::count(from, text) > 0; });
  }
  if (rule.otherwise) source.text.append(", else ").append(quoted({*rule.otherwise}, ""));
  if (rule.if_missing == IfMissing::hold) source.text.append(", held when none");
  if (!around.conditions.empty()) source.conditions = " (depends on " + quoted(around.conditions, ", ") + ")";
  return source;
}

/// What two branches say alike depends on neither.
void add(Sources& sources, WrittenSource source) {
  for (WrittenSource& known : sources) {
    if (known.resource != source.resource || known.text != source.text) continue;
    if (known.conditions != source.conditions) known.conditions.clear();
    return;
  }
  sources.push_back(std::move(source));
}

class Collector {
 public:
  Collector(const Mapping& mapping, const ProfilePack& pack) : mapping_(mapping), pack_(pack) {}

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
  const ProfileShape& profile(std::string_view name) const {
    for (const ProfileShape& shape : pack_.plan().profiles) {
      if (shape.name == name) return shape;
    }
    throw std::runtime_error("no profile " + std::string(name));
  }
  std::map<std::string, WrittenElements> all;

 private:
  void collect(const Rule& rule, const std::vector<Place>& places, Around around, const std::string& label) {
    around = with_conditions(std::move(around), rule);
    if (rule.kind == Rule::Kind::first) return collect(rule.children, places, around, label);
    if (rule.each) around.each = source_texts(*rule.each, around);
    for (const Place& place : places) {
      const std::optional<Place> at = stepped(place, rule.path);
      if (!at) continue;
      if (rule.kind == Rule::Kind::value) {
        add(all[at->profile][at->element], source_of(rule, around, label));
      } else {
        collect(rule.children, sliced(*at, rule), around, label);
      }
    }
  }

  /// Nothing for what JSON alone has: resourceType.
  static std::optional<Place> stepped(Place place, const Path& path) {
    for (const PathStep& step : path) {
      const MemberPlan* const member =
          place.view.type() == nullptr ? nullptr : place.view.type()->find(step.name);
      if (member == nullptr) {
        if (step.name == "resourceType") return std::nullopt;
        throw std::runtime_error("no element " + step.name + " in " + place.profile + "." + place.element);
      }
      place.view = place.view.child(member->group);
      if (member->choice) place.view = place.view.as(*member);
      place.element = joined(place.element, step.name);
    }
    return place;
  }

  /// As the slices that it may be; where it is of none, as it is.
  std::vector<Place> sliced(const Place& place, const Rule& rule) {
    Facts facts;
    collect_facts(rule, "", mapping_, facts);
    std::vector<Place> found;
    for (const SliceView& slice : place.view.slices()) {
      if (!may_be(facts, slice)) continue;
      if (place.view.is_of_resources()) {
        const ProfileShape& contained = *ElementView::profile_of(slice);
        all[place.profile][place.element + ":" + slice.name] = {};
        found.push_back({std::string(contained.name), "", ElementView(contained)});
      } else {
        found.push_back({place.profile, place.element + ":" + slice.name, place.view.in(slice)});
      }
    }
    if (!found.empty()) return found;
    if (!place.view.is_of_resources()) return {place};
    // Of no slice, but of a profile that it names.
    for (const ProfileShape& shape : pack_.plan().profiles) {
      if (!facts["meta.profile"].contains(std::string(shape.url))) continue;
      all[place.profile][place.element] = {};
      return {{std::string(shape.name), "", ElementView(shape)}};
    }
    throw std::runtime_error("a contained resource of no profile in " + place.profile);
  }

  const Mapping& mapping_;
  const ProfilePack& pack_;
};

std::string label_of(const ResourceRule& resource) {
  if (resource.id == "allergy-al1") return resource.type + " of ADT-00";
  return resource.type;
}

}  // namespace

std::map<std::string, WrittenElements> written_elements(const Mapping& mapping, const ProfilePack& pack) {
  Collector collector(mapping, pack);
  for (const ResourceRule& resource : mapping.resources()) {
    const bool is_result = resource.type == "Observation";
    const std::string name = "JP_" + resource.type + (is_result ? "_LabResult_eCS" : "_eCS");
    collector.collect(resource.rules, {{name, "", ElementView(collector.profile(name))}}, {},
                      label_of(resource));
  }
  return std::move(collector.all);
}

std::string told(const Sources& sources, const WrittenElements& all) {
  Texts of_all;
  for (const auto& [element, others] : all) {
    for (const WrittenSource& source : others) add_once(of_all, source.resource);
  }
  const auto same_fixed = [&](const WrittenSource& each) {
    return each.fixed && each.text == sources.front().text;
  };
  if (std::ranges::all_of(sources, same_fixed)) return sources.front().text;

  std::vector<std::pair<Texts, std::string>> texts;  // of which resources
  Texts resources;
  for (const WrittenSource& source : sources) add_once(resources, source.resource);
  for (const std::string& resource : resources) {
    std::string one;
    for (const WrittenSource& source : sources) {
      if (source.resource == resource)
        one.append(one.empty() ? "" : "; ").append(source.text + source.conditions);
    }
    const auto known = std::ranges::find(texts, one, &std::pair<Texts, std::string>::second);
    if (known == texts.end()) {
      texts.push_back({{resource}, one});
    } else {
      known->first.push_back(resource);
    }
  }
  if (texts.size() == 1 && resources.size() == of_all.size()) return texts.front().second;
  std::string all_texts;
  for (const auto& [of, text] : texts) {
    std::string names;
    for (const std::string& name : of) names.append(names.empty() ? "" : ", ").append(name);
    all_texts.append(all_texts.empty() ? "" : "; ").append(names).append(": ").append(text);
  }
  return all_texts;
}

}  // namespace fhir_mapper::test
