// Makes the classifier's weights from labelled phrases, when the project is built.
//
//   train_classifier OUT TRAINING.tsv... [--test TEST.tsv...]
//
// Lines are `id class text` or `class text`, separated by tabs; "none" is any harmless class. With
// --test each phrase of those files is printed with what the classifier says of it, in thousandths:
// so thresholds are chosen, on an author whose phrases were not trained with. The same phrases give
// the same weights: no chance is involved but that of a fixed seed.
//
// Multinomial logistic regression with an L2 penalty, by stochastic gradient descent, the weights of
// the last epochs averaged (L. Bottou, "Stochastic Gradient Descent Tricks", 2012). Features met in
// one phrase only are left out, and of the others those of least use.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_split.h"
#include "services/coaching/lib/safety/classifier.h"
#include "services/coaching/lib/safety/features.h"
#include "services/coaching/lib/safety/tables.h"

namespace selfology::safety {
namespace {

constexpr int kAnyHarmless = -1;
constexpr int kEpochs = 24;
constexpr int kAveraged = 8;       // Of them, the last.
constexpr double kStrength = 120;  // Of the data against the penalty.
constexpr double kFirstStep = 1.0;
constexpr double kUsualRarity = 7;     // Makes a phrase's features about one long.
constexpr float kWindowWeight = 0.5F;  // Of a harmless phrase's parts.
constexpr size_t kMostRows = 240'000;
constexpr int kMostWeight = 127;

using Scores = std::array<float, kClassCount>;

struct Labelled {
  std::string id;
  int label = kAnyHarmless;
  std::string text;
};

struct Example {
  int label;
  float weight;
  std::vector<std::pair<uint32_t, float>> features;  // Indices of the model's rows, and values.
};

std::vector<Labelled> ReadPhrases(const char* path) {
  std::vector<Labelled> phrases;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (fields.size() < 2) continue;
    const bool has_id = fields.size() > 2;
    Labelled one{
        .id = has_id ? fields[0] : "", .label = kAnyHarmless, .text = fields[has_id ? 2 : 1]};
    const auto found = std::find(std::begin(kClasses), std::end(kClasses), fields[has_id ? 1 : 0]);
    if (found != std::end(kClasses)) one.label = static_cast<int>(found - std::begin(kClasses));
    phrases.push_back(std::move(one));
  }
  if (phrases.empty()) {
    std::fprintf(stderr, "no phrases in %s\n", path);
    std::exit(1);
  }
  return phrases;
}

// Numbers that are the same everywhere, unlike those of the standard library's distributions.
class Dice {
 public:
  size_t Below(size_t end) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ % end;
  }

 private:
  uint64_t state_ = 0x9E3779B97F4A7C15;
};

class Trainer {
 public:
  explicit Trainer(const std::vector<Labelled>& phrases) {
    const Tables& tables = Tables::BuiltIn();
    for (const Labelled& phrase : phrases) {
      const Reading reading = tables.vocabulary.Read(phrase.text);
      if (reading.size() == 0) continue;
      const bool harmless = phrase.label < 0 || phrase.label >= static_cast<int>(kDangerClasses);
      bool whole = true;
      for (const Window& window : WindowsOf(reading)) {
        // Parts of what is dangerous need not be dangerous.
        if (!whole && !harmless) break;
        raw_.push_back({.label = phrase.label,
                        .weight = whole ? 1.0F : kWindowWeight,
                        .features = FeaturesOf(reading, window)});
        whole = false;
      }
    }
    Count();
  }

  std::string Run() {
    Descend();
    return Quantized();
  }

 private:
  struct Raw {
    int label;
    float weight;
    Features features;
  };

  void Count() {
    absl::flat_hash_map<uint32_t, int> counts;
    for (const Raw& raw : raw_) {
      for (const auto& block : raw.features.blocks) {
        for (const uint32_t feature : block) ++counts[feature];
      }
    }
    for (const auto& [feature, count] : counts) {
      if (count >= 2) features_.push_back(feature);
    }
    std::sort(features_.begin(), features_.end());
    for (const uint32_t feature : features_) counts_.push_back(counts[feature]);
    scales_.assign(features_.size(), 0);
    absl::flat_hash_map<uint32_t, uint32_t> rows;
    for (size_t i = 0; i < features_.size(); ++i) rows[features_[i]] = static_cast<uint32_t>(i);
    for (const Raw& raw : raw_) {
      Example example{.label = raw.label, .weight = raw.weight, .features = {}};
      for (const std::vector<uint32_t>& block : raw.features.blocks) {
        if (block.empty()) continue;
        const double length = std::sqrt(static_cast<double>(block.size()));
        for (const uint32_t feature : block) {
          const auto found = rows.find(feature);
          if (found == rows.end()) continue;
          float& scale = scales_[found->second];
          if (scale == 0) {
            const double rarity = std::log((1.0 + raw_.size()) / (1.0 + counts[feature])) + 1;
            scale = static_cast<float>(rarity / kUsualRarity);
          }
          example.features.emplace_back(found->second, static_cast<float>(scale / length));
        }
      }
      examples_.push_back(std::move(example));
    }
  }

  // What each class gets of the phrase, less what it should get.
  static Scores Errors(const Scores& scores, int label) {
    const float most = *std::max_element(scores.begin(), scores.end());
    Scores parts;
    float all = 0, harmless = 0;
    for (size_t i = 0; i < kClassCount; ++i) {
      parts[i] = std::exp(scores[i] - most);
      all += parts[i];
      if (i >= kDangerClasses) harmless += parts[i];
    }
    Scores errors;
    for (size_t i = 0; i < kClassCount; ++i) {
      float wanted = static_cast<int>(i) == label ? 1.0F : 0.0F;
      if (label == kAnyHarmless && i >= kDangerClasses) wanted = parts[i] / harmless;
      errors[i] = parts[i] / all - wanted;
    }
    return errors;
  }

  void Descend() {
    const double penalty = 1 / (kStrength * static_cast<double>(examples_.size()));
    std::vector<Scores> weights(features_.size(), Scores{});  // To be multiplied by `scale`.
    sums_.assign(features_.size(), Scores{});
    double scale = 1;
    std::vector<size_t> order(examples_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    Dice dice;
    size_t steps = 0;
    for (int epoch = 0; epoch < kEpochs; ++epoch) {
      for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[dice.Below(i)]);
      for (const size_t at : order) {
        const Example& example = examples_[at];
        Scores scores = {};
        for (const auto& [row, value] : example.features) {
          for (size_t i = 0; i < kClassCount; ++i) scores[i] += value * weights[row][i];
        }
        for (float& score : scores) score *= static_cast<float>(scale);
        const Scores errors = Errors(scores, example.label);
        const double step =
            kFirstStep / (1 + kFirstStep * penalty * static_cast<double>(steps++) * 10);
        scale *= 1 - step * penalty;
        const auto factor = static_cast<float>(-step * example.weight / scale);
        Scores change;
        for (size_t i = 0; i < kClassCount; ++i) change[i] = factor * errors[i];
        for (const auto& [row, value] : example.features) {
          for (size_t i = 0; i < kClassCount; ++i) weights[row][i] += value * change[i];
        }
      }
      if (epoch + kAveraged < kEpochs) continue;
      for (size_t row = 0; row < weights.size(); ++row) {
        for (size_t i = 0; i < kClassCount; ++i) {
          sums_[row][i] += static_cast<float>(scale / kAveraged) * weights[row][i];
        }
      }
    }
  }

  std::string Quantized() {
    // Odds do not change when all classes get the same.
    std::vector<std::pair<float, uint32_t>> uses;
    float strongest = 0;
    for (size_t row = 0; row < sums_.size(); ++row) {
      Scores& weights = sums_[row];
      float mean = 0;
      for (const float weight : weights) mean += weight / kClassCount;
      float strength = 0;
      for (float& weight : weights) {
        weight = (weight - mean) * scales_[row];
        strength = std::max(strength, std::abs(weight));
      }
      strongest = std::max(strongest, strength);
      const float use = strength * std::sqrt(static_cast<float>(counts_[row]));
      uses.emplace_back(-use, static_cast<uint32_t>(row));
    }
    std::sort(uses.begin(), uses.end());
    if (uses.size() > kMostRows) uses.resize(kMostRows);
    const float unit = std::max(strongest / kMostWeight, 1e-6F);
    std::vector<Classifier::Row> rows;
    for (const auto& [use, row] : uses) {
      Classifier::Row quantized{.feature = features_[row], .weights = {}};
      for (size_t i = 0; i < kClassCount; ++i) {
        quantized.weights[i] = static_cast<int8_t>(std::lround(sums_[row][i] / unit));
      }
      rows.push_back(quantized);
    }
    std::sort(rows.begin(), rows.end(),
              [](const auto& a, const auto& b) { return a.feature < b.feature; });
    constexpr double kDoublings = 1.4426950408889634;  // Of e.
    return Classifier::Serialize(rows, static_cast<uint32_t>(unit * kDoublings * kCertain));
  }

  std::vector<Raw> raw_;
  std::vector<Example> examples_;
  std::vector<uint32_t> features_;  // Of each row, in order.
  std::vector<int> counts_;         // Of each row: phrases that have it.
  std::vector<float> scales_;       // Of each row.
  std::vector<Scores> sums_;
};

int Run(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "train_classifier OUT TRAINING.tsv... [--test TEST.tsv...]\n");
    return 1;
  }
  std::vector<Labelled> training, test;
  std::vector<Labelled>* phrases = &training;
  for (int i = 2; i < count; ++i) {
    if (std::string_view(arguments[i]) == "--test") {
      phrases = &test;
      continue;
    }
    for (Labelled& one : ReadPhrases(arguments[i])) phrases->push_back(std::move(one));
  }
  const std::string bytes = Trainer(training).Run();
  std::ofstream(arguments[1], std::ios::binary) << bytes;
  const absl::StatusOr<Classifier> classifier = Classifier::Parse(bytes);
  if (!classifier.ok()) return 1;
  const Tables& tables = Tables::BuiltIn();
  for (const Labelled& one : test) {
    const Reading reading = tables.vocabulary.Read(one.text);
    const Verdict verdict = classifier->Judge(reading);
    const std::string_view label = one.label < 0 ? "none" : kClasses[one.label];
    std::printf("%s\t%.*s\t%u\t%.*s\n", one.id.c_str(), static_cast<int>(label.size()),
                label.data(), verdict.danger * 1000 / kCertain,
                static_cast<int>(kClasses[verdict.likeliest].size()),
                kClasses[verdict.likeliest].data());
  }
  return 0;
}

}  // namespace
}  // namespace selfology::safety

int main(int argc, char** argv) { return selfology::safety::Run(argc, argv); }
