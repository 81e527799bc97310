#include "services/coaching/coaching_dialog/statements.h"

#include "absl/strings/substitute.h"
#include "absl/time/time.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

// They are an extra that no question waits for.
constexpr absl::Duration kQuickly = absl::Milliseconds(300);

}  // namespace

std::optional<v1::DialogMessage> Statements::Offer(const Call& call, int64_t user_id,
                                                   Language language, int left, Guide introduction,
                                                   std::string key) const {
  trait::v1::GetNextStatementRequest request;
  request.set_user_id(user_id);
  request.set_language(std::string(TagOf(language)));
  const auto next = peers_.trait.GetNextStatement(call.WithTimeout(kQuickly), request);
  if (!next.ok()) observe::Info("no trait statement offered", {{"status", next.status()}});
  if (!next.ok() || !next->has_statement()) return std::nullopt;
  const absl::StatusOr<bool> declined = choice_.declined(call.WithTimeout(kQuickly), user_id);
  if (!declined.ok()) observe::Info("no trait statement offered", {{"status", declined.status()}});
  if (!declined.ok() || *declined) return std::nullopt;
  return guide::StatementMessage(language, *next, left, introduction, std::move(key));
}

Reaction Statements::Rate(const Turn& turn, std::string_view argument) const {
  const std::optional<guide::Rating> rating = guide::ParseRating(argument);
  if (!rating.has_value()) return Stale(turn);
  trait::v1::RateStatementRequest request;
  request.set_user_id(turn.user_id);
  request.set_statement_id(rating->statement_id);
  request.set_rating(rating->rating);
  const auto rated = Patiently(
      turn.call, [&](const Call& once) { return peers_.trait.RateStatement(once, request); });
  if (status::ErrorCodeOf(rated.status()) == mesh::v1::ERROR_CODE_STATEMENT_NOT_FOUND) {
    return Stale(turn);
  }
  if (!rated.ok()) return Reply(texts::Failure(turn.language, rated.status()));
  if (rated->rated_count() >= rated->statement_count()) {
    return Replace(Phrase(turn.language, Guide::kStatementsOver));
  }
  if (rating->left > 0) {
    auto next = Offer(turn.call, turn.user_id, turn.language, rating->left - 1, Guide::kStatement,
                      /*key=*/"");
    if (next.has_value()) return Reply(*std::move(next));
  }
  return Replace(absl::Substitute(Phrase(turn.language, Guide::kStatementsDone),
                                  rated->rated_count(), rated->statement_count()));
}

Reaction Statements::Decline(const Turn& turn) const {
  const absl::Status declined = choice_.decline(turn.call, turn.user_id);
  if (!declined.ok()) return Reply(texts::Failure(turn.language, declined));
  return Replace(Phrase(turn.language, Guide::kNoStatements));
}

}  // namespace selfology::coaching_dialog
