// What people answer in the tests: long enough to tell something, and changing their tune halfway,
// so that traits evolve.
#pragma once

#include <string_view>

namespace selfology::journey {

// number: from 1. Beyond the last they begin again.
std::string_view EnglishAnswer(int number);
std::string_view RussianAnswer(int number);

}  // namespace selfology::journey
