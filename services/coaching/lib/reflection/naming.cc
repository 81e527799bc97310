#include "services/coaching/lib/reflection/naming.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "common/text/text.h"
#include "services/coaching/lib/reflection/answer_kind.h"
#include "services/coaching/lib/reflection/clauses.h"
#include "services/coaching/lib/reflection/russian_words.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using language::Language;

constexpr int kMostWords = 18;
constexpr int kMostWordsOfItem = 3;
constexpr int kFewestItems = 3;
constexpr int kMostCharacters = 130;
constexpr size_t kFewestBeforeColon = 3;

// What no name has, however it is said.
constexpr std::string_view kNeverNamed[] = {"BLAME",  "IRONY",   "META",     "INSULT", "PROFANE",
                                            "SECRET", "WEIGHTY", "REPORTED", "SLIPS"};
// What is said as it was written only.
constexpr std::string_view kOnlyQuoted[] = {"YOU", "REGISTER", "HEDGE"};

bool Is(Clause clause, size_t at, std::string_view lower) {
  return at < clause.size() && clause[at].lower == lower;
}

class Finder {
 public:
  Finder(Language language, const Sentence& sentence)
      : words_(WordTable::Of(language)), language_(language), sentence_(sentence) {}

  Name Find() const {
    if (sentence_.question) return {};
    const Clause clause = WithoutFillers(language_, sentence_.tokens);
    if (OpensNothing(language_, clause)) return {};
    // "And under it a sort of buzzing": under what was said before.
    if (!clause.empty() && words_.Contains("AND", clause[0].lower)) return {};
    Name name;
    name.tokens = WithoutAsides(clause);
    const size_t end = End(name.tokens);
    name.whole = end == name.tokens.size();
    name.tokens.resize(end);
    while (!name.tokens.empty() && !name.tokens.back().word && !name.tokens.back().quoted &&
           !Closes(name.tokens.back())) {
      name.tokens.pop_back();
    }
    if (!Names(name.tokens)) return {};
    name.as_written = std::any_of(name.tokens.begin(), name.tokens.end(), [](const Token& token) {
      return token.lower == ":";  // Of what they announce.
    });
    for (const std::string_view set : kOnlyQuoted) {
      name.as_written |= words_.Has(set, name.tokens);
    }
    // "Coffee and then I look at the garden"
    for (size_t i = 1; i < name.tokens.size() && !IsSubordinate(name.tokens, 0); ++i) {
      name.as_written |= words_.Contains("I", name.tokens[i].lower) &&
                         words_.Contains("AND_I", name.tokens[i - 1].lower);
    }
    return name;
  }

 private:
  static bool Closes(const Token& token) {
    return token.lower == "»" || token.lower == "”" || token.lower == "\"";
  }

  bool IsSubordinate(Clause tokens, size_t at) const {
    return words_.Match("NAME_CLAUSE", tokens, at) > 0;
  }

  // «Человек, который читает»; English says "which" of the whole: ", which is a problem".
  bool IsRelative(Clause tokens, size_t at) const {
    return language_ == Language::kRussian && words_.Match("RELATIVE", tokens, at) > 0;
  }

  // "Probably that week", "на сон, наверное, и на дачу", "(my own)"
  std::vector<Token> WithoutAsides(Clause clause) const {
    for (size_t count = 0; (count = words_.Match("NAME_LEAD", clause, 0)) > 0;) {
      if (count >= clause.size()) return {};
      clause.remove_prefix(count);
      while (!clause.empty() && !clause[0].word && !clause[0].quoted) clause.remove_prefix(1);
    }
    std::vector<Token> kept;
    for (size_t i = 0; i < clause.size(); ++i) {
      if (Is(clause, i, "(")) {
        while (i < clause.size() && !Is(clause, i, ")")) ++i;
        continue;
      }
      if (Is(clause, i, ",") && i > 0) {
        const size_t aside = words_.Match("ASIDE", clause, i + 1);
        if (aside > 0 && (i + aside + 1 == clause.size() || Is(clause, i + aside + 1, ","))) {
          // Before "and" both commas go, else one stays.
          const bool joined =
              i + aside + 2 < clause.size() && words_.Contains("AND", clause[i + aside + 2].lower);
          i += aside + (joined ? 1 : 0);
          continue;
        }
      }
      kept.push_back(clause[i]);
    }
    // "Sleeping tbh"
    while (kept.size() > 1 && words_.Contains("ASIDE_AT_END", kept.back().lower)) kept.pop_back();
    return kept;
  }

  // Where something else begins: "My grandson, he is six", «Закат над гаражами, прям розовый».
  size_t End(Clause name) const {
    bool clause = IsSubordinate(name, 0);
    for (size_t i = 1; i + 1 < name.size(); ++i) {
      if (name[i].word || name[i].quoted) continue;
      // «Люди — странные существа», "Rule one: never lie" say what something is.
      const bool says = Is(name, i, "—") ? language_ == Language::kRussian
                                         : Is(name, i, ":") && i < kFewestBeforeColon;
      if (says || Announces(name, i)) return says || !IsWholeWithIt(name, i) ? 0 : name.size();
      if (Is(name, i, ":") || Is(name, i, "—") || Is(name, i, ";")) return i;
      if (!Is(name, i, ",")) continue;
      if (!clause && BeginsAnother(name.subspan(i + 1))) return i;
      clause |= IsSubordinate(name, i + 1) || IsRelative(name, i + 1) || IsRelative(name, i + 2);
    }
    return name.size();
  }

  // "My gran's saying: …", «вспомнил и подумал: …»: what they announce is the point.
  bool Announces(Clause name, size_t colon) const {
    return Is(name, colon, ":") && words_.Contains("ANNOUNCES", name[colon - 1].lower);
  }

  // Whether what is announced stands within marks, or ends a clause: then it is quoted with it.
  bool IsWholeWithIt(Clause name, size_t colon) const {
    return IsSubordinate(name, 0) || (name[colon + 1].quoted && Closes(name.back())) ||
           (Is(name, colon + 1, "\"") && Closes(name.back()));
  }

  bool BeginsAnother(Clause rest) const {
    if (IsSubordinate(rest, 0) || IsRelative(rest, 0) || IsRelative(rest, 1)) {
      return false;
    }
    if (words_.Match("NAME_ENDS", rest, 0) > 0) return true;
    if (language_ != Language::kRussian || Is(rest, 0, "и")) return false;
    for (const Token& token : rest) {
      // "Баня, рыбалка и чтобы никто не звонил"
      if (!token.word || token.lower == "и" || words_.Contains("NAME_CLAUSE", token.lower)) break;
      if (russian::IsFinite(token.lower)) return true;
    }
    return false;
  }

  bool Names(Clause name) const {
    const int count = WordsOf(name);
    if (count == 0 || count > kMostWords || text::Characters(Render(name)) > kMostCharacters) {
      return false;
    }
    for (const Token& token : name) {
      if (IsGibberish(token)) return false;
      if (token.word || token.quoted || token.lower == ",") continue;
      if (token.lower == ":" && Announces(name, static_cast<size_t>(&token - name.data())))
        continue;
      if (!Closes(token) && token.lower != "«" && token.lower != "“" && token.lower != "&") {
        return false;
      }
    }
    // "Nobody", "not my job": what is not so names nothing; "not knowing what to study" does.
    if (words_.Contains("NEGATION", name[0].lower) && !(name.size() > 2 && IsGerund(name[1]))) {
      return false;
    }
    if (words_.Match("NON_ANSWER", name, 0) == name.size()) return false;
    if (count == 1 && IsDigit(static_cast<char32_t>(name[0].text[0]))) return false;
    // "Anything by Joni Mitchell" is one.
    const bool any = (Is(name, 0, "anything") || Is(name, 0, "everything")) && Is(name, 1, "by");
    if (!any && words_.Match("NOT_A_NAME", name, 0) > 0) return false;
    if (words_.Has("META_SHORT", name) || words_.Has("NAME_VAGUE", name)) return false;
    for (const std::string_view set : kNeverNamed) {
      if (words_.Has(set, name)) return false;
    }
    // "My doctor says I drink too much coffee"
    for (size_t i = 0; i + 1 < name.size(); ++i) {
      if (words_.Match("VIEW", name, i) == 0 && words_.Match("VIEW_ANY", name, i) == 0) continue;
      if (words_.Contains("OPENS_VIEW", name[i + 1].lower)) return false;
    }
    // An ugly house may be one, but nobody is.
    if (words_.Has("HARSH", name) && (count <= 2 || WriterIn(language_, name) != Writer::kAbsent)) {
      return false;
    }
    return !IsSentence(name);
  }

  // "Knowing"; Russian has other means.
  bool IsGerund(const Token& token) const {
    return language_ == Language::kEnglish && absl::EndsWith(token.lower, "ing") &&
           !words_.Contains("NO_GERUND", token.lower);
  }

  // Whether it tells what was or is: «Верил, что …», "My father was tired".
  bool IsSentence(Clause name) const {
    if (IsSubordinate(name, 0)) return false;
    if (language_ == Language::kRussian) {
      for (size_t i = 0; i < name.size() && !Is(name, i, ","); ++i) {
        if (name[i].quoted) continue;
        if (IsSubordinate(name, i)) break;
        if (russian::IsFinite(name[i].lower) || name[i].lower == "я") return true;
      }
      return false;
    }
    if (words_.Match("SUBJECT", name, 0) > 0 && !Is(name, 0, "my") && !Is(name, 0, "everyone") &&
        !Is(name, 0, "everybody")) {
      return true;
    }
    // "That week in Whitby"
    const bool shown = Is(name, 0, "that") || Is(name, 0, "this") || Is(name, 0, "those");
    if (words_.Match("POINTS_BACK", name, 0) > 0 && !(shown && name.size() > 1 && name[1].word)) {
      return true;
    }
    if (words_.Match("PAST_VERB", name, 0) > 0 && name.size() > 2) return true;
    // "It'd sink likely"
    const size_t apostrophe = name[0].lower.find('\'');
    if (apostrophe != name[0].lower.npos && !absl::EndsWith(name[0].lower, "'s") &&
        words_.Contains("SUBJECT", name[0].lower.substr(0, apostrophe))) {
      return true;
    }
    if (IsGerund(name[0]) || (Is(name, 0, "not") && name.size() > 1)) return false;
    for (size_t i = 0; i < name.size(); ++i) {
      if (words_.Match("NAME_RELATIVE", name, i) > 0) return false;
      if (words_.Contains("FINITE", name[i].lower)) return true;
      // "People I trust" and not "Sometimes I trust people"
      const bool writer = words_.Contains("I", name[i].lower);
      if (writer) return i == 0 || words_.Contains("ADVERB", name[0].lower);
    }
    return false;
  }

  const WordTable& words_;
  const Language language_;
  const Sentence& sentence_;
};

}  // namespace

Name NameIn(Language language, const Sentence& sentence) {
  return Finder(language, sentence).Find();
}

namespace {

// Of `sentences`, each had to begin with a capital; in a list, one may be a name's.
void Append(Name& list, Name item, std::string_view joint, bool sentences = true) {
  if (!list.empty()) {
    Token between;
    between.text = between.lower = std::string(joint);
    between.word = joint != ",";
    between.spaced = between.word;
    list.tokens.push_back(std::move(between));
    Token& first = item.tokens[0];
    first.spaced = true;
    const bool article = first.lower == "a";
    if (sentences && Capitals(first.text) == 1 && (article || text::Characters(first.text) > 1)) {
      first.text = Uncapitalised(first.text);
    }
  }
  list.as_written |= item.as_written;
  list.tokens.insert(list.tokens.end(), item.tokens.begin(), item.tokens.end());
}

bool IsNumber(const Token& token) {
  return token.word && IsDigit(static_cast<char32_t>(token.text[0])) && token.text.size() < 3;
}

// "A currach. A small one.": the same again.
bool Refines(Clause name) {
  const std::string& last = name.back().lower;
  return name.size() > 1 && (last == "one" || last == "ones");
}

// Of "– a hot bath, very hot – my sister": the items, each before its comma.
Name NameOfDashes(Language language, const Sentence& sentence) {
  const std::vector<Token>& tokens = sentence.tokens;
  if (tokens.empty() || tokens[0].lower != "—") return {};
  Name list;
  int items = 0;
  for (size_t begin = 0; begin < tokens.size(); ++items) {
    size_t end = begin + 1;
    while (end < tokens.size() && tokens[end].lower != "—") ++end;
    Sentence item;
    for (size_t i = begin + 1; i < end && tokens[i].lower != ","; ++i) {
      item.tokens.push_back(tokens[i]);
    }
    Name name = NameIn(language, item);
    if (name.empty()) return {};
    Append(list, std::move(name), ",", /*sentences=*/false);
    begin = end;
  }
  if (items < 2 || WordsOf(list.tokens) > kMostWords) return {};
  return list;
}

// Of "Three, in no order: 1. Anne 2. anything by Joni 3. Paddington, and no questions": the same.
Name NameOfNumbers(Language language, absl::Span<const Sentence> sentences) {
  const std::vector<Token>& opening = sentences[0].tokens;
  if (opening.empty() || opening.back().text != "1") return {};
  if (opening.size() > 1 && opening[opening.size() - 2].lower != ":") return {};
  Name list;
  int items = 0;
  for (const Sentence& sentence : sentences.subspan(1)) {
    std::vector<Token> tokens = sentence.tokens;
    const bool more = tokens.size() > 1 && IsNumber(tokens.back()) &&
                      tokens.back().text == std::to_string(items + 2);
    if (more) tokens.pop_back();
    const auto comma = std::find_if(tokens.begin(), tokens.end(),
                                    [](const Token& token) { return token.lower == ","; });
    tokens.erase(comma, tokens.end());
    Name name = NameIn(language, {.tokens = std::move(tokens)});
    if (name.empty()) return {};
    Append(list, std::move(name), ",", /*sentences=*/false);
    ++items;
    if (!more) break;
  }
  if (items < 2 || WordsOf(list.tokens) > kMostWords) return {};
  return list;
}

}  // namespace

Name NameOfList(Language language, absl::Span<const Sentence> sentences) {
  if (Name dashes = NameOfDashes(language, sentences[0]); !dashes.empty()) return dashes;
  if (Name numbers = NameOfNumbers(language, sentences); !numbers.empty()) return numbers;
  Name list;
  int items = 0;
  bool numbered = false;
  for (const Sentence& sentence : sentences) {
    // "1." of a list
    const bool number =
        sentence.tokens.size() == 1 && IsDigit(static_cast<char32_t>(sentence.tokens[0].text[0]));
    numbered |= number;
    if (number) continue;
    Sentence item_alone = sentence;
    // "1. Coffee 2. Sleep"
    if (numbered && item_alone.tokens.size() > 1 &&
        IsDigit(static_cast<char32_t>(item_alone.tokens.back().text[0]))) {
      item_alone.tokens.pop_back();
    }
    Name name = NameIn(language, item_alone);
    const bool item = !name.empty() && name.whole && WordsOf(name.tokens) <= kMostWordsOfItem &&
                      WordsOf(name.tokens) == static_cast<int>(name.tokens.size());
    if (!item || (items > 0 && Refines(name.tokens))) return {};
    ++items;
    Append(list, std::move(name), ",");
  }
  if (items < kFewestItems || WordsOf(list.tokens) > kMostWords) return {};
  return list;
}

Name WithWhatGoesOn(Language language, Name name, const Sentence& next) {
  const WordTable& words = WordTable::Of(language);
  size_t joins = words.Match("GOES_ON", next.tokens, 0);
  if (joins == 0 || next.question || name.empty()) return name;
  // "My knees, for putting up with me. And my ears": a list no more.
  const bool clause = words.Match("NAME_CLAUSE", name.tokens, 0) > 0;
  if (clause || WordsOf(name.tokens) != static_cast<int>(name.tokens.size())) return name;
  Sentence rest;
  for (size_t i = joins; i < next.tokens.size(); ++i) {
    if (words.Contains("TURNS", next.tokens[i].lower)) break;
    rest.tokens.push_back(next.tokens[i]);
  }
  if (rest.tokens.empty()) return {};
  Name more = NameIn(language, rest);
  if (more.empty()) {
    // A sentence of its own says something else.
    return WriterIn(language, rest.tokens) == Writer::kSubject ? name : Name{};
  }
  const std::string& joint = next.tokens[0].lower;
  const bool plain = words.Contains("AND", joint);
  Append(name, std::move(more), plain ? joint : language == Language::kRussian ? "и" : "and");
  name.whole = false;
  return name;
}

}  // namespace selfology::reflection
