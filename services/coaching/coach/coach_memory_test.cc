// What the coach remembers: people, plans, answers, preferences, insights.
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/analysis.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/system.pb.h"
#include "services/coaching/coach/coach_fixture_test.h"

namespace selfology::coach {
namespace {

using events::v1::CoachMessageReady;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(CoachServiceTest, RemembersShowsChangesAndForgets) {
  ASSERT_TRUE(
      coach_->SendMessage(Deadline(), Message("My brother Sasha wants to visit", "tg:1")).ok());
  AwaitPublished<CoachMessageReady>(1);
  ASSERT_TRUE(coach_->SendMessage(Deadline(), Message("my brother Sasha called", "tg:2")).ok());
  AwaitPublished<CoachMessageReady>(2);
  v1::GetMemoryRequest get;
  get.set_user_id(kUser);
  auto memory = coach_->GetMemory(Deadline(), get);
  ASSERT_TRUE(memory.ok()) << memory.status();
  ASSERT_THAT(memory->items(), SizeIs(1)) << "said twice, remembered once";
  EXPECT_EQ(memory->items(0).text(), "Sasha, brother");
  EXPECT_THAT(ai_->asked().back().system_prompt(), HasSubstr("Sasha, brother"));

  v1::UpdateMemoryRequest update;
  update.set_user_id(kUser);
  *update.mutable_item() = memory->items(0);
  update.mutable_item()->set_text("Sasha, my little brother");
  const auto updated = coach_->UpdateMemory(Deadline(), update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->item().text(), "Sasha, my little brother");
  v1::UpdateMemoryRequest add;
  add.set_user_id(kUser);
  add.mutable_item()->set_text("I don't eat fish");
  const auto added = coach_->UpdateMemory(Deadline(), add);
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_EQ(coach_->UpdateMemory(Deadline(), add)->item().memory_id(), added->item().memory_id());
  get.set_page_size(1);
  memory = coach_->GetMemory(Deadline(), get);
  EXPECT_EQ(memory->items(0).text(), "I don't eat fish") << "newest first";
  get.set_page_token(memory->next_page_token());
  EXPECT_EQ(coach_->GetMemory(Deadline(), get)->items(0).text(), "Sasha, my little brother");

  v1::ForgetMemoryRequest forget;
  forget.set_user_id(kUser);
  forget.add_memory_ids(added->item().memory_id());
  EXPECT_EQ(coach_->ForgetMemory(Deadline(), forget)->forgotten_count(), 1);
  EXPECT_EQ(coach_->ForgetMemory(Deadline(), forget)->forgotten_count(), 0);
  *add.mutable_item() = added->item();
  EXPECT_EQ(status::Reason(coach_->UpdateMemory(Deadline(), add).status()), "MEMORY_NOT_FOUND");
}

TEST_F(CoachServiceTest, APlanIsMadeKeptTickedOffAndAskedAfter) {
  ASSERT_TRUE(
      coach_->SendMessage(Deadline(), Message("make a plan to learn to swim", "tg:1")).ok());
  AwaitPublished<CoachMessageReady>(1);
  v1::GetMemoryRequest get;
  get.set_user_id(kUser);
  auto memory = coach_->GetMemory(Deadline(), get);
  ASSERT_THAT(memory->plan().steps(), SizeIs(3));
  EXPECT_EQ(memory->plan().goal(), "learn to swim");
  ASSERT_TRUE(coach_->SendMessage(Deadline(), Message("done", "tg:2")).ok());
  AwaitPublished<CoachMessageReady>(2);
  EXPECT_TRUE(coach_->GetMemory(Deadline(), get)->plan().steps(0).done());
  v1::ProposeCheckInRequest check_in;
  check_in.set_user_id(kUser);
  check_in.set_today(memory->plan().steps(1).due_date());
  const auto proposed = coach_->ProposeCheckIn(Deadline(), check_in);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->step_number(), 2);
  EXPECT_THAT(proposed->message_text(), HasSubstr("learn to swim"));
  v1::UpdateMemoryRequest update;
  update.set_user_id(kUser);
  update.add_done_steps(2);
  EXPECT_TRUE(coach_->UpdateMemory(Deadline(), update)->plan().steps(1).done());
  update.add_done_steps(9);
  EXPECT_EQ(status::Reason(coach_->UpdateMemory(Deadline(), update).status()), "MEMORY_NOT_FOUND");
  v1::ForgetMemoryRequest forget;
  forget.set_user_id(kUser);
  forget.set_plan(true);
  EXPECT_EQ(coach_->ForgetMemory(Deadline(), forget)->forgotten_count(), 1);
  EXPECT_FALSE(coach_->GetMemory(Deadline(), get)->has_plan());
}

TEST_F(CoachServiceTest, AnAnswerThatWasChangedIsOfTheDayOfTheChange) {
  events::v1::UserAnswerSubmitted answer;
  answer.set_user_id(kUser);
  answer.set_answer_id(5);
  answer.set_question_text("What do you long for?");
  answer.set_answer_text("The sea.");
  Publish(answer);
  AwaitHandled("coach_interaction.knowledge", 1);
  const auto aged = DatabaseAs("").Write(Deadline(), [](postgres::Transaction& tx) {
    return tx.Execute("UPDATE coach_answers SET answered_at = answered_at - interval '30 days'");
  });
  ASSERT_TRUE(aged.ok()) << aged.status();
  const auto is_old = [&] {
    const auto row = DatabaseAs("").Read(Deadline(), [](postgres::Transaction& tx) {
      return tx.QueryOne<bool>(
          "SELECT answered_at < now() - interval '1 day' FROM coach_answers WHERE id = 5");
    });
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() && std::get<0>(**row);
  };
  Publish(answer);
  AwaitHandled("coach_interaction.knowledge", 2);
  EXPECT_TRUE(is_old()) << "the same once more is no change";
  answer.set_answer_text("The sea, and my brother.");
  Publish(answer);
  AwaitHandled("coach_interaction.knowledge", 3);
  EXPECT_FALSE(is_old());
}

TEST_F(CoachServiceTest, AnswersAreRecalledAndPreferencesKept) {
  events::v1::UserAnswerSubmitted answer;
  answer.set_user_id(kUser);
  answer.set_answer_id(5);
  answer.set_question_text("Что вас тревожит?");
  answer.set_answer_text("Три раза делала ЭКГ. В следующую пятницу у меня экзамен по физике");
  Publish(answer);
  events::v1::PreferencesChanged changed;
  changed.set_user_id(kUser);
  changed.mutable_preferences()->set_form_of_address(notification::v1::FORM_OF_ADDRESS_INFORMAL);
  Publish(changed);
  AwaitHandled("coach_interaction.knowledge", 2);
  ai_->down = true;
  ASSERT_TRUE(coach_->SendMessage(Deadline(), Message("что я говорила про сердце?", "tg:1")).ok());
  const auto ready = AwaitPublished<CoachMessageReady>();
  EXPECT_THAT(ready[0].message_text(), HasSubstr("ЭКГ"));
  v1::GetMemoryRequest get;
  get.set_user_id(kUser);
  const auto memory = coach_->GetMemory(Deadline(), get);
  ASSERT_THAT(memory->items(), SizeIs(1));
  EXPECT_EQ(memory->items(0).answer_id(), 5);
  EXPECT_THAT(ai_->asked(), IsEmpty()) << "it is down";
}

TEST_F(CoachServiceTest, NamesWhatIsWrongWithARequestOfMemory) {
  v1::UpdateMemoryRequest update;
  EXPECT_THAT(status::Violations(coach_->UpdateMemory(Deadline(), update).status()), SizeIs(2));
  update.set_user_id(kUser);
  update.mutable_item()->set_text(std::string(201, 'x'));
  update.mutable_item()->set_due_date("tomorrow");
  EXPECT_THAT(status::Violations(coach_->UpdateMemory(Deadline(), update).status()), SizeIs(2));
  v1::ProposeCheckInRequest check_in;
  check_in.set_user_id(kUser);
  EXPECT_THAT(status::Violations(coach_->ProposeCheckIn(Deadline(), check_in).status()),
              ElementsAre(Field(&status::FieldViolation::field, "today")));
  v1::ForgetMemoryRequest forget;
  forget.set_user_id(kUser);
  forget.mutable_memory_ids()->Resize(201, 1);
  EXPECT_THAT(status::Violations(coach_->ForgetMemory(Deadline(), forget).status()), SizeIs(1));
}

TEST_F(CoachServiceTest, AnInsightIsToldWithAReplyAndNotTwiceADay) {
  for (int64_t id = 1; id <= 2; ++id) {
    events::v1::InsightGenerated insight;
    insight.set_user_id(kUser);
    insight.set_insight_id(id);
    insight.set_content(absl::StrCat("insight ", id));
    insight.set_confidence(0.4 + 0.1 * static_cast<double>(id));
    Publish(insight);
  }
  AwaitHandled("coach_interaction.knowledge", 2);
  for (int i = 1; i <= 2; ++i) {
    ASSERT_TRUE(
        coach_->SendMessage(Deadline(), Message("I paint again", absl::StrCat("tg:", i))).ok());
    AwaitPublished<CoachMessageReady>(static_cast<size_t>(i));
  }
  const auto told = Published<events::v1::InsightReadyForUser>();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].insight_id(), 2) << "the surer one";
}

}  // namespace
}  // namespace selfology::coach
