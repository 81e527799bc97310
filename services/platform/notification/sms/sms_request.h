// Text messages by an API in the manner of Twilio's.
//
//   ASSIGN_OR_RETURN(const SmsAccount account, ParseSmsUrl("https://AC1:token@api.twilio.com"));
//   POST {account.base}/2010-04-01/Accounts/{account.name}/Messages.json, SmsForm(...)
//   JudgeSms(status, body)
//
// The API knows no idempotency key. So an attempt whose outcome is not known is looked up before the
// next one: GET the same path with SmsQuery(...), and HasMessage(body, text) says whether it is there.
// Threads: pure functions. Source: Twilio, "Messages resource" and "Error and warning dictionary".
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/platform/notification/deliveries/outcome.h"

namespace selfology::notification {

struct SmsAccount {
  std::string base = {};    // "https://api.twilio.com", without a slash at its end.
  std::string name = {};    // The account.
  std::string secret = {};  // Its token.
};

// "https://account:token@host". INVALID_ARGUMENT.
absl::StatusOr<SmsAccount> ParseSmsUrl(std::string_view url);

// "+" and 8 to 15 digits, the first of which is none (E.164).
bool IsPhoneNumber(std::string_view number);

// At most so many characters, which are four messages of 70.
inline constexpr int kMostSmsCharacters = 280;
std::string SmsText(std::string_view title, std::string_view text, std::string_view link);

std::string SmsPath(const SmsAccount& account);
std::string BasicAuthorization(const SmsAccount& account);
std::string SmsForm(std::string_view from, std::string_view to, std::string_view text);
std::string SmsQuery(std::string_view to, absl::Time since);
// Whether an answer to SmsQuery lists a message with these words, begun at or after `since`.
bool HasMessage(std::string_view body, std::string_view text, absl::Time since);

// Of an answer to the post; a number that is none, or whose owner said STOP, bounces for good.
Outcome JudgeSms(int http_status, std::string_view body);

}  // namespace selfology::notification
