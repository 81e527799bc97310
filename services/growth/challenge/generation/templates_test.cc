#include "services/growth/challenge/generation/templates.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace selfology::challenge {
namespace {

// A person's tasks and insights, made up.
Materials MadeUp(int tasks, int insights) {
  constexpr const char* kVerbs[] = {"Call",       "Write to",  "Visit", "Pay",
                                    "Repair",     "Order for", "Thank", "Plan with",
                                    "Read about", "Photograph"};
  constexpr const char* kThings[] = {"the dentist",
                                     "grandmother",
                                     "the landlord",
                                     "the bicycle",
                                     "an old friend from school",
                                     "the garden",
                                     "the tax office",
                                     "the neighbour's cat",
                                     "the choir",
                                     "the library"};
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  Materials materials;
  for (int i = 0; i < tasks; ++i) {
    TaskOf& task = materials.tasks.emplace_back();
    task.id = i + 1;
    task.title = absl::StrCat(kVerbs[i % 10], " ", kThings[(i * 7 + i / 10) % 10],
                              i % 3 == 0 ? " before the weekend comes" : "");
    if (i >= 10) absl::StrAppend(&task.title, " ", i);
    task.open = i % 3 != 2;
    task.created_at = now - absl::Hours(24 * (i * 37 % 101)) - absl::Minutes(i);
    if (i % 2 == 0) task.due_at = now + absl::Hours(5 * (i * 31 % 97)) + absl::Minutes(i);
    if (!task.open) task.closed_at = now - absl::Hours(i * 13 % 89) - absl::Minutes(i);
  }
  for (int i = 0; i < insights; ++i) {
    materials.insights.push_back(
        {1000 + i,
         absl::StrCat("You come alive when ", kThings[i % 10], " needs you, more than when ",
                      kVerbs[i * 3 % 10], " ", kThings[i * 3 % 10], " is due."),
         now - absl::Hours(i * 17 % 71) - absl::Minutes(i)});
  }
  return materials;
}

Scene SceneOf(const Materials& materials) {
  Scene scene;
  for (const TaskOf& task : materials.tasks) {
    scene.known.emplace(v1::EVIDENCE_KIND_TASK, task.id);
  }
  for (const InsightOf& insight : materials.insights) {
    scene.known.emplace(v1::EVIDENCE_KIND_INSIGHT, insight.id);
  }
  return scene;
}

// Another measure than the gate's: the share of words and pairs of words that two have in common.
std::vector<size_t> Shingles(const Draft& draft) {
  std::string all = absl::StrCat(draft.title, " ", draft.text);
  std::vector<std::string> options = draft.options;
  std::sort(options.begin(), options.end());
  for (const std::string& option : options) absl::StrAppend(&all, " ", option);
  const std::vector<std::string> words = absl::StrSplit(all, ' ');
  std::vector<size_t> shingles;
  const std::hash<std::string> hash;
  for (size_t i = 0; i < words.size(); ++i) {
    shingles.push_back(hash(words[i]));
    if (i > 0) shingles.push_back(hash(absl::StrCat(words[i - 1], " ", words[i])));
  }
  std::sort(shingles.begin(), shingles.end());
  shingles.erase(std::unique(shingles.begin(), shingles.end()), shingles.end());
  return shingles;
}
double Likeness(const std::vector<size_t>& a, const std::vector<size_t>& b) {
  std::vector<size_t> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return static_cast<double>(both.size()) / static_cast<double>(a.size() + b.size() - both.size());
}

TEST(TemplatesTest, EveryProposalIsWellFormedAndGroundedInBothLanguages) {
  std::mt19937_64 random(1);
  const Materials materials = MadeUp(30, 8);
  const Scene scene = SceneOf(materials);
  for (const char* language : {"en", "ru", ""}) {
    const std::vector<Draft> drafts =
        Propose(materials, v1::CHALLENGE_KIND_UNSPECIFIED, language, random, 500);
    ASSERT_EQ(drafts.size(), 500u);
    for (const Draft& draft : drafts) {
      EXPECT_TRUE(IsWellFormed(draft)) << draft.title << ": " << draft.text;
      EXPECT_TRUE(IsGrounded(draft, scene));
      EXPECT_EQ(draft.text.find('$'), std::string::npos) << draft.text;
    }
  }
  EXPECT_TRUE(Propose({}, v1::CHALLENGE_KIND_UNSPECIFIED, "en", random, 10).empty());
}

TEST(TemplatesTest, WhatIsRightInAQuizIsWhatTheDataSays) {
  std::mt19937_64 random(2);
  const Materials materials = MadeUp(30, 8);
  std::map<std::string, const TaskOf*> by_title;
  for (const TaskOf& task : materials.tasks) by_title[task.title] = &task;
  int checked = 0;
  for (const Draft& draft : Propose(materials, v1::CHALLENGE_KIND_QUIZ, "en", random, 300)) {
    const TaskOf* const right = by_title[draft.options[static_cast<size_t>(draft.right) - 1]];
    for (const std::string& option : draft.options) {
      const TaskOf* const other = by_title[option];
      if (right == nullptr || other == right) continue;
      ++checked;
      if (draft.item.find("due_first") != std::string::npos)
        EXPECT_LT(right->due_at, other->due_at);
      if (draft.item.find("done_last") != std::string::npos) {
        EXPECT_GT(right->closed_at, other->closed_at);
      }
      if (draft.item.find("oldest") != std::string::npos) {
        EXPECT_LT(right->created_at, other->created_at);
      }
      if (draft.item.find("still_open") != std::string::npos) {
        EXPECT_TRUE(right->open);
        EXPECT_FALSE(other->open);
      }
    }
  }
  EXPECT_GT(checked, 300);
}

// A thousand challenges of one person, as the gates let them through: at most 2 % have a near-duplicate
// before them.
TEST(TemplatesTest, AThousandChallengesOfOnePersonHardlyRepeat) {
  std::mt19937_64 random(3);
  const Materials materials = MadeUp(80, 30);
  std::vector<uint64_t> seen;
  std::vector<std::vector<size_t>> given;
  int repeats = 0;
  for (int round = 0; round < 400 && given.size() < 1000; ++round) {
    for (const Draft& draft :
         Propose(materials, v1::CHALLENGE_KIND_UNSPECIFIED, "en", random, 40)) {
      if (given.size() == 1000 || !IsNovel(draft, seen)) continue;
      seen.push_back(Fingerprint(draft));
      const std::vector<size_t> own = Shingles(draft);
      repeats += std::any_of(given.begin(), given.end(),
                             [&](const auto& other) { return Likeness(own, other) > 0.85; });
      given.push_back(own);
    }
  }
  ASSERT_EQ(given.size(), 1000u);
  EXPECT_LE(repeats, 20);
}

// On 500 quizzes who always takes the longest option, or the first, is hardly better than chance.
TEST(TemplatesTest, GuessersGainNothing) {
  std::mt19937_64 random(4);
  const Materials materials = MadeUp(60, 20);
  Tally tally;
  while (tally.quizzes < 500) {
    for (const Draft& draft : Propose(materials, v1::CHALLENGE_KIND_QUIZ, "en", random, 40)) {
      if (tally.quizzes < 500 && IsUnbiased(draft, tally)) tally = WithQuiz(tally, draft);
    }
  }
  EXPECT_LE(static_cast<double>(tally.longest), tally.by_chance + 0.05 * 500);
  EXPECT_LE(static_cast<double>(tally.first), tally.by_chance + 0.05 * 500);
}

// Two hundred persons of all strengths, and items that are not as hard as was guessed: after 20
// challenges each, chosen by what was learned, they have succeeded in 45 to 80 % of them.
TEST(TemplatesTest, DifficultyIsLearnedSoThatPersonsSucceedOftenButNotAlways) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> strength(1500, 250), error(0, 120);
  const Materials materials = MadeUp(40, 10);
  std::map<std::string, rating::Glicko> items;
  std::map<std::string, double> truth;
  int succeeded = 0, within = 0;
  constexpr int kPeople = 200, kChallenges = 20;
  for (int person = 0; person < kPeople; ++person) {
    const double true_strength = strength(random);
    rating::Glicko known;
    int own = 0;
    for (int i = 0; i < kChallenges; ++i) {
      const Draft* best = nullptr;
      double nearest = 1;
      const std::vector<Draft> drafts =
          Propose(materials, v1::CHALLENGE_KIND_UNSPECIFIED, "en", random, 40);
      for (const Draft& draft : drafts) {
        auto [item, is_new] = items.try_emplace(draft.item);
        if (is_new) {
          item->second = {draft.first_rating, 200, 0.06};
          truth[draft.item] = draft.first_rating + error(random);
        }
        const double far = std::abs(rating::WinChance(known, item->second) - kBestChance);
        if (far < nearest) {
          nearest = far;
          best = &draft;
        }
      }
      ASSERT_NE(best, nullptr);
      const double chance = 1 / (1 + std::pow(10, (truth[best->item] - true_strength) / 400));
      const bool won = std::bernoulli_distribution(chance)(random);
      succeeded += won;
      own += won;
      rating::Glicko& item = items[best->item];
      const rating::Glicko before = known;
      known = rating::Glicko2(known, {{item.value, item.deviation, won ? 1.0 : 0.0}});
      item = rating::Glicko2(item, {{before.value, before.deviation, won ? 0.0 : 1.0}});
    }
    within += own >= 0.45 * kChallenges && own <= 0.80 * kChallenges;
  }
  const double share = static_cast<double>(succeeded) / (kPeople * kChallenges);
  EXPECT_GE(share, 0.45);
  EXPECT_LE(share, 0.80);
  EXPECT_GE(within, kPeople * 8 / 10) << "of single persons chance alone leaves some outside";
}

}  // namespace
}  // namespace selfology::challenge
