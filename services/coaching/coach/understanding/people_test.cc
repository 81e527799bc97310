#include "services/coaching/coach/understanding/people.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/coaching/coach/reply/speech.h"

namespace selfology::coach {
namespace {

std::string Found(language::Language language, std::string_view text) {
  const LoadedSpeech speech = *LoadedSpeech::Load(language);
  std::string found;
  for (const PersonMention& person : speech.people().Find(Utterance(text))) {
    absl::StrAppend(&found, person.relation, ":", person.name, " ");
  }
  return found;
}

TEST(PeopleTest, FindsRelationsAndNames) {
  constexpr auto kEnglish = language::Language::kEnglish;
  EXPECT_EQ(Found(kEnglish, "I told my brother Sasha about Emma"), "brother:Sasha :Emma ");
  EXPECT_EQ(Found(kEnglish, "Emma is my sister"), "sister:Emma ");
  EXPECT_EQ(Found(kEnglish, "my sister's name is Wanjiru"), "sister:Wanjiru ");
  EXPECT_EQ(Found(kEnglish, "My boss shouted. Nobody said a word"), "boss: ");
}

TEST(PeopleTest, CallsPeopleByTheirNamesInTheNominative) {
  constexpr auto kRussian = language::Language::kRussian;
  EXPECT_EQ(Found(kRussian, "была с братом Сашей у бабушки"), "брат:Саша бабушка: ");
  EXPECT_EQ(Found(kRussian, "Лена — моя сестра"), "сестра:Лена ");
  EXPECT_EQ(Found(kRussian, "моего мужа зовут Рустам"), "муж:Рустам ");
  EXPECT_EQ(Found(kRussian, "позвонила подруге Айгуль"), "подруга:Айгуль ");
}

}  // namespace
}  // namespace selfology::coach
