#include "gateway/command_line.h"
#include "gateway/message.h"
#include "gateway/settings_rule.h"

#include <iostream>

namespace gateway {
namespace {

void print(const MessageText& text) {
  std::cout << "  " << text.event << "\n  " << text.cause << "\n  → " << text.remedy << "\n";
}

}  // namespace

int command_explain(const Arguments& arguments) {
  if (arguments == Arguments{"--table"}) {
    std::cout << describe_messages();
    return 0;
  }
  if (arguments.empty())
    throw UsageError{
        "explain: name one or more codes as the log has them, like KKH-2101; --table prints all"};
  int result = 0;
  for (const std::string& code : arguments) {
    if (const MessageFacts* facts = message_with_code(code)) {
      std::cout << code_of(facts->message) << "\n";
      print(facts->english);
      print(facts->japanese);
    } else {
      std::cerr << "kakehashi: no message has the code " << in_quotes(code)
                << "; kakehashi explain --table prints all that there are\n";
      result = kExitNotFound;
    }
  }
  return result;
}

}  // namespace gateway
