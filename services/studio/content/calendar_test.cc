#include "services/studio/content/calendar.h"

#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::content {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(CalendarTest, PostsAreEvents) {
  v1::Post post;
  post.set_post_id(7);
  post.set_text("Море, солнце; и \\ ветер\nmore words");
  post.set_state(v1::POST_STATE_SCHEDULED);
  *post.mutable_publish_at() = timestamps::ToProto(absl::FromUnixSeconds(1796032800));
  v1::Post draft;
  draft.set_post_id(8);
  const std::string ics = CalendarOf({post, draft}, absl::FromUnixSeconds(1796000000));
  EXPECT_THAT(ics, StartsWith("BEGIN:VCALENDAR\r\n"));
  EXPECT_THAT(ics, HasSubstr("UID:post-7@selfology\r\n"));
  EXPECT_THAT(ics, HasSubstr("DTSTART:20261130T100000Z\r\n"));
  EXPECT_THAT(ics, HasSubstr("DTEND:20261130T101500Z\r\n"));
  EXPECT_THAT(ics, HasSubstr("SUMMARY:Море\\, солнце\\; и \\\\ ветер\r\n"));
  EXPECT_THAT(ics, HasSubstr("COMMENT:scheduled\r\n"));
  EXPECT_THAT(ics, Not(HasSubstr("post-8")));
  EXPECT_THAT(CalendarOf({}, absl::UnixEpoch()), HasSubstr("END:VCALENDAR"));
}

}  // namespace
}  // namespace selfology::content
