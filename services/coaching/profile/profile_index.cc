#include "services/coaching/profile/profile_index.h"

#include <utility>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/profile/layers.h"
#include "services/coaching/profile/profile_store.h"

namespace selfology::profile {
namespace {

using postgres::Transaction;

constexpr int kBatch = 50;

}  // namespace

absl::StatusOr<std::vector<std::vector<double>>> ProfileIndex::Embed(
    const Call& call, const std::vector<std::string>& texts) {
  ai::v1::EmbedRequest request;
  request.set_dimensions(kDimensions);
  for (const std::string& text : texts) request.add_texts(text);
  ASSIGN_OR_RETURN(const ai::v1::EmbedResponse response, ai_.Embed(call, request));
  std::vector<std::vector<double>> vectors;
  for (const ai::v1::Embedding& embedding : response.embeddings()) {
    vectors.emplace_back(embedding.values().begin(), embedding.values().end());
    if (vectors.back().size() != kDimensions) return absl::InternalError("wrong dimensions");
  }
  if (vectors.size() != texts.size()) return absl::InternalError("a vector is missing");
  return vectors;
}

absl::Status ProfileIndex::CatchUp(const Call& call) {
  while (!call.Cancelled()) {
    ASSIGN_OR_RETURN(
        const std::vector<v1::Profile> profiles,
        database_.Read(call, [](Transaction& tx) { return store::Unindexed(tx, kBatch); },
                       {.newest = true}));
    if (profiles.empty()) return absl::OkStatus();
    std::vector<std::string> summaries;
    for (const v1::Profile& profile : profiles) summaries.push_back(Summarize(profile));
    ASSIGN_OR_RETURN(std::vector<std::vector<double>> vectors, Embed(call, summaries));
    std::vector<Point> points;
    for (size_t i = 0; i < profiles.size(); ++i) {
      points.push_back({profiles[i].user_id(), std::move(vectors[i]), std::move(summaries[i]),
                        timestamps::FromProto(profiles[i].created_at())});
    }
    RETURN_IF_ERROR(vectors_.Upsert(call, points));
    ASSIGN_OR_RETURN(const std::vector<int64_t> gone, database_.Write(call, [&](Transaction& tx) {
      return store::MarkIndexed(tx, profiles);
    }));
    if (gone.empty()) continue;
    // They were erased meanwhile, perhaps before their vectors came. Who has come back since is
    // taken up again.
    for (const int64_t user : gone) RETURN_IF_ERROR(vectors_.Delete(call, user));
    RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
      store::MarkUnindexed(tx, gone);
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Match>> ProfileIndex::Search(const Call& call, const std::string& text,
                                                        const SearchOptions& options) {
  const auto vectors = Embed(call, {text});
  if (!vectors.ok()) return Degraded("profile search", vectors.status());
  auto matches = vectors_.Search(call, vectors->front(), options);
  if (!matches.ok()) return Degraded("profile search", matches.status());
  return matches;
}

}  // namespace selfology::profile
