#include "services/platform/ai/vector_width.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/platform/ai/failure.h"

namespace selfology::ai {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): the same bits everywhere and always.
class Bits {
 public:
  explicit Bits(uint64_t seed) : state_(seed) {}

  float NextSign() {
    if (left_ == 0) {
      bits_ = Next();
      left_ = 64;
    }
    const bool positive = (bits_ & 1) != 0;
    bits_ >>= 1;
    --left_;
    return positive ? 1.0F : -1.0F;
  }

 private:
  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  uint64_t state_;
  uint64_t bits_ = 0;
  int left_ = 0;
};

// False when nothing is left of it.
bool ToUnitLength(std::vector<float>& vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * x;
  if (squares <= 0) return false;
  for (float& x : vector) x = static_cast<float>(x / std::sqrt(squares));
  return true;
}

std::vector<std::vector<float>> Project(const std::vector<std::vector<float>>& vectors, size_t from,
                                        size_t to) {
  Bits bits((static_cast<uint64_t>(from) << 32) | to);
  std::vector<std::vector<float>> projected(vectors.size(), std::vector<float>(to));
  std::vector<float> direction(from);
  for (size_t i = 0; i < to; ++i) {
    for (float& sign : direction) sign = bits.NextSign();
    for (size_t v = 0; v < vectors.size(); ++v) {
      double sum = 0;
      for (size_t j = 0; j < from; ++j) sum += static_cast<double>(direction[j]) * vectors[v][j];
      projected[v][i] = static_cast<float>(sum);
    }
  }
  return projected;
}

}  // namespace

absl::StatusOr<WidthRule> ParseWidthRule(std::string_view word) {
  if (word == "project") return WidthRule::kProject;
  if (word == "cut") return WidthRule::kCut;
  if (word == "refuse") return WidthRule::kRefuse;
  return absl::InvalidArgumentError(absl::StrCat("\"", word, "\" must be project, cut or refuse"));
}

absl::StatusOr<std::vector<std::vector<float>>> ToWidth(std::vector<std::vector<float>> vectors,
                                                        int width, WidthRule rule) {
  const size_t to = width;
  const size_t from = vectors.empty() ? to : vectors.front().size();
  if (from == to) return vectors;
  if (rule == WidthRule::kRefuse) {
    return OtherWidth(static_cast<int>(from), width);
  }
  if (from > to && rule == WidthRule::kProject) {
    vectors = Project(vectors, from, to);
  } else {
    for (std::vector<float>& vector : vectors) vector.resize(to);
  }
  if (from < to) return vectors;
  for (std::vector<float>& vector : vectors) {
    if (!ToUnitLength(vector)) return UnusableAnswer("nothing is left of a vector that was cut");
  }
  return vectors;
}

std::string SpaceOf(std::string_view model, int model_width, int width, WidthRule rule) {
  std::string space = absl::StrCat(model, "-", model_width);
  if (model_width == width) return space;
  const char* made = rule == WidthRule::kProject ? "project" : "cut";
  if (model_width < width) made = "pad";
  return absl::StrCat(space, "-", made, "-", width);
}

}  // namespace selfology::ai
