#include "services/platform/security/threats.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <string_view>

namespace selfology::security {
namespace {

bool Within(absl::Time at, absl::Time now, absl::Duration window) {
  return at > now - window && at <= now;
}

double Radians(double degrees) { return degrees * std::numbers::pi / 180; }

}  // namespace

std::optional<Finding> FindBruteForce(const std::vector<Attempt>& attempts, absl::Time now,
                                      const ThreatLimits& limits) {
  const auto failures =
      std::count_if(attempts.begin(), attempts.end(), [&](const Attempt& attempt) {
        return !attempt.succeeded && Within(attempt.at, now, limits.brute_force_window);
      });
  if (failures < limits.brute_force_failures) return std::nullopt;
  return Finding{failures};
}

std::optional<Finding> FindStuffing(const std::vector<Attempt>& attempts, absl::Time now,
                                    const ThreatLimits& limits) {
  std::set<std::string_view> accounts;
  int all = 0;
  int failed = 0;
  for (const Attempt& attempt : attempts) {
    if (!Within(attempt.at, now, limits.stuffing_window)) continue;
    ++all;
    if (attempt.succeeded) continue;
    ++failed;
    accounts.insert(attempt.account_hash);
  }
  const auto count = static_cast<int64_t>(accounts.size());
  if (count < limits.stuffing_accounts || failed < limits.stuffing_failed_share * all) {
    return std::nullopt;
  }
  return Finding{count};
}

double Distance(double latitude1, double longitude1, double latitude2, double longitude2) {
  constexpr double kEarthRadius = 6371;
  const double a = std::pow(std::sin(Radians(latitude2 - latitude1) / 2), 2) +
                   std::cos(Radians(latitude1)) * std::cos(Radians(latitude2)) *
                       std::pow(std::sin(Radians(longitude2 - longitude1) / 2), 2);
  return 2 * kEarthRadius * std::asin(std::min(1.0, std::sqrt(a)));
}

std::optional<Finding> FindImpossibleTravel(const SignIn& before, const SignIn& now,
                                            const ThreatLimits& limits) {
  const absl::Duration between = now.at - before.at;
  if (between < absl::ZeroDuration()) return std::nullopt;
  const Place& from = before.place;
  const Place& to = now.place;
  if (from.latitude && from.longitude && to.latitude && to.longitude) {
    const double km = Distance(*from.latitude, *from.longitude, *to.latitude, *to.longitude);
    // Within the same minute any distance is a speed beyond all bounds.
    const double hours = absl::ToDoubleHours(std::max(between, absl::Minutes(1)));
    if (km < limits.travel_least_km || km / hours <= limits.travel_km_per_hour) return std::nullopt;
    return Finding{std::lround(km / hours)};
  }
  const bool other_country =
      !from.country.empty() && !to.country.empty() && from.country != to.country;
  if (!other_country || between >= limits.travel_window) return std::nullopt;
  return Finding{0};
}

std::optional<Finding> FindLimitAbuse(int64_t refused_calls, const ThreatLimits& limits) {
  if (refused_calls < limits.refused_calls) return std::nullopt;
  return Finding{refused_calls};
}

}  // namespace selfology::security
