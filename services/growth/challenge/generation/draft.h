// A challenge before it exists, and the gates that it must pass. The same for what a model wrote and
// for what the templates made.
//
//   if (const std::string_view gate = FailedGate(draft, scene); !gate.empty()) ++refused[gate];
//
// Threads: values and pure functions.
// Source of the fingerprint: M. Charikar, Similarity Estimation Techniques from Rounding Algorithms
// (2002), over words and pairs of words.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "selfology/challenge/v1/challenge.pb.h"
#include "services/growth/lib/rating/rating.h"

namespace selfology::challenge {

inline constexpr int kMaxTitle = 100;  // Unicode code points, as all lengths here.
inline constexpr int kMaxText = 600;
inline constexpr int kMaxOption = 200;
inline constexpr int kMaxOptions = 6;
inline constexpr int kMaxCount = 50;
inline constexpr char kTaskCompleted[] = "task.completed";

struct Draft {
  v1::ChallengeKind kind = v1::CHALLENGE_KIND_UNSPECIFIED;
  std::string title = {};
  std::string text = {};
  std::vector<std::string> options = {};
  int right = 0;  // Of the options, from 1; 0: no quiz.
  std::vector<int64_t> proof_tasks = {};
  int count = 0;  // Of a deed.
  std::vector<std::pair<v1::EvidenceKind, int64_t>> evidence = {};
  absl::Duration lasts = absl::Hours(24);
  // What its difficulty is learned under: those alike share it. Its first rating is a guess.
  std::string item = {};
  double first_rating = 1500;
};

// How often the right option was the longest, or the first, of how many quizzes: for a bias that a
// single quiz cannot show.
struct Tally {
  int64_t quizzes = 0;
  double by_chance = 0;  // How many a guesser of one fixed rule would have right.
  int64_t longest = 0;
  int64_t first = 0;
};
// The option that who always takes the longest takes, from 1.
int LongestOption(const std::vector<std::string>& options);
// With the quiz in it.
Tally WithQuiz(Tally tally, const Draft& draft);

// What a draft is judged by.
struct Scene {
  // Tasks and insights that the person has.
  std::set<std::pair<v1::EvidenceKind, int64_t>> known = {};
  // Fingerprints of what the person was given before.
  std::vector<uint64_t> seen = {};
  rating::Glicko person = {};
  rating::Glicko item = {};  // As it was learned.
  Tally tally = {};
};

inline constexpr double kLeastChance = 0.45;
inline constexpr double kBestChance = 0.65;  // What is looked for.
inline constexpr double kMostChance = 0.85;

// The first gate that refuses it: "schema", "grounding", "novelty", "difficulty", "bias"; empty: none.
std::string_view FailedGate(const Draft& draft, const Scene& scene);

// Each of them.
bool IsWellFormed(const Draft& draft);
bool IsGrounded(const Draft& draft, const Scene& scene);
bool IsNovel(const Draft& draft, const std::vector<uint64_t>& seen);
bool IsInRange(const Scene& scene);
bool IsUnbiased(const Draft& draft, const Tally& tally);

// Of all its words; alike for texts that are alike.
uint64_t Fingerprint(const Draft& draft);
uint64_t Fingerprint(std::string_view text);
int Distance(uint64_t a, uint64_t b);

}  // namespace selfology::challenge
