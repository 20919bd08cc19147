#include "fhir_mapper/closest_name.h"
#include "fhir_mapper/effective_mapping.h"
#include "fhir_mapper/effective_table.h"
#include "gateway/command_line.h"
#include "gateway/command_mapping.h"

#include <algorithm>
#include <iostream>

namespace gateway {
namespace {

/// Without the site's files, which may be what is wrong: their mistakes name rules that are to be found here.
std::optional<Configuration> load_shipped(const std::filesystem::path& settings_file) {
  auto settings = load_settings(settings_file);
  if (!settings.has_value()) {
    complain(settings.error());
    return std::nullopt;
  }
  settings->overlay_directory.clear();
  auto configuration = load_configuration(std::move(*settings));
  if (configuration.has_value()) return std::move(*configuration);
  complain(configuration.error());
  return std::nullopt;
}

void require(const std::string& what, const std::string& name, const std::vector<std::string_view>& names) {
  if (std::ranges::find(names, name) != names.end()) return;
  std::string known;
  for (const std::string_view each : names) known.append(known.empty() ? "" : ", ").append(each);
  throw UsageError{"mapping show: there is no " + what + " \"" + name + "\"" +
                   fhir_mapper::did_you_mean(name, names) + "; there is: " + known};
}

void show_table(const ConfigurationFiles& files, const std::string& name) {
  const auto names = fhir_mapper::table_names(files.tables);
  require("table", name, {names.begin(), names.end()});
  std::cout << fhir_mapper::effective_table(files.tables, name);
}

void show_resource(const ConfigurationFiles& files, const std::string& id) {
  const fhir_mapper::EffectiveMapping mapping(files.mappings);
  require("resource", id, mapping.resources());
  std::cout << mapping.text_of_resource(id);
}

void show_all(const ConfigurationFiles& files) {
  std::cout << fhir_mapper::EffectiveMapping(files.mappings).text();
  std::string names;
  for (const std::string& name : fhir_mapper::table_names(files.tables)) names.append(" ").append(name);
  std::cout << "<!--"
            << fhir_mapper::comment_text(" tables (each is shown by `mapping show` with its option table):" +
                                         names)
            << " -->\n";
}

}  // namespace

int command_mapping_show(const Arguments& arguments) {
  CommandLine line("mapping show");
  line.flag("effective", "what is in force: with the changes of the overlay directory")
      .value("resource", "the <resource> of this id alone, with the templates it uses")
      .value("table", "this code table instead of rules");
  line.parse(arguments);
  if (line.has("resource") && line.has("table")) {
    throw UsageError{"mapping show: --resource or --table, not both"};
  }
  const auto configuration =
      line.has("effective") ? load_or_complain(line.config()) : load_shipped(line.config());
  if (!configuration) return kExitWrongUsage;
  if (line.has("table")) {
    show_table(configuration->files, line.text("table"));
  } else if (line.has("resource")) {
    show_resource(configuration->files, line.text("resource"));
  } else {
    show_all(configuration->files);
  }
  std::cout.flush();
  return std::cout ? 0 : 1;
}

}  // namespace gateway
