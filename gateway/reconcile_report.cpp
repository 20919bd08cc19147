#include "gateway/reconcile_report.h"

#include "gateway/json_member.h"

#include <algorithm>
#include <ostream>

namespace gateway {
namespace {

constexpr std::size_t kExamples = 20;

using Writer = JsonWriter;

void write_unless_empty(Writer& writer, std::string_view name, std::string_view value) {
  if (!value.empty()) write(writer, name, value);
}

std::string example_line(const Difference& difference) {
  std::string line = "    ";
  if (difference.count > 1) line.append(std::to_string(difference.count)).append(" x ");
  line.append(difference.storage);
  if (!difference.path.empty()) line.append(": ").append(difference.path);
  line.append(difference.unit);
  if (!difference.destination.empty()) line.append(" -> ").append(difference.destination);
  if (!difference.detail.empty()) line.append(": ").append(difference.detail);
  return line;
}

}  // namespace

bool Findings::all_explained() const {
  return std::all_of(differences.begin(), differences.end(),
                     [](const Difference& each) { return kind_of(each.reason).explained; });
}

void ReconcileReport::add(const Findings& findings) {
  files_ += findings.files;
  known_ += findings.known;
  units_ += findings.units;
  sent_ += findings.sent;
  for (const Difference& difference : findings.differences) {
    OfReason& of_reason = reasons_[static_cast<std::size_t>(difference.reason)];
    of_reason.count += difference.count;
    if (format_ == Format::json_lines) {
      print(difference);
    } else if (of_reason.examples.size() < kExamples) {
      of_reason.examples.push_back(difference);
    }
  }
}

void ReconcileReport::print(const Difference& difference) {
  const DifferenceKind& kind = kind_of(difference.reason);
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  write(writer, "reason", kind.id);
  writer.Key("explained");
  writer.Bool(kind.explained);
  write_unless_empty(writer, "storage", difference.storage);
  write_unless_empty(writer, "path", difference.path);
  write_unless_empty(writer, "unit", difference.unit);
  write_unless_empty(writer, "destination", difference.destination);
  write_unless_empty(writer, "detail", difference.detail);
  write(writer, "count", difference.count);
  writer.EndObject();
  out_ << std::string_view(buffer.GetString(), buffer.GetSize()) << "\n";
}

void ReconcileReport::print_reasons() const {
  for (std::size_t i = 0; i < reasons_.size(); ++i) {
    const OfReason& of_reason = reasons_[i];
    if (of_reason.count == 0) continue;
    const DifferenceKind& kind = kind_of(static_cast<DifferenceReason>(i));
    out_ << of_reason.count << " x " << kind.id << (kind.explained ? "" : " UNEXPLAINED") << ": "
         << kind.sentence << "\n";
    std::int64_t shown = 0;
    for (const Difference& example : of_reason.examples) {
      out_ << example_line(example) << "\n";
      shown += example.count;
    }
    if (shown < of_reason.count) out_ << "    and " << of_reason.count - shown << " more; --json lists all\n";
  }
}

bool ReconcileReport::finish() {
  std::int64_t differences = 0;
  std::int64_t unexplained = 0;
  for (std::size_t i = 0; i < reasons_.size(); ++i) {
    differences += reasons_[i].count;
    if (!kind_of(static_cast<DifferenceReason>(i)).explained) unexplained += reasons_[i].count;
  }
  if (format_ == Format::json_lines) {
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    writer.StartObject();
    write(writer, "tree", files_);
    write(writer, "known", known_);
    write(writer, "units", units_);
    write(writer, "sent", sent_);
    write(writer, "differences", differences);
    write(writer, "unexplained", unexplained);
    writer.EndObject();
    out_ << std::string_view(buffer.GetString(), buffer.GetSize()) << "\n";
  } else {
    print_reasons();
    out_ << "tree " << files_ << " files, known " << known_ << ", units " << units_ << ", sent " << sent_
         << "; differences " << differences << ", unexplained " << unexplained << "\n";
  }
  return unexplained == 0;
}

}  // namespace gateway
