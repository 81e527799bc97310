#include "services/studio/content/studio_dialog.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/content/v1/content_service_client.h"
#include "selfology/telegram/v1/dialog_service_client.h"
#include "services/studio/content/fake_social_test.h"
#include "services/studio/content/settings.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"

namespace selfology::content {
namespace {

using ::selfology::testing::EqualsProto;
using telegram_v1::DialogMessage;
using telegram_v1::DialogReaction;
using telegram_v1::DialogUpdate;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

class StudioDialogTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override { Start("https://example.org/studio/"); }
  void TearDown() override { StopMesh(); }

  void Start(const std::string& page) {
    ContentSettings settings;
    settings.works_jobs = false;
    settings.page_url = page;
    StartMesh(
        ::selfology::testing::Modules(MakeModule(settings), std::make_unique<FakeSocialModule>()));
    dialog_.emplace(Peer("content"));
    posts_.emplace(Peer("content"));
  }

  DialogReaction React(DialogUpdate update, const std::string& key = "") {
    telegram_v1::ReactRequest request;
    request.set_dialog("content");
    request.set_user_id(kUser);
    request.set_update_number(++number_);
    request.set_update_key(key.empty() ? absl::StrCat("42:", number_) : key);
    request.set_language(language_);
    *request.mutable_update() = std::move(update);
    const auto response = dialog_->React(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->reaction() : DialogReaction();
  }
  static DialogUpdate Command(const std::string& argument = "",
                              const std::string& name = "studio") {
    DialogUpdate update;
    update.mutable_command()->set_name(name);
    update.mutable_command()->set_argument(argument);
    return update;
  }
  DialogReaction Press(const std::string& argument) {
    DialogUpdate update;
    update.mutable_button()->set_action("studio");
    update.mutable_button()->set_argument(argument);
    return React(update);
  }
  static std::string Buttons(const DialogMessage& message) {
    std::string all;
    for (const auto& row : message.button_rows()) {
      for (const auto& button : row.buttons()) {
        absl::StrAppend(&all, button.has_url() ? button.url() : button.callback_data(), " ");
      }
    }
    return all;
  }
  v1::ListPostsResponse Posts() {
    v1::ListPostsRequest request;
    request.set_user_id(kUser);
    const auto response = posts_->ListPosts(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::ListPostsResponse());
  }

  std::optional<telegram_v1::DialogServiceClient> dialog_;
  std::optional<v1::ContentServiceClient> posts_;
  std::string language_ = "en";
  int64_t number_ = 0;
};

TEST_F(StudioDialogTest, ATextBehindTheCommandIsADraftOnce) {
  const DialogReaction first = React(Command("Ducks & geese\nfly south."), "same");
  ASSERT_THAT(first.messages(), SizeIs(1));
  EXPECT_THAT(first.messages(0).message_text(),
              HasSubstr("Saved as a draft</b>\nDucks &amp; geese\nfly south."));
  EXPECT_THAT(React(Command("Ducks & geese\nfly south."), "same"), EqualsProto(first));
  ASSERT_THAT(Posts().posts(), SizeIs(1));
  const v1::Post post = Posts().posts(0);
  EXPECT_EQ(post.text(), "Ducks & geese\nfly south.");
  EXPECT_EQ(post.state(), v1::POST_STATE_DRAFT);
  EXPECT_THAT(Buttons(first.messages(0)),
              HasSubstr(absl::StrCat("studio:delete:", post.post_id())));

  const DialogReaction panel = React(Command());
  EXPECT_THAT(panel.messages(0).message_text(), HasSubstr("1. Ducks &amp; geese fly south."));
  EXPECT_THAT(Buttons(panel.messages(0)), HasSubstr(absl::StrCat("studio:show:", post.post_id())));
  EXPECT_THAT(Buttons(panel.messages(0)), HasSubstr("https://example.org/studio/"));
  EXPECT_EQ(panel.messages(0).tag(), "studio");
  EXPECT_THAT(Press(absl::StrCat("show:", post.post_id())).messages(0).message_text(),
              HasSubstr("<i>draft</i>"));
  const DialogReaction deleted = Press(absl::StrCat("delete:", post.post_id()));
  EXPECT_THAT(deleted.messages(0).message_text(), HasSubstr("None yet."));
  EXPECT_THAT(Posts().posts(), IsEmpty());
  EXPECT_THAT(Press(absl::StrCat("show:", post.post_id())).notice(), HasSubstr("not there"));
}

TEST_F(StudioDialogTest, AMessageThatIsRepliedToIsADraft) {
  DialogUpdate update = Command();
  update.mutable_replied_to()->set_message_id(7);
  update.mutable_replied_to()->set_words("What the coach said.");
  language_ = "ru";
  EXPECT_THAT(React(update).messages(0).message_text(), HasSubstr("Сохранено как черновик"));
  EXPECT_EQ(Posts().posts(0).text(), "What the coach said.");
  update.mutable_replied_to()->set_quote("the coach");
  React(update);
  EXPECT_EQ(Posts().posts(0).text(), "the coach");
}

TEST_F(StudioDialogTest, TheNextMessageIsTheDraftThatWasAskedFor) {
  const DialogReaction asked = Press("new");
  EXPECT_EQ(asked.focus(), telegram_v1::FOCUS_CHANGE_TAKE);
  EXPECT_EQ(asked.question(), telegram_v1::DIALOG_QUESTION_WAITS);
  DialogUpdate sticker;
  sticker.mutable_content()->set_kind(telegram_v1::CONTENT_KIND_STICKER);
  EXPECT_THAT(React(sticker).messages(0).message_text(), HasSubstr("words only"));
  DialogUpdate words;
  words.set_words("Geese came back.");
  const DialogReaction saved = React(words);
  EXPECT_EQ(saved.focus(), telegram_v1::FOCUS_CHANGE_GIVE_BACK);
  EXPECT_EQ(saved.question(), telegram_v1::DIALOG_QUESTION_NONE);
  EXPECT_EQ(Posts().posts(0).text(), "Geese came back.");
  EXPECT_EQ(Press("back").focus(), telegram_v1::FOCUS_CHANGE_GIVE_BACK);
  for (const char* const said : {"Cancel.", "Отмена"}) {
    words.set_words(said);
    EXPECT_EQ(React(words).focus(), telegram_v1::FOCUS_CHANGE_GIVE_BACK);
    EXPECT_THAT(Posts().posts(), SizeIs(1)) << said << " is no draft";
  }
  EXPECT_THAT(Buttons(React(Command("", "start")).messages(0)), HasSubstr("open:"));
}

TEST_F(StudioDialogTest, PlannedPostsComeInTheirOrderByThePersonsClock) {
  v1::SetSlotsRequest slots;
  slots.set_user_id(kUser);
  slots.set_time_zone("Asia/Tokyo");
  ASSERT_TRUE(posts_->SetSlots(Deadline(), slots).ok());
  const absl::TimeZone tokyo = absl::FixedTimeZone(9 * 60 * 60);
  const absl::CivilDay day = absl::ToCivilDay(absl::Now(), tokyo) + 20;
  for (const int after : {2, 1}) {
    v1::CreatePostRequest create;
    create.set_user_id(kUser);
    create.set_text(absl::StrCat("number ", after));
    create.add_account_ids(1);
    create.set_idempotency_key(absl::StrCat(after));
    const auto made = posts_->CreatePost(Deadline(), create);
    ASSERT_TRUE(made.ok()) << made.status();
    v1::SchedulePostRequest schedule;
    schedule.set_user_id(kUser);
    schedule.set_post_id(made->post().post_id());
    schedule.set_expected_revision(made->post().revision());
    *schedule.mutable_publish_at() =
        timestamps::ToProto(absl::FromCivil(absl::CivilHour(day + after) + 18, tokyo));
    ASSERT_TRUE(posts_->SchedulePost(Deadline(), schedule).ok());
  }
  const std::string text = React(Command()).messages(0).message_text();
  EXPECT_THAT(text, HasSubstr("18:00 — number 1\n"));
  EXPECT_LT(text.find("number 1"), text.find("number 2"));
  EXPECT_THAT(text, Not(HasSubstr("UTC")));
}

TEST_F(StudioDialogTest, TheButtonOfAnOldCardDeletesNothingThatIsPlanned) {
  v1::CreatePostRequest create;
  create.set_user_id(kUser);
  create.set_text("Geese.");
  create.add_account_ids(1);
  create.set_idempotency_key("geese");
  const auto made = posts_->CreatePost(Deadline(), create);
  ASSERT_TRUE(made.ok()) << made.status();
  v1::SchedulePostRequest schedule;
  schedule.set_user_id(kUser);
  schedule.set_post_id(made->post().post_id());
  schedule.set_expected_revision(made->post().revision());
  const absl::CivilDay day = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) + 20;
  *schedule.mutable_publish_at() =
      timestamps::ToProto(absl::FromCivil(absl::CivilHour(day) + 18, absl::UTCTimeZone()));
  ASSERT_TRUE(posts_->SchedulePost(Deadline(), schedule).ok());
  const DialogReaction kept = Press(absl::StrCat("delete:", made->post().post_id()));
  ASSERT_THAT(kept.messages(), SizeIs(1));
  EXPECT_THAT(kept.messages(0).message_text(), HasSubstr("no draft any more"));
  EXPECT_THAT(Buttons(kept.messages(0)), Not(HasSubstr("delete")));
  EXPECT_THAT(Posts().posts(), SizeIs(1));
}

TEST_F(StudioDialogTest, APageWithoutHttpsIsALinkAndNoneIsNothing) {
  StopMesh();
  Start("http://127.0.0.1:8011/studio/");
  EXPECT_THAT(React(Command()).messages(0).message_text(),
              HasSubstr("<a href=\"http://127.0.0.1:8011/studio/\">"));
  StopMesh();
  Start("");
  EXPECT_THAT(React(Command()).messages(0).message_text(), Not(HasSubstr("href")));
}

TEST_F(StudioDialogTest, NamesWhatIsWrongWithARequest) {
  telegram_v1::ReactRequest request;
  request.set_dialog("content");
  EXPECT_THAT(status::Violations(dialog_->React(Deadline(), request).status()), SizeIs(4));
  telegram_v1::DescribeDialogRequest describe;
  describe.set_dialog("content");
  const auto description = dialog_->DescribeDialog(Deadline(), describe);
  ASSERT_TRUE(description.ok()) << description.status();
  EXPECT_THAT(description->description().help(), SizeIs(2));
}

}  // namespace
}  // namespace selfology::content
