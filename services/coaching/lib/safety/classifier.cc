#include "services/coaching/lib/safety/classifier.h"

#include <algorithm>

#include "absl/status/status.h"

namespace selfology::safety {
namespace {

constexpr std::string_view kMagic = "safety classifier 1\n";
constexpr int kIndexBits = 16;
constexpr size_t kRowBytes = 4 + kClassCount;

void Put(std::string& bytes, uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(number >> shift));
}

uint32_t Take(std::string_view bytes) {
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number |= uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return number;
}

// The whole square root, rounded down.
uint64_t Root(uint64_t square) {
  uint64_t root = 0;
  for (uint64_t bit = uint64_t{1} << 31; bit > 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= square) root += bit;
  }
  return root;
}

// 2 to the power of -x, x in 1/65,536, the result in 1/2^32; within a third of a percent.
uint64_t Halved(uint64_t x) {
  const uint64_t whole = x >> 16;
  if (whole >= 48) return 0;
  // 2^f for f from 0 up to 1 as 1 + 0.6565 f + 0.3435 f².
  const uint64_t f = kCertain - (x & 0xFFFF);
  const uint64_t power = kCertain + ((f * (43024 + ((f * 22512) >> 16))) >> 16);
  return (power << 15) >> whole;
}

}  // namespace

std::string Classifier::Serialize(absl::Span<const Row> rows, uint32_t unit) {
  std::string bytes(kMagic);
  Put(bytes, unit);
  Put(bytes, static_cast<uint32_t>(rows.size()));
  for (const Row& row : rows) {
    Put(bytes, row.feature);
    for (const int8_t weight : row.weights) bytes.push_back(static_cast<char>(weight));
  }
  return bytes;
}

absl::StatusOr<Classifier> Classifier::Parse(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + 8) {
    return absl::InvalidArgumentError("no classifier");
  }
  bytes.remove_prefix(kMagic.size());
  Classifier classifier;
  classifier.unit_ = Take(bytes);
  const uint32_t count = Take(bytes.substr(4));
  bytes.remove_prefix(8);
  if (bytes.size() != count * kRowBytes) {
    return absl::InvalidArgumentError("a classifier of another length");
  }
  classifier.rows_.resize(count);
  classifier.starts_.assign((1 << kIndexBits) + 1, count);
  uint32_t next = 0;  // Whose start is not known yet.
  for (uint32_t i = 0; i < count; ++i, bytes.remove_prefix(kRowBytes)) {
    Row& row = classifier.rows_[i];
    row.feature = Take(bytes);
    if (i > 0 && row.feature <= classifier.rows_[i - 1].feature) {
      return absl::InvalidArgumentError("features that are not in order");
    }
    for (size_t j = 0; j < kClassCount; ++j) {
      row.weights[j] = static_cast<int8_t>(bytes[4 + j]);
    }
    while (next <= row.feature >> (32 - kIndexBits)) classifier.starts_[next++] = i;
  }
  return classifier;
}

const Classifier::Weights* Classifier::Find(uint32_t feature) const {
  const uint32_t part = feature >> (32 - kIndexBits);
  for (uint32_t i = starts_[part]; i < starts_[part + 1]; ++i) {
    if (rows_[i].feature == feature) return &rows_[i].weights;
  }
  return nullptr;
}

Verdict Classifier::JudgeOne(const Features& features) const {
  std::array<int64_t, kClassCount> sums = {};
  for (const std::vector<uint32_t>& block : features.blocks) {
    if (block.empty()) continue;
    std::array<int32_t, kClassCount> in_block = {};
    for (const uint32_t feature : block) {
      const Weights* const weights = Find(feature);
      if (weights == nullptr) continue;
      for (size_t i = 0; i < kClassCount; ++i) in_block[i] += (*weights)[i];
    }
    // Over the square root of their number.
    const int64_t scale = static_cast<int64_t>(Root((uint64_t{1} << 32) / block.size()));
    for (size_t i = 0; i < kClassCount; ++i) sums[i] += in_block[i] * scale;
  }
  std::array<int64_t, kClassCount> logits;  // Doublings of the odds, in 1/65,536.
  for (size_t i = 0; i < kClassCount; ++i) logits[i] = sums[i] * unit_ / int64_t{kCertain};
  const int64_t most = *std::max_element(logits.begin(), logits.end());
  uint64_t danger = 0, all = 0;
  for (size_t i = 0; i < kClassCount; ++i) {
    const uint64_t part = Halved(static_cast<uint64_t>(most - logits[i]));
    all += part;
    if (i < kDangerClasses) danger += part;
  }
  return {.danger = static_cast<uint32_t>(danger * kCertain / all),
          .likeliest = static_cast<int>(
              std::max_element(logits.begin(), logits.begin() + kDangerClasses) - logits.begin())};
}

Verdict Classifier::Judge(const Reading& reading) const {
  Verdict worst;
  if (reading.size() == 0) return worst;
  for (const Window& window : WindowsOf(reading)) {
    Verdict verdict = JudgeOne(FeaturesOf(reading, window));
    verdict.where = window;
    if (verdict.danger >= worst.danger) worst = verdict;
  }
  if (worst.danger < kCertain / 2) return worst;
  // Which of its sentences it is.
  uint32_t most = 0;
  for (const Window& sentence : SentencesOf(reading, worst.where)) {
    const uint32_t danger = JudgeOne(FeaturesOf(reading, sentence)).danger;
    if (danger < most) continue;
    most = danger;
    worst.where = sentence;
  }
  return worst;
}

}  // namespace selfology::safety
