#include "services/growth/challenge/generation/draft.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace selfology::challenge {
namespace {

Draft Quiz() {
  Draft draft;
  draft.kind = v1::CHALLENGE_KIND_QUIZ;
  draft.title = "What comes first?";
  draft.text = "Which of these tasks is due first?";
  draft.options = {"Call the dentist", "Pay the rent", "Plan"};
  draft.right = 2;
  draft.evidence = {{v1::EVIDENCE_KIND_TASK, 7}};
  return draft;
}

Draft Deed() {
  Draft draft;
  draft.kind = v1::CHALLENGE_KIND_DEED;
  draft.title = "Close it";
  draft.text = "Complete the task “Call the dentist” within 2 days.";
  draft.count = 1;
  draft.proof_tasks = {7};
  draft.evidence = {{v1::EVIDENCE_KIND_TASK, 7}};
  return draft;
}

Scene Known() {
  Scene scene;
  scene.known = {{v1::EVIDENCE_KIND_TASK, 7}};
  scene.item.value = 1400;
  return scene;
}

TEST(DraftTest, AGoodDraftPassesAllGates) {
  EXPECT_EQ(FailedGate(Quiz(), Known()), "");
  EXPECT_EQ(FailedGate(Deed(), Known()), "");
}

TEST(DraftTest, TheSchemaGateRefusesWhatIsMalformed) {
  const auto refused = [](auto change) {
    Draft draft = Quiz();
    change(draft);
    return FailedGate(draft, Known()) == "schema";
  };
  EXPECT_TRUE(refused([](Draft& d) { d.title = ""; }));
  EXPECT_TRUE(refused([](Draft& d) { d.text = std::string(601, 'a'); }));
  EXPECT_TRUE(refused([](Draft& d) { d.options = {"one"}; }));
  EXPECT_TRUE(refused([](Draft& d) { d.options[0] = d.options[1]; }));
  EXPECT_TRUE(refused([](Draft& d) { d.right = 4; }));
  EXPECT_TRUE(refused([](Draft& d) { d.right = 0; }));
  EXPECT_TRUE(refused([](Draft& d) { d.lasts = absl::Hours(24 * 31); }));
  Draft deed = Deed();
  deed.count = 2;
  EXPECT_EQ(FailedGate(deed, Known()), "schema") << "more events than tasks that may bring them";
}

TEST(DraftTest, TheGroundingGateRefusesWhatRestsOnNothing) {
  Draft draft = Deed();
  draft.evidence = {{v1::EVIDENCE_KIND_TASK, 8}};
  EXPECT_EQ(FailedGate(draft, Known()), "grounding");
  draft = Deed();
  draft.proof_tasks = {9};
  EXPECT_EQ(FailedGate(draft, Known()), "grounding");
  draft = Deed();
  draft.evidence.clear();
  EXPECT_EQ(FailedGate(draft, Known()), "grounding");
}

TEST(DraftTest, TheNoveltyGateKnowsTheSameInAnotherOrderOrCase) {
  Scene scene = Known();
  scene.seen = {Fingerprint(Quiz())};
  Draft again = Quiz();
  std::swap(again.options[0], again.options[2]);
  again.title = "WHAT COMES FIRST?";
  EXPECT_EQ(FailedGate(again, scene), "novelty");
  EXPECT_EQ(FailedGate(Deed(), scene), "");
}

TEST(DraftTest, TheDifficultyGateWantsAChanceButNoCertainty) {
  Scene scene = Known();
  scene.item = {2300, 60, 0.06};
  EXPECT_EQ(FailedGate(Deed(), scene), "difficulty");
  scene.person = {2300, 60, 0.06};
  EXPECT_EQ(FailedGate(Deed(), scene), "") << "for who is as strong as it";
  scene.item = {1000, 60, 0.06};
  EXPECT_EQ(FailedGate(Deed(), scene), "difficulty");
}

TEST(DraftTest, TheBiasGateStopsWhatAGuesserCouldLive) {
  Tally tally;
  int refused = 0;
  for (int i = 0; i < 500; ++i) {
    Draft draft = Quiz();
    draft.right = i % 10 < 7 ? LongestOption(draft.options) : 3;  // 70 % longest, and first.
    if (IsUnbiased(draft, tally)) {
      tally = WithQuiz(tally, draft);
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
  EXPECT_LE(tally.longest, tally.by_chance + 0.05 * static_cast<double>(tally.quizzes) + 1);
  EXPECT_LE(tally.first, tally.by_chance + 0.05 * static_cast<double>(tally.quizzes) + 1);
}

TEST(DraftTest, FingerprintsOfLikeTextsAreNearAndOfOthersFar) {
  const uint64_t one = Fingerprint("Complete the task call the dentist within three days.");
  EXPECT_EQ(one, Fingerprint("complete THE task “call the dentist” within three days"));
  EXPECT_GT(Distance(one, Fingerprint("Which of these insights did your coach tell you last?")),
            15);
}

}  // namespace
}  // namespace selfology::challenge
