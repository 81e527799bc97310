#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/coaching/lib/reflection/second_person.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using language::Language;

const WordTable& Table() { return WordTable::Of(Language::kEnglish); }

// Forms that do not depend on what is around them.
const std::string* Form(std::string_view word) {
  static const auto* const forms = new absl::flat_hash_map<std::string, std::string>({
      {"i", "you"},
      {"me", "you"},
      {"my", "your"},
      {"mine", "yours"},
      {"myself", "yourself"},
      {"our", "your"},
      {"ours", "yours"},
      {"we", "you"},
      {"us", "you"},
      {"ourselves", "yourselves"},
      {"we're", "you're"},
      {"we've", "you've"},
      {"we'd", "you'd"},
      {"i'm", "you're"},
      {"im", "you're"},
      {"i've", "you've"},
      {"ive", "you've"},
      {"i'll", "you'll"},
      {"i'd", "you'd"},
      {"am", "are"},
      {"dont", "don't"},
      {"doesnt", "doesn't"},
      {"didnt", "didn't"},
      {"cant", "can't"},
      {"wont", "won't"},
      {"isnt", "isn't"},
      {"wasnt", "wasn't"},
      {"couldnt", "couldn't"},
      {"wouldnt", "wouldn't"},
      {"havent", "haven't"},
      {"arent", "aren't"},
      {"shouldnt", "shouldn't"},
  });
  const auto found = forms->find(word);
  return found == forms->end() ? nullptr : &found->second;
}

bool Is(Clause clause, size_t i, std::string_view lower) {
  return i < clause.size() && clause[i].lower == lower;
}

bool IsI(Clause clause, size_t i) { return Is(clause, i, "i"); }

enum class Owner { kWriter, kOther, kUnsure };

// Whose "was" clause[at] is.
Owner OwnerOfWas(Clause clause, size_t at) {
  if (IsI(clause, at + 1)) return Owner::kWriter;  // "Was I", "nor was I"
  size_t i = at;
  while (i > 0 && clause[i - 1].word && Table().Contains("ADVERB", clause[i - 1].lower)) --i;
  if (i == 0) return Owner::kUnsure;  // "Was late again."
  const Token& before = clause[i - 1];
  if (before.lower == "i") return Owner::kWriter;
  if (!before.word) return Owner::kUnsure;
  if (before.lower == "and" || before.lower == "but" || before.lower == "or") {
    // The subject before it goes on, if there was only one.
    const bool other = std::any_of(clause.begin(), clause.begin() + i - 1, [](const Token& token) {
      return token.lower == "he" || token.lower == "she" || token.lower == "it" ||
             token.lower == "who" || token.lower == "which" || token.lower == "that" ||
             token.lower == "there" || token.lower == "what";
    });
    const bool writer = i >= 2 && (IsI(clause, 0) || Is(clause, 0, "i'm") || Is(clause, 0, "i'd"));
    return writer && !other ? Owner::kWriter : Owner::kUnsure;
  }
  return Owner::kOther;
}

// "My wife and I" is "you and your wife". How many tokens it is; 0: something else.
size_t TakePair(Clause clause, std::vector<Token>& turned) {
  if (!Is(clause, 0, "my")) return 0;
  for (size_t names = 1; names <= 2; ++names) {
    if (!Is(clause, names + 1, "and") || !IsI(clause, names + 2)) continue;
    Token you = clause[0], your = clause[0], conjunction = clause[names + 1];
    you.text = "you";
    your.text = "your";
    your.spaced = true;
    turned = {std::move(you), std::move(conjunction), std::move(your)};
    turned.insert(turned.end(), clause.begin() + 1, clause.begin() + 1 + names);
    return names + 3;
  }
  return 0;
}

}  // namespace

std::optional<std::vector<Token>> InSecondPersonEnglish(Clause clause) {
  // "We" is "you" too, where nobody speaks of themself besides, and nothing is foretold.
  const bool ours = Table().Has("WE", clause);
  if (ours && (Table().Has("ALL_OF_US", clause) || WriterInEnglish(clause) == Writer::kSubject)) {
    return std::nullopt;
  }
  std::vector<Token> turned;
  for (size_t i = TakePair(clause, turned); i < clause.size(); ++i) {
    Token token = clause[i];
    if (token.quoted) {
      turned.push_back(std::move(token));
      continue;
    }
    if (token.lower == "'") return std::nullopt;  // Perhaps a quotation.
    if (token.text == "US") {                     // A country.
      turned.push_back(std::move(token));
      continue;
    }
    const bool thanked = i > 0 && (Is(clause, i - 1, "thank") || Is(clause, i - 1, "thanks"));
    if (Table().Contains("YOU", token.lower) && !thanked) return std::nullopt;
    if (token.lower == "id" || token.lower == "ill" || token.lower == "amn't") return std::nullopt;
    if (token.lower == "mine" && i > 0 &&
        (Is(clause, i - 1, "a") || Is(clause, i - 1, "the") || Is(clause, i - 1, "coal"))) {
      turned.push_back(std::move(token));
      continue;
    }
    // "Henry I", "World War I"
    if (token.text == "I" && i > 0 && clause[i - 1].word && clause[i - 1].lower == "war") {
      return std::nullopt;
    }
    if (token.lower == "was" || token.lower == "wasn't" || token.lower == "wasnt") {
      switch (OwnerOfWas(clause, i)) {
        case Owner::kUnsure:
          return std::nullopt;
        case Owner::kWriter:
          token.text = token.lower == "was" ? "were" : "weren't";
          break;
        case Owner::kOther:
          break;
      }
    } else if (IsI(clause, i) && token.text == "i" && i + 1 < clause.size() &&
               clause[i + 1].lower == ".") {
      return std::nullopt;  // "i.e."
    } else if (const std::string* form = Form(token.lower)) {
      token.text = *form;
    } else if (const std::string* correct = Table().FormOf("SPELLING", token.text)) {
      token.text = *correct;
    }
    // "If somebody shouts at me I leave" would be "at you you leave".
    if (token.text == "you" && !turned.empty() && turned.back().text == "you") return std::nullopt;
    turned.push_back(std::move(token));
  }
  return turned;
}

Writer WriterInEnglish(Clause clause) {
  Writer writer = Writer::kAbsent;
  for (size_t i = 0; i < clause.size(); ++i) {
    const std::string& word = clause[i].lower;
    if (clause[i].quoted) continue;
    const bool subject = word == "i" || word == "i'm" || word == "i've" || word == "i'll" ||
                         word == "i'd" || word == "im" || word == "ive";
    if (subject) return Writer::kSubject;
    if (word == "me" || word == "my" || word == "mine" || word == "myself" || word == "our" ||
        word == "we" || word == "us") {
      writer = Writer::kMentioned;
    }
  }
  return writer;
}

bool LacksSubjectEnglish(Clause clause) {
  if (Table().Match("PAST_VERB", clause, 0) == 0 || clause.size() < 3) return false;
  // "Made me laugh" is of somebody else, "left the two of us" too.
  return std::none_of(clause.begin(), clause.end(), [](const Token& token) {
    return token.lower == "me" || token.lower == "us";
  });
}

bool LacksSubject(Language language, Clause clause) {
  return language == Language::kRussian ? LacksSubjectRussian(clause) : LacksSubjectEnglish(clause);
}

std::optional<std::vector<Token>> InSecondPerson(Language language, Clause clause) {
  return language == Language::kRussian ? InSecondPersonRussian(clause)
                                        : InSecondPersonEnglish(clause);
}

Writer WriterIn(Language language, Clause clause) {
  return language == Language::kRussian ? WriterInRussian(clause) : WriterInEnglish(clause);
}

}  // namespace selfology::reflection
