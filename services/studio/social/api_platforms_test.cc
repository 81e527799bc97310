// Every fault of X, LinkedIn, Facebook and Instagram that is known, one row each: what it means, what
// the person is told, and that a post which may be there is found before it is sent again.
#include "services/studio/social/api_platforms_test.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/studio/social/limits.h"
#include "services/studio/social/platforms/publisher.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'796'040'000);  // 2026-11-30 12:00 UTC.

struct Site {
  v1::Platform platform;
  std::string name;
  std::string remote_id;
};
const std::vector<Site> kSites = {
    {v1::PLATFORM_X, "x", "7"},
    {v1::PLATFORM_LINKEDIN, "linkedin", "urn:li:person:me"},
    {v1::PLATFORM_FACEBOOK, "facebook", "17"},
    {v1::PLATFORM_INSTAGRAM, "instagram", "23"},
};

struct Case {
  std::string site;
  std::string what;
  ApiFault fault;
  Kind means;
  std::string says;  // A part of the reason.
  absl::Duration wait = absl::ZeroDuration();
};

std::string Graph(int code, int subcode = 0) {
  return absl::StrCat(R"({"error": {"message": "m", "code": )", code, R"(, "error_subcode": )",
                      subcode, "}}");
}

std::vector<Case> Cases() {
  std::vector<Case> cases;
  // What breaks around any platform.
  for (const Site& site : kSites) {
    const std::string& name = site.name;
    cases.push_back({name, "cut before", {.drop = true}, Kind::kUnknown, "looked up"});
    cases.push_back(
        {name, "cut after", {.happens = true, .drop = true}, Kind::kUnknown, "looked up"});
    cases.push_back(
        {name, "502 after", {.status = 502, .happens = true}, Kind::kUnknown, "looked up"});
    cases.push_back({name, "503 before", {.status = 503}, Kind::kUnknown, "looked up"});
    cases.push_back(
        {name, "504 after", {.status = 504, .happens = true}, Kind::kUnknown, "looked up"});
    cases.push_back(
        {name, "no number", {.body = "[]", .happens = true}, Kind::kUnknown, "looked up"});
    cases.push_back({name,
                     "a page",
                     {.status = 500, .body = "<html>", .happens = true},
                     Kind::kUnknown,
                     "looked up"});
    cases.push_back({name,
                     "Retry-After",
                     {.status = 429, .headers = {{"Retry-After", "600"}}},
                     Kind::kLater,
                     "tried again",
                     absl::Minutes(10)});
  }
  const auto x = [&](const char* what, int status, const char* body, Kind means, const char* says,
                     absl::Duration wait = absl::ZeroDuration(), http::Headers headers = {}) {
    cases.push_back({"x",
                     what,
                     {.status = status, .body = body, .headers = std::move(headers)},
                     means,
                     says,
                     wait});
  };
  x("reset header", 429, R"({"title": "Too Many Requests"})", Kind::kLater, "tried again",
    absl::Minutes(7), {{"x-rate-limit-reset", absl::StrCat(absl::ToUnixSeconds(kNow) + 420)}});
  x("429 alone", 429, "{}", Kind::kLater, "tried again", absl::Minutes(15));
  x("used up", 429, R"({"type": "https://api.x.com/2/problems/usage-capped"})", Kind::kLater,
    "in its plan", absl::Hours(6));
  x("duplicate", 403,
    R"({"detail": "You are not allowed to create a Tweet with duplicate content."})",
    Kind::kRefused, "change them");
  x("187", 403, R"({"errors": [{"code": 187, "message": "Status is a duplicate."}]})",
    Kind::kRefused, "change them");
  x("186", 403, R"({"errors": [{"code": 186}]})", Kind::kRefused, "shorten");
  x("185", 403, R"({"errors": [{"code": 185}]})", Kind::kLater, "of a day", absl::Hours(3));
  x("226", 403, R"({"errors": [{"code": 226}]})", Kind::kRefused, "automated");
  x("326", 403, R"({"errors": [{"code": 326}]})", Kind::kTokenRefused, "unlock");
  x("64", 403, R"({"errors": [{"code": 64}]})", Kind::kTokenRefused, "suspended");
  x("89", 401, R"({"errors": [{"code": 89}]})", Kind::kTokenRefused, "expired");
  x("read only", 403, R"({"type": "https://api.x.com/2/problems/oauth1-permissions"})",
    Kind::kTokenRefused, "Read and write");
  x("app's token", 403, R"({"type": "https://api.x.com/2/problems/unsupported-authentication"})",
    Kind::kTokenRefused, "user access token");
  x("no credits", 402, R"({"title": "CreditsDepleted"})", Kind::kRefused, "credits");
  x("401", 401, "{}", Kind::kTokenRefused, "connect the account again");
  x("400", 400, R"({"title": "Invalid Request"})", Kind::kRefused, "change it");
  const auto linkedin = [&](const char* what, int status, const char* body, Kind means,
                            const char* says, absl::Duration wait = absl::ZeroDuration()) {
    cases.push_back({"linkedin", what, {.status = status, .body = body}, means, says, wait});
  };
  linkedin("duplicate", 422,
           R"({"errorDetails": {"inputErrors": [{"code": "DUPLICATE_POST"}]}, "status": 422})",
           Kind::kRefused, "change them");
  linkedin("expired", 401, R"({"code": "EXPIRED_ACCESS_TOKEN", "serviceErrorCode": 65602})",
           Kind::kTokenRefused, "60 days");
  linkedin("revoked", 401, R"({"serviceErrorCode": 65601})", Kind::kTokenRefused, "taken back");
  linkedin("401", 401, "{}", Kind::kTokenRefused, "connect the account again");
  linkedin("403", 403, R"({"serviceErrorCode": 100, "message": "Not enough permissions"})",
           Kind::kTokenRefused, "w_member_social");
  linkedin("not of the company", 403, R"({"message": "Organization permissions missing"})",
           Kind::kTokenRefused, "administrators");
  linkedin("the day is used up", 429, R"({"serviceErrorCode": 101})", Kind::kLater, "midnight UTC",
           absl::Hours(6));
  linkedin("too long", 422, R"({"errorDetails": {"inputErrors": [{"code": "TEXT_TOO_LONG"}]}})",
           Kind::kRefused, "shorten");
  linkedin("422", 422, R"({"message": "ERROR :: /commentary"})", Kind::kRefused, "change it");
  linkedin("426", 426, R"({"code": "NONEXISTENT_VERSION"})", Kind::kRefused, "operator");
  linkedin("409", 409, "{}", Kind::kUnknown, "looked up");
  linkedin("400", 400, R"({"code": "ILLEGAL_ARGUMENT"})", Kind::kRefused, "change it");
  const auto meta = [&](const char* site, int code, int subcode, Kind means, const char* says,
                        absl::Duration wait = absl::ZeroDuration(), const char* at = "publish") {
    cases.push_back({site,
                     absl::StrCat(at, " ", code, "/", subcode),
                     {.at = at, .status = 400, .body = Graph(code, subcode)},
                     means,
                     says,
                     wait});
  };
  meta("facebook", 506, 0, Kind::kRefused, "change them");
  meta("facebook", 190, 463, Kind::kTokenRefused, "expired");
  meta("facebook", 190, 460, Kind::kTokenRefused, "password");
  meta("facebook", 190, 458, Kind::kTokenRefused, "removed");
  meta("facebook", 190, 0, Kind::kTokenRefused, "connect the page again");
  meta("facebook", 200, 0, Kind::kTokenRefused, "pages_manage_posts");
  meta("facebook", 10, 0, Kind::kTokenRefused, "pages_manage_posts");
  meta("facebook", 4, 0, Kind::kLater, "tried again", absl::Minutes(15));
  meta("facebook", 32, 0, Kind::kLater, "this page", absl::Minutes(15));
  meta("facebook", 613, 0, Kind::kLater, "tried again", absl::Minutes(15));
  meta("facebook", 341, 0, Kind::kLater, "limit of posts", absl::Hours(3));
  meta("facebook", 368, 0, Kind::kRefused, "support inbox");
  meta("facebook", 100, 0, Kind::kRefused, "change it");
  meta("facebook", 1609005, 0, Kind::kRefused, "link");
  meta("facebook", 1, 0, Kind::kUnknown, "looked up");
  meta("facebook", 2, 0, Kind::kUnknown, "looked up");
  cases.push_back(
      {"facebook",
       "time to regain access",
       {.status = 400,
        .body = Graph(80001),
        .headers = {{"X-Business-Use-Case-Usage",
                     R"({"17": [{"type": "pages", "estimated_time_to_regain_access": 45}]})"}}},
       Kind::kLater,
       "this page",
       absl::Minutes(45)});
  meta("instagram", 4, 2207051, Kind::kRefused, "spam");
  meta("instagram", 9, 2207042, Kind::kLater, "of a day", absl::Hours(3));
  meta("instagram", 25, 2207050, Kind::kTokenRefused, "sign in");
  meta("instagram", 24, 2207006, Kind::kLater, "prepared again", absl::Minutes(1));
  meta("instagram", 24, 2207008, Kind::kLater, "prepared again", absl::Minutes(1));
  meta("instagram", 9007, 2207027, Kind::kLater, "tried again", absl::Minutes(1));
  meta("instagram", -1, 2207001, Kind::kUnknown, "looked up");
  meta("instagram", 190, 0, Kind::kTokenRefused, "connect the account again");
  meta("instagram", 10, 0, Kind::kTokenRefused, "instagram_business_content_publish");
  meta("instagram", 4, 0, Kind::kLater, "tried again", absl::Minutes(15));
  meta("instagram", 100, 0, Kind::kRefused, "change it");
  meta("instagram", 9004, 2207052, Kind::kRefused, "public", {}, "prepare");
  meta("instagram", 36000, 2207004, Kind::kRefused, "8 MB", {}, "prepare");
  meta("instagram", 36001, 2207005, Kind::kRefused, "JPEG", {}, "prepare");
  meta("instagram", 36003, 2207009, Kind::kRefused, "shape", {}, "prepare");
  meta("instagram", 36004, 2207010, Kind::kRefused, "too long", {}, "prepare");
  meta("instagram", -2, 2207003, Kind::kLater, "tried again", absl::Minutes(1), "prepare");
  // Preparing publishes nothing, so whatever breaks there did not happen.
  cases.push_back(
      {"instagram", "prepare cut", {.at = "prepare", .drop = true}, Kind::kLater, "tried again"});
  cases.push_back(
      {"instagram", "prepare 502", {.at = "prepare", .status = 502}, Kind::kLater, "tried again"});
  return cases;
}

class ApiPlatformsTest : public ::testing::Test {
 protected:
  ApiPlatformsTest() {
    platforms_.clock = [] { return kNow; };
  }

  static const Site& SiteOf(const std::string& name) {
    for (const Site& site : kSites) {
      if (site.name == name) return site;
    }
    return kSites[0];
  }
  Login LoginOf(const Site& site) {
    return {.platform = site.platform,
            .server = platforms_.url(),
            .secret = "good-" + site.name,
            .remote_id = site.remote_id};
  }
  // With all that a platform changes in what it gives back.
  static Outgoing Post(int number) {
    return {.publication_id = number,
            .text = absl::StrCat("Post ", number, " (new) & <fast> for_all\n\n#tag ",
                                 ApiPlatforms::kLink, " https://a.example/p.jpg"),
            .created_at = kNow,
            .due_at = kNow,
            .first_call_at = kNow,
            .now = kNow};
  }
  static Call Now() { return Call::Background(absl::Seconds(30)); }
  const Publisher& Of(const Site& site) { return *publishers_.Of(site.platform); }

  ApiPlatforms platforms_;
  http::Client client_{http::Client::Options{}};
  Publishers publishers_{client_, {}};
};

TEST_F(ApiPlatformsTest, EachFaultMeansWhatItsRowSays) {
  std::map<std::string, int> faults;
  int number = 0;
  for (const Case& row : Cases()) {
    SCOPED_TRACE(absl::StrCat(row.site, ": ", row.what));
    ++faults[row.site];
    const Site& site = SiteOf(row.site);
    Outgoing outgoing = Post(++number);
    const size_t before = platforms_.posts(site.name).size();
    platforms_.Fail(site.name, {row.fault});
    const Outcome outcome = Of(site).Publish(Now(), LoginOf(site), outgoing);
    EXPECT_EQ(outcome.kind, row.means) << outcome.evidence;
    EXPECT_THAT(outcome.reason, HasSubstr(row.says));
    if (row.wait > absl::ZeroDuration()) EXPECT_EQ(outcome.retry_after, row.wait);
    EXPECT_THAT(outcome.evidence + outcome.reason, Not(HasSubstr("good-")));
    EXPECT_THAT(outcome.evidence + outcome.reason, Not(HasSubstr("for_all")));
    EXPECT_EQ(platforms_.posts(site.name).size(), before + (row.fault.happens ? 1 : 0));
    if (outcome.kind != Kind::kUnknown) continue;
    // At once it is found or not known; a while later it is there or is not.
    const Outcome at_once = Of(site).LookUp(Now(), LoginOf(site), outgoing);
    EXPECT_EQ(at_once.kind, row.fault.happens ? Kind::kDone : Kind::kUnknown) << at_once.evidence;
    outgoing.now += absl::Minutes(2);
    const Outcome later = Of(site).LookUp(Now(), LoginOf(site), outgoing);
    EXPECT_EQ(later.kind, row.fault.happens ? Kind::kDone : Kind::kNotThere) << later.evidence;
    if (row.fault.happens) {
      EXPECT_EQ(later.remote_id, platforms_.posts(site.name).back().id);
      EXPECT_THAT(later.url, HasSubstr("https://"));
      EXPECT_THAT(later.evidence, HasSubstr("found"));
    }
  }
  for (const Site& site : kSites) EXPECT_GE(faults[site.name], 12) << site.name;
}

TEST_F(ApiPlatformsTest, ConnectsPublishesMeasuresAndRemoves) {
  for (const Site& site : kSites) {
    SCOPED_TRACE(site.name);
    const auto identity = Of(site).Identify(Now(), LoginOf(site));
    ASSERT_TRUE(identity.ok()) << identity.status();
    EXPECT_EQ(identity->remote_id, site.remote_id);
    EXPECT_THAT(identity->name, Not(IsEmpty()));
    Login bad = LoginOf(site);
    bad.secret = "bad";
    const auto refused = Of(site).Identify(Now(), bad);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("again"));
    Outgoing outgoing = Post(1);
    const Outcome outcome = Of(site).Publish(Now(), LoginOf(site), outgoing);
    ASSERT_EQ(outcome.kind, Kind::kDone) << outcome.evidence;
    EXPECT_THAT(outcome.url, HasSubstr("https://"));
    outgoing.remote_id = outcome.remote_id;
    const auto metrics = Of(site).Measure(Now(), LoginOf(site), outgoing);
    ASSERT_TRUE(metrics.ok() && metrics->has_value()) << metrics.status();
    EXPECT_EQ((*metrics)->likes(), 3);
    EXPECT_EQ((*metrics)->replies(), 2);
    outgoing.text = "Other words";
    const Outcome edited = Of(site).Edit(Now(), LoginOf(site), outgoing);
    EXPECT_EQ(edited.kind == Kind::kDone, LimitsOf(site.platform).edits()) << edited.evidence;
    if (edited.kind == Kind::kDone) {
      EXPECT_EQ(platforms_.posts(site.name)[0].text, "Other words") << site.name;
    }
    const Outcome removed = Of(site).Remove(Now(), LoginOf(site), outgoing);
    if (site.platform == v1::PLATFORM_INSTAGRAM) {
      EXPECT_EQ(removed.kind, Kind::kRefused);
      EXPECT_THAT(removed.evidence, HasSubstr("in Instagram"));
      continue;
    }
    EXPECT_EQ(removed.kind, Kind::kDone) << removed.evidence;
    EXPECT_THAT(platforms_.posts(site.name), IsEmpty());
    EXPECT_EQ(Of(site).Remove(Now(), LoginOf(site), outgoing).kind, Kind::kDone);
    EXPECT_TRUE(absl::IsNotFound(Of(site).Measure(Now(), LoginOf(site), outgoing).status()));
  }
}

// The lists may lag: what was looked for in vain and refused as a double is our own post.
TEST_F(ApiPlatformsTest, ARefusedDoubleOfAnEarlierCallIsThatCallsPost) {
  const ApiFault lost = {.status = 502, .happens = true};
  const std::map<std::string, ApiFault> doubles = {
      {"x", {.status = 403, .body = R"({"errors": [{"code": 187}]})"}},
      {"linkedin",
       {.status = 422,
        .body = R"({"errorDetails": {"inputErrors": [{"code": "DUPLICATE_POST"}]}})"}},
      {"facebook", {.status = 400, .body = Graph(506)}}};
  for (const auto& [name, refused] : doubles) {
    SCOPED_TRACE(name);
    const Site& site = SiteOf(name);
    Outgoing outgoing = Post(1);
    platforms_.Fail(name, {lost, refused});
    EXPECT_EQ(Of(site).Publish(Now(), LoginOf(site), outgoing).kind, Kind::kUnknown);
    outgoing.sent_before = true;
    outgoing.first_call_at = outgoing.now = kNow + absl::Hours(1);
    const Outcome again = Of(site).Publish(Now(), LoginOf(site), outgoing);
    EXPECT_EQ(again.kind, Kind::kDone) << again.evidence;
    EXPECT_EQ(again.remote_id, platforms_.posts(name)[0].id);
    // Another publication with the words of a post that is older is refused.
    outgoing.due_at = kNow + absl::Minutes(50);
    platforms_.Fail(name, {refused});
    EXPECT_EQ(Of(site).Publish(Now(), LoginOf(site), outgoing).kind, Kind::kRefused);
    EXPECT_THAT(platforms_.posts(name), SizeIs(1));
  }
}

TEST_F(ApiPlatformsTest, WhereTheOwnPostsCannotBeReadNothingIsGuessed) {
  for (const Site& site : kSites) {
    SCOPED_TRACE(site.name);
    Outgoing outgoing = Post(1);
    outgoing.now += absl::Hours(1);
    const bool meta = site.name == "facebook" || site.name == "instagram";
    for (const ApiFault& fault : std::vector<ApiFault>{
             {.at = "look up", .status = meta ? 400 : 403, .body = meta ? Graph(200) : "{}"},
             {.at = "look up", .status = 503},
             {.at = "look up", .drop = true},
             {.at = "look up", .body = "nonsense"},
             {.at = "look up", .status = 429}}) {
      // A GET whose connection breaks may be tried again by the client itself.
      platforms_.Fail(site.name, {fault, fault});
      const Outcome outcome = Of(site).LookUp(Now(), LoginOf(site), outgoing);
      EXPECT_EQ(outcome.kind, Kind::kUnknown) << outcome.evidence;
      if (fault.status == 403 || fault.body == Graph(200)) {
        EXPECT_THAT(outcome.reason, HasSubstr("say so"));
      }
    }
  }
}

TEST_F(ApiPlatformsTest, InstagramsContainerTellsHowFarItIs) {
  const Site& site = SiteOf("instagram");
  const Outgoing outgoing = Post(1);
  platforms_.Containers({"IN_PROGRESS", "ERROR", "EXPIRED", "FINISHED"});
  for (const char* says : {"not done", "could not prepare", "could not prepare"}) {
    const Outcome outcome = Of(site).Publish(Now(), LoginOf(site), outgoing);
    EXPECT_EQ(outcome.kind, Kind::kLater);
    EXPECT_THAT(outcome.reason, HasSubstr(says));
  }
  EXPECT_EQ(platforms_.calls("instagram"), 0);
  EXPECT_EQ(Of(site).Publish(Now(), LoginOf(site), outgoing).kind, Kind::kDone);
  // Published, says the container, though the list does not show it: it is not sent again.
  Outgoing other = Post(2);
  platforms_.Fail("instagram", {{.drop = true}});
  EXPECT_EQ(Of(site).Publish(Now(), LoginOf(site), other).kind, Kind::kUnknown);
  other.now += absl::Hours(1);
  platforms_.Containers({"PUBLISHED"});
  EXPECT_EQ(Of(site).LookUp(Now(), LoginOf(site), other).kind, Kind::kUnknown);
  platforms_.Containers({"FINISHED"});
  EXPECT_EQ(Of(site).LookUp(Now(), LoginOf(site), other).kind, Kind::kNotThere);
  Outgoing words = Post(3);
  words.text = "only words";
  EXPECT_EQ(Of(site).Publish(Now(), LoginOf(site), words).kind, Kind::kRefused);
}

}  // namespace
}  // namespace selfology::social
