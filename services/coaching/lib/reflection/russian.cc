#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "services/coaching/lib/reflection/russian_words.h"
#include "services/coaching/lib/reflection/second_person.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using russian::Describes;
using russian::DropSuffix;
using russian::Ends;
using russian::Gender;
using russian::IsFirstPersonVerb;
using russian::IsLocative;
using russian::IsPreposition;
using russian::IsWeVerb;
using russian::PastGenderOf;
using russian::PrepositionForm;
using russian::PronounForm;
using russian::Table;

class Turning {
 public:
  explicit Turning(Clause clause) : clause_(clause), turned_(clause.begin(), clause.end()) {}

  std::optional<std::vector<Token>> Run() && {
    if (Table().Has("YOU", clause_)) return std::nullopt;
    for (const Token& token : clause_) {
      if (token.lower == "'" && !token.quoted) return std::nullopt;
    }
    const bool ours = std::any_of(clause_.begin(), clause_.end(), [](const Token& token) {
      return token.word && !token.quoted &&
             (Table().Contains("WE", token.lower) || IsWeVerb(token.lower));
    });
    if (ours && !TurnWe()) return std::nullopt;
    if (!TurnPresent()) return std::nullopt;
    gender_ = GenderOfWriter();
    size_t begin = 0;
    for (size_t i = 0; i <= clause_.size(); ++i) {
      if (i < clause_.size() && (clause_[i].word || clause_[i].quoted)) continue;
      if (!TurnPast(begin, i)) return std::nullopt;
      begin = i + 1;
    }
    TurnPronouns();
    if (IsHalfTurned() || !TakesSubject()) return std::nullopt;
    for (const size_t at : subjects_) {
      turned_[at].text = absl::StrCat("вы ", Uncapitalised(turned_[at].text));
    }
    return std::move(turned_);
  }

 private:
  const std::string& Lower(size_t i) const { return clause_[i].lower; }

  // Whether something is left that may be a form of the writer's.
  bool IsHalfTurned() const {
    bool third = false;  // Whether this part of the clause has a subject of its own.
    for (size_t i = 0; i < clause_.size(); ++i) {
      if (!clause_[i].word) third = false;
      if (clause_[i].quoted || !clause_[i].word) continue;
      const std::string& word = Lower(i);
      if (word == "сам" || word == "сама" || word == "один" || word == "одна" || word == "самого" ||
          word == "самой" || word == "самому") {
        return true;
      }
      // "Весь день хожу довольный" tells the gender of whoever is told.
      const bool last = i + 1 == clause_.size() || !clause_[i + 1].word;
      if (last && Ends(word, {"ый", "ий", "ая", "яя"})) return true;
      third |= word != "все" && word != "это" && Table().Contains("THIRD", word);
      if (turned_[i].text != clause_[i].text) continue;
      if (PastGenderOf(word) != Gender::kNone && !third) return true;
      if (MayBeFirstPerson(i)) return true;
    }
    return false;
  }

  // A word that no table knows in the place of a verb: "и шепчу", "не брюзжу".
  bool MayBeFirstPerson(size_t at) const {
    const std::string& word = Lower(at);
    if (!Ends(word, {"у", "ю", "усь", "юсь"}) || text::Characters(word) < 3) return false;
    if (Table().Contains("NOT_VERBS", word) || (at > 0 && IsPreposition(Lower(at - 1))))
      return false;
    if (Ends(word, {"усь", "юсь"})) return true;
    if (Ends(word, {"ому", "ему"}) || Table().Contains("ADVERB", word)) return false;
    if (word == "которую" || word == "каждую" || word == "свою" || word == "всю" || word == "одну")
      return false;
    // "Леплю" may stand behind any word.
    if (Ends(word, {"лю", "жу", "шу", "щу", "чу", "ню", "рю"}) &&
        !(at > 0 && Describes(Lower(at - 1)))) {
      return true;
    }
    const bool begins = at == 0 || !clause_[at - 1].word;
    return begins || Lower(at - 1) == "и" || Lower(at - 1) == "не" || Lower(at - 1) == "я" ||
           Lower(at - 1) == "или" || Lower(at - 1) == "а";
  }

  // Whether «вы» reads well where it is missing: once, and beside no particle.
  bool TakesSubject() const {
    if (subjects_.empty()) return true;
    if (subjects_.size() > 1) return false;
    const size_t at = subjects_[0];
    return at == 0 || !Table().Contains("PARTICLE", Lower(at - 1));
  }

  // Whether "я" is the subject of the word, with nothing between but adverbs.
  bool BesideI(size_t at) const {
    for (size_t i = at; i > 0 && clause_[i - 1].word; --i) {
      if (Lower(i - 1) == "я") return true;
      if (!Table().Contains("ADVERB", Lower(i - 1))) break;
    }
    return at + 1 < clause_.size() && Lower(at + 1) == "я";
  }

  // The form for "вы"; "?" when the word may be such a verb and nobody knows; "" for other words.
  std::string PresentForm(size_t at) const {
    const std::string& word = Lower(at);
    if (at > 0 && IsPreposition(Lower(at - 1))) return "";
    if (word == "мою") return "?";  // «Мою посуду», «мою маму»
    const bool noun = at > 0 && Describes(Lower(at - 1));
    if (const std::string* form = Table().FormOf("VERBS", word)) return *form;
    if (const std::string* form = Table().FormOf("HOMOGRAPHS", word)) {
      if (BesideI(at)) return *form;
      return noun ? "" : "?";
    }
    if (Table().Contains("AMBIGUOUS", word)) return noun ? "" : "?";
    if (Table().Contains("NOT_VERBS", word) || text::Characters(word) < 4) return "";
    std::string_view stem = word;
    const bool reflexive = DropSuffix(&stem, "сь");
    const bool regular = Ends(stem, {"аю", "яю", "ею", "ирую", "ствую", "изую"});
    if (!regular) return "";
    if (noun) return "?";
    DropSuffix(&stem, "ю");
    return absl::StrCat(stem, "ете", reflexive ? "сь" : "");
  }

  // "Мы" is "вы" too, where nobody speaks of themself besides, and nothing is foretold.
  bool TurnWe() {
    if (Table().Has("ALL_OF_US", clause_)) return false;
    for (size_t i = 0; i < clause_.size(); ++i) {
      const Token& token = clause_[i];
      if (token.quoted || !token.word) continue;
      if (PronounForm(token.lower) != nullptr || IsFirstPersonVerb(token.lower)) return false;
      if (const std::string* form = Table().FormOf("WE_FORMS", token.lower)) {
        TurnTo(i, *form);
      } else if (IsWeVerb(token.lower)) {
        TurnTo(i, SecondOfWe(token.text));
      }
    }
    return true;
  }

  // "Копим": "копите".
  static std::string SecondOfWe(std::string_view word) {
    const bool reflexive = DropSuffix(&word, "ся");
    DropSuffix(&word, "м");
    return absl::StrCat(word, "те", reflexive ? "сь" : "");
  }

  bool TurnPresent() {
    bool subject_said = false;
    bool mine = false;  // Whether this part of the clause is about the writer.
    for (size_t i = 0; i < clause_.size(); ++i) {
      if (!clause_[i].word && !clause_[i].quoted) {
        // After somebody else's part, «держитесь» alone would be an order.
        if (!std::exchange(mine, false)) subject_said = false;
        continue;
      }
      if (clause_[i].quoted) continue;
      if (Lower(i) == "я") subject_said = mine = true;
      std::string form = PresentForm(i);
      if (form.empty()) continue;
      if (form == "?") return false;
      TurnTo(i, form);
      present_ = mine = true;
      if (subject_said || (i + 1 < clause_.size() && Lower(i + 1) == "я")) continue;
      // "Не сплю" is «вы не спите», "просто не сплю" «вы просто не спите».
      size_t at = i > 0 && Lower(i - 1) == "не" ? i - 1 : i;
      const bool adverbs_first = std::all_of(
          clause_.begin(), clause_.begin() + at,
          [](const Token& token) { return token.word && Table().Contains("ADVERB", token.lower); });
      if (adverbs_first || (at == 1 && Lower(0) == "терпеть")) at = 0;
      subjects_.push_back(at);
      subject_said = true;
    }
    return true;
  }

  Gender PastGender(size_t at) const {
    return clause_[at].word && !clause_[at].quoted ? PastGenderOf(Lower(at)) : Gender::kNone;
  }

  std::string PastForm(size_t at) const {
    const std::string& word = Lower(at);
    if (const std::string* form = Table().FormOf("PAST", word)) return *form;
    std::string stem = word;
    std::string_view view = word;
    const bool reflexive = Ends(word, {"лся", "лась"});
    for (const std::string_view ending : {"лся", "лась", "ла", "л"}) {
      if (DropSuffix(&view, ending)) break;
    }
    stem = std::string(view);
    // "шёл", "нашёл" lose the vowel; "вёл", "приобрёл" too.
    if (PastGender(at) == Gender::kMasculine) {
      std::string_view vowel = stem;
      const bool walks = absl::EndsWith(vowel, "ше");
      static constexpr std::string_view kMobile[] = {"ве", "бре", "ме", "цве", "пле", "обре", "че"};
      const bool mobile = !reflexive && std::any_of(std::begin(kMobile), std::end(kMobile),
                                                    [&](std::string_view ending) {
                                                      return absl::EndsWith(vowel, ending);
                                                    });
      if (walks || (mobile && IsYo(at))) {
        DropSuffix(&vowel, "е");
        stem = std::string(vowel);
      }
    }
    return absl::StrCat(stem, reflexive ? "лись" : "ли");
  }

  // Whether "ё" may be meant before the last letter: "вёл", not "смотрел".
  bool IsYo(size_t at) const {
    const std::string& text = clause_[at].text;
    return text.find("ёл") != text.npos || text.find("ЁЛ") != text.npos ||
           Ends(Lower(at), {"вел", "обрел", "побрел", "чел"});
  }

  // As the writer's own past tense shows it.
  Gender GenderOfWriter() const {
    for (size_t i = 0; i < clause_.size(); ++i) {
      if (PastGender(i) != Gender::kNone && BesideI(i)) return PastGender(i);
    }
    return Gender::kNone;
  }

  // Of words [begin, end) without a sign between them.
  bool TurnPast(size_t begin, size_t end) {
    const auto has = [&](auto fits) {
      for (size_t i = begin; i < end; ++i) {
        if (fits(i)) return true;
      }
      return false;
    };
    const bool writer = has([&](size_t i) { return Lower(i) == "я"; });
    const bool third = has([&](size_t i) { return Table().Contains("THIRD", Lower(i)); });
    Gender turned = Gender::kNone;
    for (size_t i = begin; i < end; ++i) {
      if (!TurnShort(i, begin, writer)) return false;
      const Gender gender = PastGender(i);
      if (gender == Gender::kNone) continue;
      const bool perhaps = Table().Contains("PERHAPS_PAST", Lower(i));
      size_t first = i;
      while (first > begin && Table().Contains("ADVERB", Lower(first - 1))) --first;
      const bool follows_and =
          first > begin && (Lower(first - 1) == "и" || Lower(first - 1) == "а" ||
                            Lower(first - 1) == "но" || Lower(first - 1) == "или");
      if (writer && BesideI(i)) {
        turned = gender;
      } else if (turned != Gender::kNone && gender == turned && !perhaps && follows_and) {
        // "Я встала и ушла": the subject goes on.
      } else if (turned != Gender::kNone && gender != turned) {
        continue;
      } else if (writer) {
        if (third && gender_ != Gender::kNone && gender != gender_) continue;
        return false;
      } else if (third || (gender_ != Gender::kNone && gender != gender_)) {
        continue;  // Somebody else's.
      } else if (!perhaps && BeginsAlone(i, begin, end, gender)) {
        // «Перестала ругать себя»: nobody else can have.
        subjects_ = {i > begin && Lower(i - 1) == "не" ? i - 1 : i};
        turned = gender;
      } else {
        return false;
      }
      // «Я была маленькая» has no form for «вы».
      const std::string_view next = i + 1 < end ? std::string_view(Lower(i + 1)) : "";
      if (Lower(i) == "была" && Ends(next, {"ая", "яя"})) return false;
      if (Lower(i) == "был" && Ends(next, {"ый", "ий", "ой"})) return false;
      TurnTo(i, PastForm(i));
    }
    return true;
  }

  // Whether the past tense begins the clause, and nothing behind it can be its subject: that would end
  // as a noun of its gender does. Infinitives and what stands behind a preposition cannot.
  bool BeginsAlone(size_t at, size_t begin, size_t end, Gender gender) const {
    if (begin != 0) return false;
    for (size_t i = 0; i < at; ++i) {
      if (Lower(i) != "не" && !Table().Contains("ADVERB", Lower(i))) return false;
    }
    for (size_t i = at + 1; i < end; ++i) {
      const std::string& word = Lower(i);
      if (IsPreposition(word)) {
        ++i;  // Its noun.
        continue;
      }
      if (clause_[i].quoted || Capitalised(clause_[i].text) == clause_[i].text) return false;
      if (Ends(word, {"ть", "ться", "ти", "чь"}) || Table().Contains("ADVERB", word) ||
          PastGenderOf(word) == gender || text::Characters(word) < 3) {
        continue;
      }
      if (!Ends(word, {"у", "ю", "е", "ы", "и", "ом", "ой", "ей", "ами", "ями", "ов", "ев", "их",
                       "ых", "ого", "его", "ому", "ему"})) {
        return false;
      }
    }
    return true;
  }

  // "Готова", "рад", "сама".
  bool TurnShort(size_t i, size_t begin, bool writer) {
    const std::string* form = Table().FormOf("SHORT", Lower(i));
    if (form == nullptr || clause_[i].quoted) return true;
    if (Lower(i) == "сам" || Lower(i) == "сама") {
      bool third = false;
      for (size_t k = begin; k < clause_.size() && clause_[k].word; ++k) {
        third |= Lower(k) != "все" && Table().Contains("THIRD", Lower(k));
      }
      if (third) return BesideI(i) ? TurnTo(i, *form) : !writer;
      if (!writer && !present_) return true;
    } else if (!writer) {
      bool mine = false;
      for (size_t k = begin; k < i; ++k) mine |= turned_[k].text != clause_[k].text;
      // «Слушаю их и благодарна им»
      if (mine && i > begin && Lower(i - 1) == "и") return TurnTo(i, *form);
      return !mine && i > begin;  // At the beginning, «я» may be missing.
    } else if (!BesideI(i)) {
      const bool goes_on =
          i > begin && (Lower(i - 1) == "и" || Lower(i - 1) == "был" || Lower(i - 1) == "была" ||
                        Lower(i - 1) == "не" || Table().Contains("ADVERB", Lower(i - 1)));
      if (!goes_on) return false;
    }
    return TurnTo(i, *form);
  }

  // Always true.
  bool TurnTo(size_t i, const std::string& form) {
    const bool capital = Capitalised(clause_[i].text) == clause_[i].text;
    turned_[i].text = capital ? Capitalised(form) : form;
    return true;
  }

  void TurnPronouns() {
    for (size_t i = 0; i < clause_.size(); ++i) {
      if (clause_[i].quoted || !clause_[i].word) continue;
      const std::string& next = i + 1 < clause_.size() ? Lower(i + 1) : clause_[i].text;
      const bool before_me = i + 1 < clause_.size() &&
                             (next == "мне" || next == "мной" || next == "мною" || next == "меня");
      const std::string* form = before_me ? PrepositionForm(Lower(i)) : nullptr;
      if (form == nullptr) form = PronounForm(Lower(i));
      if (form == nullptr) continue;
      std::string text = *form;
      if (Lower(i) == "мне" && i > 0 && IsLocative(Lower(i - 1))) text = "вас";
      const bool capital = i == 0 && Capitalised(clause_[i].text) == clause_[i].text;
      turned_[i].text = capital ? Capitalised(text) : text;
    }
  }

  const Clause clause_;
  std::vector<Token> turned_;
  Gender gender_ = Gender::kNone;
  std::vector<size_t> subjects_;  // Before which «вы» is missing.
  bool present_ = false;          // A verb in the first person was turned.
};

}  // namespace

std::optional<std::vector<Token>> InSecondPersonRussian(Clause clause) {
  return Turning(clause).Run();
}

Writer WriterInRussian(Clause clause) {
  Writer writer = Writer::kAbsent;
  // "Пришла домой": of the writer most likely, so that it may be quoted.
  if (!clause.empty() && PastGenderOf(clause.front().lower) != Gender::kNone &&
      !Table().Has("THIRD", clause)) {
    writer = Writer::kMentioned;
  }
  for (const Token& token : clause) {
    if (!token.word || token.quoted) continue;
    if (token.lower == "я" || token.lower == "мне" || IsFirstPersonVerb(token.lower)) {
      return Writer::kSubject;
    }
    if (PronounForm(token.lower) != nullptr || token.lower == "мы" || token.lower == "нас" ||
        token.lower == "нам" || absl::StartsWith(token.lower, "наш")) {
      writer = Writer::kMentioned;
    }
  }
  return writer;
}

bool LacksSubjectRussian(Clause clause) {
  bool past = false;
  for (const Token& token : clause) {
    if (!token.word) break;
    if (Table().Contains("THIRD", token.lower)) return false;
    if (token.lower == "я" || IsFirstPersonVerb(token.lower)) return false;
    past |= PastGenderOf(token.lower) != Gender::kNone;
  }
  return past;
}

}  // namespace selfology::reflection
