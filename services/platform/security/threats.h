// What looks like an attack, in attempts to sign in and in calls that were refused.
//
//   if (std::optional<Finding> found = FindBruteForce(attempts_of_account, now, limits)) ...
//
// Each rule looks at what happened within its window up to `now` and says how much it saw; whether
// to tell of it again is the caller's business (`quiet`).
// Threads: pure functions.
// Sources: OWASP Automated Threats OAT-007 (cracking), OAT-008 (stuffing).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace selfology::security {

struct ThreatLimits {
  // Brute force: so many failed attempts for an account within the window.
  int brute_force_failures = 10;
  absl::Duration brute_force_window = absl::Minutes(10);
  // Stuffing: failed attempts for so many accounts from one address within the window, and at least
  // this share of all its attempts failed. People behind one address mostly succeed.
  int stuffing_accounts = 10;
  absl::Duration stuffing_window = absl::Minutes(10);
  double stuffing_failed_share = 0.8;
  // Travel: faster than this between two sign-ins; where only countries are known, another country
  // within the window.
  double travel_km_per_hour = 1000;
  double travel_least_km = 500;
  absl::Duration travel_window = absl::Minutes(30);
  // Limits: so many refused calls of one caller within the window.
  int64_t refused_calls = 300;
  absl::Duration refused_window = absl::Minutes(10);
  // The same threat is told of once within this time.
  absl::Duration quiet = absl::Minutes(10);
};

struct Attempt {
  std::string account_hash = {};
  std::string address_hash = {};
  bool succeeded = false;
  absl::Time at;
};

struct Finding {
  int64_t observed = 0;
};

// Of one account.
std::optional<Finding> FindBruteForce(const std::vector<Attempt>& attempts, absl::Time now,
                                      const ThreatLimits& limits);
// Of one address.
std::optional<Finding> FindStuffing(const std::vector<Attempt>& attempts, absl::Time now,
                                    const ThreatLimits& limits);

struct Place {
  std::string country = {};  // Empty: not known.
  std::optional<double> latitude = {};
  std::optional<double> longitude = {};
};
struct SignIn {
  Place place = {};
  absl::Time at;
};
// Of one person: the sign-in before, and this one. Gives kilometres an hour, or 0 where only the
// countries are known.
std::optional<Finding> FindImpossibleTravel(const SignIn& before, const SignIn& now,
                                            const ThreatLimits& limits);
// Kilometres along the surface.
double Distance(double latitude1, double longitude1, double latitude2, double longitude2);

// Of one caller: refused calls within the window.
std::optional<Finding> FindLimitAbuse(int64_t refused_calls, const ThreatLimits& limits);

}  // namespace selfology::security
