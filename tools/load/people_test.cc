#include "tools/load/people.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::load {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kAnn = 1001, kBob = 1002;

class PeopleTest : public ::testing::Test {
 protected:
  absl::Time At(double seconds) { return begin_ + absl::Seconds(seconds); }

  const absl::Time begin_ = absl::UnixEpoch();
  People people_{{.per_second = 10, .patience = absl::Seconds(5)}, absl::UnixEpoch()};
};

TEST_F(PeopleTest, APersonGoesFromStartToTheCoach) {
  people_.Add(kAnn);
  EXPECT_EQ(people_.Next(At(0))->text, "/start");
  people_.Hear(kAnn, 2, "Welcome to Selfology! ...", At(0.25));
  const auto press = people_.Next(At(1));
  EXPECT_EQ(press->text, "");
  EXPECT_EQ(press->message, 2);
  EXPECT_EQ(press->button, "✅ I agree");
  people_.Hear(kAnn, 3, "Question 1 of 2 · Identity", At(1.5));
  EXPECT_NE(people_.Next(At(2))->text, "");
  people_.Hear(kAnn, 4, "✨ Noted.", At(2.1));
  EXPECT_EQ(people_.waiting(), 1) << "feedback asks for nothing";
  people_.Hear(kAnn, 5, "Question 2 of 2 · Values", At(2.3));
  EXPECT_EQ(people_.waiting(), 0);
  people_.Next(At(3));
  people_.Hear(kAnn, 6, "That was the last question.", At(3.4));
  EXPECT_EQ(people_.Next(At(4))->person, kAnn);
  people_.Hear(kAnn, 7, "Begin with ten minutes.", At(5));
  const Figures& figures = people_.figures();
  EXPECT_THAT(figures.milliseconds.at("start"), ElementsAre(250));
  EXPECT_THAT(figures.milliseconds.at("consent"), ElementsAre(500));
  EXPECT_THAT(figures.milliseconds.at("answer"),
              ElementsAre(::testing::DoubleNear(300, 0.01), ::testing::DoubleNear(400, 0.01)));
  EXPECT_THAT(figures.milliseconds.at("coach"), ElementsAre(1000));
  EXPECT_EQ(figures.acts, 5);
  EXPECT_EQ(figures.answered(), 5);
  EXPECT_EQ(figures.errors(), 0);
}

TEST_F(PeopleTest, TheRateHoldsWhoeverIsAnswered) {
  for (int64_t id = 1; id <= 100; ++id) people_.Add(id);
  int acts = 0;
  for (int ms = 0; ms < 2000; ++ms) {
    while (people_.Next(At(ms / 1000.0)).has_value()) ++acts;
  }
  EXPECT_EQ(acts, 20);
  EXPECT_EQ(people_.figures().left_out, 0);
}

TEST_F(PeopleTest, WhatNobodyIsFreeForIsLeftOut) {
  people_.Add(kAnn);
  EXPECT_TRUE(people_.Next(At(0)).has_value());
  EXPECT_FALSE(people_.Next(At(3)).has_value());
  // Of thirty that were due, all but the last second's.
  EXPECT_NEAR(people_.figures().left_out, 20, 1);
}

TEST_F(PeopleTest, ErrorsAreCountedAndTheSameIsTriedAgain) {
  people_.Add(kAnn);
  people_.Next(At(0));
  people_.Failed(kAnn);
  EXPECT_EQ(people_.figures().failed, 1);
  EXPECT_EQ(people_.Next(At(1))->text, "/start");
  people_.Hear(kAnn, 2, "Something went wrong on my side. I saved nothing.", At(1.1));
  EXPECT_EQ(people_.figures().refused, 1);
  EXPECT_EQ(people_.Next(At(2))->text, "/start");
  people_.Expire(At(6.9));
  EXPECT_EQ(people_.figures().unanswered, 0);
  people_.Expire(At(7));
  EXPECT_EQ(people_.figures().unanswered, 1);
  // It comes after all: nobody waited for it.
  people_.Hear(kAnn, 3, "Welcome to Selfology!", At(8));
  EXPECT_EQ(people_.figures().answered(), 0);
  EXPECT_EQ(people_.Next(At(9))->button, "✅ I agree");
}

TEST_F(PeopleTest, MessagesThatWereChangedAndStrangersAreNoAnswers) {
  people_.Add(kAnn);
  people_.Next(At(0));
  people_.Hear(kAnn, 2, "Welcome to Selfology!", At(0.1));
  people_.Next(At(1));
  people_.Hear(kAnn, 2, "Welcome to Selfology! Thank you.", At(1.1));
  people_.Hear(kBob, 3, "Question 1 of 2", At(1.1));
  EXPECT_EQ(people_.waiting(), 1);
}

TEST(QuantileTest, IsOfTheSamples) {
  EXPECT_EQ(Quantile({}, 0.5), 0);
  EXPECT_EQ(Quantile({3, 1, 2}, 0.5), 2);
  EXPECT_EQ(Quantile({3, 1, 2}, 1), 3);
}

}  // namespace
}  // namespace selfology::load
