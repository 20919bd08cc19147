#include "tests/storage_gen/arguments.h"
#include "tests/storage_gen/scenario.h"
#include "tests/storage_gen/tree.h"
#include "tests/storage_gen/usage_error.h"

#include <exception>
#include <iostream>
#include <span>

namespace {

void run(const storage_gen::Arguments& arguments) {
  using storage_gen::Command;
  switch (arguments.command) {
    case Command::help:
      std::cout << storage_gen::help_text();
      break;
    case Command::tree:
      storage_gen::write_tree(arguments, std::cout);
      break;
    case Command::document:
      std::cout << storage_gen::write_document(arguments) << '\n';
      break;
    case Command::supersede:
      std::cout << storage_gen::supersede_document(arguments) << '\n';
      break;
    case Command::remove:
      std::cout << storage_gen::delete_document(arguments) << '\n';
      break;
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(storage_gen::parse_arguments(std::span(argv, static_cast<std::size_t>(argc)).subspan(1)));
    return 0;
  } catch (const storage_gen::UsageError& error) {
    std::cerr << "storage_gen: " << error.what() << ".\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "storage_gen: " << error.what() << ".\n";
    return 1;
  }
}
