// How many labelled phrases the detector offers help for.
//
//   const std::map<std::string, Figures> by_class = Measure(tsv);
//   by_class.at("direct").offered
//
// Lines are `id class text note question`, separated by tabs, the last two if there are any; the class
// is "direct", "plan" and so on, or any other for phrases without danger; the question is the coach's
// that it answers. Threads: pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace selfology::safety {

struct Figures {
  int all = 0;
  int offered = 0;  // Level ask or act: help for the dangerous, a false alarm for the others.
  int noticed = 0;  // In doubt or more.
  int same_class = 0;
  std::vector<std::string> missed;  // Ids; of the harmless, the false alarms.

  Figures& operator+=(const Figures& other);
};

std::map<std::string, Figures> Measure(std::string_view tsv);

// Whether the class is of phrases without danger.
bool IsHarmless(std::string_view name);

// Of all classes that are harmless, or of all that are not.
Figures Together(const std::map<std::string, Figures>& by_class, bool harmless);

}  // namespace selfology::safety
