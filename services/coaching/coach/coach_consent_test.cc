// Who has not agreed to the processing of what they write: no conversation, but help in danger.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/safety.pb.h"
#include "services/coaching/coach/coach_fixture_test.h"

namespace selfology::coach {
namespace {

using events::v1::CoachMessageReady;
using events::v1::ConversationStarted;
using events::v1::SafetyDangerNoticed;
using events::v1::UserMessageReceived;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kDanger[] = "I am going to kill myself tonight";

class CoachConsentTest : public CoachServiceTest {
 protected:
  absl::StatusOr<v1::SendMessageResponse> Send(const std::string& text, const std::string& key) {
    return coach_->SendMessage(Deadline(), Message(text, key));
  }
  void ExpectNothingKept() {
    EXPECT_THAT(Published<UserMessageReceived>(), IsEmpty());
    EXPECT_THAT(Published<ConversationStarted>(), IsEmpty());
    v1::ListMessagesRequest list;
    list.set_user_id(kUser);
    EXPECT_THAT(coach_->ListMessages(Deadline(), list)->messages(), IsEmpty());
  }
};

TEST_F(CoachConsentTest, WithoutItNothingIsTakenAndTheErrorSaysHowToGiveIt) {
  session_->agreed = false;
  const auto sent = Send("I feel stuck at work.", "tg:1");
  EXPECT_EQ(status::Reason(sent.status()), "CONSENT_REQUIRED");
  EXPECT_THAT(sent.status().message(),
              AllOf(HasSubstr("RecordConsent"), HasSubstr("/api/v1/onboarding/{user_id}/consent"),
                    HasSubstr("2026-01")));
  v1::StartConversationRequest start;
  start.set_user_id(kUser);
  start.set_idempotency_key("tg:2");
  EXPECT_EQ(status::Reason(coach_->StartConversation(Deadline(), start).status()),
            "CONSENT_REQUIRED");
  ExpectNothingKept();
  EXPECT_THAT(Published<SafetyDangerNoticed>(), IsEmpty());

  session_->agreed = true;
  EXPECT_TRUE(Send("I feel stuck at work.", "tg:1").ok()) << "the same key, once they have agreed";
  AwaitPublished<CoachMessageReady>();
}

TEST_F(CoachConsentTest, WhoIsInDangerGetsHelpBeforeAnythingElse) {
  session_->agreed = false;
  const auto sent = Send(kDanger, "tg:1");
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_THAT(sent->help(), HasSubstr("findahelpline.com"));
  EXPECT_FALSE(sent->has_message());
  EXPECT_EQ(Send(kDanger, "tg:1")->help(), sent->help());
  const auto noticed = Published<SafetyDangerNoticed>();
  ASSERT_THAT(noticed, SizeIs(1)) << "once a key";
  EXPECT_EQ(noticed[0].level(), safety::v1::DANGER_LEVEL_ACT);
  EXPECT_THAT(Send("Я решил покончить с собой сегодня", "tg:2")->help(), HasSubstr("112"));
  ExpectNothingKept();
}

TEST_F(CoachConsentTest, HelpComesWhenNobodyKnowsWhetherTheyHaveAgreed) {
  session_->down = true;
  EXPECT_TRUE(absl::IsUnavailable(Send("I feel stuck at work.", "tg:1").status()));
  EXPECT_THAT(Send(kDanger, "tg:2")->help(), HasSubstr("findahelpline.com"));
  ExpectNothingKept();
}

TEST_F(CoachConsentTest, WhoHasAgreedGetsHelpAsTheReply) {
  const auto sent = Send(kDanger, "tg:1");
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_THAT(sent->help(), IsEmpty());
  EXPECT_THAT(AwaitPublished<CoachMessageReady>()[0].message_text(),
              HasSubstr("findahelpline.com"));
}

}  // namespace
}  // namespace selfology::coach
