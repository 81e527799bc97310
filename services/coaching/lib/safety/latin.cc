// Russian that is written in Latin letters.

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "services/coaching/lib/safety/vocabulary.h"

namespace selfology::safety {
namespace {

// Longer spellings first.
constexpr std::pair<std::string_view, std::string_view> kSpellings[] = {
    {"shch", "щ"}, {"sch", "щ"}, {"zh", "ж"},  {"kh", "х"},  {"ts", "ц"},  {"ch", "ч"},
    {"sh", "ш"},   {"yu", "ю"},  {"ju", "ю"},  {"iu", "ю"},  {"ya", "я"},  {"ja", "я"},
    {"yo", "е"},   {"jo", "е"},  {"ye", "е"},  {"je", "е"},  {"iy", "ий"}, {"yy", "ый"},
    {"ij", "ий"},  {"yj", "ый"}, {"ey", "ей"}, {"oy", "ой"}, {"ay", "ай"}, {"uy", "уй"},
    {"oj", "ой"},  {"ej", "ей"}, {"aj", "ай"}, {"uj", "уй"}, {"a", "а"},   {"b", "б"},
    {"v", "в"},    {"w", "в"},   {"g", "г"},   {"d", "д"},   {"e", "е"},   {"z", "з"},
    {"i", "и"},    {"j", "ж"},   {"k", "к"},   {"l", "л"},   {"m", "м"},   {"n", "н"},
    {"o", "о"},    {"p", "п"},   {"r", "р"},   {"s", "с"},   {"t", "т"},   {"u", "у"},
    {"f", "ф"},    {"h", "х"},   {"x", "х"},   {"c", "ц"},   {"q", "к"},   {"y", "ы"},
    {"'", "ь"}};

// Words whose spelling loses the soft sign or more.
constexpr std::pair<std::string_view, std::string_view> kWords[] = {{"zhit", "жить"},
                                                                    {"jit", "жить"},
                                                                    {"zit", "жить"},
                                                                    {"umeret", "умереть"},
                                                                    {"smert", "смерть"},
                                                                    {"zhizn", "жизнь"},
                                                                    {"jizn", "жизнь"},
                                                                    {"bolshe", "больше"},
                                                                    {"bolse", "больше"},
                                                                    {"xochu", "хочу"},
                                                                    {"xo4u", "хочу"},
                                                                    {"ho4u", "хочу"},
                                                                    {"hochetsa", "хочется"},
                                                                    {"ubit", "убить"},
                                                                    {"pokonchit", "покончить"},
                                                                    {"umirat", "умирать"},
                                                                    {"rezat", "резать"},
                                                                    {"est", "есть"},
                                                                    {"sebya", "себя"},
                                                                    {"sebja", "себя"},
                                                                    {"ischeznut", "исчезнуть"},
                                                                    {"prosypatsya", "просыпаться"},
                                                                    {"povesitsya", "повеситься"},
                                                                    {"vse", "все"},
                                                                    {"net", "нет"}};

}  // namespace

std::string FromLatin(std::string_view word) {
  for (const auto& [latin, cyrillic] : kWords) {
    if (latin == word) return std::string(cyrillic);
  }
  std::string text;
  while (!word.empty()) {
    bool found = false;
    for (const auto& [latin, cyrillic] : kSpellings) {
      if (!word.starts_with(latin)) continue;
      text += cyrillic;
      word.remove_prefix(latin.size());
      found = true;
      break;
    }
    if (!found) return {};
  }
  return text;
}

}  // namespace selfology::safety
