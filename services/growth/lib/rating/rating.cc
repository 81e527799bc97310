#include "services/growth/lib/rating/rating.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace selfology::rating {
namespace {

// Glicko-2.
constexpr double kScale = 173.7178;
constexpr double kTau = 0.5;
constexpr double kTolerance = 1e-6;
constexpr double kLargestDeviation = 350;

// OpenSkill: beta = sigma/2, kappa bounds how much sigma shrinks.
constexpr double kBeta = 25.0 / 6;
constexpr double kKappa = 0.0001;
// What a player may have changed since the last match, so that sigma never dies out.
constexpr double kDynamics = 25.0 / 300;

double G(double phi) {
  return 1 / std::sqrt(1 + 3 * phi * phi / (std::numbers::pi * std::numbers::pi));
}

// Step 5: the new volatility, by the Illinois algorithm.
double NewVolatility(double sigma, double phi, double v, double delta) {
  const double a = std::log(sigma * sigma);
  const auto f = [&](double x) {
    const double e = std::exp(x);
    const double d = phi * phi + v + e;
    return e * (delta * delta - d) / (2 * d * d) - (x - a) / (kTau * kTau);
  };
  double low = a, high = 0;
  if (delta * delta > phi * phi + v) {
    high = std::log(delta * delta - phi * phi - v);
  } else {
    int k = 1;
    while (f(a - k * kTau) < 0) ++k;
    high = a - k * kTau;
  }
  double f_low = f(low), f_high = f(high);
  while (std::abs(high - low) > kTolerance) {
    const double next = low + (low - high) * f_low / (f_high - f_low);
    const double f_next = f(next);
    if (f_next * f_high <= 0) {
      low = high;
      f_low = f_high;
    } else {
      f_low /= 2;
    }
    high = next;
    f_high = f_next;
  }
  return std::exp(low / 2);
}

struct TeamSum {
  double mu = 0;
  double variance = 0;
};

TeamSum SumOf(const Team& team) {
  TeamSum sum;
  for (const Skill& skill : team) {
    sum.mu += skill.mu;
    sum.variance += skill.sigma * skill.sigma;
  }
  return sum;
}

}  // namespace

std::pair<double, double> Elo(double first, double second, double score, double k_first,
                              double k_second) {
  const double expected = 1 / (1 + std::pow(10, (second - first) / 400));
  return {first + k_first * (score - expected), second - k_second * (score - expected)};
}

double EloStep(int matches) { return matches < 30 ? 32 : 16; }

Glicko Glicko2(const Glicko& before, absl::Span<const GlickoMatch> matches) {
  const double mu = (before.value - 1500) / kScale;
  const double phi = before.deviation / kScale;
  Glicko after = before;
  if (matches.empty()) {
    const double grown = std::sqrt(phi * phi + before.volatility * before.volatility);
    after.deviation = std::min(kLargestDeviation, grown * kScale);
    return after;
  }
  double information = 0, surprise = 0;
  for (const GlickoMatch& match : matches) {
    const double g = G(match.deviation / kScale);
    const double e = 1 / (1 + std::exp(-g * (mu - (match.value - 1500) / kScale)));
    information += g * g * e * (1 - e);
    surprise += g * (match.score - e);
  }
  const double v = 1 / information;
  after.volatility = NewVolatility(before.volatility, phi, v, v * surprise);
  const double star = std::sqrt(phi * phi + after.volatility * after.volatility);
  const double phi_after = 1 / std::sqrt(1 / (star * star) + information);
  after.value = kScale * (mu + phi_after * phi_after * surprise) + 1500;
  after.deviation = std::min(kLargestDeviation, kScale * phi_after);
  return after;
}

double WinChance(const Glicko& first, const Glicko& second) {
  const double phi = std::hypot(first.deviation, second.deviation) / kScale;
  return 1 / (1 + std::exp(-G(phi) * (first.value - second.value) / kScale));
}

std::vector<Team> PlackettLuce(const std::vector<Team>& teams, const std::vector<int>& places) {
  const size_t n = teams.size();
  std::vector<Team> after = teams;
  for (Team& team : after) {
    for (Skill& skill : team) skill.sigma = std::hypot(skill.sigma, kDynamics);
  }
  std::vector<TeamSum> sums;
  double c = 0;
  for (const Team& team : after) {
    sums.push_back(SumOf(team));
    c += sums.back().variance + kBeta * kBeta;
  }
  c = std::sqrt(c);
  std::vector<double> sum_q(n, 0);  // Of all that are not placed better.
  std::vector<double> ties(n, 0);
  for (size_t q = 0; q < n; ++q) {
    for (size_t s = 0; s < n; ++s) {
      if (places[s] >= places[q]) sum_q[q] += std::exp(sums[s].mu / c);
      if (places[s] == places[q]) ++ties[q];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    double omega = 0, delta = 0;
    for (size_t q = 0; q < n; ++q) {
      if (places[q] > places[i]) continue;
      const double share = std::exp(sums[i].mu / c) / sum_q[q];
      delta += share * (1 - share) / ties[q];
      omega += (q == i ? 1 - share : -share) / ties[q];
    }
    omega *= sums[i].variance / c;
    delta *= std::sqrt(sums[i].variance) / c * sums[i].variance / (c * c);
    for (Skill& skill : after[i]) {
      const double part = skill.sigma * skill.sigma / sums[i].variance;
      skill.mu += part * omega;
      skill.sigma *= std::sqrt(std::max(1 - part * delta, kKappa));
    }
  }
  return after;
}

}  // namespace selfology::rating
