#include "services/feed/channel_reader/store/scope_store.h"

#include <optional>
#include <utility>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/feed/channel_reader/post.h"

namespace selfology::channel_reader::store {
namespace {

using postgres::Transaction;

v1::UseScope ScopeOf(bool show, bool keep, bool learn) {
  v1::UseScope scope;
  scope.set_show(show);
  scope.set_keep(keep);
  scope.set_learn_from_text(learn);
  return scope;
}

}  // namespace

absl::StatusOr<Kind> ReadKind(Transaction& tx, v1::SourceKind source) {
  struct Row {
    bool enabled;
    bool show;
    bool keep;
    bool learn;
    bool drifting;
  };
  ASSIGN_OR_RETURN(const std::optional<Row> row,
                   tx.QueryOne<Row>("SELECT enabled, may_show, may_keep, may_learn, drifting"
                                    " FROM channel_reader_sources WHERE source = $1",
                                    static_cast<int32_t>(source)));
  if (!row.has_value()) return Kind{.scope = DefaultScope(source)};
  return Kind{.scope = ScopeOf(row->show, row->keep, row->learn),
              .enabled = row->enabled,
              .drifting = row->drifting};
}

void SaveKind(Transaction& tx, v1::SourceKind source, const Kind& kind) {
  tx.Queue(
      "INSERT INTO channel_reader_sources (source, enabled, may_show, may_keep, may_learn, "
      "drifting)"
      " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (source) DO UPDATE SET enabled = $2,"
      " may_show = $3, may_keep = $4, may_learn = $5, drifting = $6",
      static_cast<int32_t>(source), kind.enabled, kind.scope.show(), kind.scope.keep(),
      kind.scope.learn_from_text(), kind.drifting);
}

absl::StatusOr<bool> SetDrifting(Transaction& tx, v1::SourceKind source, bool drifting) {
  const v1::UseScope scope = DefaultScope(source);
  ASSIGN_OR_RETURN(
      const int64_t changed,
      tx.Execute("INSERT INTO channel_reader_sources AS s (source, may_show, may_keep, may_learn, "
                 "drifting)"
                 " SELECT $1, $2, $3, $4, $5 WHERE $5 OR EXISTS"
                 "  (SELECT FROM channel_reader_sources WHERE source = $1)"
                 " ON CONFLICT (source) DO UPDATE SET drifting = $5 WHERE s.drifting <> $5",
                 static_cast<int32_t>(source), scope.show(), scope.keep(), scope.learn_from_text(),
                 drifting));
  return changed > 0;
}

absl::StatusOr<KindCounts> CountChannels(Transaction& tx, v1::SourceKind source) {
  ASSIGN_OR_RETURN(const auto row, (tx.QueryOne<int64_t, int64_t>(
                                       "SELECT count(*) FILTER (WHERE state = $2),"
                                       " count(*) FILTER (WHERE state IN ($3, $4))"
                                       " FROM channel_reader_channels WHERE source = $1",
                                       static_cast<int32_t>(source),
                                       static_cast<int32_t>(v1::CHANNEL_STATE_READABLE),
                                       static_cast<int32_t>(v1::CHANNEL_STATE_FAILING),
                                       static_cast<int32_t>(v1::CHANNEL_STATE_UNREADABLE))));
  return KindCounts{std::get<0>(*row), std::get<1>(*row)};
}

void AddConsent(Transaction& tx, const v1::Consent& consent, absl::Time now) {
  tx.Queue(
      "INSERT INTO channel_reader_consents (channel_id, source, basis, may_show, may_keep, "
      "may_learn,"
      " given_by_user_id, given_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      consent.channel_id(), static_cast<int32_t>(consent.source()),
      static_cast<int32_t>(consent.basis()), consent.scope().show(), consent.scope().keep(),
      consent.scope().learn_from_text(), consent.given_by_user_id(), now);
}

absl::StatusOr<std::vector<v1::Consent>> ListConsents(Transaction& tx, int64_t channel_id,
                                                      int64_t before_id, int64_t limit) {
  struct Row {
    int64_t id;
    int64_t channel_id;
    int64_t source;
    int64_t basis;
    bool show;
    bool keep;
    bool learn;
    int64_t given_by;
    absl::Time given_at;
  };
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query<Row>(
          "SELECT consent_id, channel_id, source, basis, may_show, may_keep, may_learn,"
          " given_by_user_id, given_at FROM channel_reader_consents"
          " WHERE consent_id < $2 AND ($1 = 0 OR channel_id = $1 OR (channel_id = 0 AND source ="
          "  (SELECT source FROM channel_reader_channels WHERE channel_id = $1)))"
          " ORDER BY consent_id DESC LIMIT $3",
          channel_id, before_id, limit));
  std::vector<v1::Consent> consents;
  for (const Row& row : rows) {
    v1::Consent consent;
    consent.set_consent_id(row.id);
    consent.set_channel_id(row.channel_id);
    consent.set_source(static_cast<v1::SourceKind>(row.source));
    consent.set_basis(static_cast<v1::ConsentBasis>(row.basis));
    *consent.mutable_scope() = ScopeOf(row.show, row.keep, row.learn);
    consent.set_given_by_user_id(row.given_by);
    *consent.mutable_given_at() = timestamps::ToProto(row.given_at);
    consents.push_back(std::move(consent));
  }
  return consents;
}

}  // namespace selfology::channel_reader::store
