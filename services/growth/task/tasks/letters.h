// Letters of any script, for what is compared without regard to case.
//
//   LowerCase("Позвонить МАМЕ")   // "позвонить маме"
//   FoldCase("Ёлка")              // "елка": for searching, where "ё" is written "е" as often as not
//
// Threads: pure functions. Source: Unicode's simple case mappings, by utf8proc.
#pragma once

#include <string>
#include <string_view>

namespace selfology::task {

std::string LowerCase(std::string_view utf8);
std::string FoldCase(std::string_view utf8);

}  // namespace selfology::task
