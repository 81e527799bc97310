// How far a negation reaches, and whom the words are said of.

#include <array>
#include <cstddef>
#include <utility>

#include "services/coaching/lib/safety/vocabulary.h"

namespace selfology::safety {
namespace {

constexpr int kReach = 5;     // Words after "not".
constexpr int kFarReach = 8;  // Words after "I don't think that".

struct Marks {
  explicit Marks(const Vocabulary& vocabulary) {
    const auto id = [&](const char* name) { return vocabulary.Find(name).value_or(-1); };
    neg = id("NEG");
    neg_far = id("NEG_FAR");
    contrast = id("CONTRAST");
    i = id("I");
    me = id("ME");
    myself = id("MYSELF");
    verb1 = id("VERB1");
    base_verb = id("BASE_VERB");
    he = id("HE");
    himself = id("HIMSELF");
    verb3 = id("VERB3");
    person = id("PERSON");
    people = id("PEOPLE");
    you = id("YOU");
  }
  int neg, neg_far, contrast, i, me, myself, verb1, base_verb, he, himself, verb3, person, people,
      you;
};

bool Has(const Concepts& concepts, int id) { return id >= 0 && concepts.test(id); }

}  // namespace

void ReadScopes(const Vocabulary& vocabulary, Reading& reading) {
  const Marks marks(vocabulary);
  const int size = reading.size();
  reading.negated.assign(size, false);
  reading.person.assign(size, Person::kNobody);

  std::vector<Concepts> told = reading.starts;  // Phrases count where they begin.
  std::vector<int> ends(size);
  for (int i = 0; i < size; ++i) ends[i] = i + 1;
  for (const Phrase& phrase : reading.phrases) {
    told[phrase.begin].set(phrase.concept_id);
    if (phrase.concept_id == marks.neg || phrase.concept_id == marks.neg_far) {
      ends[phrase.begin] = phrase.end;
    }
  }

  Person person = Person::kNobody;
  int person_at = -10;
  int left = 0;      // Words that are still negated.
  bool far = false;  // Of "I don't think that", which a pronoun does not end.
  bool verb_seen = false;
  for (int i = 0; i < size; ++i) {
    const Concepts& here = told[i];
    const bool pronoun = Has(here, marks.i) || Has(here, marks.he) || Has(here, marks.you);
    const bool verb = Has(here, marks.verb1) || Has(here, marks.base_verb);
    if (Has(here, marks.contrast) || (pronoun && !far && verb_seen)) left = 0;
    // A second verb of the person begins a new statement: "не могу так больше хочу умереть".
    if (verb && verb_seen && !far && !Has(here, marks.base_verb)) left = 0;
    if (left > 0) {
      reading.negated[i] = true;
      verb_seen |= verb || !pronoun;
      --left;
    }
    if (Has(here, marks.neg_far) || Has(here, marks.neg)) {
      far = Has(here, marks.neg_far);
      left = (far ? kFarReach : kReach) + ends[i] - i - 1;
      verb_seen = false;
    }
    if (reading.tokens[i].ends_clause && !(far && left > kReach)) left = 0;

    const auto is = [&](Person who) {
      person = who;
      person_at = i;
    };
    if (Has(here, marks.i) || Has(here, marks.me) || Has(here, marks.myself) ||
        Has(here, marks.verb1)) {
      is(Person::kSelf);
    } else if (Has(here, marks.he) || Has(here, marks.himself) || Has(here, marks.verb3) ||
               Has(here, marks.person)) {
      is(Person::kOther);
    } else if (Has(here, marks.you)) {
      is(Person::kYou);
    } else if (Has(here, marks.people)) {
      is(Person::kPeople);
    } else if (Has(here, marks.base_verb) && person == Person::kOther && i - person_at > 1) {
      // "I miss my mum and want to die": a verb that "she" would have as "wants".
      is(Person::kSelf);
    }
    reading.person[i] = person;
    if (reading.tokens[i].ends_sentence && person != Person::kOther) person = Person::kNobody;
  }
}

}  // namespace selfology::safety
