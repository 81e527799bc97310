#include "services/edge/telegram_gateway/routing/reaction_check.h"

#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Directory Dialogs() {
  v1::DialogDescription garden;
  garden.set_dialog("garden");
  garden.add_button_actions("water");
  v1::DialogDescription pond;
  pond.set_dialog("pond");
  pond.add_button_actions("swim");
  return *Directory::Of({garden, pond});
}

v1::Button Button(std::string label, std::string data) {
  v1::Button button;
  button.set_text(std::move(label));
  button.set_callback_data(std::move(data));
  return button;
}

v1::Button Link(std::string url) {
  v1::Button button;
  button.set_text("Read");
  button.set_url(std::move(url));
  return button;
}

class MendReactionTest : public ::testing::Test {
 protected:
  // The fields that broke a rule.
  std::vector<std::string> Correct() {
    std::vector<std::string> fields;
    for (const auto& violation :
         status::Violations(CorrectReaction("garden", Dialogs(), reaction_))) {
      fields.push_back(violation.field);
    }
    return fields;
  }
  v1::DialogMessage& Say(std::string words) {
    v1::DialogMessage& message = *reaction_.add_messages();
    message.set_kind("reply");
    message.set_message_text(std::move(words));
    return message;
  }

  v1::DialogReaction reaction_;
};

TEST_F(MendReactionTest, WhatIsRightStaysAsItIs) {
  v1::DialogMessage& message = Say("<b>Water it?</b>");
  message.set_text_format(v1::TEXT_FORMAT_HTML);
  v1::ButtonRow& row = *message.add_button_rows();
  *row.add_buttons() = Button("Yes", "water:yes");
  *row.add_buttons() = Button("Another garden", "open:pond");
  *row.add_buttons() = Link("https://example.org");
  *row.add_buttons() = Link("tg://user?id=7");
  Say("1 < 2").add_button_rows();
  reaction_.set_notice(std::string(200, 'x'));
  reaction_.set_replacement("<i>Watered.</i>");
  const v1::DialogReaction before = reaction_;
  EXPECT_THAT(Correct(), IsEmpty());
  // But for a row of nothing.
  EXPECT_THAT(reaction_.messages(1).button_rows(), IsEmpty());
  EXPECT_EQ(reaction_.messages(0).SerializeAsString(), before.messages(0).SerializeAsString());
  EXPECT_EQ(reaction_.replacement(), before.replacement());
  EXPECT_EQ(reaction_.notice(), before.notice());
}

TEST_F(MendReactionTest, ButtonsThatNobodyCouldPressAreLeftOut) {
  v1::DialogMessage& message = Say("Water it?");
  v1::ButtonRow& row = *message.add_button_rows();
  *row.add_buttons() = Button("", "water:yes");
  *row.add_buttons() = Button(std::string(65, 'x'), "water:yes");
  *row.add_buttons() = Button("Yes", "water:yes");
  *row.add_buttons() = Button("Far too much", "water:" + std::string(59, 'x'));
  *row.add_buttons() = Button("Nothing", "");
  *row.add_buttons() = Button("Another's", "swim:fast");
  *row.add_buttons() = Link("http://example.org");
  *message.add_button_rows()->add_buttons() = Button("Nobody's", "fly");
  const std::string field = "messages[0].button_rows[0].buttons";
  EXPECT_THAT(Correct(), ElementsAre(field + "[0].text", field + "[1].text",
                                     field + "[3].callback_data", field + "[4].callback_data",
                                     field + "[5].callback_data", field + "[6].url",
                                     "messages[0].button_rows[1].buttons[0].callback_data"));
  ASSERT_THAT(reaction_.messages(0).button_rows(), SizeIs(1));
  ASSERT_THAT(reaction_.messages(0).button_rows(0).buttons(), SizeIs(1));
  EXPECT_EQ(reaction_.messages(0).button_rows(0).buttons(0).text(), "Yes");
  EXPECT_EQ(reaction_.messages(0).message_text(), "Water it?");
}

TEST_F(MendReactionTest, NoMoreButtonsThanThereMayBe) {
  v1::DialogMessage& message = Say("Which?");
  for (int i = 0; i < 101; ++i) {
    v1::ButtonRow& row = *message.add_button_rows();
    for (int j = 0; j < (i == 0 ? 9 : 1); ++j) *row.add_buttons() = Button("Yes", "water:yes");
  }
  EXPECT_THAT(Correct(),
              ElementsAre("messages[0].button_rows", "messages[0].button_rows[0].buttons"));
  EXPECT_THAT(reaction_.messages(0).button_rows(), SizeIs(100));
  EXPECT_THAT(reaction_.messages(0).button_rows(0).buttons(), SizeIs(8));
}

TEST_F(MendReactionTest, HtmlThatTelegramWouldNotReadLosesItsTags) {
  Say("<b>Water it?").set_text_format(v1::TEXT_FORMAT_HTML);
  reaction_.set_replacement("<b>Watered.</i>");
  EXPECT_THAT(Correct(), ElementsAre("messages[0].message_text", "replacement"));
  EXPECT_EQ(reaction_.messages(0).message_text(), "Water it?");
  EXPECT_EQ(reaction_.replacement(), "Watered.");
}

TEST_F(MendReactionTest, ANoticeIsCut) {
  std::string notice;
  for (int i = 0; i < 201; ++i) notice += "я";
  reaction_.set_notice(notice);
  EXPECT_THAT(Correct(), ElementsAre("notice"));
  EXPECT_EQ(text::Characters(reaction_.notice()), 200);
}

TEST_F(MendReactionTest, AReplacementThatIsTooLongIsAMessage) {
  reaction_.set_replacement("<b>" + std::string(5000, 'x') + "</b>");
  Say("And so on.");
  EXPECT_THAT(Correct(), ElementsAre("replacement"));
  EXPECT_EQ(reaction_.replacement(), "");
  EXPECT_TRUE(reaction_.remove_buttons());
  ASSERT_THAT(reaction_.messages(), SizeIs(2));
  EXPECT_THAT(reaction_.messages(0).message_text(), SizeIs(5007));
  EXPECT_EQ(reaction_.messages(0).text_format(), v1::TEXT_FORMAT_HTML);
  EXPECT_EQ(reaction_.messages(1).message_text(), "And so on.");
}

TEST_F(MendReactionTest, TheButtonsOfAReplacementAreLookedAtAndGoWithIt) {
  reaction_.set_replacement("Watered.");
  v1::ButtonRow& row = *reaction_.add_replacement_rows();
  *row.add_buttons() = Button("Dry it", "water:dry");
  *row.add_buttons() = Button("Another's", "swim:fast");
  EXPECT_THAT(Correct(), ElementsAre("replacement_rows[0].buttons[1].callback_data"));
  ASSERT_THAT(reaction_.replacement_rows(), SizeIs(1));
  EXPECT_THAT(reaction_.replacement_rows(0).buttons(), SizeIs(1));

  reaction_.set_replacement(std::string(5000, 'x'));
  EXPECT_THAT(Correct(), ElementsAre("replacement"));
  EXPECT_THAT(reaction_.replacement_rows(), IsEmpty());
  ASSERT_THAT(reaction_.messages(0).button_rows(), SizeIs(1));
  EXPECT_EQ(reaction_.messages(0).button_rows(0).buttons(0).text(), "Dry it");
  EXPECT_TRUE(reaction_.messages(0).keep_buttons());
}

}  // namespace
}  // namespace selfology::telegram_gateway
