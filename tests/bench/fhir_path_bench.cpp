// What rules of profiles cost: fhir_path_bench RULES.json RESOURCE.json [ROUNDS]. RULES is a list of objects
// with an "expression"; those that compile are asked about the resource, all of them once a round.
#include "fhir_mapper/fhir_path.h"
#include "tests/unit/json_tree.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

using namespace fhir_mapper;

namespace {

using Clock = std::chrono::steady_clock;

std::string read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

double microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: fhir_path_bench RULES.json RESOURCE.json [ROUNDS]\n";
    return 2;
  }
  int rounds = 1000;
  if (argc > 3) std::from_chars(argv[3], argv[3] + std::strlen(argv[3]), rounds);
  const Tree list = test::tree_of("{\"rules\":" + read(argv[1]) + "}");
  const Tree resource = test::tree_of(read(argv[2]));
  const FhirPathWorld world(resource.root(), resource.root());

  std::vector<FhirPath> rules;
  const auto begun = Clock::now();
  for (const Node& rule : *list.root().find("rules")) {
    if (auto path = FhirPath::compile(rule.find("expression")->written())) rules.push_back(*std::move(path));
  }
  std::cout << rules.size() << " rules compiled in " << microseconds(Clock::now() - begun) << " us\n";

  std::vector<double> times;
  std::size_t holding = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto start = Clock::now();
    for (const FhirPath& rule : rules) {
      if (rule.test(resource.root(), "", world) == FhirPath::Verdict::holds) ++holding;
    }
    times.push_back(microseconds(Clock::now() - start));
  }
  std::ranges::sort(times);
  std::cout << "all of them on the resource: median " << times[times.size() / 2] << " us, least "
            << times.front() << " us; " << holding / times.size() << " hold\n";
  for (const FhirPath& rule : rules) {
    const auto start = Clock::now();
    for (int round = 0; round < rounds; ++round) static_cast<void>(rule.test(resource.root(), "", world));
    std::cout << microseconds(Clock::now() - start) / rounds << " us\t" << rule.expression().substr(0, 100)
              << '\n';
  }
  return 0;
}
