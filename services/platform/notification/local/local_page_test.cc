#include "services/platform/notification/local/local_page.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::notification {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr LocalPageWords kWords = {.heading = "Local mailbox",
                                   .empty = "No mail yet.",
                                   .other_name = "Pushes and SMS",
                                   .other_path = "/api/v1/mesh/pushes"};

v1::LocalMessage Message(v1::Channel channel) {
  v1::LocalMessage message;
  message.set_channel(channel);
  message.set_to_address("ann@example.org");
  message.set_subject("Tea & <cake>");
  message.set_text("Now.\n\"Soon\"");
  message.mutable_sent_at()->set_seconds(1'795'000'000);
  return message;
}

TEST(LocalPageTest, ShowsMessagesAndEscapesWhatPeopleWrote) {
  v1::LocalMessage mail = Message(v1::CHANNEL_EMAIL);
  mail.set_raw_content("Subject: <script>");
  const std::string page = LocalPage(kWords, {mail});
  EXPECT_THAT(page, HasSubstr("<h2>Tea &amp; &lt;cake&gt;</h2>"));
  EXPECT_THAT(page, HasSubstr("Mail</span>to ann@example.org"));
  EXPECT_THAT(page, HasSubstr("Now.\n&quot;Soon&quot;"));
  EXPECT_THAT(page, HasSubstr("Subject: &lt;script&gt;"));
  EXPECT_THAT(page, HasSubstr("datetime=\"2026-11-18T11:06:40Z\">18 Nov 2026, 11:06:40 UTC<"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("No mail yet.")));
}

TEST(LocalPageTest, PushesHaveTheirNumber) {
  v1::LocalMessage push = Message(v1::CHANNEL_PUSH);
  push.set_badge(3);
  EXPECT_THAT(LocalPage(kWords, {push}), HasSubstr("unread: 3"));
  push.clear_subject();
  push.clear_text();
  EXPECT_THAT(LocalPage(kWords, {push}), HasSubstr("Only the number on the app's icon"));
}

TEST(LocalPageTest, SaysThatThereIsNothing) {
  const std::string page = LocalPage(kWords, {});
  EXPECT_THAT(page, HasSubstr("No mail yet."));
  EXPECT_THAT(page, HasSubstr("href=\"/api/v1/mesh/pushes\""));
}

}  // namespace
}  // namespace selfology::notification
