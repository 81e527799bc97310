#include "services/coaching/lib/reflection/russian_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/text.h"

namespace selfology::reflection::russian {
namespace {

using Forms = absl::flat_hash_map<std::string, std::string>;

const std::string* In(const Forms& forms, std::string_view word) {
  const auto found = forms.find(word);
  return found == forms.end() ? nullptr : &found->second;
}

}  // namespace

const WordTable& Table() { return WordTable::Of(language::Language::kRussian); }

const std::string* PronounForm(std::string_view word) {
  static const Forms* const forms = new Forms({{"я", "вы"},
                                               {"меня", "вас"},
                                               {"мне", "вам"},
                                               {"мной", "вами"},
                                               {"мною", "вами"},
                                               {"мой", "ваш"},
                                               {"моя", "ваша"},
                                               {"мое", "ваше"},
                                               {"мои", "ваши"},
                                               {"моего", "вашего"},
                                               {"моей", "вашей"},
                                               {"моему", "вашему"},
                                               {"моих", "ваших"},
                                               {"моим", "вашим"},
                                               {"моими", "вашими"},
                                               {"моем", "вашем"},
                                               {"мою", "вашу"},
                                               {"моею", "вашей"},
                                               {"по-моему", "по-вашему"}});
  return In(*forms, word);
}

// Prepositions that have a vowel before "мне" and "мной" only.
const std::string* PrepositionForm(std::string_view word) {
  static const Forms* const forms = new Forms({{"обо", "о"},
                                               {"ко", "к"},
                                               {"со", "с"},
                                               {"во", "в"},
                                               {"надо", "над"},
                                               {"передо", "перед"},
                                               {"подо", "под"}});
  return In(*forms, word);
}

// After which "мне" is "вас".
bool IsLocative(std::string_view word) {
  return word == "обо" || word == "во" || word == "на" || word == "при" || word == "о" ||
         word == "в";
}

bool IsPreposition(std::string_view word) {
  static constexpr std::array kPrepositions = {
      "в",   "во",  "на",  "за",  "про",   "через", "по",     "к",   "ко",
      "под", "над", "о",   "об",  "у",     "от",    "из",     "с",   "со",
      "до",  "для", "без", "при", "перед", "между", "сквозь", "ради"};
  return std::find(kPrepositions.begin(), kPrepositions.end(), word) != kPrepositions.end();
}

// What stands before a noun and agrees with it.
bool Describes(std::string_view word) {
  return absl::EndsWith(word, "ую") || absl::EndsWith(word, "юю") || word == "мою" ||
         word == "свою" || word == "эту" || word == "ту" || word == "всю" || word == "одну" ||
         word == "нашу";
}

bool Ends(std::string_view word, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return absl::EndsWith(word, ending); });
}

bool DropSuffix(std::string_view* word, std::string_view ending) {
  if (!absl::EndsWith(*word, ending)) return false;
  word->remove_suffix(ending.size());
  return true;
}

// Past tense by its ending; kNone for other words.
Gender PastGenderOf(std::string_view word) {
  if (Table().FormOf("PAST", word) != nullptr) return Gender::kMasculine;
  if (Table().Contains("NOT_PAST", word) || text::Characters(word) < 3) return Gender::kNone;
  if (Ends(word, {"л", "лся"})) return Gender::kMasculine;
  if (Ends(word, {"ла", "лась"})) return Gender::kFeminine;
  return Gender::kNone;
}

// "Строим": of the writer and others.
bool IsWeVerb(std::string_view word) {
  std::string_view stem = word;
  const bool reflexive = DropSuffix(&stem, "ся");
  if (!Ends(stem, {"ем", "им"}) || Table().Contains("THIRD", word)) return false;
  if (Ends(stem, {"аем", "яем", "уем"})) return true;
  DropSuffix(&stem, "м");
  const std::string form = absl::StrCat(stem, "те", reflexive ? "сь" : "");
  return Table().IsForm("VERBS", form) || Table().IsForm("HOMOGRAPHS", form);
}

// Whether a word is surely a verb of the first person.
bool IsFirstPersonVerb(std::string_view word) {
  if (Table().FormOf("VERBS", word) != nullptr) return true;
  if (Table().Contains("NOT_VERBS", word) || text::Characters(word) < 4) return false;
  std::string_view stem = word;
  DropSuffix(&stem, "сь");
  return Ends(stem, {"аю", "яю", "ею", "ирую", "ствую"});
}

bool IsFinite(std::string_view word) {
  if (IsFirstPersonVerb(word) || IsWeVerb(word) || PastGenderOf(word) != Gender::kNone) return true;
  if (Ends(word, {"ли", "лись"}) && text::Characters(word) > 4) {
    if (Ends(word, {"тели"})) return Table().Contains("PAST_PLURAL_TELI", word);
    return !Table().Contains("NOT_PAST_PLURAL", word);
  }
  if (Ends(word, {"ало", "ило", "яло", "ыло", "лось"})) {
    return !Table().Contains("NEUTER_NOUNS", word);
  }
  // "Висит", "стоят": as «вы висите», «вы стоите».
  std::string_view stem = word;
  const bool reflexive = DropSuffix(&stem, "ся");
  if (Ends(stem, {"ает", "яет", "ует", "еет", "ают", "яют", "уют", "еют"})) return true;
  for (const auto& [third, second] : {std::pair<std::string_view, std::string_view>{"ит", "ите"},
                                      {"ят", "ите"},
                                      {"ат", "ите"},
                                      {"ет", "ете"},
                                      {"ут", "ете"},
                                      {"ют", "ете"}}) {
    std::string_view root = stem;
    if (!DropSuffix(&root, third)) continue;
    if (Table().IsForm("VERBS", absl::StrCat(root, second, reflexive ? "сь" : ""))) return true;
  }
  return false;
}

}  // namespace selfology::reflection::russian
