// How likely it is that a message speaks of danger, learned from labelled phrases.
//
//   const Verdict verdict = Classifier::BuiltIn().Judge(reading);
//   verdict.danger           // 58'000 of kCertain
//   kClasses[verdict.likeliest]  // "indirect"
//
// A linear model with a class for each danger and each kind of harmless message (multinomial
// logistic regression over features.h), made by train_classifier when the project is built. The rules
// are not among its features: with the phrases that they were made with it would trust them too much.
// Its
// weights are small whole numbers and it reckons with whole numbers only, so that it says the same
// on every machine. Threads: immutable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/coaching/lib/safety/features.h"

namespace selfology::safety {

// Dangers first, in the order of Danger; then what is harmless.
inline constexpr std::string_view kClasses[] = {
    "direct",      "plan",   "indirect", "self_harm",  "past",
    "third_party", "abuse",  "violence", "starvation", "medical_emergency",
    "idiom",       "denial", "work",     "grief",      "sadness",
    "farewell",    "body",   "conflict", "resolved",   "ordinary"};
inline constexpr size_t kClassCount = std::size(kClasses);
inline constexpr size_t kDangerClasses = 10;
inline constexpr uint32_t kCertain = 1 << 16;

struct Verdict {
  uint32_t danger = 0;  // Of kCertain.
  int likeliest = 0;    // Of the dangers; an index of kClasses.
  Window where = {};    // The sentence that speaks of it most.
};

class Classifier {
 public:
  // What a feature says for and against each class.
  using Weights = std::array<int8_t, kClassCount>;
  struct Row {
    uint32_t feature;
    Weights weights;
  };
  // `unit`: what a weight of one is, in 1/65,536 of a doubling of the odds. `rows`: by feature, none
  // twice.
  static std::string Serialize(absl::Span<const Row> rows, uint32_t unit);
  // Errors: INVALID_ARGUMENT for what Serialize did not make.
  static absl::StatusOr<Classifier> Parse(std::string_view bytes);
  static const Classifier& BuiltIn();

  // The most dangerous window counts; nothing is said of a reading without words.
  Verdict Judge(const Reading& reading) const;

 private:
  Verdict JudgeOne(const Features& features) const;
  const Weights* Find(uint32_t feature) const;

  std::vector<Row> rows_;
  std::vector<uint32_t> starts_;  // Of rows_, by the feature's upper bits.
  uint32_t unit_ = 0;
};

}  // namespace selfology::safety
