#include "services/platform/security/threats.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace selfology::security {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'760'000'000);
const ThreatLimits kLimits;

std::vector<Attempt> Failures(int count, absl::Duration apart) {
  std::vector<Attempt> attempts;
  for (int i = 0; i < count; ++i) attempts.push_back({"a", "h", false, kStart + i * apart});
  return attempts;
}

TEST(ThreatsTest, ManyFailuresOfOneAccountAreBruteForce) {
  const absl::Time end = kStart + absl::Seconds(9);
  EXPECT_EQ(FindBruteForce(Failures(10, absl::Seconds(1)), end, kLimits)->observed, 10);
  EXPECT_FALSE(FindBruteForce(Failures(9, absl::Seconds(1)), end, kLimits).has_value());
  std::vector<Attempt> one_right = Failures(10, absl::Seconds(1));
  one_right[3].succeeded = true;
  EXPECT_FALSE(FindBruteForce(one_right, end, kLimits).has_value());
  EXPECT_FALSE(FindBruteForce(Failures(10, absl::Minutes(2)), kStart + absl::Minutes(18), kLimits)
                   .has_value());
}

TEST(ThreatsTest, FailuresOfManyAccountsFromOneAddressAreStuffing) {
  std::vector<Attempt> attempts;
  for (int i = 0; i < 10; ++i) attempts.push_back({absl::StrCat("a", i), "h", false, kStart});
  EXPECT_EQ(FindStuffing(attempts, kStart, kLimits)->observed, 10);
  // One account, however often, is no stuffing; nor an office where most get in.
  EXPECT_FALSE(FindStuffing(Failures(50, absl::ZeroDuration()), kStart, kLimits).has_value());
  for (int i = 0; i < 10; ++i) attempts.push_back({absl::StrCat("b", i), "h", true, kStart});
  EXPECT_FALSE(FindStuffing(attempts, kStart, kLimits).has_value());
}

TEST(ThreatsTest, NobodyIsInTwoPlaces) {
  const Place amsterdam = {"NL", 52.37, 4.9}, tokyo = {"JP", 35.68, 139.69};
  EXPECT_NEAR(Distance(52.37, 4.9, 35.68, 139.69), 9290, 50);
  const auto travel = [](const Place& from, const Place& to, absl::Duration between) {
    return FindImpossibleTravel({from, kStart}, {to, kStart + between}, kLimits);
  };
  EXPECT_NEAR(static_cast<double>(travel(amsterdam, tokyo, absl::Hours(2))->observed), 4645, 30);
  EXPECT_FALSE(travel(amsterdam, tokyo, absl::Hours(12)).has_value()) << "a flight";
  EXPECT_FALSE(travel(amsterdam, {"BE", 50.85, 4.35}, absl::Minutes(1)).has_value()) << "near";
  EXPECT_TRUE(travel(amsterdam, tokyo, absl::ZeroDuration()).has_value());
  // Where only the countries are known.
  EXPECT_TRUE(travel({"NL"}, {"JP"}, absl::Minutes(20)).has_value());
  EXPECT_FALSE(travel({"NL"}, {"JP"}, absl::Minutes(40)).has_value());
  EXPECT_FALSE(travel({"NL"}, {"NL"}, absl::Minutes(1)).has_value());
  EXPECT_FALSE(travel({}, {"JP"}, absl::Minutes(1)).has_value());
}

TEST(ThreatsTest, CallsBeyondTheLimitsAreAbuseOnceTheyAreMany) {
  EXPECT_FALSE(FindLimitAbuse(kLimits.refused_calls - 1, kLimits).has_value());
  EXPECT_EQ(FindLimitAbuse(kLimits.refused_calls, kLimits)->observed, kLimits.refused_calls);
}

// A labelled stream of a day: honest people, many behind shared addresses, who mistype, forget and
// travel; among them attacks, each with a name.
struct Labelled {
  Attempt attempt;
  Place place = {};
  std::string attack = {};  // Empty: honest.
};

constexpr int kPeople = 2'000;
constexpr int kAttacks = 50;
constexpr int kLogins = 10'000;
constexpr absl::Duration kDay = absl::Hours(24);

class StreamTest : public ::testing::Test {
 protected:
  absl::Time SometimeToday() { return kStart + absl::Uniform(random_, 0.0, 1.0) * kDay; }

  void AddHonest() {
    while (stream_.size() < kLogins) {
      const int person = absl::Uniform(random_, 0, kPeople);
      // A third sits in 20 offices, of a hundred people or so each.
      const std::string address =
          person % 3 == 0 ? absl::StrCat("office", person % 20) : absl::StrCat("home", person);
      absl::Time at = SometimeToday();
      // Most get in at once; some mistype; one in a hundred tries all the passwords they ever had.
      int failures = absl::Bernoulli(random_, 0.2) ? absl::Uniform(random_, 1, 4) : 0;
      if (absl::Bernoulli(random_, 0.01)) failures = absl::Uniform(random_, 4, 8);
      const Place place = {person % 7 == 0 ? "DE" : "NL", person % 7 == 0 ? 50.1 : 52.4,
                           person % 7 == 0 ? 8.7 : 4.9};
      for (int i = 0; i <= failures; ++i) {
        stream_.push_back({{absl::StrCat("person", person), address, i == failures, at}, place});
        at += absl::Seconds(absl::Uniform(random_, 5, 30));
      }
    }
  }

  void Sort() {
    std::sort(stream_.begin(), stream_.end(),
              [](const Labelled& a, const Labelled& b) { return a.attempt.at < b.attempt.at; });
  }

  // Runs a rule over the stream; `key` gives whose window an attempt belongs to.
  template <typename Key, typename Rule>
  void Run(Key key, Rule rule) {
    std::map<std::string, std::vector<Attempt>> windows;
    for (const Labelled& one : stream_) {
      std::vector<Attempt>& window = windows[key(one)];
      window.push_back(one.attempt);
      if (one.attempt.succeeded || !rule(window, one.attempt.at, kLimits).has_value()) continue;
      if (one.attack.empty()) {
        false_alarms_.insert(one.attempt.account_hash);
      } else {
        found_.insert(one.attack);
      }
    }
  }

  void ExpectGood() {
    EXPECT_GE(found_.size(), kAttacks * 95 / 100);
    EXPECT_LE(false_alarms_.size(), kPeople / 1000);
  }

  absl::BitGen random_;
  std::vector<Labelled> stream_;
  std::set<std::string> found_, false_alarms_;
};

TEST_F(StreamTest, BruteForceIsFoundAndHonestPeopleAreLeftAlone) {
  for (int attack = 0; attack < kAttacks; ++attack) {
    // From many addresses, slowly or fast.
    const absl::Time begin = SometimeToday();
    const int guesses = absl::Uniform(random_, 15, 60);
    for (int i = 0; i < guesses; ++i) {
      stream_.push_back({{absl::StrCat("victim", attack), absl::StrCat("bot", i % 5, attack), false,
                          begin + i * absl::Seconds(absl::Uniform(random_, 1, 30))},
                         {},
                         absl::StrCat("brute force ", attack)});
    }
  }
  AddHonest();
  Sort();
  Run([](const Labelled& one) { return one.attempt.account_hash; }, FindBruteForce);
  ExpectGood();
}

TEST_F(StreamTest, StuffingIsFoundAndOfficesAreLeftAlone) {
  for (int attack = 0; attack < kAttacks; ++attack) {
    const absl::Time begin = SometimeToday();
    const int accounts = absl::Uniform(random_, 20, 60);
    for (int i = 0; i < accounts; ++i) {
      // One in fifty passwords of a leak still works.
      stream_.push_back({{absl::StrCat("leaked", attack, "-", i), absl::StrCat("bot", attack),
                          absl::Bernoulli(random_, 0.02), begin + i * absl::Seconds(5)},
                         {},
                         absl::StrCat("stuffing ", attack)});
    }
  }
  AddHonest();
  Sort();
  Run([](const Labelled& one) { return one.attempt.address_hash; }, FindStuffing);
  ExpectGood();
}

TEST_F(StreamTest, ImpossibleTravelIsFoundAndTravellersAreLeftAlone) {
  AddHonest();
  for (int attack = 0; attack < kAttacks; ++attack) {
    // A person signs in at home; the thief does within the hour, an ocean away.
    const absl::Time at = SometimeToday();
    const std::string victim = absl::StrCat("victim", attack);
    stream_.push_back({{victim, "home", true, at}, {"NL", 52.4, 4.9}});
    stream_.push_back({{victim, "bot", true, at + absl::Minutes(absl::Uniform(random_, 1, 60))},
                       {"BR", -23.5, -46.6},
                       absl::StrCat("travel ", attack)});
  }
  for (int traveller = 0; traveller < 200; ++traveller) {
    // Honest: to New York by plane.
    const std::string person = absl::StrCat("traveller", traveller);
    stream_.push_back({{person, "home", true, kStart}, {"NL", 52.4, 4.9}});
    stream_.push_back(
        {{person, "hotel", true, kStart + absl::Hours(absl::Uniform(random_, 8.0, 12.0))},
         {"US", 40.7, -74.0}});
  }
  Sort();
  std::map<std::string, SignIn> last;
  for (const Labelled& one : stream_) {
    if (!one.attempt.succeeded) continue;
    const SignIn now = {one.place, one.attempt.at};
    const auto before = last.find(one.attempt.account_hash);
    if (before != last.end() && FindImpossibleTravel(before->second, now, kLimits).has_value()) {
      if (one.attack.empty()) {
        false_alarms_.insert(one.attempt.account_hash);
      } else {
        found_.insert(one.attack);
      }
    }
    last[one.attempt.account_hash] = now;
  }
  ExpectGood();
}

}  // namespace
}  // namespace selfology::security
