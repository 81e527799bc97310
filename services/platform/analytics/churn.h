// Who is likely to leave: logistic regression with a ridge.
//
//   const ChurnFit fit = LearnChurn(examples);          // people whose end is known
//   if (!fit.is_known) ... fit.reason
//   const double p = ChurnProbability(fit.model, features_of_today);
//
// Features are standardized; the ridge (weight 1 on each standardized weight, none on the intercept)
// keeps weights finite when a feature tells all. Fitted by Newton's method. The AUC is that of five
// folds, each judged by a model that has not seen it. Fewer than kLeastExamples people, or fewer than
// five who left or who stayed, are not learned from.
//
// Threads: pure functions.
// Sources: T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning, 2nd ed., 4.4;
// AUC by ranks: J. Hanley, B. McNeil (1982).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace selfology::analytics {

inline constexpr size_t kLeastExamples = 30;
inline constexpr size_t kChurnFeatures = 5;
inline constexpr std::array<const char*, kChurnFeatures> kChurnNames = {
    "events", "events_last_week", "active_days", "days_since_last", "metrics"};

// In the order of the names.
using ChurnFeatures = std::array<double, kChurnFeatures>;

// Counts as features: logarithms, since they lie over several orders of magnitude.
ChurnFeatures ChurnFeaturesOf(double events, double events_last_week, double active_days,
                              double days_since_last, double metrics);

struct ChurnExample {
  ChurnFeatures features = {};
  bool left = false;
};

struct ChurnModel {
  double intercept = 0;
  ChurnFeatures weights = {};  // Of standardized features.
  ChurnFeatures means = {};
  ChurnFeatures deviations = {1, 1, 1, 1, 1};
};

struct ChurnFit {
  bool is_known = false;
  ChurnModel model;
  double auc = 0;  // 0: not known.
  std::string reason;
};

ChurnFit LearnChurn(const std::vector<ChurnExample>& examples);

double ChurnProbability(const ChurnModel& model, const ChurnFeatures& features);

// How often one who left has the higher score than one who stayed; ties count half. 0.5 where there
// are none of either.
double AreaUnderCurve(const std::vector<double>& scores, const std::vector<bool>& left);

}  // namespace selfology::analytics
