#include "services/growth/challenge/generation/draft.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "common/text/utf8.h"

namespace selfology::challenge {
namespace {

// Fingerprints of 64 bits at most so far apart are of texts that are near-duplicates.
constexpr int kNear = 9;
// Points by which a guesser may be better than chance, before one quiz more is refused.
constexpr double kTolerance = 0.03;

bool HasLength(std::string_view text, int most) {
  const int length = static_cast<int>(text::Characters(text));
  return length >= 1 && length <= most && !text::Trim(text).empty();
}

// FNV-1a, and a finaliser so that near words differ in all bits.
uint64_t Hash(std::string_view word, uint64_t seed) {
  uint64_t hash = 14695981039346656037u ^ seed;
  for (const char c : word) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211u;
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdu;
  return hash ^ (hash >> 33);
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words(1);
  while (!text.empty()) {
    const char32_t c = text::TakeCharacter(text);
    const bool letter =
        c > 127 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool quote = c == U'“' || c == U'”' || c == U'«' || c == U'»';
    if (letter && !quote) {
      text::AppendCharacter(c < 128 && c >= 'A' && c <= 'Z' ? c + 32 : c, words.back());
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool MayGuess(int64_t hits, const Tally& after) {
  return static_cast<double>(hits) <=
         after.by_chance + kTolerance * static_cast<double>(after.quizzes) + 1;
}

}  // namespace

int LongestOption(const std::vector<std::string>& options) {
  size_t longest = 0;
  for (size_t i = 1; i < options.size(); ++i) {
    if (text::Characters(options[i]) > text::Characters(options[longest])) longest = i;
  }
  return static_cast<int>(longest) + 1;
}

Tally WithQuiz(Tally tally, const Draft& draft) {
  if (draft.kind != v1::CHALLENGE_KIND_QUIZ || draft.options.empty()) return tally;
  ++tally.quizzes;
  tally.by_chance += 1.0 / static_cast<double>(draft.options.size());
  tally.longest += LongestOption(draft.options) == draft.right;
  tally.first += draft.right == 1;
  return tally;
}

bool IsWellFormed(const Draft& draft) {
  if (!HasLength(draft.title, kMaxTitle) || !HasLength(draft.text, kMaxText)) return false;
  if (draft.lasts < absl::Minutes(1) || draft.lasts > absl::Hours(24 * 30)) return false;
  if (draft.kind == v1::CHALLENGE_KIND_DEED) {
    return draft.options.empty() && draft.count >= 1 && draft.count <= kMaxCount &&
           (draft.proof_tasks.empty() || draft.count <= static_cast<int>(draft.proof_tasks.size()));
  }
  if (draft.kind != v1::CHALLENGE_KIND_QUIZ) return false;
  const auto options = static_cast<int>(draft.options.size());
  const std::set<std::string> different(draft.options.begin(), draft.options.end());
  return options >= 2 && options <= kMaxOptions && static_cast<int>(different.size()) == options &&
         draft.right >= 1 && draft.right <= options &&
         std::all_of(draft.options.begin(), draft.options.end(),
                     [](const std::string& option) { return HasLength(option, kMaxOption); });
}

bool IsGrounded(const Draft& draft, const Scene& scene) {
  if (draft.evidence.empty()) return false;
  for (const int64_t task : draft.proof_tasks) {
    if (!scene.known.contains({v1::EVIDENCE_KIND_TASK, task})) return false;
  }
  return std::all_of(draft.evidence.begin(), draft.evidence.end(),
                     [&](const auto& evidence) { return scene.known.contains(evidence); });
}

uint64_t Fingerprint(std::string_view text) {
  const std::vector<std::string> words = Words(text);
  std::array<int, 64> sums = {};
  const auto add = [&](uint64_t hash) {
    for (int bit = 0; bit < 64; ++bit) sums[bit] += (hash >> bit & 1) != 0 ? 1 : -1;
  };
  for (size_t i = 0; i < words.size(); ++i) {
    add(Hash(words[i], 1));
    if (i > 0) add(Hash(absl::StrCat(words[i - 1], " ", words[i]), 2));
  }
  uint64_t fingerprint = 0;
  for (int bit = 0; bit < 64; ++bit) fingerprint |= uint64_t{sums[bit] > 0} << bit;
  return fingerprint;
}

uint64_t Fingerprint(const Draft& draft) {
  std::string all = absl::StrCat(draft.title, " ", draft.text);
  // The order of options makes no new quiz.
  std::vector<std::string> options = draft.options;
  std::sort(options.begin(), options.end());
  for (const std::string& option : options) absl::StrAppend(&all, " ", option);
  return Fingerprint(all);
}

int Distance(uint64_t a, uint64_t b) { return std::popcount(a ^ b); }

bool IsNovel(const Draft& draft, const std::vector<uint64_t>& seen) {
  const uint64_t own = Fingerprint(draft);
  return std::all_of(seen.begin(), seen.end(),
                     [&](uint64_t other) { return Distance(own, other) > kNear; });
}

bool IsInRange(const Scene& scene) {
  const double chance = rating::WinChance(scene.person, scene.item);
  return chance >= kLeastChance && chance <= kMostChance;
}

bool IsUnbiased(const Draft& draft, const Tally& tally) {
  if (draft.kind != v1::CHALLENGE_KIND_QUIZ) return true;
  const Tally after = WithQuiz(tally, draft);
  return (after.longest == tally.longest || MayGuess(after.longest, after)) &&
         (after.first == tally.first || MayGuess(after.first, after));
}

std::string_view FailedGate(const Draft& draft, const Scene& scene) {
  if (!IsWellFormed(draft)) return "schema";
  if (!IsGrounded(draft, scene)) return "grounding";
  if (!IsNovel(draft, scene.seen)) return "novelty";
  if (!IsInRange(scene)) return "difficulty";
  if (!IsUnbiased(draft, scene.tally)) return "bias";
  return "";
}

}  // namespace selfology::challenge
