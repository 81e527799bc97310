#include "services/edge/telegram_gateway/delivery/outgoing.h"

#include <functional>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Wrong(const std::function<void(v1::DialogMessage&)>& spoil) {
  v1::DialogMessage message = Html("question", "<b>?</b>");
  spoil(message);
  std::vector<std::string> fields;
  for (const auto& violation : status::Violations(CheckMessage(message))) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(CheckMessageTest, NamesTheFieldThatBreaksARule) {
  using M = v1::DialogMessage;
  EXPECT_THAT(Wrong([](M&) {}), IsEmpty());
  EXPECT_THAT(Wrong([](M& m) { m.set_key("feedback:9:q_1"); }), IsEmpty());
  EXPECT_THAT(Wrong([](M& m) { m.set_message_text(" \n"); }), ElementsAre("message_text"));
  EXPECT_THAT(Wrong([](M& m) { m.set_kind(""); }), ElementsAre("kind"));
  EXPECT_THAT(Wrong([](M& m) { m.set_kind("Question"); }), ElementsAre("kind"));
  EXPECT_THAT(Wrong([](M& m) { m.set_key(std::string(129, 'k')); }), ElementsAre("key"));
  EXPECT_THAT(Wrong([](M& m) { m.set_mark(std::string(1, '\0')); }), ElementsAre("mark"));
  EXPECT_THAT(Wrong([](M& m) { m.set_after_key("ключ"); }), ElementsAre("after_key"));
  EXPECT_THAT(Wrong([](M& m) { m.set_tag("menu-2_b"); }), IsEmpty());
  EXPECT_THAT(Wrong([](M& m) { m.set_tag("Menu"); }), ElementsAre("tag"));
  EXPECT_THAT(Wrong([](M& m) { m.set_tag(std::string(65, 'a')); }), ElementsAre("tag"));
}

TEST(OutgoingTest, KeepsToWhatTheContractAllows) {
  v1::DialogMessage message;
  EXPECT_EQ(WorthOf(message), absl::Hours(24));
  EXPECT_EQ(WaitOf(message), absl::ZeroDuration());
  message.mutable_worth()->set_seconds(600);
  message.mutable_wait()->set_nanos(500'000'000);
  EXPECT_EQ(WorthOf(message), absl::Minutes(10));
  EXPECT_EQ(WaitOf(message), absl::Milliseconds(500));
  message.mutable_worth()->set_seconds(1'000'000);
  message.mutable_wait()->set_seconds(1'000'000);
  EXPECT_EQ(WorthOf(message), absl::Hours(24));
  EXPECT_EQ(WaitOf(message), absl::Seconds(10));
  message.mutable_worth()->set_seconds(-5);
  EXPECT_EQ(WorthOf(message), absl::ZeroDuration());
}

TEST(OutgoingTest, WhatBecomesOfIt) {
  v1::DialogMessage message = Html(kReply, "Hello");
  EXPECT_EQ(LifecycleOf(message), "onetime");
  message.set_lifecycle(v1::MESSAGE_LIFECYCLE_EPHEMERAL);
  EXPECT_EQ(LifecycleOf(message), "ephemeral");
  EXPECT_EQ(LifetimeOf(message), absl::Seconds(10));
  message.mutable_lifetime()->set_seconds(0);
  EXPECT_EQ(LifetimeOf(message), absl::Seconds(1));
  message.mutable_lifetime()->set_seconds(1'000'000);
  EXPECT_EQ(LifetimeOf(message), absl::Hours(24));
}

TEST(OutgoingTest, OnlyOnePieceOfTextFitsIntoAnotherMessage) {
  v1::DialogMessage message = Html(kReply, "Hello");
  EXPECT_TRUE(FitsIntoOther(message));
  message.set_reply_to_message_id(7);
  EXPECT_FALSE(FitsIntoOther(message));
  message.clear_reply_to_message_id();
  message.add_media_ids("m1");
  EXPECT_FALSE(FitsIntoOther(message));
  EXPECT_FALSE(FitsIntoOther(Html(kReply, std::string(5000, 'x'))));
}

TEST(OutgoingTest, ChoicesAreButtonsBelowEachOther) {
  const v1::DialogMessage menu = Html(kReply, "Which?", {{"One", "open:one"}, {"Two", "open:two"}});
  ASSERT_THAT(menu.button_rows(), SizeIs(2));
  EXPECT_EQ(menu.button_rows(1).buttons(0).text(), "Two");
  EXPECT_EQ(menu.button_rows(1).buttons(0).callback_data(), "open:two");
}

TEST(OutgoingTest, BodiesOfBeforeThereWereDialogsAreRead) {
  // A SendMessageRequest without user_id and idempotency_key: text, format and buttons as before.
  v1::DialogMessage message = Html("", "Hello");
  message.set_silent(true);
  std::string bytes("\x1a\x05Hello\x20\x01\x30\x01", 11);
  v1::DialogMessage read;
  ASSERT_TRUE(read.ParseFromString(bytes));
  EXPECT_EQ(read.SerializeAsString(), message.SerializeAsString());
}

}  // namespace
}  // namespace selfology::telegram_gateway
