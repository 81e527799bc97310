// What may be done with posts: the RPCs about scopes, consents and kinds of sources.
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "common/events/outbox.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/channel_reader.pb.h"
#include "services/feed/channel_reader/advice.h"
#include "services/feed/channel_reader/channel_reader_service.h"
#include "services/feed/channel_reader/drift.h"
#include "services/feed/channel_reader/store/scope_store.h"

namespace selfology::channel_reader {
namespace {

using postgres::Transaction;
using store::StoredChannel;

constexpr paging::Limits kConsentsPage = {.default_size = 50, .max_size = 100};

}  // namespace

absl::StatusOr<v1::SetChannelScopeResponse> ChannelReaderService::SetChannelScope(
    const Call& call, const v1::SetChannelScopeRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.channel_id() < 1) bad.Add("channel_id", "must be 1 or more");
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::SetChannelScopeResponse> {
    ASSIGN_OR_RETURN(std::optional<StoredChannel> stored,
                     store::LockChannel(tx, request.channel_id()));
    if (!stored.has_value()) return absl::NotFoundError("there is no such channel");
    if (stored->channel.owner_user_id() != request.user_id()) {
      return absl::FailedPreconditionError("the channel is not this person's");
    }
    v1::SetChannelScopeResponse response;
    const v1::Channel before = stored->channel;
    stored->rules.has_owner = true;
    stored->rules.of_owner = request.scope();
    *stored->channel.mutable_scope() = EffectiveScope(stored->rules);
    *response.mutable_channel() = stored->channel;
    response.mutable_channel()->set_advice(AdviceOf(stored->channel.reason(), Language::kEnglish));
    if (before.scope().SerializeAsString() == request.scope().SerializeAsString()) {
      return response;
    }
    store::SaveChannel(tx, *stored);
    v1::Consent consent;
    consent.set_channel_id(request.channel_id());
    consent.set_source(stored->channel.source());
    consent.set_basis(v1::CONSENT_BASIS_OWNER);
    *consent.mutable_scope() = request.scope();
    consent.set_given_by_user_id(request.user_id());
    store::AddConsent(tx, consent, clock_());
    RETURN_IF_ERROR(PublishChange(tx, before, stored->channel));
    return response;
  });
}

absl::StatusOr<v1::ListConsentsResponse> ChannelReaderService::ListConsents(
    const Call& call, const v1::ListConsentsRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kConsentsPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Consent> consents, database_.Read(call, [&](Transaction& tx) {
    return store::ListConsents(tx, request.channel_id(), before, page.limit());
  }));
  v1::ListConsentsResponse response;
  response.set_next_page_token(page.Cut(consents, &v1::Consent::consent_id));
  for (v1::Consent& consent : consents) *response.add_consents() = std::move(consent);
  return response;
}

absl::StatusOr<v1::SourceHealth> ChannelReaderService::HealthOf(Transaction& tx,
                                                                v1::SourceKind source) {
  ASSIGN_OR_RETURN(const store::Kind kind, store::ReadKind(tx, source));
  ASSIGN_OR_RETURN(const auto judged, store::ReadJudgements(tx, source, kJudgedPosts));
  ASSIGN_OR_RETURN(const store::KindCounts counts, store::CountChannels(tx, source));
  const Drift drift = JudgeDrift(judged, kind.drifting);
  v1::SourceHealth health;
  health.set_source(source);
  *health.mutable_scope() = kind.scope;
  health.set_enabled(kind.enabled &&
                     (source == v1::SOURCE_KIND_TELEGRAM_BOT || reader_->Has(source)));
  health.set_complete_share(drift.complete_share);
  health.set_judged_posts(drift.posts);
  health.set_drifting(kind.drifting);
  health.mutable_missing_fields()->Assign(drift.missing.begin(), drift.missing.end());
  health.set_readable_channels(static_cast<int32_t>(counts.readable));
  health.set_unreadable_channels(static_cast<int32_t>(counts.unreadable));
  return health;
}

absl::StatusOr<v1::GetSourcesResponse> ChannelReaderService::GetSources(
    const Call& call, const v1::GetSourcesRequest&) {
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetSourcesResponse> {
    v1::GetSourcesResponse response;
    for (int kind = v1::SOURCE_KIND_UNSPECIFIED + 1; v1::SourceKind_IsValid(kind); ++kind) {
      ASSIGN_OR_RETURN(*response.add_sources(), HealthOf(tx, static_cast<v1::SourceKind>(kind)));
    }
    return response;
  });
}

absl::StatusOr<v1::SetSourceScopeResponse> ChannelReaderService::SetSourceScope(
    const Call& call, const v1::SetSourceScopeRequest& request) {
  if (!v1::SourceKind_IsValid(request.source()) ||
      request.source() == v1::SOURCE_KIND_UNSPECIFIED) {
    return status::InvalidField("source", "must be a kind of source");
  }
  v1::SetSourceScopeResponse response;
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(store::Kind kind, store::ReadKind(tx, request.source()));
    const bool same = kind.scope.SerializeAsString() == request.scope().SerializeAsString();
    kind.scope = request.scope();
    kind.enabled = request.enabled();
    store::SaveKind(tx, request.source(), kind);
    if (!same) {
      v1::Consent consent;
      consent.set_source(request.source());
      consent.set_basis(v1::CONSENT_BASIS_SOURCE);
      *consent.mutable_scope() = request.scope();
      store::AddConsent(tx, consent, clock_());
    }
    ASSIGN_OR_RETURN(*response.mutable_source(), HealthOf(tx, request.source()));
    return absl::OkStatus();
  }));
  // Whoever keeps posts hears of it, channel by channel; said twice, it is the same.
  for (int64_t after = 0;;) {
    ASSIGN_OR_RETURN(
        const std::vector<int64_t> ids,
        database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<std::vector<int64_t>> {
          ASSIGN_OR_RETURN(std::vector<int64_t> found,
                           store::ListChannelIds(tx, request.source(), after, 100));
          for (const int64_t channel_id : found) {
            ASSIGN_OR_RETURN(const std::optional<StoredChannel> stored,
                             store::LockChannel(tx, channel_id));
            if (!stored.has_value() || stored->rules.has_owner) continue;
            events::v1::ChannelChanged event;
            event.set_channel_id(channel_id);
            *event.mutable_channel() = stored->channel;
            event.set_scope_changed(true);
            RETURN_IF_ERROR(events::Publish(tx, event));
          }
          return found;
        }));
    if (ids.empty()) return response;
    after = ids.back();
  }
}

}  // namespace selfology::channel_reader
