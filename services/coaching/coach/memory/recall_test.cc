#include "services/coaching/coach/memory/recall.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace selfology::coach {
namespace {

struct Pair {
  std::string_view question;
  int64_t meant;
};

// What ten answers of a person were, and how they ask for them later.
constexpr std::string_view kEnglish[] = {
    "I had three ECGs this year and they found nothing, but I still check my pulse in meetings",
    "My aunt's dog Biscuit is the only one who is always glad to see me",
    "I promised my mum that I'd come home for Easter",
    "If I slip once at work, they'll all remember it for ever",
    "I'd love to open a small bakery by the sea one day",
    "We had no money when I was small, so I count everything twice",
    "I play bass in a band on Thursdays, it's the best evening of the week",
    "My ex left three years ago and I never told anyone why",
    "I sleep badly before every presentation",
    "My grandfather taught me to mend clocks"};
constexpr Pair kEnglishPairs[] = {{"what did I tell you about my heart?", 0},
                                  {"who did I say is always happy to see me?", 1},
                                  {"what have I promised my mother?", 2},
                                  {"what did I say about making a mistake?", 3},
                                  {"what was my dream again?", 4},
                                  {"what did I say about money as a child?", 5},
                                  {"which instrument did I say I play?", 6},
                                  {"what did I tell you about the breakup?", 7},
                                  {"what did I say about bad nights?", 8},
                                  {"who taught me about clocks?", 9}};
constexpr std::string_view kRussian[] = {
    "Три раза делала ЭКГ, ничего не нашли, но на совещаниях всё равно щупаю пульс",
    "Больше всех мне радуется тётина собака Булка",
    "Обещала маме приехать на Пасху",
    "На работе если один раз ошибусь, все запомнят",
    "Хочу когда-нибудь открыть маленькую пекарню у моря",
    "В детстве не было денег, поэтому всё считаю по два раза",
    "По четвергам играю на бас-гитаре в группе, лучший вечер недели",
    "Муж ушёл три года назад, и я никому не сказала почему",
    "Перед каждым докладом плохо сплю",
    "Дед научил меня чинить часы"};
constexpr Pair kRussianPairs[] = {{"что я говорила про сердце?", 0},
                                  {"кто мне всегда рад?", 1},
                                  {"что я маме обещала?", 2},
                                  {"что я говорила про ошибки?", 3},
                                  {"какая у меня была мечта?", 4},
                                  {"что я рассказывала про деньги?", 5},
                                  {"на чём я играю?", 6},
                                  {"что я говорила про развод?", 7},
                                  {"что я писала про бессонницу?", 8},
                                  {"кто научил меня чинить часы?", 9}};

template <size_t kTexts, size_t kPairs>
int FoundFirst(const std::string_view (&texts)[kTexts], const Pair (&pairs)[kPairs]) {
  Recall recall;
  for (size_t i = 0; i < kTexts; ++i) recall.Add(static_cast<int64_t>(i), texts[i], "");
  return static_cast<int>(std::count_if(std::begin(pairs), std::end(pairs), [&](const Pair& pair) {
    const auto hits = recall.Find(pair.question, 1);
    return !hits.empty() && hits.front().id == pair.meant;
  }));
}

TEST(RecallTest, FindsWhatIsMeant) {
  EXPECT_GE(FoundFirst(kEnglish, kEnglishPairs), 9);
  EXPECT_GE(FoundFirst(kRussian, kRussianPairs), 9);
}

TEST(RecallTest, FindsNothingWhereNothingIs) {
  Recall recall;
  EXPECT_TRUE(recall.Find("my heart", 3).empty());
  recall.Add(1, "The weather was fine", "");
  EXPECT_TRUE(recall.Find("what did I tell you about that?", 3).empty()) << "no word that counts";
  const auto hits = recall.Find("what did I say about my bicycle?", 3);
  EXPECT_TRUE(hits.empty() || hits.front().score < kIsRecalled);
}

TEST(RecallTest, OfEqualsTheLaterComesFirst) {
  Recall recall;
  recall.Add(1, "Lena called", "");
  recall.Add(2, "Lena called", "");
  const auto hits = recall.Find("what about Lena", 2);
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_EQ(hits.front().id, 2);
}

TEST(RecallTest, TheQuestionThatWasAskedCounts) {
  Recall recall;
  recall.Add(1, "Nothing at all", "What are you afraid of?");
  recall.Add(2, "The lake at six in the morning", "Where are you calm?");
  EXPECT_EQ(recall.Find("what did I say about my fears?", 1).front().id, 1);
}

}  // namespace
}  // namespace selfology::coach
