// Russian words by their form, for second_person.h: which are verbs of the writer, and how pronouns
// change with the person who is spoken to.
//
//   PastGenderOf("ушла")        // Gender::kFeminine
//   *PronounForm("меня")        // "вас"
//   IsFirstPersonVerb("думаю")  // true
//
// Words are in lower case, with "е" for "ё". Threads: pure functions.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection::russian {

const WordTable& Table();

// For "вы"; null for other words.
const std::string* PronounForm(std::string_view word);

// Of prepositions that have a vowel before "мне" and "мной" only.
const std::string* PrepositionForm(std::string_view word);

// After which "мне" is "вас".
bool IsLocative(std::string_view word);
bool IsPreposition(std::string_view word);

// What stands before a noun and agrees with it.
bool Describes(std::string_view word);

bool Ends(std::string_view word, std::initializer_list<std::string_view> endings);
bool DropSuffix(std::string_view* word, std::string_view ending);

enum class Gender { kNone, kMasculine, kFeminine };
// Past tense by its ending; kNone for other words.
Gender PastGenderOf(std::string_view word);

// "Строим": of the writer and others.
bool IsWeVerb(std::string_view word);
// Whether a word is surely a verb of the first person.
bool IsFirstPersonVerb(std::string_view word);
// Whether a word makes a sentence: a verb in the present or the past.
bool IsFinite(std::string_view word);

}  // namespace selfology::reflection::russian
