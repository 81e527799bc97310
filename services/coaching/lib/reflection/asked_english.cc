#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/coaching/lib/reflection/asked.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using Words = absl::Span<const Token>;

const WordTable& Table() { return WordTable::Of(language::Language::kEnglish); }

bool Is(Words words, size_t at, std::string_view lower) {
  return at < words.size() && words[at].lower == lower;
}

bool HasOf(std::string_view set, Words words) { return Table().Has(set, words); }

std::string Joined(std::initializer_list<std::string> parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!text.empty()) text += ' ';
    text += part;
  }
  return text;
}

std::string Third(const std::string& verb) {
  const bool hisses = absl::EndsWith(verb, "ch") || absl::EndsWith(verb, "sh") ||
                      absl::EndsWith(verb, "s") || absl::EndsWith(verb, "o");
  return absl::StrCat(verb, hisses ? "es" : "s");
}

// "saying about money that you heard early on": without the clause about it.
Words WithoutRelative(Words noun) {
  // "compliment for something you made"
  if (HasOf("YOU_ALONE", noun)) {
    for (size_t i = 1; i < noun.size(); ++i) {
      if (Is(noun, i, "for")) return noun.first(i);
    }
  }
  for (size_t i = 1; i < noun.size(); ++i) {
    if (Is(noun, i, "that") || Is(noun, i, "who") || Is(noun, i, "whom")) return noun.first(i);
  }
  return noun;
}

class Part {
 public:
  explicit Part(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  std::optional<Asked> Run() {
    Words rest = tokens_;
    if (Table().Match("ASKS_OF", rest, 0) > 0) {
      asked_.preposition = rest[0].lower;
      rest.remove_prefix(1);
    }
    asks_ = rest[0].lower;
    rest.remove_prefix(1);
    const std::string otherwise = TakeOtherwise(rest);
    asked_.link = "that is";
    if (!Tell(rest) || asked_.told.empty()) return std::nullopt;
    Classify();
    if (!otherwise.empty()) {
      const bool place = otherwise == "where";
      asked_.told_otherwise = absl::StrCat(otherwise, " ", place ? clause_ : WithPreposition());
    }
    return asked_;
  }

 private:
  // "Who or what", "with whom or where": the second, which is dropped.
  static std::string TakeOtherwise(Words& rest) {
    if (!Is(rest, 0, "or")) return "";
    size_t at = 1;
    if (Table().Match("ASKS_OF", rest, at) > 0) ++at;
    if (Table().Match("ASKS", rest, at) == 0) return "";
    std::string other = rest[at].lower;
    rest.remove_prefix(at + 1);
    return other;
  }

  bool Tell(Words rest) {
    if (rest.size() < 2) return false;  // "Who or what?" leaves nothing.
    // "That somebody once did you do you remember": the last.
    for (size_t at = rest.size() - 1; at-- > 0;) {
      if (IsInverted(rest, at)) return TellInverted(rest, at);
    }
    if (!asked_.preposition.empty()) return false;
    return TellSubject(rest);
  }

  // "do you", "would people", "is it".
  static bool IsInverted(Words rest, size_t at) {
    if (!Table().Contains("AUXILIARY", rest[at].lower)) return false;
    const bool being = Is(rest, at, "is") || Is(rest, at, "was") || Is(rest, at, "are");
    if (Is(rest, at, "does") && Is(rest, at + 1, "you")) return false;  // "does you good"
    if (being) return Is(rest, at + 1, "you") || Is(rest, at + 1, "it");
    if (Is(rest, at + 1, "what")) return Is(rest, at, "does");
    // "be able to do a year from now"
    const bool thing = Is(rest, at + 1, "a") || Is(rest, at + 1, "an") || Is(rest, at + 1, "the");
    if (thing && Is(rest, at, "do")) return false;
    return Table().Contains("ASKED_SUBJECT", rest[at + 1].lower);
  }

  // "do you like": "you like".
  bool TellInverted(Words rest, size_t at) {
    const Words noun = WithoutRelative(rest.first(at));
    const std::string& auxiliary = rest[at].lower;
    size_t verb = at + 2;
    if (!Is(rest, at + 1, "you") && !Is(rest, at + 1, "it")) {
      while (verb < rest.size() && !Table().Contains("BASE_VERB", rest[verb].lower)) ++verb;
    }
    if (verb >= rest.size()) return false;
    Words subject = rest.subspan(at + 1, verb - at - 1);
    if (Is(subject, 1, "who")) subject = subject.first(1);
    Words predicate = rest.subspan(verb);
    const std::string who = Render(subject);
    if (auxiliary == "do" && !Is(predicate, 0, "not")) {
      clause_ = Joined({who, Render(predicate)});
    } else if (auxiliary == "does") {
      clause_ = Joined({who, Third(predicate[0].lower), Render(predicate.subspan(1))});
    } else if (auxiliary == "did") {
      size_t adverbs = 0;
      while (adverbs < predicate.size() &&
             Table().Contains("ASKED_ADVERB", predicate[adverbs].lower)) {
        ++adverbs;
      }
      if (adverbs >= predicate.size()) return false;
      const std::string* past = Table().FormOf("PAST", predicate[adverbs].lower);
      if (past == nullptr) return false;
      clause_ = Joined(
          {who, Render(predicate.first(adverbs)), *past, Render(predicate.subspan(adverbs + 1))});
    } else {
      clause_ = Joined({who, auxiliary, Render(predicate)});
    }
    return TellAbout(noun);
  }

  // With what the clause is said of: "the habit", "who", "when".
  bool TellAbout(Words noun) {
    const std::string& preposition = asked_.preposition;
    // "What about yourself", "which of your values"
    if (Table().Match("ASKS_OF", noun, 0) > 0) noun = {};
    asked_.noun = !noun.empty();
    if (asks_ == "where" || asks_ == "when" || asks_ == "how") {
      asked_.what = asks_ == "where"  ? AskedFor::kPlace
                    : asks_ == "when" ? AskedFor::kTime
                    : noun.empty()    ? AskedFor::kManner
                                      : AskedFor::kAmount;
      asked_.told = Joined({asks_, Render(noun), clause_});
    } else if (asks_ == "who" || asks_ == "whom" || asks_ == "whose") {
      asked_.what = AskedFor::kPerson;
      asked_.told = Joined({asks_ == "whose" ? asks_ : "who", Render(noun), WithPreposition()});
    } else if (noun.empty()) {
      const std::string_view in = preposition == "in" ? "where" : preposition == "by" ? "how" : "";
      asked_.told =
          in.empty() ? Joined({"what", WithPreposition()}) : Joined({std::string(in), clause_});
    } else if (preposition == "in" && HasOf("ASKED_TIME", noun)) {
      asked_.what = AskedFor::kTime;
      asked_.told = Joined({"when", clause_});
    } else if (preposition == "in") {
      asked_.what = HasOf("ASKED_PLACE", noun) ? AskedFor::kPlace : AskedFor::kThing;
      asked_.told = Joined({"where", clause_});
    } else if (preposition == "at" || preposition == "during") {
      asked_.what = AskedFor::kTime;
      asked_.told = Joined({"when", clause_});
    } else if (preposition == "by") {
      asked_.told = Joined({"how", clause_});
    } else {
      TellNoun(noun);
      asked_.told = Joined({asked_.told, WithPreposition()});
    }
    return true;
  }

  // "you would get up early for without an alarm clock": before what only ends the question.
  std::string WithPreposition() const {
    if (asked_.preposition.empty()) return clause_;
    std::vector<Sentence> sentences = SplitSentences(clause_);
    if (sentences.size() != 1) return Joined({clause_, asked_.preposition});
    const Words words = sentences[0].tokens;
    for (size_t i = 1; i < words.size(); ++i) {
      if (Table().Match("TRAILING", words, i) == 0) continue;
      return Joined({Render(words.first(i)), asked_.preposition, Render(words.subspan(i))});
    }
    return Joined({clause_, asked_.preposition});
  }

  // "song, book or film"
  static bool IsChoice(Words noun) {
    if (noun.size() < 3 || !Is(noun, noun.size() - 2, "or")) return false;
    for (size_t i = 1; i + 2 < noun.size(); i += 2) {
      if (!Is(noun, i, ",")) return false;
    }
    return noun.size() % 2 == 1;
  }

  void TellNoun(Words noun) {
    asked_.noun = true;
    if (IsChoice(noun)) {
      asked_.told = "what";
      return;
    }
    asked_.told = Joined({"the", Render(noun)});
    if (Is(noun, 0, "two") || Is(noun, 0, "three")) asked_.link = "those are";
  }

  // Of a question whose subject is asked for: "what calms you", "which habit makes".
  bool TellSubject(Words rest) {
    if (asks_ == "what" && (Is(rest, 0, "is") || Is(rest, 0, "was"))) return TellBeing(rest);
    if (asks_ == "what" && Is(rest, 0, "are")) return false;
    if (Table().Match("ASKS_OF", rest, 0) > 0) {
      size_t verb = 1;
      while (verb < rest.size() && !Table().Contains("ASKED_VERB", rest[verb].lower)) ++verb;
      if (verb >= rest.size()) return false;
      asked_.told = Joined({"what", Render(rest.subspan(verb))});
      return true;
    }
    const bool noun = asks_ == "which" || Is(rest, 0, "kind");
    if (!noun) {
      if (asks_ != "what" && asks_ != "who") return false;
      const bool verb = Table().Contains("ASKED_VERB", rest[0].lower) ||
                        (rest.size() > 2 && Table().Contains("ASKED_VERB", rest[1].lower));
      if (!verb) return false;
      if (asks_ == "who") asked_.what = AskedFor::kPerson;
      clause_ = Render(rest);
      asked_.told = Joined({asks_, clause_});
      return true;
    }
    size_t verb = 1;
    while (verb < rest.size() && !Table().Contains("ASKED_VERB", rest[verb].lower)) {
      ++verb;
      // "sayings that you heard early on still influence": the verb of the clause about them is not it.
      if (Is(rest, verb, "that")) verb += 3;
    }
    if (verb >= rest.size()) return false;
    size_t adverb = verb;
    while (adverb > 1 && Table().Contains("ASKED_ADVERB", rest[adverb - 1].lower)) --adverb;
    TellNoun(WithoutRelative(rest.first(adverb)));
    const bool choice = asked_.told == "what";
    asked_.told = Joined({asked_.told, choice ? "" : "that", Render(rest.subspan(adverb))});
    return true;
  }

  // "what is your favourite thing", "what is the weather like inside you", "what is on your mind".
  bool TellBeing(Words rest) {
    const auto like = std::find_if(rest.begin(), rest.end(),
                                   [](const Token& token) { return token.lower == "like"; });
    if (like != rest.end()) {
      const auto at = static_cast<size_t>(like - rest.begin());
      asked_.what = AskedFor::kDescription;
      asked_.told = Joined(
          {"what", Render(rest.subspan(1, at - 1)), rest[0].lower, Render(rest.subspan(at))});
      return true;
    }
    // "What is your company about?"
    if (Table().Match("ASKS_OF", rest, rest.size() - 1) > 0 && rest.size() > 2) {
      asked_.told = Joined(
          {"what", Render(rest.subspan(1, rest.size() - 2)), rest[0].lower, rest.back().lower});
      return true;
    }
    asked_.link = absl::StrCat("that ", rest[0].lower);
    if (Table().Match("ASKS_OF", rest, 1) > 0 || Is(rest, 1, "hard")) {
      asked_.link = "that is";
      asked_.told = Joined({"what", Render(rest)});
    } else {
      asked_.told = Render(rest.subspan(1));
    }
    return true;
  }

  void Classify() {
    if (asked_.what == AskedFor::kThing) {
      if (HasOf("ASKED_WORDS", tokens_)) asked_.what = AskedFor::kWords;
      if (HasOf("ASKED_DESCRIPTION", tokens_)) asked_.what = AskedFor::kDescription;
    }
    if (asked_.what == AskedFor::kManner && HasOf("ASKED_WORDS", tokens_)) {
      asked_.what = AskedFor::kWords;
    }
    asked_.named = asked_.what == AskedFor::kPerson || asked_.what == AskedFor::kPlace ||
                   asked_.what == AskedFor::kTime || asked_.what == AskedFor::kWords ||
                   HasOf("ASKED_NAMED", tokens_);
  }

  const std::vector<Token> tokens_;
  std::string asks_;
  std::string clause_;  // Of the question, as a statement.
  Asked asked_;
};

}  // namespace

std::optional<Asked> AskedInEnglish(std::vector<Token> tokens) {
  return Part(std::move(tokens)).Run();
}

}  // namespace selfology::reflection
