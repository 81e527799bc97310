#include "services/platform/integration/renewer.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/executor/worker_pool.h"
#include "common/observe/log.h"
#include "common/resilience/retry.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/platform/integration/errors.h"
#include "services/platform/integration/renewal_rules.h"

namespace selfology::integration {
namespace {

using postgres::Transaction;
using store::ConnectionRow;

constexpr absl::Duration kHeld = absl::Minutes(1);
// Together less than a renewal is held for.
constexpr absl::Duration kAskTimeout = absl::Seconds(15);
constexpr absl::Duration kWriteTimeout = absl::Seconds(30);
constexpr absl::Duration kGlance = absl::Milliseconds(50);  // At who is renewing.
constexpr int64_t kDueAtOnce = 100;
constexpr int kThreads = 8;
constexpr absl::Duration kRevokeAgain = absl::Minutes(5);
constexpr absl::Duration kRevokeFor = absl::Hours(24);
constexpr absl::Duration kRevokeTimeout = absl::Seconds(10);

}  // namespace

absl::StatusOr<Renewer::Begun> Renewer::Begin(const Call& call, const identity::Owner& owner,
                                              const std::string& connection_id,
                                              int64_t& generation) {
  const absl::Time now = parts_.clock();
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<Begun> {
    ASSIGN_OR_RETURN(auto row, store::LockConnection(tx, owner, connection_id));
    if (!row.has_value()) return NotFound("connection");
    if (generation == 0) generation = row->generation;
    Begun begun;
    begun.done = row->generation > generation;
    if (!begun.done) {
      if (row->state == v1::CONNECTION_STATE_BROKEN) {
        return NotPossible("the connection has ended; the person has to connect again");
      }
      if (!row->refreshes || !parts_.providers.contains(row->provider)) {
        return NotPossible("the connection's token cannot be renewed");
      }
      begun.ours = !row->renewing_until.has_value() || *row->renewing_until <= now;
      begun.interrupted = begun.ours && row->renewing_until.has_value();
      if (begun.ours) {
        ++row->renewal;
        row->renewing_until = now + kHeld;
        store::UpdateConnection(tx, *row);
      }
    }
    begun.row = *std::move(row);
    return begun;
  });
}

absl::StatusOr<ConnectionRow> Renewer::Renew(const Call& call, const identity::Owner& owner,
                                             const std::string& connection_id, int64_t generation) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key.Get(call));
  for (;;) {
    ASSIGN_OR_RETURN(const Begun begun, Begin(call, owner, connection_id, generation));
    if (begun.done) return begun.row;
    if (!begun.ours) {
      if (call.Remaining() <= kGlance || !resilience::WaitUnlessCancelled(call, kGlance)) {
        return absl::UnavailableError("the connection's token is being renewed");
      }
      continue;
    }
    const Provider& provider = parts_.providers.at(begun.row.provider);
    ASSIGN_OR_RETURN(const std::string opened, sealer.Open("tokens", begun.row.tokens.value));
    ASSIGN_OR_RETURN(const Tokens tokens, DecodeTokens(opened));
    // Not within the caller's time: what the provider gives must be kept whoever waits for it.
    const absl::StatusOr<TokenAnswer> answer = parts_.client.Refresh(
        Call::Background(kAskTimeout, call.trace()), provider, tokens.refresh);
    return Finish(begun, provider, answer, tokens.refresh);
  }
}

absl::StatusOr<ConnectionRow> Renewer::Finish(const Begun& begun, const Provider& provider,
                                              const absl::StatusOr<TokenAnswer>& answer,
                                              const std::string& old_refresh_token) {
  const Call call = Call::Background(kWriteTimeout);
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key.Get(call));
  const absl::Time now = parts_.clock();
  const bool renewed = answer.ok() && answer->error == TokenError::kNone;
  std::string sealed;
  if (renewed) {
    // Some providers keep the refresh token, and some say so by an empty one.
    sealed = sealer.Seal("tokens", EncodeTokens({.access = answer->tokens.access,
                                                 .refresh = answer->tokens.refresh.empty()
                                                                ? old_refresh_token
                                                                : answer->tokens.refresh}));
  }
  const auto write = [&](Transaction& tx) -> absl::StatusOr<ConnectionRow> {
    ASSIGN_OR_RETURN(auto row,
                     store::LockConnection(tx, begun.row.owner(), begun.row.connection_id));
    if (!row.has_value() || row->renewal != begun.row.renewal) {
      // It was removed, or somebody else thought that we had died.
      if (renewed) store::InsertRevocation(tx, begun.row.provider, {sealed}, now);
      if (!row.has_value()) return NotFound("connection");
      observe::Warning("renewed too late", {{"connection", row->connection_id}});
      return *std::move(row);
    }
    const auto before = static_cast<v1::ConnectionState>(row->state);
    if (renewed) {
      row->tokens = {sealed};
      ++row->generation;
      row->state = v1::CONNECTION_STATE_ACTIVE;
      row->failure = v1::CONNECTION_FAILURE_UNSPECIFIED;
      row->failing_since = std::nullopt;
      row->failures = 0;
      row->refreshed_at = now;
      row->renewing_until = std::nullopt;
      row->expires_at = std::nullopt;
      row->refresh_at = std::nullopt;
      if (answer->lasts.has_value()) {
        row->expires_at = now + *answer->lasts;
        row->refresh_at = RefreshAt(now, *answer->lasts);
      }
      if (answer->scopes.has_value()) row->scopes = *answer->scopes;
      store::UpdateConnection(tx, *row);
      if (before != v1::CONNECTION_STATE_ACTIVE) {
        RETURN_IF_ERROR(TellRecovered(tx, *row, provider.display));
      }
      return *std::move(row);
    }
    // Whether a provider that did not answer has used the token up is not known.
    const bool unknown = !answer.ok() && status::Reason(answer.status()) != "CONNECT_FAILED";
    row->renewing_until =
        unknown || begun.interrupted ? std::optional<absl::Time>(now) : std::nullopt;
    const Health health = AfterFailure({.state = before, .failures = row->failures},
                                       answer.ok() ? answer->error : TokenError::kAway,
                                       begun.interrupted, row->expires_at, now);
    row->state = health.state;
    row->failure = health.failure;
    row->failures = health.failures;
    row->refresh_at = health.refresh_at;
    if (!row->failing_since.has_value()) row->failing_since = now;
    store::UpdateConnection(tx, *row);
    if (health.tell) RETURN_IF_ERROR(TellFailing(tx, *row, provider.display));
    return *std::move(row);
  };
  // The provider's old token may be worth nothing any more: what it gave has to be written.
  ASSIGN_OR_RETURN(ConnectionRow row, resilience::Retry(call, {.attempts = 10}, [&] {
                     return parts_.database.Write(call, write);
                   }));
  if (renewed || row.renewal != begun.row.renewal) return row;
  if (row.state == v1::CONNECTION_STATE_BROKEN) {
    return NotPossible("the connection has ended; the person has to connect again");
  }
  return absl::UnavailableError("the provider does not renew the token now");
}

absl::Status Renewer::RenewDue(const Call& call) {
  ASSIGN_OR_RETURN(const std::vector<store::DueRow> due,
                   parts_.database.Write(call, [&](Transaction& tx) {
                     return store::ListDue(tx, parts_.clock(), kDueAtOnce);
                   }));
  executor::WorkerPool pool(kThreads);
  for (const store::DueRow& one : due) {
    pool.Submit([&, one] {
      const auto renewed = Renew(call, {one.user_id, one.team_id}, one.connection_id, 0);
      if (renewed.ok()) return;
      observe::Warning("token not renewed",
                       {{"connection", one.connection_id}, {"status", renewed.status()}});
    });
  }
  pool.Drain();
  return absl::OkStatus();
}

absl::Status Renewer::NoteRefused(const Call& call, const identity::Owner& owner,
                                  const std::string& connection_id, int64_t generation) {
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(auto row, store::LockConnection(tx, owner, connection_id));
    // Of an older token nobody has to know.
    if (!row.has_value() || row->generation != generation ||
        row->state == v1::CONNECTION_STATE_BROKEN) {
      return absl::OkStatus();
    }
    row->state = v1::CONNECTION_STATE_BROKEN;
    row->failure = v1::CONNECTION_FAILURE_TOKEN_REFUSED;
    if (!row->failing_since.has_value()) row->failing_since = parts_.clock();
    row->refresh_at = std::nullopt;
    store::UpdateConnection(tx, *row);
    const auto provider = parts_.providers.find(row->provider);
    return TellFailing(
        tx, *row, provider == parts_.providers.end() ? row->provider : provider->second.display);
  });
}

absl::Status Renewer::RevokeDue(const Call& call) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, parts_.seal_key.Get(call));
  const absl::Time now = parts_.clock();
  ASSIGN_OR_RETURN(const std::vector<store::RevocationRow> due,
                   parts_.database.Write(call, [&](Transaction& tx) {
                     return store::TakeRevocations(tx, now, now + kRevokeAgain, kDueAtOnce);
                   }));
  for (const store::RevocationRow& one : due) {
    const auto provider = parts_.providers.find(one.provider);
    absl::Status revoked;
    if (provider != parts_.providers.end()) {
      ASSIGN_OR_RETURN(const std::string opened, sealer.Open("tokens", one.tokens.value));
      ASSIGN_OR_RETURN(const Tokens tokens, DecodeTokens(opened));
      revoked = parts_.client.Revoke(call.WithTimeout(kRevokeTimeout), provider->second, tokens);
    }
    if (!revoked.ok() && now - one.created_at < kRevokeFor) continue;
    if (!revoked.ok()) {
      observe::Warning("token not revoked", {{"provider", one.provider}, {"status", revoked}});
    }
    RETURN_IF_ERROR(parts_.database.Write(call, [&](Transaction& tx) {
      store::DeleteRevocation(tx, one.revocation_id);
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

}  // namespace selfology::integration
