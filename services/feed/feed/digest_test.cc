#include "services/feed/feed/digest.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::Post Post(int64_t id, int64_t channel, std::string text) {
  v1::Post post;
  post.set_id(id);
  post.set_channel_id(channel);
  post.set_channel_title("Channel " + std::to_string(channel));
  post.set_text(std::move(text));
  return post;
}

TEST(DigestTest, KeepsAChannelTogetherAtItsBestPostsPlace) {
  std::vector<int64_t> ids;
  for (const v1::Post& post : ByChannel({Post(1, 7, "a"), Post(2, 8, "b"), Post(3, 7, "c")})) {
    ids.push_back(post.id());
  }
  EXPECT_THAT(ids, ElementsAre(1, 3, 2));
}

TEST(DigestTest, IsTextInTheLanguageOfThePerson) {
  v1::Post post = Post(1, 7, "First line\nsecond");
  post.set_url("https://t.me/durov/1");
  EXPECT_EQ(DigestText({post, Post(2, 8, "")}, "en"),
            "The best of the last day\n\nChannel 7\n• First line second\n  https://t.me/durov/1"
            "\n\nChannel 8\n• (no text)");
  EXPECT_THAT(DigestText({post}, "ru-RU"), HasSubstr("Лучшее за сутки"));
  EXPECT_EQ(DigestText({}, "ru"), "За последние сутки в ваших каналах ничего нового.");
}

TEST(CutTest, CutsBetweenCharacters) {
  EXPECT_EQ(Cut("жизнь", 5), "жизнь");
  EXPECT_EQ(Cut("жизнь", 4), "жиз…");
  EXPECT_EQ(Cut("один два", 6), "один…");
  EXPECT_EQ(Cut("", 4), "");
}

}  // namespace
}  // namespace selfology::feed
