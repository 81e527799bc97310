#include "services/studio/social/platforms/api_table.h"

#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace selfology::social {
namespace {

constexpr std::string_view kRead = "2026-11-30";
constexpr absl::Duration kNow = absl::ZeroDuration();
constexpr absl::Duration kQuarter = absl::Minutes(15);
constexpr absl::Duration kDay = absl::Hours(24);

// --- X

constexpr ApiPage kXManage = {"Manage Posts: Quickstart",
                              "https://docs.x.com/x-api/posts/manage-tweets/quickstart", "", kRead};
constexpr ApiPage kXTimeline = {"Timelines: user Posts",
                                "https://docs.x.com/x-api/posts/timelines/introduction", "", kRead};
constexpr ApiPage kXLimits = {"X API Rate Limits",
                              "https://docs.x.com/x-api/fundamentals/rate-limits", "", kRead};
constexpr ApiPage kXTokens = {
    "OAuth 2.0 Authorization Code Flow with PKCE",
    "https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code", "",
    "2026-12-01"};
constexpr ApiPage kXCodes = {"Response Codes",
                             "https://developer.x.com/en/docs/basics/response-codes", "", kRead};

constexpr CallRow kXCalls[] = {
    {"identify", "GET", "/2/users/me", &kXManage},
    {"publish", "POST", "/2/tweets", &kXManage},
    {"look up", "GET", "/2/users/{user}/tweets", &kXTimeline},
    {"remove", "DELETE", "/2/tweets/{post}", &kXManage},
    {"measure", "GET", "/2/tweets/{post}", &kXLimits},
    {"renew", "POST", "/2/oauth2/token", &kXTokens},
};
constexpr QuotaRow kXQuotas[] = {
    {"posts of a person", 100, kQuarter, &kXLimits},
    {"posts of the app", 10'000, kDay, &kXLimits},
    {"reads of posts by a person", 5000, kQuarter, &kXLimits},
};
constexpr ErrorRow kXErrors[] = {
    {0, 187, 0, "", Verdict::kDuplicate, "X has a post with these words already: change them", kNow,
     &kXCodes},
    {403, 0, 0, "duplicate content", Verdict::kDuplicate,
     "X has a post with these words already: change them", kNow, &kXManage},
    {0, 186, 0, "", Verdict::kRefused, "X says that the post is too long: shorten it", kNow,
     &kXCodes},
    {0, 88, 0, "", Verdict::kLater, "X takes no more calls for now; it is tried again", kQuarter,
     &kXCodes},
    {0, 185, 0, "", Verdict::kLater,
     "the account has reached X's limit of posts of a day; it is tried again", absl::Hours(3),
     &kXCodes},
    {0, 226, 0, "", Verdict::kRefused,
     "X takes the post for an automated one: post it in X itself, or change it", kNow, &kXCodes},
    {0, 326, 0, "", Verdict::kTokenRefused,
     "X has locked the account: unlock it in X, then connect it again", kNow, &kXCodes},
    {0, 64, 0, "", Verdict::kTokenRefused,
     "X has suspended the account: appeal in X, then connect it again", kNow, &kXCodes},
    {0, 89, 0, "", Verdict::kTokenRefused, "X's token has expired: connect the account again", kNow,
     &kXCodes},
    {429, 0, 0, "usage-capped", Verdict::kLater,
     "the app has used up what X lets it post in its plan; it is tried again", absl::Hours(6),
     &kXLimits},
    {429, 0, 0, "", Verdict::kLater, "X takes no more posts for now; it is tried again", kQuarter,
     &kXLimits},
    {402, 0, 0, "", Verdict::kRefused,
     "the app has no credits left at X: its operator has to buy some", kNow, &kXLimits},
    {403, 0, 0, "oauth1-permissions", Verdict::kTokenRefused,
     "the token may only read: give the app \"Read and write\" at X and connect again", kNow,
     &kXManage},
    {403, 0, 0, "unsupported-authentication", Verdict::kTokenRefused,
     "the token is the app's and no person's: connect with a user access token", kNow, &kXManage},
    {403, 0, 0, "client-not-enrolled", Verdict::kTokenRefused,
     "the app is in no project at X: enroll it there and connect again", kNow, &kXManage},
    {403, 0, 0, "", Verdict::kRefused,
     "X does not allow this post: look into X whether the account is restricted", kNow, &kXCodes},
    {401, 0, 0, "", Verdict::kTokenRefused, "X refuses the token: connect the account again", kNow,
     &kXCodes},
    {400, 0, 0, "", Verdict::kRefused, "X cannot take this post: change it", kNow, &kXCodes},
    {500, 0, 0, "", Verdict::kUnknown, "X had an error; whether it has the post is looked up", kNow,
     &kXCodes},
    {503, 0, 0, "", Verdict::kUnknown, "X is overloaded; whether it has the post is looked up",
     kNow, &kXCodes},
};

// --- LinkedIn

constexpr ApiPage kLiPosts = {
    "Posts API",
    "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api",
    "li-lms-2026-01", kRead};
constexpr ApiPage kLiErrors = {
    "Error Handling",
    "https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling", "",
    kRead};
constexpr ApiPage kLiLimits = {
    "Rate Limiting",
    "https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/rate-limits", "", kRead};

constexpr CallRow kLiCalls[] = {
    {"identify", "GET", "/v2/userinfo", &kLiPosts},
    {"publish", "POST", "/rest/posts", &kLiPosts},
    {"look up", "GET", "/rest/posts?q=author&author={author}", &kLiPosts},
    {"remove", "DELETE", "/rest/posts/{post}", &kLiPosts},
    {"measure", "GET", "/rest/socialActions/{post}", &kLiPosts},
};
constexpr QuotaRow kLiQuotas[] = {
    {"posts of a member", 150, kDay, &kLiLimits},
    {"posts of the app", 100'000, kDay, &kLiLimits},
};
constexpr ErrorRow kLiErrorRows[] = {
    {422, 0, 0, "duplicate", Verdict::kDuplicate,
     "LinkedIn has a post with these words already: change them", kNow, &kLiPosts},
    {0, 0, 0, "expired_access_token", Verdict::kTokenRefused,
     "LinkedIn's token has expired, as it does after 60 days: connect the account again", kNow,
     &kLiErrors},
    {0, 65602, 0, "", Verdict::kTokenRefused,
     "LinkedIn's token has expired, as it does after 60 days: connect the account again", kNow,
     &kLiErrors},
    {0, 65601, 0, "", Verdict::kTokenRefused,
     "the access was taken back at LinkedIn: connect the account again", kNow, &kLiErrors},
    {401, 0, 0, "", Verdict::kTokenRefused, "LinkedIn refuses the token: connect the account again",
     kNow, &kLiErrors},
    {403, 0, 0, "organization", Verdict::kTokenRefused,
     "LinkedIn lets this account not post for the company: become one of its administrators there,"
     " then connect it again",
     kNow, &kLiPosts},
    {403, 0, 0, "", Verdict::kTokenRefused,
     "the token may not post: connect the account again and allow w_member_social", kNow,
     &kLiPosts},
    {429, 0, 0, "", Verdict::kLater,
     "LinkedIn takes no more posts today; it is tried again when its day begins, at midnight UTC",
     absl::InfiniteDuration(), &kLiLimits},
    {422, 0, 0, "too_long", Verdict::kRefused,
     "LinkedIn says that the post is too long: shorten it", kNow, &kLiPosts},
    {422, 0, 0, "", Verdict::kRefused, "LinkedIn cannot take this post: change it", kNow,
     &kLiPosts},
    {426, 0, 0, "", Verdict::kRefused,
     "LinkedIn has ended the version of its API that is used here: the operator has to update it",
     kNow, &kLiPosts},
    {400, 0, 0, "", Verdict::kRefused, "LinkedIn cannot read this post: change it", kNow,
     &kLiErrors},
    {404, 0, 0, "", Verdict::kRefused, "LinkedIn does not know the author: connect it again", kNow,
     &kLiErrors},
    {409, 0, 0, "", Verdict::kUnknown,
     "LinkedIn was working on the same post; whether it has it is looked up", kNow, &kLiErrors},
    {500, 0, 0, "", Verdict::kUnknown,
     "LinkedIn had an error; whether it has the post is looked up", kNow, &kLiErrors},
    {504, 0, 0, "", Verdict::kUnknown,
     "LinkedIn took too long; whether it has the post is looked up", kNow, &kLiErrors},
};

// --- Facebook and Instagram, which have errors in common

constexpr ApiPage kFbPosts = {"Pages API: Posts",
                              "https://developers.facebook.com/docs/pages-api/posts", "", kRead};
constexpr ApiPage kFbComments = {
    "Graph API: /{object-id}/comments",
    "https://developers.facebook.com/docs/graph-api/reference/object/comments", "", "2026-12-01"};
constexpr ApiPage kFbErrors = {
    "Graph API: Handling Errors",
    "https://developers.facebook.com/docs/graph-api/guides/error-handling", "", kRead};
constexpr ApiPage kFbLimits = {
    "Graph API: Rate Limits",
    "https://developers.facebook.com/docs/graph-api/overview/rate-limiting", "", kRead};

constexpr CallRow kFbCalls[] = {
    {"identify", "GET", "/v25.0/me", &kFbPosts},
    {"publish", "POST", "/v25.0/{page}/feed", &kFbPosts},
    {"look up", "GET", "/v25.0/{page}/feed", &kFbPosts},
    {"remove", "DELETE", "/v25.0/{post}", &kFbPosts},
    {"measure", "GET", "/v25.0/{post}", &kFbPosts},
    {"comments", "GET", "/v25.0/{page}/feed?fields=comments", &kFbComments},
    {"mentions", "GET", "/v25.0/{page}/tagged", &kFbPosts},
    {"answer", "POST", "/v25.0/{comment}/comments", &kFbComments},
    {"look up an answer", "GET", "/v25.0/{comment}/comments", &kFbComments},
};
// A page has 4,800 calls a day for each of its engaged users: at least so many.
constexpr QuotaRow kFbQuotas[] = {{"calls of a page", 4800, kDay, &kFbLimits}};
constexpr ErrorRow kFbErrorRows[] = {
    {0, 506, 0, "", Verdict::kDuplicate,
     "Facebook has a post with these words already: change them", kNow, &kFbErrors},
    {0, 190, 460, "", Verdict::kTokenRefused,
     "the password was changed at Facebook: connect the page again", kNow, &kFbErrors},
    {0, 190, 463, "", Verdict::kTokenRefused,
     "Facebook's token has expired: connect the page again", kNow, &kFbErrors},
    {0, 190, 458, "", Verdict::kTokenRefused,
     "the app was removed at Facebook: connect the page again", kNow, &kFbErrors},
    {0, 190, 0, "", Verdict::kTokenRefused, "Facebook refuses the token: connect the page again",
     kNow, &kFbErrors},
    {0, 102, 0, "", Verdict::kTokenRefused, "Facebook refuses the token: connect the page again",
     kNow, &kFbErrors},
    {0, 10, 0, "", Verdict::kTokenRefused,
     "the token may not post: connect the page again and allow pages_manage_posts", kNow,
     &kFbErrors},
    {0, 200, 0, "", Verdict::kTokenRefused,
     "the token may not post: connect the page again and allow pages_manage_posts", kNow,
     &kFbErrors},
    {0, 4, 0, "", Verdict::kLater, "Facebook takes no more calls for now; it is tried again",
     kQuarter, &kFbLimits},
    {0, 17, 0, "", Verdict::kLater, "Facebook takes no more calls for now; it is tried again",
     kQuarter, &kFbLimits},
    {0, 32, 0, "", Verdict::kLater,
     "Facebook takes no more calls of this page for now; it is tried again", kQuarter, &kFbLimits},
    {0, 613, 0, "", Verdict::kLater, "Facebook takes no more calls for now; it is tried again",
     kQuarter, &kFbLimits},
    {0, 80001, 0, "", Verdict::kLater,
     "Facebook takes no more calls of this page for now; it is tried again", kQuarter, &kFbLimits},
    {0, 341, 0, "", Verdict::kLater,
     "the page has reached Facebook's limit of posts; it is tried again", absl::Hours(3),
     &kFbErrors},
    {0, 368, 0, "", Verdict::kRefused,
     "Facebook has blocked posting for a while because of its rules: look into the page's support"
     " inbox there",
     kNow, &kFbErrors},
    {0, 1609005, 0, "", Verdict::kRefused,
     "Facebook cannot read the link: change it or leave it out", kNow, &kFbErrors},
    {0, 100, 0, "", Verdict::kRefused, "Facebook cannot take this post: change it", kNow,
     &kFbErrors},
    {0, 1, 0, "", Verdict::kUnknown, "Facebook had an error; whether it has the post is looked up",
     kNow, &kFbErrors},
    {0, 2, 0, "", Verdict::kUnknown,
     "Facebook was not available; whether it has the post is looked up", kNow, &kFbErrors},
};

constexpr ApiPage kIgPublishing = {
    "Instagram Platform: Content Publishing",
    "https://developers.facebook.com/docs/instagram-platform/content-publishing", "2025-03-24",
    kRead};
constexpr ApiPage kIgErrors = {
    "Instagram Platform: Error Codes",
    "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/"
    "error-codes",
    "2026-06-02", kRead};
constexpr ApiPage kIgPublish = {
    "IG User Media Publish",
    "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/"
    "media_publish",
    "", kRead};

constexpr CallRow kIgCalls[] = {
    {"identify", "GET", "/v25.0/me", &kIgPublishing},
    {"prepare", "POST", "/v25.0/{user}/media", &kIgPublishing},
    {"prepared", "GET", "/v25.0/{container}", &kIgPublishing},
    {"publish", "POST", "/v25.0/{user}/media_publish", &kIgPublish},
    {"look up", "GET", "/v25.0/{user}/media", &kIgPublishing},
    {"measure", "GET", "/v25.0/{post}", &kIgPublishing},
};
constexpr QuotaRow kIgQuotas[] = {{"posts of an account", 50, kDay, &kIgPublish}};
constexpr ErrorRow kIgErrorRows[] = {
    {0, 4, 2207051, "", Verdict::kRefused,
     "Instagram takes the post for spam and restricts the account: open Instagram, look what it"
     " says, and change the post",
     kNow, &kIgErrors},
    {0, 9, 2207042, "", Verdict::kLater,
     "the account has reached Instagram's limit of posts of a day; it is tried again",
     absl::Hours(3), &kIgErrors},
    {0, 25, 2207050, "", Verdict::kTokenRefused,
     "Instagram restricts the account: sign in to Instagram, do what it asks, then connect it"
     " again",
     kNow, &kIgErrors},
    {0, 24, 2207006, "", Verdict::kLater,
     "Instagram did not find the prepared picture; it is prepared again", kNow, &kIgErrors},
    {0, 24, 2207008, "", Verdict::kLater,
     "the prepared picture has expired at Instagram; it is prepared again", kNow, &kIgErrors},
    {0, 9007, 2207027, "", Verdict::kLater,
     "Instagram is not done with the picture yet; it is tried again", kNow, &kIgErrors},
    {0, -2, 2207003, "", Verdict::kLater,
     "Instagram took too long to load the picture; it is tried again", kNow, &kIgErrors},
    {0, -2, 2207020, "", Verdict::kLater,
     "the prepared picture has expired at Instagram; it is prepared again", kNow, &kIgErrors},
    {0, 9004, 2207052, "", Verdict::kRefused,
     "Instagram could not load the picture: its address must be public and lead to a JPEG", kNow,
     &kIgErrors},
    {0, 36000, 2207004, "", Verdict::kRefused,
     "the picture is too large for Instagram: at most 8 MB", kNow, &kIgErrors},
    {0, 36001, 2207005, "", Verdict::kRefused,
     "Instagram does not take this kind of picture: use a JPEG", kNow, &kIgErrors},
    {0, 36003, 2207009, "", Verdict::kRefused,
     "the picture's shape does not suit Instagram: between 4:5 and 1.91:1", kNow, &kIgErrors},
    {0, 36004, 2207010, "", Verdict::kRefused,
     "the text is too long for Instagram: at most 2,200 characters, 30 tags and 20 mentions", kNow,
     &kIgErrors},
    {0, 190, 0, "", Verdict::kTokenRefused,
     "Instagram's token has expired or was taken back: connect the account again", kNow,
     &kFbErrors},
    {0, 10, 0, "", Verdict::kTokenRefused,
     "the token may not post: connect again and allow instagram_business_content_publish", kNow,
     &kFbErrors},
    {0, 200, 0, "", Verdict::kTokenRefused,
     "the token may not post: connect again and allow instagram_business_content_publish", kNow,
     &kFbErrors},
    {0, 4, 0, "", Verdict::kLater, "Instagram takes no more calls for now; it is tried again",
     kQuarter, &kFbLimits},
    {0, 17, 0, "", Verdict::kLater, "Instagram takes no more calls for now; it is tried again",
     kQuarter, &kFbLimits},
    {0, 80002, 0, "", Verdict::kLater, "Instagram takes no more calls for now; it is tried again",
     kQuarter, &kFbLimits},
    {0, 100, 0, "", Verdict::kRefused, "Instagram cannot take this post: change it", kNow,
     &kFbErrors},
    {0, -1, 2207032, "", Verdict::kLater,
     "Instagram could not prepare the picture; it is tried again", kNow, &kIgErrors},
    {0, -1, 0, "", Verdict::kUnknown,
     "Instagram had an error; whether it has the post is looked up", kNow, &kIgErrors},
    {0, 1, 0, "", Verdict::kUnknown, "Instagram had an error; whether it has the post is looked up",
     kNow, &kFbErrors},
    {0, 2, 0, "", Verdict::kUnknown,
     "Instagram was not available; whether it has the post is looked up", kNow, &kFbErrors},
};

constexpr ApiTable kTables[] = {
    {v1::PLATFORM_X, "X", "https://api.x.com", kXCalls, kXQuotas, kXErrors, "x-rate-limit-reset",
     absl::Seconds(30)},
    {v1::PLATFORM_LINKEDIN, "LinkedIn", "https://api.linkedin.com", kLiCalls, kLiQuotas,
     kLiErrorRows, "", absl::Minutes(1)},
    {v1::PLATFORM_FACEBOOK, "Facebook", "https://graph.facebook.com", kFbCalls, kFbQuotas,
     kFbErrorRows, "", absl::Minutes(1)},
    {v1::PLATFORM_INSTAGRAM, "Instagram", "https://graph.instagram.com", kIgCalls, kIgQuotas,
     kIgErrorRows, "", absl::Minutes(1)},
};

void Take(const nlohmann::json& object, Said& said) {
  if (!object.is_object()) return;
  const auto number = [&](std::initializer_list<const char*> names, int64_t& out) {
    for (const char* name : names) {
      const auto at = object.find(name);
      if (out == 0 && at != object.end() && at->is_number_integer()) out = at->get<int64_t>();
    }
  };
  number({"code", "serviceErrorCode"}, said.code);
  number({"error_subcode"}, said.subcode);
  for (const char* name : {"type", "title", "detail", "reason", "code", "message"}) {
    const auto at = object.find(name);
    if (at == object.end() || !at->is_string()) continue;
    absl::StrAppend(&said.words, absl::AsciiStrToLower(at->get_ref<const std::string&>()), "\n");
  }
}

const nlohmann::json* At(const nlohmann::json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(name);
  return at == object.end() ? nullptr : &*at;
}

void TakeAll(const nlohmann::json* list, Said& said) {
  if (list == nullptr || !list->is_array()) return;
  for (const nlohmann::json& one : *list) Take(one, said);
}

}  // namespace

absl::Span<const ApiTable> ApiTables() { return kTables; }

const ApiTable& TableOf(v1::Platform platform) {
  for (const ApiTable& table : kTables) {
    if (table.platform == platform) return table;
  }
  return kTables[0];
}

Said SaidOf(int status, const nlohmann::json& body) {
  Said said{.status = status};
  Take(body, said);
  if (const nlohmann::json* error = At(body, "error")) Take(*error, said);
  TakeAll(At(body, "errors"), said);
  if (const nlohmann::json* details = At(body, "errorDetails")) {
    TakeAll(At(*details, "inputErrors"), said);
  }
  return said;
}

const ErrorRow* FindError(const ApiTable& table, const Said& said) {
  for (const ErrorRow& row : table.errors) {
    if ((row.status == 0 || row.status == said.status) &&
        (row.code == 0 || row.code == said.code) &&
        (row.subcode == 0 || row.subcode == said.subcode) &&
        absl::StrContains(said.words, row.says)) {
      return &row;
    }
  }
  return nullptr;
}

}  // namespace selfology::social
