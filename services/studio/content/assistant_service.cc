#include "services/studio/content/assistant_service.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/crypto.h"
#include "common/json/value.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "common/timestamps/timestamp.h"
#include "nlohmann/json.hpp"
#include "services/studio/content/assistant_prompts.h"
#include "services/studio/content/assistant_store.h"
#include "services/studio/content/content_store.h"
#include "services/studio/content/drafting.h"
#include "services/studio/content/post_rules.h"
#include "services/studio/content/slots.h"
#include "services/studio/content/voice.h"

namespace selfology::content {
namespace {

using postgres::Transaction;
using social::v1::Platform;

constexpr int kMaxBrief = 2000;
constexpr int kMaxVoices = 5;
constexpr int kMaxVoice = 2000;
constexpr int kMaxLanguage = 35;
constexpr int kMaxHashtagCount = 30;
constexpr int kUsualHashtags = 5;
constexpr int kLongestAnswer = 4096;  // Tokens.
constexpr int kDaysAhead = 14;
constexpr int kUsualHour = 10;  // Where nothing is known of the account.
constexpr int kLookBack = 90;   // Days of posts to go on from.
constexpr int64_t kBestPosts = 7;
constexpr int kQuoted = 60;  // Characters of a post in a suggestion.
constexpr absl::Duration kForRules = absl::Seconds(3);
constexpr std::string_view kRules = "rules";

// The same for the same request, whoever asks for it; asking anew changes nothing of it.
template <typename Request>
std::string KeyOf(Request request) {
  request.clear_anew();
  request.clear_user_id();
  return crypto::Sha256(
      absl::StrCat(request.GetTypeName(), "\n", kPromptVersion, "\n", request.SerializeAsString()));
}

void CheckLanguage(const std::string& language, bool required, status::FieldViolations& bad) {
  const bool good =
      language.size() <= kMaxLanguage && std::all_of(language.begin(), language.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-';
      });
  if (!good || (required && language.empty())) {
    bad.Add("language", "must be a code such as de or pt-BR");
  }
}

bool IsOnePlatform(int platform) {
  return platform != social::v1::PLATFORM_UNSPECIFIED && social::v1::Platform_IsValid(platform);
}

// At Instagram the picture comes later.
bool Fits(const social::v1::TextCheck& check) {
  if (check.length() == 0 || check.length() > check.max_length()) return false;
  return check.issues().empty() || check.platform() == social::v1::PLATFORM_INSTAGRAM;
}

// Ever shorter ones in the voice; where none of these fits, the shortest without it.
std::vector<std::string> InVoiceAndShorter(const std::string& text,
                                           const std::optional<Voice>& voice) {
  std::vector<std::string> candidates = Shorter(text);
  if (!voice.has_value() || candidates.empty()) return candidates;
  const std::string shortest = candidates.back();
  for (std::string& candidate : candidates) candidate = InVoice(candidate, *voice);
  candidates.push_back(shortest);
  return candidates;
}

}  // namespace

std::optional<AssistantService::Written> AssistantService::Ask(const Call& call,
                                                               const std::string& system,
                                                               const std::string& words,
                                                               const std::string& language,
                                                               bool json) {
  ai::v1::CompleteRequest request;
  ai::v1::CompletionInput& input = *request.mutable_input();
  input.set_system_prompt(system);
  ai::v1::ChatMessage& message = *input.add_messages();
  message.set_role(ai::v1::ROLE_USER);
  message.set_content(words);
  input.set_max_tokens(kLongestAnswer);
  input.set_language(language);
  if (json) input.set_response_format(ai::v1::RESPONSE_FORMAT_JSON);
  // Time is left for the rules.
  const absl::StatusOr<ai::v1::CompleteResponse> response = ai_.Complete(
      call.WithTimeout(std::max(call.deadline() - absl::Now() - kForRules, kForRules)), request);
  if (!response.ok()) {
    observe::Warning("no model writes for the studio", {{"error", response.status().ToString()}});
    return std::nullopt;
  }
  const ai::v1::Completion& completion = response->completion();
  // Local models answer people; they write no posts.
  if (completion.provider() == "local") return std::nullopt;
  return Written{.text = completion.text(),
                 .model = completion.model_used(),
                 .cost_usd = completion.cost_usd()};
}

absl::StatusOr<std::optional<v1::Draft>> AssistantService::Fit(
    const Call& call, int64_t user_id, Platform platform,
    const std::vector<std::string>& candidates) {
  if (candidates.empty()) return std::nullopt;
  v1::Draft draft;
  draft.set_platform(platform);
  if (platform == social::v1::PLATFORM_UNSPECIFIED) {
    draft.set_text(std::string(text::Prefix(text::Trim(candidates.front()), kMaxText)));
    draft.set_length(text::Characters(draft.text()));
    draft.set_max_length(kMaxText);
    return draft.text().empty() ? std::nullopt : std::optional(draft);
  }
  social::v1::CheckTextsRequest request;
  request.set_user_id(user_id);
  for (const std::string& candidate : candidates) {
    social::v1::TextToCheck& check = *request.add_texts();
    check.set_platform(platform);
    check.set_text(candidate);
  }
  ASSIGN_OR_RETURN(const social::v1::CheckTextsResponse response,
                   social_.CheckTexts(call, request));
  for (int i = 0; i < response.checks_size(); ++i) {
    const social::v1::TextCheck& check = response.checks(i);
    if (!Fits(check)) continue;
    draft.set_text(candidates[i]);
    draft.set_length(check.length());
    draft.set_max_length(check.max_length());
    return draft;
  }
  return std::nullopt;
}

template <typename Response>
absl::StatusOr<std::optional<Response>> AssistantService::Kept(const Call& call, int64_t user_id,
                                                               const std::string& key) {
  ASSIGN_OR_RETURN(const std::optional<std::string> answer,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::FindDraft(tx, user_id, key, clock_() - kKept);
                   }));
  Response response;
  if (!answer.has_value() || !response.ParseFromString(*answer)) return std::nullopt;
  response.set_cached(true);
  response.set_cost_usd(0);
  return response;
}

template <typename Response>
absl::Status AssistantService::Keep(const Call& call, int64_t user_id, const std::string& key,
                                    Response response) {
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    store::SaveDraft(tx, user_id, key, response.SerializeAsString(), clock_());
    return absl::OkStatus();
  });
}

absl::StatusOr<v1::GenerateContentResponse> AssistantService::GenerateContent(
    const Call& call, const v1::GenerateContentRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (text::Trim(request.brief()).empty() || text::Characters(request.brief()) > kMaxBrief) {
    bad.Add("brief", absl::StrCat("must be 1 to ", kMaxBrief, " characters"));
  }
  const std::set<int> platforms(request.platforms().begin(), request.platforms().end());
  if (platforms.empty() || static_cast<int>(platforms.size()) != request.platforms_size() ||
      !std::all_of(platforms.begin(), platforms.end(), IsOnePlatform)) {
    bad.Add("platforms", "must be at least one, each at most once");
  }
  if (!v1::Tone_IsValid(request.tone())) bad.Add("tone", "must be a Tone");
  CheckLanguage(request.language(), /*required=*/false, bad);
  if (request.voice_size() > kMaxVoices ||
      std::any_of(request.voice().begin(), request.voice().end(),
                  [](const std::string& text) { return text::Characters(text) > kMaxVoice; })) {
    bad.Add("voice", absl::StrCat("must be at most ", kMaxVoices, ", each at most ", kMaxVoice,
                                  " characters"));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const std::string key = KeyOf(request);
  if (!request.anew()) {
    ASSIGN_OR_RETURN(std::optional<v1::GenerateContentResponse> kept,
                     Kept<v1::GenerateContentResponse>(call, request.user_id(), key));
    if (kept.has_value()) return *std::move(kept);
  }
  const std::optional<Written> written =
      Ask(call, GeneratePrompt(request), request.brief(), request.language(), /*json=*/true);
  nlohmann::json texts = nlohmann::json::object();
  v1::GenerateContentResponse response;
  response.set_model_used(std::string(kRules));
  if (written.has_value()) {
    if (const auto parsed = json::ParseValue(written->text); parsed.ok()) texts = *parsed;
    response.set_model_used(written->model);
    response.set_cost_usd(written->cost_usd);
  }
  std::optional<Voice> voice;
  if (request.tone() != v1::TONE_UNSPECIFIED || !request.voice().empty()) {
    voice = VoiceOf(request.tone(), request.voice());
  }
  const std::vector<std::string> by_rules = InVoiceAndShorter(Rephrased(request.brief()), voice);
  for (const int platform : request.platforms()) {
    const auto which = static_cast<Platform>(platform);
    const std::string word = WordOfPlatform(which);
    // What the model left out is put together by the rules.
    const bool has = texts.is_object() && texts.contains(word) && texts[word].is_string();
    ASSIGN_OR_RETURN(const std::optional<v1::Draft> draft,
                     Fit(call, request.user_id(), which,
                         has ? Shorter(texts[word].get<std::string>()) : by_rules));
    if (draft.has_value()) *response.add_drafts() = *draft;
  }
  // What the rules wrote costs nothing to write again, and a model may be there by then.
  if (written.has_value()) RETURN_IF_ERROR(Keep(call, request.user_id(), key, response));
  return response;
}

absl::StatusOr<v1::RewriteContentResponse> AssistantService::RewriteContent(
    const Call& call, const v1::RewriteContentRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckText("text", request.text(), bad);
  const bool known = v1::Rewriting_IsValid(request.rewriting()) &&
                     request.rewriting() != v1::REWRITING_UNSPECIFIED;
  if (!known) bad.Add("rewriting", "must be a Rewriting");
  const bool shortens = request.rewriting() == v1::REWRITING_SHORTEN;
  const bool translates = request.rewriting() == v1::REWRITING_TRANSLATE;
  if (!social::v1::Platform_IsValid(request.platform()) ||
      (shortens && request.platform() == social::v1::PLATFORM_UNSPECIFIED)) {
    bad.Add("platform", "must be a Platform");
  }
  if (!v1::Tone_IsValid(request.tone())) bad.Add("tone", "must be a Tone");
  CheckLanguage(request.language(), translates, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const std::string key = KeyOf(request);
  if (!request.anew()) {
    ASSIGN_OR_RETURN(std::optional<v1::RewriteContentResponse> kept,
                     Kept<v1::RewriteContentResponse>(call, request.user_id(), key));
    if (kept.has_value()) return *std::move(kept);
  }
  const std::optional<Written> written = Ask(call, RewritePrompt(request), request.text(),
                                             translates ? request.language() : "", /*json=*/false);
  if (translates && !written.has_value()) {
    return absl::FailedPreconditionError(
        "no model that translates is set up: translate it yourself, or ask the operator for one");
  }
  v1::RewriteContentResponse response;
  std::vector<std::string> candidates;
  if (written.has_value()) {
    candidates = Shorter(written->text);
    response.set_model_used(written->model);
    response.set_cost_usd(written->cost_usd);
  } else {
    response.set_model_used(std::string(kRules));
    std::optional<Voice> voice;
    if (request.tone() != v1::TONE_UNSPECIFIED) voice = VoiceOf(request.tone(), {});
    // Set phrases are no part of what is to be said shorter.
    if (voice.has_value() && shortens) voice->openers = voice->closers = {};
    candidates = InVoiceAndShorter(Rephrased(request.text()), voice);
  }
  ASSIGN_OR_RETURN(const std::optional<v1::Draft> draft,
                   Fit(call, request.user_id(), request.platform(), candidates));
  if (!draft.has_value()) {
    return absl::FailedPreconditionError("it cannot be made to fit: say less of it yourself");
  }
  *response.mutable_draft() = *draft;
  if (written.has_value()) RETURN_IF_ERROR(Keep(call, request.user_id(), key, response));
  return response;
}

absl::StatusOr<v1::OptimizeHashtagsResponse> AssistantService::OptimizeHashtags(
    const Call& call, const v1::OptimizeHashtagsRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  CheckText("text", request.text(), bad);
  if (request.count() < 0 || request.count() > kMaxHashtagCount) {
    bad.Add("count", absl::StrCat("must be 0 to ", kMaxHashtagCount));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  v1::OptimizeHashtagsResponse response;
  std::map<std::string, const social::v1::HashtagRecord*> records;
  social::v1::GetInsightsResponse insights;
  if (request.account_id() != 0) {
    social::v1::GetInsightsRequest ask;
    ask.set_user_id(request.user_id());
    ask.set_account_id(request.account_id());
    ASSIGN_OR_RETURN(insights, social_.GetInsights(call, ask));
    response.set_known(insights.known());
    for (const social::v1::HashtagRecord& record : insights.hashtags()) {
      records[record.hashtag()] = &record;
    }
  }
  for (const std::string& word : HashtagWords(request.text())) {
    v1::RatedHashtag& hashtag = *response.add_hashtags();
    hashtag.set_hashtag(word);
    hashtag.set_lift(1);
    if (const auto record = records.find(word); record != records.end()) {
      hashtag.set_posts(record->second->posts());
      hashtag.set_lift(record->second->lift());
    }
  }
  // What worked first, what did not last; among the new ones as the text has them.
  std::stable_sort(
      response.mutable_hashtags()->begin(), response.mutable_hashtags()->end(),
      [](const v1::RatedHashtag& a, const v1::RatedHashtag& b) { return a.lift() > b.lift(); });
  const int count = request.count() == 0 ? kUsualHashtags : request.count();
  while (response.hashtags_size() > count) response.mutable_hashtags()->RemoveLast();
  return response;
}

absl::StatusOr<v1::GetContentSuggestionsResponse> AssistantService::GetContentSuggestions(
    const Call& call, const v1::GetContentSuggestionsRequest& request) {
  status::FieldViolations bad = status::CheckUser(request);
  const std::optional<absl::TimeZone> zone = ZoneOf(request.time_zone());
  if (!zone.has_value()) bad.Add("time_zone", "must be a name such as Europe/Berlin");
  RETURN_IF_ERROR(bad.ToStatus());
  social::v1::GetInsightsRequest ask;
  ask.set_user_id(request.user_id());
  ask.set_account_id(request.account_id());
  ask.set_time_zone(request.time_zone());
  ASSIGN_OR_RETURN(const social::v1::GetInsightsResponse insights, social_.GetInsights(call, ask));
  const absl::Time now = clock_();
  const absl::CivilDay today = absl::ToCivilDay(now, *zone);
  std::vector<store::PostRow> planned, best;
  RETURN_IF_ERROR(database_.Read(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(
        planned,
        store::ListBetween(tx, {.user_id = request.user_id()}, absl::FromCivil(today, *zone),
                           absl::FromCivil(today + kDaysAhead + 1, *zone), kDaysAhead * 100));
    ASSIGN_OR_RETURN(best, store::ListBest(tx, request.user_id(), now - absl::Hours(24 * kLookBack),
                                           kBestPosts));
    return absl::OkStatus();
  }));
  std::set<absl::CivilDay> taken;
  for (const store::PostRow& post : planned) {
    const auto& accounts = post.account_ids;
    if (post.publish_at.has_value() &&
        std::find(accounts.begin(), accounts.end(), request.account_id()) != accounts.end()) {
      taken.insert(absl::ToCivilDay(*post.publish_at, *zone));
    }
  }
  const int hour = insights.known() ? insights.hours(0).hour() : kUsualHour;
  v1::GetContentSuggestionsResponse response;
  for (int day = 0; day < kDaysAhead; ++day) {
    const absl::Time at = absl::FromCivil(absl::CivilHour(today + day) + hour, *zone);
    if (at <= now || taken.contains(today + day)) continue;
    v1::Suggestion& suggestion = *response.add_suggestions();
    *suggestion.mutable_publish_at() = timestamps::ToProto(at);
    suggestion.set_account_id(request.account_id());
    if (best.empty()) {
      suggestion.set_idea(
          "Say what you are working on, and ask one question that is easy to answer.");
    } else {
      const store::PostRow& post = best[(response.suggestions_size() - 1) % best.size()];
      const std::vector<std::string> sentences = Sentences(post.text);
      suggestion.set_post_id(post.id);
      suggestion.set_idea(
          absl::StrCat("Go on from \"",
                       text::Prefix(sentences.empty() ? post.title : sentences.front(), kQuoted),
                       "\": what has come of it, or what people asked."));
      const std::vector<std::string> words = HashtagWords(post.text);
      if (!insights.hashtags().empty() && insights.hashtags(0).lift() > 1 &&
          std::find(words.begin(), words.end(), insights.hashtags(0).hashtag()) != words.end()) {
        suggestion.set_idea(
            absl::StrCat(suggestion.idea(), " Use #", insights.hashtags(0).hashtag(), "."));
      }
    }
    suggestion.set_reason(absl::StrCat(best.empty()
                                           ? "nothing is planned that day"
                                           : "that post did well, and nothing is planned that day",
                                       insights.known() ? "; your posts do best at that hour"
                                                        : "; which hour is best is not known yet"));
  }
  return response;
}

absl::Status AssistantService::ForgetOld(const Call& call) {
  return database_.Write(call, [&](Transaction& tx) -> absl::Status {
    return store::DeleteDrafts(tx, clock_() - kKept).status();
  });
}

}  // namespace selfology::content
