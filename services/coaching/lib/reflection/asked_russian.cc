#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/coaching/lib/reflection/asked.h"
#include "services/coaching/lib/reflection/russian_words.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using Words = absl::Span<const Token>;

const WordTable& Table() { return WordTable::Of(language::Language::kRussian); }

bool Begins(std::string_view word, std::string_view with) { return absl::StartsWith(word, with); }

AskedFor KindOfQuestion(Words tokens, size_t at) {
  const std::string& asks = tokens[at].lower;
  if (Table().Has("ASKED_WORDS", tokens)) return AskedFor::kWords;
  if (asks == "где" || asks == "куда" || asks == "откуда") return AskedFor::kPlace;
  if (asks == "когда") return AskedFor::kTime;
  if (asks == "сколько") return AskedFor::kAmount;
  if (asks == "как") return AskedFor::kManner;
  if (Table().Contains("ASKS_PERSON", asks)) return AskedFor::kPerson;
  if (!Begins(asks, "как")) return AskedFor::kThing;
  if (at > 0 && Table().Has("ASKED_PLACE", tokens)) return AskedFor::kPlace;
  if (at > 0 && Table().Has("ASKED_TIME", tokens)) return AskedFor::kTime;
  return Table().Has("ASKED_DESCRIPTION", tokens) ? AskedFor::kDescription : AskedFor::kThing;
}

// «какой» as «что», in the case that its preposition and ending show; "" if they do not.
std::string WhatInstead(std::string_view preposition, std::string_view asks) {
  struct Case {
    std::string_view prepositions, ending, what;
  };
  static constexpr Case kCases[] = {
      {" к ко по ", "какой", "чему"},         {" к ко по ", "какому", "чему"},
      {" о об в во на ", "какой", "чём"},     {" о об в во на ", "каком", "чём"},
      {" от из у для без ", "какой", "чего"}, {" от из у для без ", "какого", "чего"},
      {" с со над за ", "какой", "чем"},      {" с со над за ", "каким", "чем"},
      {" во на за ", "какую", "что"},
  };
  if (preposition.empty()) {
    const bool plain = asks == "какой" || asks == "какая" || asks == "какое" || asks == "какую";
    return plain ? "что" : "";
  }
  for (const Case& one : kCases) {
    if (asks == one.ending &&
        absl::StrContains(one.prepositions, absl::StrCat(" ", preposition, " "))) {
      return std::string(one.what);
    }
  }
  return "";
}

// «К какой песне, книге или фильму вы возвращаетесь»: «к чему вы возвращаетесь». A verb behind it
// that shows gender or number stays with its list.
std::string WithoutChoice(std::string_view preposition, Words tokens, size_t at) {
  size_t last = at + 1;
  while (last + 2 < tokens.size() && tokens[last + 1].lower == ",") last += 2;
  if (last + 3 >= tokens.size() || tokens[last + 1].lower != "или") return "";
  const Words rest = tokens.subspan(last + 3);
  const auto present = [&](size_t i) {
    return i < rest.size() && russian::IsFinite(rest[i].lower) &&
           russian::PastGenderOf(rest[i].lower) == russian::Gender::kNone &&
           !russian::Ends(rest[i].lower, {"ли", "лись"});
  };
  if (rest[0].lower != "вы" && !present(0) && !present(1)) return "";
  const std::string what = WhatInstead(preposition, tokens[at].lower);
  if (what.empty()) return "";
  const std::string told = absl::StrCat(what, " ", Render(rest));
  return preposition.empty() ? told : absl::StrCat(preposition, " ", told);
}

}  // namespace

std::optional<Asked> AskedInRussian(std::vector<Token> tokens) {
  Asked asked;
  size_t at = 0;
  if (Table().Match("ASKS_OF", tokens, 0) > 0) {
    asked.preposition = tokens[0].lower;
    at = 1;
  }
  // «Кто или что научило вас», «Где или с кем вы можете»: as said of a person, and as not.
  if (at + 2 < tokens.size() && tokens[at + 1].lower == "или") {
    size_t other = at + 2;
    if (Table().Match("ASKS_OF", tokens, other) > 0) ++other;
    if (Table().Match("ASKS", tokens, other) > 0) {
      if (other + 1 == tokens.size()) return std::nullopt;  // «Кто или что?» leaves nothing.
      const bool person_first = Table().Contains("ASKS_PERSON", tokens[at].lower);
      const std::string clause = Render(Words(tokens).subspan(other + 1));
      const std::string first = Render(Words(tokens).first(at + 1));
      const std::string second = Render(Words(tokens).subspan(at + 2, other - at - 1));
      asked.what = AskedFor::kPerson;
      asked.named = true;
      asked.link = "вот";
      asked.told = absl::StrCat(Uncapitalised(person_first ? first : second), " ", clause);
      asked.told_otherwise =
          absl::StrCat(Uncapitalised(person_first ? second : first), " ", clause);
      asked.preposition =
          person_first || other == at + 2 ? asked.preposition : tokens[at + 2].lower;
      return asked;
    }
  }
  // «Как бы вы представились», «Как изменилось бы»: no part of anything.
  asked.what = KindOfQuestion(tokens, at);
  asked.noun = Begins(tokens[at].lower, "как") && tokens[at].lower != "как";
  asked.named = asked.what == AskedFor::kPerson || asked.what == AskedFor::kPlace ||
                asked.what == AskedFor::kTime || asked.what == AskedFor::kWords ||
                Table().Has("ASKED_NAMED", tokens);
  asked.link = "вот";
  asked.told = asked.noun ? WithoutChoice(asked.preposition, tokens, at) : "";
  if (asked.told.empty()) asked.told = Uncapitalised(Render(tokens));
  return asked;
}

}  // namespace selfology::reflection
