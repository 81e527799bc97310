#include "services/coaching/coach/memory/preparation.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coach {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Listener& TheListener() {
  static const auto& listener = *new Listener(*Listener::Load());
  return listener;
}

Past Saying(std::string_view text) {
  Past past;
  past.today = absl::CivilDay(2026, 11, 30);
  past.dialogue.push_back({.by_person = true, .text = std::string(text)});
  return past;
}

v1::MemoryItem Item(v1::MemoryKind kind, std::string_view text, int64_t id) {
  v1::MemoryItem item;
  item.set_kind(kind);
  item.set_text(std::string(text));
  item.set_memory_id(id);
  return item;
}

TEST(PrepareTest, RemembersWhatAMessageNamesOnce) {
  Past past = Saying("I want to learn to swim, and my brother Sasha wants to come");
  const Preparation prepared = Prepare(TheListener(), past);
  EXPECT_THAT(prepared.changed, SizeIs(2));
  past.memory = prepared.known.memory;
  EXPECT_THAT(Prepare(TheListener(), past).changed, IsEmpty());
}

TEST(PrepareTest, MakesThePlanThatWasAskedFor) {
  const Preparation prepared = Prepare(TheListener(), Saying("make a plan to learn to swim"));
  ASSERT_TRUE(prepared.plan.has_value());
  EXPECT_TRUE(prepared.known.plan_made);
  EXPECT_THAT(prepared.plan->steps(), SizeIs(3));
  const Preparation unknown = Prepare(TheListener(), Saying("make a plan"));
  EXPECT_FALSE(unknown.plan.has_value()) << "what for is not known";
}

TEST(PrepareTest, TicksOffSteps) {
  Past past = Saying("done");
  past.plan.emplace().set_goal("swim");
  for (int i = 1; i <= 3; ++i) past.plan->add_steps()->set_number(i);
  Preparation prepared = Prepare(TheListener(), past);
  ASSERT_TRUE(prepared.plan.has_value());
  EXPECT_EQ(prepared.known.step_done, 1);
  past.dialogue.back().text = "step 3 is done";
  prepared = Prepare(TheListener(), past);
  EXPECT_TRUE(prepared.plan->steps(2).done());
  EXPECT_FALSE(prepared.plan->steps(0).done());
}

TEST(PrepareTest, ForgetsWhatIsNamed) {
  Past past = Saying("please forget what I said about nuts");
  past.memory = {Item(v1::MEMORY_KIND_FACT, "I'm allergic to nuts", 7),
                 Item(v1::MEMORY_KIND_GOAL, "learn to swim", 8)};
  const Preparation prepared = Prepare(TheListener(), past);
  EXPECT_THAT(prepared.forgotten, ElementsAre(7));
  EXPECT_THAT(prepared.known.memory, SizeIs(1));
  EXPECT_THAT(prepared.changed, IsEmpty());
}

TEST(PrepareTest, FindsWhatWasSaidEarlierAndNotTheQuestions) {
  Past past = Saying("what did I tell you about my heart?");
  past.passages = {{"I had three ECGs and they found nothing", "What worries you?"},
                   {"what did I tell you about my heart disease?", ""},
                   {"Mum wants me to call on Sundays", ""}};
  past.passages[0].said_on = absl::CivilDay(2026, 11, 27);
  const Known known = Prepare(TheListener(), past).known;
  ASSERT_THAT(known.found, SizeIs(1));
  EXPECT_EQ(known.found[0].text, "I had three ECGs and they found nothing");
  EXPECT_EQ(known.found[0].day, absl::CivilDay(2026, 11, 27));
}

TEST(PrepareTest, SaysWhenSomethingIs) {
  Past past = Saying("when is my exam?");
  past.memory = {Item(v1::MEMORY_KIND_DATE, "driving exam", 1)};
  past.memory[0].set_due_date("2026-12-04");
  const Known known = Prepare(TheListener(), past).known;
  ASSERT_THAT(known.found, SizeIs(1));
  EXPECT_EQ(known.found[0].text, "driving exam — on Friday, 4 December");
}

TEST(PrepareTest, KnowsForWeeksWhomTheyMourn) {
  Past past = Saying("His chair is still by the window");
  past.passages = {{"My husband died last week", "", absl::CivilDay(2026, 11, 20)}};
  EXPECT_EQ(Prepare(TheListener(), past).known.loss, "My husband died last week");
  past.passages.push_back({"Nobody died, it was only a film", "", absl::CivilDay(2026, 11, 21)});
  EXPECT_EQ(Prepare(TheListener(), past).known.loss, "");
  past.passages = {{"My husband died last week", "", absl::CivilDay(2026, 1, 20)}};
  EXPECT_EQ(Prepare(TheListener(), past).known.loss, "") << "long ago";
}

TEST(PrepareTest, AskedToRememberItNotesWhatToRemember) {
  const Preparation prepared = Prepare(TheListener(), Saying("Запомни, что я не ем рыбу"));
  EXPECT_THAT(prepared.known.remembered, ElementsAre("я не ем рыбу"));
  ASSERT_THAT(prepared.changed, SizeIs(1));
  EXPECT_EQ(prepared.changed[0].kind(), v1::MEMORY_KIND_FACT);
}

}  // namespace
}  // namespace selfology::coach
