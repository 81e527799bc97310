#include "services/platform/analytics/churn.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace selfology::analytics {
namespace {

constexpr size_t kSize = kChurnFeatures + 1;  // With the intercept.
constexpr double kRidge = 1;
constexpr int kMostRounds = 50;
constexpr size_t kFolds = 5;
constexpr size_t kLeastOfEach = 5;

using Vector = std::array<double, kSize>;
using Matrix = std::array<Vector, kSize>;

double Sigmoid(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

// a x = b, for a symmetric and positive definite a: Cholesky.
Vector Solve(Matrix a, Vector b) {
  for (size_t i = 0; i < kSize; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      a[i][j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / a[j][j];
    }
  }
  for (size_t i = 0; i < kSize; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (size_t i = kSize; i-- > 0;) {
    for (size_t k = i + 1; k < kSize; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
  return b;
}

Vector Standardized(const ChurnModel& model, const ChurnFeatures& features) {
  Vector x = {1};
  for (size_t i = 0; i < kChurnFeatures; ++i) {
    x[i + 1] = (features[i] - model.means[i]) / model.deviations[i];
  }
  return x;
}

double LogOdds(const Vector& weights, const Vector& x) {
  return std::inner_product(weights.begin(), weights.end(), x.begin(), 0.0);
}

void Standardize(const std::vector<const ChurnExample*>& examples, ChurnModel& model) {
  const auto n = static_cast<double>(examples.size());
  for (size_t i = 0; i < kChurnFeatures; ++i) {
    double sum = 0;
    for (const ChurnExample* one : examples) sum += one->features[i];
    model.means[i] = sum / n;
    double squares = 0;
    for (const ChurnExample* one : examples) {
      squares += (one->features[i] - model.means[i]) * (one->features[i] - model.means[i]);
    }
    const double deviation = std::sqrt(squares / n);
    model.deviations[i] = deviation > 1e-9 ? deviation : 1;  // The same for all: it tells nothing.
  }
}

// The negative logarithm of the likelihood, with the ridge.
double Loss(const Vector& weights, const std::vector<Vector>& xs,
            const std::vector<const ChurnExample*>& examples) {
  double loss = 0;
  for (size_t i = 1; i < kSize; ++i) loss += kRidge * weights[i] * weights[i] / 2;
  for (size_t n = 0; n < xs.size(); ++n) {
    const double z = examples[n]->left ? LogOdds(weights, xs[n]) : -LogOdds(weights, xs[n]);
    loss += z > 0 ? std::log1p(std::exp(-z)) : -z + std::log1p(std::exp(z));
  }
  return loss;
}

ChurnModel Fit(const std::vector<const ChurnExample*>& examples) {
  ChurnModel model;
  Standardize(examples, model);
  std::vector<Vector> xs;
  for (const ChurnExample* one : examples) xs.push_back(Standardized(model, one->features));
  Vector weights = {};
  double loss = Loss(weights, xs, examples);
  for (int round = 0; round < kMostRounds; ++round) {
    Matrix curvature = {};
    Vector slope = {};
    for (size_t i = 1; i < kSize; ++i) {
      curvature[i][i] = kRidge;
      slope[i] = -kRidge * weights[i];
    }
    for (size_t n = 0; n < xs.size(); ++n) {
      const double p = Sigmoid(LogOdds(weights, xs[n]));
      for (size_t i = 0; i < kSize; ++i) {
        slope[i] += ((examples[n]->left ? 1 : 0) - p) * xs[n][i];
        for (size_t j = 0; j <= i; ++j) curvature[i][j] += p * (1 - p) * xs[n][i] * xs[n][j];
      }
    }
    const Vector step = Solve(curvature, slope);
    // Half a step where a whole one goes too far.
    double part = 1;
    Vector next = weights;
    double next_loss = loss;
    for (; part > 1e-6; part /= 2) {
      for (size_t i = 0; i < kSize; ++i) next[i] = weights[i] + part * step[i];
      next_loss = Loss(next, xs, examples);
      if (next_loss <= loss) break;
    }
    if (!(next_loss < loss - 1e-9 * (1 + std::abs(loss)))) break;
    weights = next;
    loss = next_loss;
  }
  model.intercept = weights[0];
  std::copy(weights.begin() + 1, weights.end(), model.weights.begin());
  return model;
}

}  // namespace

ChurnFeatures ChurnFeaturesOf(double events, double events_last_week, double active_days,
                              double days_since_last, double metrics) {
  return {std::log1p(events), std::log1p(events_last_week), active_days,
          std::log1p(days_since_last), std::log1p(metrics)};
}

double ChurnProbability(const ChurnModel& model, const ChurnFeatures& features) {
  Vector weights = {model.intercept};
  std::copy(model.weights.begin(), model.weights.end(), weights.begin() + 1);
  return Sigmoid(LogOdds(weights, Standardized(model, features)));
}

double AreaUnderCurve(const std::vector<double>& scores, const std::vector<bool>& left) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  double ranks = 0;  // Of those who left.
  double leavers = 0;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) ++end;
    const double rank = static_cast<double>(begin + end + 1) / 2;
    for (size_t i = begin; i < end; ++i) {
      if (!left[order[i]]) continue;
      ranks += rank;
      ++leavers;
    }
    begin = end;
  }
  const double stayers = static_cast<double>(scores.size()) - leavers;
  if (leavers == 0 || stayers == 0) return 0.5;
  return (ranks - leavers * (leavers + 1) / 2) / (leavers * stayers);
}

ChurnFit LearnChurn(const std::vector<ChurnExample>& examples) {
  ChurnFit fit;
  if (examples.size() < kLeastExamples) {
    fit.reason = absl::StrCat("there are ", examples.size(), " people to learn from; ",
                              kLeastExamples, " are needed");
    return fit;
  }
  const auto leavers = static_cast<size_t>(std::count_if(
      examples.begin(), examples.end(), [](const ChurnExample& one) { return one.left; }));
  if (leavers < kLeastOfEach || examples.size() - leavers < kLeastOfEach) {
    fit.reason = absl::StrCat(leavers, " of ", examples.size(),
                              " people left; at least 5 must have left, and 5 stayed");
    return fit;
  }
  std::vector<double> scores;
  std::vector<bool> left;
  for (size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<const ChurnExample*> others;
    for (size_t i = 0; i < examples.size(); ++i) {
      if (i % kFolds != fold) others.push_back(&examples[i]);
    }
    const ChurnModel model = Fit(others);
    for (size_t i = fold; i < examples.size(); i += kFolds) {
      scores.push_back(ChurnProbability(model, examples[i].features));
      left.push_back(examples[i].left);
    }
  }
  std::vector<const ChurnExample*> all;
  for (const ChurnExample& one : examples) all.push_back(&one);
  fit.is_known = true;
  fit.model = Fit(all);
  fit.auc = AreaUnderCurve(scores, left);
  fit.reason = absl::StrCat("learned from ", examples.size(), " people, of whom ", leavers,
                            " did nothing for 14 days");
  return fit;
}

}  // namespace selfology::analytics
