#include "services/feed/feed/ranked_feed.h"

#include <algorithm>

#include "common/status/status_macros.h"
#include "services/feed/feed/model/words.h"
#include "services/feed/feed/store/interaction_store.h"

namespace selfology::feed {

using postgres::Transaction;

std::vector<Shown> Ranked::Best(size_t count) const {
  std::vector<Shown> best;
  for (size_t i = 0; i < order.size() && i < count; ++i) best.push_back({.scored = order[i]});
  return best;
}

absl::StatusOr<Ranked> RankedFeed::Rank(Transaction& tx, const store::Person& person,
                                        store::CandidateFilter filter, absl::Time now) {
  filter.user_id = person.user_id;
  filter.muted_stems = person.muted_stems;
  Ranked ranked = {.user_id = person.user_id};
  ASSIGN_OR_RETURN(const store::Model model, store::ReadModel(tx, person.user_id));
  ASSIGN_OR_RETURN(ranked.taste, Taste::Decode(model.state));
  ranked.rated_count = model.rated_count;
  ASSIGN_OR_RETURN(const std::vector<store::LikedPost> likes,
                   store::ListLatestLikes(tx, person.user_id, static_cast<int64_t>(kMostLikes)));
  ASSIGN_OR_RETURN(const std::vector<SharedAudience> audiences, cache_.Audiences(tx, likes));
  ranked.company = Company(person.user_id, audiences);
  ASSIGN_OR_RETURN(const std::vector<store::CandidateRow> rows, store::ListCandidates(tx, filter));
  ASSIGN_OR_RETURN(ranked.candidates, cache_.Fill(tx, rows));
  ranked.order = ranked.RankingAt(now).Order(ranked.candidates);
  return ranked;
}

absl::StatusOr<std::vector<v1::Post>> RankedFeed::Show(Transaction& tx, const Ranked& ranked,
                                                       const std::vector<Shown>& shown,
                                                       absl::Time now) {
  std::vector<int64_t> ids;
  for (const Shown& one : shown) ids.push_back(ranked.candidates[one.scored.candidate].post_id);
  ASSIGN_OR_RETURN(std::vector<v1::Post> posts, store::ReadPosts(tx, ranked.user_id, ids, now));
  const Ranking ranking = ranked.RankingAt(now);
  size_t at = 0;
  for (v1::Post& post : posts) {
    while (ids[at] != post.id()) ++at;
    const Shown& one = shown[at];
    post.set_relevance_score(one.scored.relevance);
    post.set_is_exploration(one.is_exploration);
    if (one.is_exploration) {
      post.add_reasons()->set_kind(v1::REASON_KIND_EXPLORATION);
      continue;
    }
    for (const Part& part : ranking.Parts(ranked.candidates[one.scored.candidate])) {
      *post.add_reasons() = ToProto(part, post.text());
    }
  }
  return posts;
}

std::vector<std::string> WordsIn(const std::string& text, const std::vector<uint16_t>& buckets) {
  std::vector<std::string> found;
  const std::vector<Word> words = WordReader().Read(text);
  for (const uint16_t bucket : buckets) {
    const auto word = std::find_if(words.begin(), words.end(),
                                   [&](const Word& w) { return WordIndex(w.stem) == bucket; });
    if (word != words.end()) found.push_back(word->surface);
  }
  return found;
}

v1::Reason ToProto(const Part& part, const std::string& text) {
  v1::Reason reason;
  reason.set_kind(part.kind);
  reason.set_contribution(part.contribution);
  for (std::string& word : WordsIn(text, part.words)) reason.add_words(std::move(word));
  return reason;
}

}  // namespace selfology::feed
