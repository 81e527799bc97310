#include "common/enums/word.h"

#include "gtest/gtest.h"
#include "selfology/question/v1/question.pb.h"
#include "selfology/session/v1/session.pb.h"

namespace selfology::enums {
namespace {

using question::v1::DepthLevel;
using session::v1::SessionStatus;

TEST(WordTest, AreThoseOfTheDocuments) {
  EXPECT_EQ(Word(question::v1::DEPTH_LEVEL_CONSCIOUS), "CONSCIOUS");
  EXPECT_EQ(LowerWord(session::v1::SESSION_STATUS_ACTIVE), "active");
  EXPECT_EQ(LowerWord(session::v1::COMPLETION_REASON_NO_QUESTIONS_LEFT), "no_questions_left");
}

TEST(WordTest, LeadBackToTheirValues) {
  const auto* type = google::protobuf::GetEnumDescriptor<DepthLevel>();
  for (int i = 1; i < type->value_count(); ++i) {
    const auto value = static_cast<DepthLevel>(type->value(i)->number());
    EXPECT_EQ(FromWord<DepthLevel>(Word(value)), value);
    EXPECT_EQ(FromWord<DepthLevel>(LowerWord(value)), value);
    EXPECT_TRUE(IsNamed(value));
  }
}

TEST(WordTest, WhatIsNotKnownSaysNothing) {
  EXPECT_EQ(Word(session::v1::SESSION_STATUS_UNSPECIFIED), "");
  EXPECT_EQ(Word(static_cast<SessionStatus>(99)), "");
  EXPECT_FALSE(IsNamed(static_cast<SessionStatus>(99)));
  EXPECT_EQ(FromWord<SessionStatus>("asleep"), session::v1::SESSION_STATUS_UNSPECIFIED);
  EXPECT_EQ(FromWord<SessionStatus>(""), session::v1::SESSION_STATUS_UNSPECIFIED);
}

}  // namespace
}  // namespace selfology::enums
