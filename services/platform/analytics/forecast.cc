#include "services/platform/analytics/forecast.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace selfology::analytics {
namespace {

// A tenth of a normal distribution lies beyond so many standard deviations.
constexpr double kTenth = 1.2815515655446004;

struct Parameters {
  double alpha = 0.5;
  double beta = 0.1;   // Of the level's change.
  double gamma = 0.1;  // Of what the level leaves.
};

struct Fit {
  double level = 0;
  double trend = 0;
  std::vector<double> season;  // By the point's number modulo its size.
  double squared = 0;          // Errors of one step ahead.
  double absolute = 0;         // Of the values, also where these are given by their logarithms.
  size_t errors = 0;
};

double Mean(const std::vector<double>& values, size_t from, size_t count) {
  double sum = 0;
  for (size_t i = from; i < from + count; ++i) sum += values[i];
  return sum / static_cast<double>(count);
}

// The first two seasons give the state to begin with; errors are counted after them.
Fit Run(const std::vector<double>& past, size_t season, const Parameters& p,
        bool are_logarithms = false) {
  Fit fit;
  const size_t length = std::max<size_t>(season, 1);
  const double first = Mean(past, 0, length);
  const double second = Mean(past, length, length);
  fit.trend = (second - first) / static_cast<double>(length);
  fit.season.assign(length, 0);
  if (season > 1) {
    const double middle = (static_cast<double>(length) - 1) / 2;
    for (size_t i = 0; i < length; ++i) {
      fit.season[i] = past[i] - (first + (static_cast<double>(i) - middle) * fit.trend);
    }
    fit.level = first + middle * fit.trend;
  } else {
    fit.level = past[0];
    fit.trend = past[1] - past[0];
  }
  const size_t warm = 2 * length;
  for (size_t i = length; i < past.size(); ++i) {
    double& seasonal = fit.season[i % length];
    const double error = past[i] - (fit.level + fit.trend + seasonal);
    if (i >= warm) {
      fit.squared += error * error;
      fit.absolute +=
          std::abs(are_logarithms ? std::exp(past[i]) - std::exp(past[i] - error) : error);
      ++fit.errors;
    }
    // The error-correction form.
    fit.level += fit.trend + p.alpha * error;
    fit.trend += p.alpha * p.beta * error;
    if (season > 1) seasonal += p.gamma * (1 - p.alpha) * error;
  }
  return fit;
}

Parameters Best(const std::vector<double>& past, size_t season) {
  Parameters best;
  double least = std::numeric_limits<double>::infinity();
  double width = 0.5;
  Parameters middle{0.5, 0.5, 0.5};
  for (int round = 0; round < 3; ++round) {
    const auto at = [&](double centre, int i) {
      return std::clamp(centre + width * (i - 3) / 3.0, 0.001, 0.999);
    };
    for (int a = 0; a < 7; ++a) {
      for (int b = 0; b < 7; ++b) {
        for (int g = 0; g < (season > 1 ? 7 : 1); ++g) {
          const Parameters p{at(middle.alpha, a), at(middle.beta, b),
                             season > 1 ? at(middle.gamma, g) : 0};
          const double squared = Run(past, season, p).squared;
          if (squared < least) {
            least = squared;
            best = p;
          }
        }
      }
    }
    middle = best;
    width /= 3;
  }
  return best;
}

// With the parameters that fit best.
struct Model {
  Parameters parameters;
  Fit fit;
  double variance = 0;  // Of one step ahead.
  // Twice the negative logarithm of its errors' density, up to a constant: less is likelier.
  double deviance = 0;
};

Model Fitted(const std::vector<double>& values, size_t season, bool are_logarithms) {
  Model model;
  model.parameters = Best(values, season);
  model.fit = Run(values, season, model.parameters, are_logarithms);
  const auto errors = static_cast<double>(model.fit.errors);
  model.variance = model.fit.squared / std::max(errors - (season > 1 ? 3 : 2), 1.0);
  constexpr double kExact = 1e-20;  // Its logarithm is a number.
  model.deviance = errors * std::log(std::max(model.fit.squared / errors, kExact));
  return model;
}

std::vector<ForecastValue> Continued(size_t count, size_t season, const Model& model, int steps) {
  std::vector<ForecastValue> values;
  const Parameters& p = model.parameters;
  const Fit& fit = model.fit;
  double growth = 1;
  for (int h = 1; h <= steps; ++h) {
    if (h > 1) {
      const int j = h - 1;
      double c = p.alpha * (1 + j * p.beta);
      if (season > 1 && j % static_cast<int>(season) == 0) c += p.gamma * (1 - p.alpha);
      growth += c * c;
    }
    const double value = fit.level + h * fit.trend +
                         fit.season[(count + static_cast<size_t>(h) - 1) % fit.season.size()];
    const double span = kTenth * std::sqrt(model.variance * growth);
    values.push_back({value, value - span, value + span});
  }
  return values;
}

// The mean error of "as one season before", or without a season of "as before".
double NaiveError(const std::vector<double>& past, size_t season) {
  const size_t lag = std::max<size_t>(season, 1);
  double sum = 0;
  for (size_t i = lag; i < past.size(); ++i) sum += std::abs(past[i] - past[i - lag]);
  return sum / static_cast<double>(past.size() - lag);
}

}  // namespace

Forecast Predict(const std::vector<double>& past, const ForecastOptions& options) {
  Forecast forecast;
  if (past.size() < kLeastPoints) {
    forecast.reason =
        absl::StrCat("there are ", past.size(), " steps, and ", kLeastPoints, " are needed");
    return forecast;
  }
  size_t season = options.season > 1 ? static_cast<size_t>(options.season) : 0;
  if (2 * season + 2 > past.size()) season = 0;
  const double least = *std::min_element(past.begin(), past.end());
  Model model = Fitted(past, season, /*are_logarithms=*/false);
  bool by_factors = false;
  if (least > 0) {
    std::vector<double> logarithms;
    for (const double value : past) logarithms.push_back(std::log(value));
    Model factors = Fitted(logarithms, season, /*are_logarithms=*/true);
    // Densities of the same values: that of a logarithm is the value's times the value.
    for (size_t i = past.size() - factors.fit.errors; i < past.size(); ++i) {
      factors.deviance += 2 * logarithms[i];
    }
    by_factors = factors.deviance < model.deviance;
    if (by_factors) model = std::move(factors);
  }
  const double naive = NaiveError(past, season);
  if (naive > 0) {
    forecast.scaled_error = model.fit.absolute / static_cast<double>(model.fit.errors) / naive;
  }
  for (const ForecastValue& one : Continued(past.size(), season, model, options.steps)) {
    const auto outcome = [&](double value) {
      if (by_factors) return std::exp(value);
      return least >= 0 ? std::max(value, 0.0) : value;
    };
    forecast.values.push_back({outcome(one.value), outcome(one.low), outcome(one.high)});
  }
  const char* const how = by_factors ? ", as factors of it" : "";
  forecast.reason = season > 1
                        ? absl::StrCat("level, trend and a season of ", season, " steps", how)
                        : absl::StrCat("level and trend, without a season", how);
  return forecast;
}

}  // namespace selfology::analytics
