#include "services/platform/notification/sms/sms_request.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/json/value.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/text/utf8.h"

namespace selfology::notification {
namespace {

using Json = nlohmann::json;

// Twilio's numbers for addresses that are none, and for those who do not want any.
constexpr int64_t kGone[] = {21211, 21214, 21217, 21610, 21614};
// Twilio's clock and ours need not agree to the second.
constexpr absl::Duration kSlack = absl::Minutes(2);

absl::Status NoUrl() { return absl::InvalidArgumentError("must be https://account:token@host"); }

int64_t CodeIn(std::string_view body) {
  const auto answer = json::ParseValue(body);
  if (!answer.ok() || !answer->is_object()) return 0;
  const auto code = answer->find("code");
  return code != answer->end() && code->is_number_integer() ? code->get<int64_t>() : 0;
}

}  // namespace

absl::StatusOr<SmsAccount> ParseSmsUrl(std::string_view url) {
  const size_t scheme = url.find("://");
  const size_t at = url.rfind('@');
  if (scheme == std::string_view::npos || at == std::string_view::npos || at < scheme + 3)
    return NoUrl();
  const std::string_view login = url.substr(scheme + 3, at - scheme - 3);
  const size_t colon = login.find(':');
  std::string_view host = url.substr(at + 1);
  while (absl::EndsWith(host, "/")) host.remove_suffix(1);
  if (colon == std::string_view::npos || colon == 0 || host.empty()) return NoUrl();
  SmsAccount account;
  ASSIGN_OR_RETURN(account.name, http::Decode(login.substr(0, colon)));
  ASSIGN_OR_RETURN(account.secret, http::Decode(login.substr(colon + 1)));
  account.base = absl::StrCat(url.substr(0, scheme), "://", host);
  return account;
}

bool IsPhoneNumber(std::string_view number) {
  return number.size() >= 9 && number.size() <= 16 && number[0] == '+' && number[1] != '0' &&
         std::all_of(number.begin() + 1, number.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

std::string SmsText(std::string_view title, std::string_view text, std::string_view link) {
  std::string words(title);
  if (!text.empty()) absl::StrAppend(&words, "\n", text);
  const bool has_link = absl::StartsWith(link, "https://") && text::Characters(link) <= 100;
  const int room = kMostSmsCharacters - (has_link ? text::Characters(link) + 1 : 0);
  std::string cut(text::Prefix(words, room));
  if (cut.size() < words.size()) {
    cut = absl::StrCat(text::Prefix(words, room - 1), "…");
  }
  return has_link ? absl::StrCat(cut, "\n", link) : cut;
}

std::string SmsPath(const SmsAccount& account) {
  return absl::StrCat("/2010-04-01/Accounts/", http::Encode(account.name), "/Messages.json");
}

std::string BasicAuthorization(const SmsAccount& account) {
  return absl::StrCat("Basic ",
                      absl::Base64Escape(absl::StrCat(account.name, ":", account.secret)));
}

std::string SmsForm(std::string_view from, std::string_view to, std::string_view text) {
  return http::EncodeQuery(
      {{"To", std::string(to)}, {"From", std::string(from)}, {"Body", std::string(text)}});
}

std::string SmsQuery(std::string_view to, absl::Time since) {
  return http::EncodeQuery(
      {{"To", std::string(to)},
       {"DateSent>", absl::FormatTime("%Y-%m-%d", since - kSlack, absl::UTCTimeZone())},
       {"PageSize", "100"}});
}

bool HasMessage(std::string_view body, std::string_view text, absl::Time since) {
  const auto answer = json::ParseValue(body);
  if (!answer.ok() || !answer->is_object()) return false;
  const auto messages = answer->find("messages");
  if (messages == answer->end() || !messages->is_array()) return false;
  return std::any_of(messages->begin(), messages->end(), [&](const Json& message) {
    if (!message.is_object()) return false;
    const auto words = message.find("body");
    if (words == message.end() || !words->is_string() || words->get<std::string>() != text)
      return false;
    const auto created = message.find("date_created");
    absl::Time at;
    std::string error;
    if (created == message.end() || !created->is_string() ||
        !absl::ParseTime("%a, %d %b %Y %H:%M:%S %z", created->get<std::string>(), &at, &error)) {
      return true;  // Without a time it counts: rather one too few than twice.
    }
    return at >= since - kSlack;
  });
}

Outcome JudgeSms(int http_status, std::string_view body) {
  if (http_status >= 200 && http_status < 300) {
    return {.outcome = v1::ATTEMPT_OUTCOME_ACCEPTED, .code = absl::StrCat(http_status)};
  }
  const int64_t code = CodeIn(body);
  Outcome outcome{.code =
                      code == 0 ? absl::StrCat(http_status) : absl::StrCat(http_status, " ", code)};
  const bool later = http_status == 429 || http_status >= 500;
  outcome.outcome = later ? v1::ATTEMPT_OUTCOME_REFUSED_FOR_NOW : v1::ATTEMPT_OUTCOME_REFUSED;
  if (std::find(std::begin(kGone), std::end(kGone), code) != std::end(kGone))
    outcome.bounce = "5.1.1";
  return outcome;
}

}  // namespace selfology::notification
