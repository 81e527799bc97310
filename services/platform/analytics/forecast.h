// How a series goes on: Holt-Winters (level, trend, season), with the span that holds four of five
// outcomes. Trend and season are added to the level or, where the past is above 0 and likelier so, are
// factors of it, as is the span then.
//
//   const Forecast forecast = Predict(values, {.steps = 7, .season = 7});
//   if (forecast.values.empty()) ... forecast.reason
//
// The smoothing parameters are those of the least squared error of one step ahead, found by a grid
// that is refined twice. The span comes from that error's variance, which grows with the steps
// ahead as the model says. Fewer than kLeastPoints points are not predicted; without two whole
// seasons the season is left out. Negative numbers are predicted only where the past has some.
//
// Threads: pure functions.
// Source: R. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 8.3 and
// 8.7; MASE: R. Hyndman, A. Koehler, Another look at measures of forecast accuracy (2006).
#pragma once

#include <string>
#include <vector>

namespace selfology::analytics {

inline constexpr size_t kLeastPoints = 30;

struct ForecastOptions {
  int steps = 7;
  int season = 0;  // Points of a season; 0 or 1: none.
};

struct ForecastValue {
  double value = 0;
  double low = 0;   // The 10th percentile.
  double high = 0;  // The 90th.
};

struct Forecast {
  std::vector<ForecastValue> values;  // Empty: it cannot be predicted.
  double scaled_error = 0;            // MASE of one step ahead; 0: not known.
  std::string reason;
};

Forecast Predict(const std::vector<double>& past, const ForecastOptions& options);

}  // namespace selfology::analytics
