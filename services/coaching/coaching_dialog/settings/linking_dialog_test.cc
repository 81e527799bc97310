// /link, as people have it in the chat.
#include <string>

#include "services/coaching/coaching_dialog/dialog_fixture_test.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LinkingDialogTest : public DialogTest {
 protected:
  void SetUp() override {
    DialogTest::SetUp();
    owners().Do([](Owners& o) { o.link_code = "ABCD-EFGH-JKLM"; });
    Start();
  }
  events::v1::UserAccountsLinked Linked(int64_t kept) {
    events::v1::UserAccountsLinked event;
    event.set_user_id(kept);
    event.set_telegram_id(kAnn);
    return event;
  }
};

TEST_F(LinkingDialogTest, WithoutACodeItSaysHowToGetOne) {
  EXPECT_THAT(TextOf(Give("link")), HasSubstr("/link CODE"));
  EXPECT_EQ(Calls("ConfirmLink"), 0);
}

TEST_F(LinkingDialogTest, BringsTheCodeAndTheEventTellsThePerson) {
  const v1::DialogReaction reaction = Give("link", " ABCD-EFGH-JKLM ");
  EXPECT_TRUE(reaction.typing());
  EXPECT_THAT(reaction.messages(), IsEmpty());
  const auto links = owners().Do([](Owners& o) { return o.links; });
  ASSERT_THAT(links, SizeIs(1));
  EXPECT_EQ(links[0].telegram_id(), kAnn);
  EXPECT_EQ(links[0].code(), "ABCD-EFGH-JKLM");
  EXPECT_THAT(TextOf(Render(Linked(kAnn))), HasSubstr("are one now"));
}

TEST_F(LinkingDialogTest, TellsItInThePersonsLanguage) {
  Give("language", "ru");
  EXPECT_THAT(TextOf(Render(Linked(kAnn))), HasSubstr("теперь одно"));
}

TEST_F(LinkingDialogTest, IfBothHaveDataThePersonChooses) {
  owners().Do([](Owners& o) { o.choice_required = true; });
  const v1::DialogReaction asked = Give("link", "ABCD-EFGH-JKLM");
  EXPECT_THAT(TextOf(asked), HasSubstr("which shall stay?"));
  EXPECT_THAT(ButtonsOf(asked), ElementsAre("link:chat", "link:web"));
  EXPECT_THAT(Press("link:web").replacement(), HasSubstr("on the web stays"));
  EXPECT_THAT(Press("link:chat").notice(), HasSubstr("no longer")) << "it is done";
  const auto choices = owners().Do([](Owners& o) { return o.choices; });
  ASSERT_THAT(choices, SizeIs(1));
  EXPECT_EQ(choices[0].user_id(), kAnn);
  EXPECT_EQ(choices[0].keep(), user::v1::KEPT_ACCOUNT_WEB);
}

TEST_F(LinkingDialogTest, TheChatMayStay) {
  owners().Do([](Owners& o) { o.choice_required = true; });
  Give("link", "ABCD-EFGH-JKLM");
  EXPECT_THAT(Press("link:chat").replacement(), HasSubstr("What is here stays"));
  EXPECT_EQ(owners().Do([](Owners& o) { return o.choices.back().keep(); }),
            user::v1::KEPT_ACCOUNT_TELEGRAM);
}

TEST_F(LinkingDialogTest, SaysWhyItDidNothing) {
  EXPECT_THAT(TextOf(Give("link", "NEVER")), HasSubstr("not valid"));
  owners().Do([](Owners& o) {
    o.failures["ConfirmLink"] =
        status::Error(mesh::v1::ERROR_CODE_ACCOUNT_ALREADY_LINKED, "it is linked already");
  });
  EXPECT_THAT(TextOf(Give("link", "ABCD-EFGH-JKLM")), HasSubstr("linked already"));
  owners().Do([](Owners& o) { o.failures["ConfirmLink"] = absl::UnavailableError("down"); });
  EXPECT_THAT(TextOf(Give("link", "ABCD-EFGH-JKLM")), HasSubstr("cannot tell"));
  EXPECT_THAT(Press("link:what").notice(), HasSubstr("no longer"));
}

TEST_F(LinkingDialogTest, AChatOfAWebAccountIsLinkedAlready) {
  v1::DialogUpdate update;
  update.mutable_command()->set_name("link");
  update.mutable_command()->set_argument("ABCD-EFGH-JKLM");
  v1::ReactRequest request = Next(std::move(update));
  request.set_user_id((int64_t{1} << 52) + 7);
  EXPECT_THAT(TextOf(React(request)), HasSubstr("linked already"));
}

}  // namespace
}  // namespace selfology::coaching_dialog
