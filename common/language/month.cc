#include "common/language/month.h"

#include <cstddef>

namespace selfology::language {

std::string_view MonthAfterDay(Language language, int month) {
  static constexpr std::string_view kEnglish[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  static constexpr std::string_view kRussian[] = {"января",   "февраля", "марта",  "апреля",
                                                  "мая",      "июня",    "июля",   "августа",
                                                  "сентября", "октября", "ноября", "декабря"};
  const auto index = static_cast<size_t>(month - 1);
  return language == Language::kRussian ? kRussian[index] : kEnglish[index];
}

}  // namespace selfology::language
