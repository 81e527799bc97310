// Who hears a person's words: the dialog that takes the focus, or one that borrows it for a while.
#include <string>
#include <utility>

#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr absl::Duration kLoan = absl::Minutes(30);

class FocusTest : public GatewayTest {
 protected:
  // The garden has the focus.
  void SetUp() override {
    GatewayTest::SetUp();
    orchard_ = &AddDialog("orchard");
    Start();
    Await("Welcome to the garden", Say("/start garden"));
  }

  // What its answers say of the focus and of its questions from now on.
  static void Let(FakeDialog& dialog, v1::FocusChange focus,
                  v1::DialogQuestion question = v1::DIALOG_QUESTION_UNSPECIFIED,
                  absl::Duration worth = absl::ZeroDuration()) {
    v1::DialogReaction said;
    said.set_focus(focus);
    said.set_question(question);
    if (worth > absl::ZeroDuration()) {
      said.mutable_question_worth()->set_seconds(absl::ToInt64Seconds(worth));
    }
    dialog.Do([&](FakeDialog& d) {
      d.react = [said](const v1::ReactRequest& request) {
        const v1::DialogUpdate& update = request.update();
        v1::ReactResponse response = Answering(
            {Saying(absl::StrCat(request.dialog(), " hears ",
                                 update.has_words() ? update.words() : update.command().name(),
                                 request.other_question_waits() ? " after another" : ""))});
        response.mutable_reaction()->MergeFrom(said);
        return response;
      };
      d.render = [said](const v1::RenderEventRequest& request) {
        auto response = Answering<v1::RenderEventResponse>({Saying(request.payload())});
        response.mutable_reaction()->MergeFrom(said);
        return response;
      };
    });
  }
  // It takes these words when they are passed on to it, and no others.
  static void TakeOnly(FakeDialog& dialog, std::string words) {
    dialog.Do([&](FakeDialog& d) {
      d.react = [words](const v1::ReactRequest& request) {
        EXPECT_TRUE(request.passed_on());
        v1::ReactResponse response = Answering(
            {Saying(absl::StrCat(request.dialog(), " takes ", request.update().words()))});
        response.mutable_reaction()->set_passed_on(request.update().words() != words);
        return response;
      };
    });
  }
  FakeDialog& orchard() { return *orchard_; }

 private:
  FakeDialog* orchard_ = nullptr;
};

TEST_F(FocusTest, DialogsTakeItAndGiveItBack) {
  const auto take = [](const v1::ReactRequest& request) {
    const v1::DialogUpdate& update = request.update();
    v1::ReactResponse response = Answering(
        {Saying(absl::StrCat(request.dialog(), " takes ",
                             update.has_words() ? update.words() : update.command().name()))});
    response.mutable_reaction()->set_focus(
        request.update().words() == "Enough." ? v1::FOCUS_CHANGE_GIVE_BACK : v1::FOCUS_CHANGE_TAKE);
    return response;
  };
  for (FakeDialog* dialog : {&garden(), &orchard()}) {
    dialog->Do([&](FakeDialog& d) { d.react = take; });
  }
  Await("garden takes garden", Say("/garden"));
  Await("garden takes one", Say("one"));
  Await("orchard takes orchard", Say("/orchard"));
  Await("orchard takes two", Say("two"));
  Await("orchard takes Enough.", Say("Enough."));
  Await("garden takes three", Say("three"));
  Await("garden takes Enough.", Say("Enough."));
  Await("What would you like to talk about?", Say("four"));
}

TEST_F(FocusTest, ADialogBorrowsItForAWhile) {
  Let(orchard(), v1::FOCUS_CHANGE_BORROW);
  Await("orchard hears orchard", Say("/orchard"));
  MoveClock(kLoan - absl::Minutes(5));
  Await("orchard hears one", Say("one"));
  MoveClock(kLoan - absl::Minutes(5));
  Await("orchard hears two", Say("two"));
  EXPECT_THAT(garden().Heard(), IsEmpty());
  // It is only words that it hears.
  Await("Welcome to the garden", Say("/start"));
  MoveClock(kLoan + absl::Minutes(1));
  Await("garden heard: three", Say("three"));
}

TEST_F(FocusTest, ADialogGivesBackWhatItBorrowed) {
  Let(orchard(), v1::FOCUS_CHANGE_BORROW);
  Await("orchard hears orchard", Say("/orchard"));
  Let(orchard(), v1::FOCUS_CHANGE_GIVE_BACK);
  Await("orchard hears one", Say("one"));
  Await("garden heard: two", Say("two"));
}

TEST_F(FocusTest, WhoTakesItEndsTheLoan) {
  Let(orchard(), v1::FOCUS_CHANGE_BORROW);
  Await("orchard hears orchard", Say("/orchard"));
  Let(garden(), v1::FOCUS_CHANGE_TAKE);
  Await("garden hears garden", Say("/garden"));
  Await("garden hears one", Say("one"));
  // Taken by who has borrowed it, it is no loan any more.
  Await("orchard hears orchard", Say("/orchard"));
  Let(orchard(), v1::FOCUS_CHANGE_TAKE);
  Await("orchard hears two", Say("two"));
  MoveClock(2 * kLoan);
  Await("orchard hears three", Say("three"));
  Let(orchard(), v1::FOCUS_CHANGE_GIVE_BACK);
  Await("orchard hears four", Say("four"));
  Await("garden hears five", Say("five"));
}

TEST_F(FocusTest, NobodyBorrowsItWhileAnotherDialogsQuestionWaits) {
  Let(garden(), v1::FOCUS_CHANGE_UNSPECIFIED, v1::DIALOG_QUESTION_WAITS);
  Let(orchard(), v1::FOCUS_CHANGE_BORROW);
  EXPECT_THAT(Await("garden hears garden", Say("/garden")).text, Not(HasSubstr("after another")));
  Await("orchard hears orchard after another", Say("/orchard"));
  Let(garden(), v1::FOCUS_CHANGE_UNSPECIFIED, v1::DIALOG_QUESTION_NONE);
  EXPECT_THAT(Await("garden hears my answer", Say("my answer")).text,
              Not(HasSubstr("after another")))
      << "its own question is no other's";
  Await("garden hears and what follows", Say("and what follows"));
  EXPECT_THAT(Await("orchard hears orchard", Say("/orchard")).text,
              Not(HasSubstr("after another")));
  Await("orchard hears one", Say("one"));
}

TEST_F(FocusTest, WhoWouldHaveBorrowedItTakesWhatCanHardlyBeAnAnswer) {
  StopMesh();
  orchard().description.set_takes_passed_on(true);
  Start();
  Let(garden(), v1::FOCUS_CHANGE_UNSPECIFIED, v1::DIALOG_QUESTION_WAITS);
  Let(orchard(), v1::FOCUS_CHANGE_BORROW);
  Await("garden hears garden", Say("/garden"));
  Await("orchard hears orchard after another", Say("/orchard"));
  TakeOnly(orchard(), "Water the trees tomorrow.");
  Await("orchard takes Water the trees tomorrow.", Say("Water the trees tomorrow."));
  Await("garden hears Where my books are.", Say("Where my books are."));
  EXPECT_EQ(Count("orchard takes Where"), 0);
  MoveClock(kLoan + absl::Minutes(1));
  Await("garden hears Water the trees tomorrow.", Say("Water the trees tomorrow."));
}

TEST_F(FocusTest, WhatADialogPassesOnIsForWhoTakesIt) {
  StopMesh();
  orchard().description.set_takes_passed_on(true);
  Start();
  garden().Do([&](FakeDialog& d) {
    d.react = [](const v1::ReactRequest& request) {
      EXPECT_FALSE(request.passed_on());
      v1::ReactResponse response =
          Answering({Saying(absl::StrCat("garden hints at ", request.update().words()))});
      response.mutable_reaction()->set_passed_on(true);
      return response;
    };
  });
  TakeOnly(orchard(), "Remind me.");
  Await("orchard takes Remind me.", Say("Remind me."));
  Await("garden hints at the weather", Say("the weather"));
  EXPECT_EQ(Count("garden hints at Remind me."), 0);
}

TEST_F(FocusTest, WordsWaitForWhoMayHaveTakenThem) {
  StopMesh();
  orchard().description.set_takes_passed_on(true);
  Start();
  Let(garden(), v1::FOCUS_CHANGE_UNSPECIFIED, v1::DIALOG_QUESTION_WAITS);
  Let(orchard(), v1::FOCUS_CHANGE_BORROW);
  Await("garden hears garden", Say("/garden"));
  Await("orchard hears orchard after another", Say("/orchard"));
  StopMesh();
  SendAway("orchard");
  Start();
  Say("Water the trees.");
  AwaitHeld(1);
  EXPECT_EQ(Count("garden hears Water"), 0);
  StopMesh();
  SendBack("orchard");
  TakeOnly(orchard(), "Water the trees.");
  Start();
  Await("orchard takes Water the trees.");
  EXPECT_EQ(Count("orchard takes Water"), 1);
}

TEST_F(FocusTest, AQuestionEndsTheLoan) {
  Let(orchard(), v1::FOCUS_CHANGE_BORROW);
  Await("orchard hears orchard", Say("/orchard"));
  Let(garden(), v1::FOCUS_CHANGE_UNSPECIFIED, v1::DIALOG_QUESTION_WAITS);
  Tell("garden.changed", "What is home to you?");
  Await("What is home to you?");
  Await("garden hears Where my books are.", Say("Where my books are."));
  EXPECT_THAT(orchard().Heard(), IsEmpty());
}

TEST_F(FocusTest, AQuestionWaitsAsLongAsItSays) {
  Let(garden(), v1::FOCUS_CHANGE_UNSPECIFIED, v1::DIALOG_QUESTION_WAITS, absl::Minutes(10));
  Let(orchard(), v1::FOCUS_CHANGE_BORROW);
  Await("garden hears garden", Say("/garden"));
  MoveClock(absl::Minutes(9));
  Await("orchard hears orchard after another", Say("/orchard"));
  MoveClock(absl::Minutes(2));
  Await("orchard hears orchard", Say("/orchard"));
  Await("orchard hears one", Say("one"));
}

TEST_F(FocusTest, ADialogThatIsGoneAsksNothingAndHearsNothing) {
  AddDialog("pond");
  Let(garden(), v1::FOCUS_CHANGE_UNSPECIFIED, v1::DIALOG_QUESTION_WAITS);
  Let(orchard(), v1::FOCUS_CHANGE_BORROW);
  Await("garden hears garden", Say("/garden"));
  AwaitQuiet();
  StopMesh();
  Start([](GatewaySettings& settings) { settings.dialogs = {"orchard", "pond"}; });
  EXPECT_THAT(Await("orchard hears orchard", Say("/orchard")).text,
              Not(HasSubstr("after another")));
  Await("orchard hears one", Say("one"));
  AwaitQuiet();
  StopMesh();
  Start([](GatewaySettings& settings) { settings.dialogs = {"garden", "pond"}; });
  Await("garden hears two", Say("two"));
}

}  // namespace
}  // namespace selfology::telegram_gateway
