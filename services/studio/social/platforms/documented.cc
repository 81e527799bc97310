#include "services/studio/social/platforms/documented.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/json/value.h"
#include "services/studio/social/platforms/answer.h"

namespace selfology::social {
namespace {

using Kind = Outcome::Kind;

constexpr absl::Duration kLongestWait = absl::Hours(6);
constexpr absl::Duration kShortestWait = absl::Minutes(1);

Kind KindOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kRefused:
    case Verdict::kDuplicate:
      return Kind::kRefused;
    case Verdict::kTokenRefused:
      return Kind::kTokenRefused;
    case Verdict::kLater:
      return Kind::kLater;
    case Verdict::kUnknown:
      break;
  }
  return Kind::kUnknown;
}

// Of Meta's X-Business-Use-Case-Usage: {"17": [{"estimated_time_to_regain_access": 12}]}, in minutes.
absl::Duration RegainAccess(std::string_view header) {
  int64_t minutes = 0;
  const absl::StatusOr<nlohmann::json> usage = json::ParseValue(header);
  if (!usage.ok() || !usage->is_object()) return absl::ZeroDuration();
  for (const nlohmann::json& list : *usage) {
    if (!list.is_array()) continue;
    for (const nlohmann::json& use : list) {
      minutes = std::max(minutes, NumberAt(use, "estimated_time_to_regain_access"));
    }
  }
  return absl::Minutes(minutes);
}

absl::Duration UntilMidnight(absl::Time now) {
  const absl::CivilDay tomorrow = absl::ToCivilDay(now, absl::UTCTimeZone()) + 1;
  return absl::FromCivil(tomorrow, absl::UTCTimeZone()) - now;
}

}  // namespace

Outcome DocumentedPublisher::Publish(const Call& call, const Login& login,
                                     const Outgoing& outgoing) const {
  const Attempt attempt = Post(call, login, outgoing);
  if (!attempt.duplicate || !outgoing.sent_before) return attempt.outcome;
  // The double may be an earlier call of ours whose post did not show yet when it was looked up.
  const Outcome found = Find(call, login, outgoing, outgoing.due_at);
  return found.kind == Kind::kNotThere ? attempt.outcome : found;
}

Outcome DocumentedPublisher::LookUp(const Call& call, const Login& login,
                                    const Outgoing& outgoing) const {
  Outcome found = Find(call, login, outgoing, outgoing.first_call_at);
  if (found.kind == Kind::kNotThere && outgoing.now - outgoing.first_call_at < table_.lag) {
    found.kind = Kind::kUnknown;
    found.reason = absl::StrCat(table_.name, " does not show it yet; it is looked up again");
  }
  return found;
}

absl::StatusOr<http::ClientResponse> DocumentedPublisher::Send(const Call& call, const Login& login,
                                                               std::string_view method,
                                                               std::string_view path,
                                                               std::string body,
                                                               http::Headers more) const {
  more.Set("Authorization", absl::StrCat("Bearer ", login.secret));
  if (!body.empty()) more.Set("Content-Type", http::kJson);
  return client_.Send(call, {.method = std::string(method),
                             .url = absl::StrCat(login.server, path),
                             .headers = std::move(more),
                             .body = std::move(body),
                             .target = absl::StrCat(table_.name, " ", method)});
}

absl::StatusOr<http::ClientResponse> DocumentedPublisher::SendForm(
    const Call& call, const Login& login, std::string_view path, const http::Parameters& form,
    const std::string& authorization) const {
  http::Headers headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  if (!authorization.empty()) headers.Set("Authorization", authorization);
  return client_.Send(call, {.method = "POST",
                             .url = absl::StrCat(login.server, path),
                             .headers = std::move(headers),
                             .body = http::EncodeQuery(form),
                             .target = absl::StrCat(table_.name, " token")});
}

absl::Duration DocumentedPublisher::WaitOf(const http::ClientResponse& response,
                                           absl::Duration by_table, absl::Time now) const {
  absl::Duration wait = by_table == absl::InfiniteDuration() ? UntilMidnight(now) : by_table;
  int64_t seconds = 0;
  if (absl::SimpleAtoi(response.headers.Get("Retry-After").value_or(""), &seconds) && seconds > 0) {
    wait = absl::Seconds(seconds);
  } else if (!table_.reset_header.empty() &&
             absl::SimpleAtoi(response.headers.Get(table_.reset_header).value_or(""), &seconds)) {
    wait = absl::FromUnixSeconds(seconds) - now;
  } else if (const auto usage = response.headers.Get("X-Business-Use-Case-Usage")) {
    wait = std::max(wait, RegainAccess(*usage));
  }
  return std::clamp(wait, kShortestWait, kLongestWait);
}

std::optional<DocumentedPublisher::Attempt> DocumentedPublisher::Judge(
    const absl::StatusOr<http::ClientResponse>& response, absl::Time now) const {
  std::optional<Outcome> failed = FailureOf(response, table_.name);
  if (!failed.has_value()) return std::nullopt;
  Attempt attempt{.outcome = *std::move(failed)};
  if (!response.ok()) return attempt;
  const Said said = SaidOf(response->status, JsonOf(*response));
  if (said.code != 0) absl::StrAppend(&attempt.outcome.evidence, ", code ", said.code);
  if (said.subcode != 0) absl::StrAppend(&attempt.outcome.evidence, "/", said.subcode);
  const ErrorRow* const row = social::FindError(table_, said);
  if (row != nullptr) {
    attempt.outcome.kind = KindOf(row->verdict);
    attempt.outcome.reason = std::string(row->words);
    attempt.duplicate = row->verdict == Verdict::kDuplicate;
  }
  if (attempt.outcome.kind == Kind::kLater) {
    attempt.outcome.retry_after =
        WaitOf(*response, row != nullptr ? row->wait : absl::ZeroDuration(), now);
  }
  return attempt;
}

absl::Status DocumentedPublisher::ReadError(
    const absl::StatusOr<http::ClientResponse>& response) const {
  const std::optional<Attempt> failed = Judge(response, absl::InfinitePast());
  if (!failed.has_value()) return absl::OkStatus();
  if (response.ok() && response->status == 404) {
    return absl::NotFoundError(absl::StrCat(table_.name, " has no such thing"));
  }
  switch (failed->outcome.kind) {
    case Kind::kLater:
    case Kind::kUnknown:
      return absl::UnavailableError(absl::StrCat(table_.name, " cannot be asked now"));
    case Kind::kTokenRefused:
      return absl::FailedPreconditionError(
          absl::StrCat(table_.name, " refuses: ", failed->outcome.reason));
    default:
      return absl::FailedPreconditionError(
          absl::StrCat(table_.name, " refuses: ", failed->outcome.evidence));
  }
}

std::optional<Outcome> DocumentedPublisher::FindError(
    const absl::StatusOr<http::ClientResponse>& response, absl::Time now) const {
  std::optional<Attempt> failed = Judge(response, now);
  if (!failed.has_value()) return std::nullopt;
  Outcome outcome = std::move(failed->outcome);
  const bool expired = response.ok() && (response->status == 401 ||
                                         SaidOf(response->status, JsonOf(*response)).code == 190);
  if (outcome.kind == Kind::kTokenRefused && expired) {
    absl::StrAppend(&outcome.reason, "; then whether it has the post is looked up");
  } else if (outcome.kind == Kind::kTokenRefused || outcome.kind == Kind::kRefused) {
    outcome.reason = absl::StrCat(table_.name,
                                  " does not let this token read the account's posts: look whether"
                                  " the post is there, and say so");
  }
  outcome.kind = Kind::kUnknown;
  return outcome;
}

Outcome DocumentedPublisher::TooMany() {
  return {.kind = Outcome::Kind::kUnknown,
          .reason =
              "the account has too many new posts to look through: look whether it is there,"
              " and say so",
          .evidence = "too many new posts"};
}

Outcome DocumentedPublisher::Found(const std::string& id, const std::string& url,
                                   std::string_view how) const {
  if (id.empty()) {
    return {.kind = Kind::kUnknown,
            .reason = absl::StrCat(table_.name, " gave no number; whether it has it is looked up"),
            .evidence = "an answer without an id"};
  }
  return {
      .kind = Kind::kDone, .evidence = absl::StrCat(how, ", id ", id), .remote_id = id, .url = url};
}

}  // namespace selfology::social
