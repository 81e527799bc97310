#include "services/coaching/coach/reply/turn_slots.h"

#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "services/coaching/coach/reply/clauses.h"
#include "services/coaching/coach/reply/phrasing.h"

namespace selfology::coach {
namespace {

using language::Language;

constexpr int kMostQuotedWords = 8;

// They asked not to be quoted, in this message or before.
bool WantsNoQuotes(const LoadedSpeech& speech, const Turn& turn, absl::Span<const Said> dialogue) {
  return turn.intent == NO_QUOTES || absl::c_any_of(dialogue, [&](const Said& said) {
           return !said.by_person && SaysOneOf(speech, "no_quotes", said.text);
         });
}

bool IsRequest(Intent intent) {
  return intent != TELL && intent != GRIEF && intent != REVENGE && intent != JOY &&
         intent != DECIDE && intent != YES && intent != NO;
}

}  // namespace

TurnSlots::TurnSlots(const Listener& listener, const Turn& turn, absl::Span<const Said> dialogue,
                     const Known& known)
    : listener_(listener),
      turn_(turn),
      dialogue_(dialogue),
      known_(known),
      speech_(listener.speech(turn.language)),
      message_(*turn.message),
      quotes_(!WantsNoQuotes(speech_, turn, dialogue)),
      clause_(MainClause(message_)) {
  AddClause(clause_, slots_);
  if (std::optional<std::string> previous = PreviousClause()) {
    slots_["prev\""] = Quoted(*previous, speech_.language());
  }
  AddPronouns();
  if (const std::string who = Who(); !who.empty()) {
    slots_["who"] = slots_["whom"] = who;
    if (who == "he") slots_["whom"] = "him";
    if (who == "she") slots_["whom"] = "her";
  }
}

// A long quotation says nothing that the person does not know.
bool TurnSlots::MayQuote(WordRange words) const {
  return quotes_ && words.end - words.begin <= kMostQuotedWords;
}

void TurnSlots::AddClause(WordRange clause, Slots& slots) const {
  if (clause.end <= clause.begin) return;
  slots.erase("c");
  slots.erase("c\"");
  if (!MayQuote(clause)) return;
  slots["c\""] = Quoted(message_.Between(clause.begin, clause.end), speech_.language());
  if (speech_.language() == Language::kEnglish && IsStatement(message_, clause)) {
    slots["c"] = speech_.SaidBack(message_, clause, turn_.informal);
  }
}

void TurnSlots::AddMatch(const Match& match, Slots& slots) const {
  AddClause(ClauseAround(message_, match.begin), slots);
  AddCaptures(match, slots);
}

// Of the person's last message before this one that tells something.
std::optional<std::string> TurnSlots::PreviousClause() const {
  bool skipped_this = false;
  for (auto said = dialogue_.rbegin(); said != dialogue_.rend(); ++said) {
    if (!said->by_person) continue;
    if (!std::exchange(skipped_this, true)) continue;
    const Utterance earlier(said->text);
    if (absl::c_any_of(earlier.words, [](const Token& word) { return word.question; })) continue;
    const WordRange clause = MainClause(earlier);
    if (!MayQuote(clause)) return std::nullopt;
    if (clause.end - clause.begin < 3 || ContentWords(earlier, clause) < 1) continue;
    const Language written = LanguageByLetters(said->text).value_or(turn_.language);
    const std::vector<Understanding> understood =
        listener_.Understand(listener_.speech(written), earlier);
    if (!understood.empty() && IsRequest(understood.front().frame->intent())) continue;
    return std::string(earlier.Between(clause.begin, clause.end));
  }
  return std::nullopt;
}

// The person spoken of, as the subject of a sentence.
std::string TurnSlots::Who() const {
  for (const PersonMention& person : speech_.people().Find(message_)) {
    if (person.relation == "dog" || person.relation == "cat") continue;
    if (!person.name.empty()) return person.name;
    if (const std::string name = NameOf(person.relation); !name.empty()) return name;
    if (speech_.language() == Language::kRussian) return person.relation;
    return absl::StrCat("your ", person.relation);
  }
  if (speech_.language() != Language::kEnglish) return "";
  for (const Token& word : message_.words) {
    for (const std::string_view pronoun : {"he", "she"}) {
      if (word.text == pronoun || word.text == absl::StrCat(pronoun, "'s")) {
        return std::string(pronoun);
      }
    }
  }
  return "";
}

// "Она" and "он" in the cases of the replies, where it is sure which: by what somebody is to the
// person, not by a name, since "Саша" may be either.
void TurnSlots::AddPronouns() {
  static constexpr std::string_view kNotSure[] = {"кот", "кошка", "собака", "коллега"};
  static constexpr std::string_view kOfMany[] = {"родители", "дети", "друзья"};
  if (speech_.language() != Language::kRussian) return;
  for (const PersonMention& person : speech_.people().Find(message_)) {
    if (person.relation.empty()) continue;
    if (absl::c_linear_search(kNotSure, person.relation)) continue;
    const bool male = absl::c_any_of(speech_.speech().relation(), [&](const Relation& relation) {
      return relation.name() == person.relation && relation.male();
    });
    if (absl::c_linear_search(kOfMany, person.relation)) {
      slots_["with_them"] = "ними";
      slots_["from_them"] = "них";
      slots_["to_them"] = "им";
      return;
    }
    const bool female = !male && (person.relation.ends_with("а") ||
                                  person.relation.ends_with("я") || person.relation.ends_with("ь"));
    if (!female && !male) continue;
    slots_["with_them"] = female ? "ней" : "ним";
    slots_["from_them"] = female ? "неё" : "него";
    slots_["to_them"] = female ? "ей" : "ему";
    return;
  }
}

// Of the only one of this relation who has a name.
std::string TurnSlots::NameOf(std::string_view relation) const {
  std::string name;
  for (const v1::MemoryItem& item : known_.memory) {
    if (item.kind() != v1::MEMORY_KIND_PERSON) continue;
    const NamedPerson person = ReadPerson(item.text());
    if (person.relation != relation) continue;
    if (!name.empty()) return "";
    name = person.name;
  }
  return name;
}

// What a pattern took out of the message.
void TurnSlots::AddCaptures(const Match& match, Slots& slots) const {
  for (const auto& [name, words] : match.captures) {
    slots[name] = speech_.SaidBack(message_, words, turn_.informal);
    // What is weighed or asked after is named, however long.
    const bool is_option = name == "a" || name == "b";
    if (!is_option && !MayQuote(words)) {
      slots.erase(name);
      continue;
    }
    const std::string_view written = message_.Between(words.begin, words.end);
    slots[absl::StrCat(name, "\"")] = Quoted(written, speech_.language());
    slots[absl::StrCat(name, "'")] = std::string(written);
  }
  const WordRange all{match.begin, match.end};
  if (!MayQuote(all)) return;
  slots["m"] = speech_.SaidBack(message_, all, turn_.informal);
  slots["m\""] = Quoted(message_.Between(all.begin, all.end), speech_.language());
}

}  // namespace selfology::coach
