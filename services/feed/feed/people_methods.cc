// FeedService: persons, their settings and their numbers.
#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/feed/feed/feed_service.h"
#include "services/feed/feed/model/learning.h"
#include "services/feed/feed/model/words.h"
#include "services/feed/feed/persons.h"
#include "services/feed/feed/store/interaction_store.h"
#include "services/feed/feed/store/people_store.h"

namespace selfology::feed {
namespace {

using postgres::Transaction;

constexpr int kMaxUsername = 64;
constexpr int kMaxName = 128;
constexpr int kMostMutedWords = 100;
constexpr int kMaxMutedWord = 64;
constexpr int kMaxExploration = 30;
constexpr int64_t kWindow = 21;
constexpr size_t kMostTastes = 10;
constexpr paging::Limits kLogPage = {.default_size = 100, .max_size = 500};

void CheckLength(std::string_view field, std::string_view text, int most,
                 status::FieldViolations& bad) {
  if (text::Characters(text) > most) {
    bad.Add(field, absl::StrCat("must have at most ", most, " characters"));
  }
}

// A name that the database knows, too: Abseil also takes paths of files and fixed offsets.
bool IsTimeZone(const std::string& name) {
  absl::TimeZone zone;
  return absl::ascii_isupper(static_cast<unsigned char>(name[0])) &&
         name.find(':') == std::string::npos && name.find("..") == std::string::npos &&
         absl::LoadTimeZone(name, &zone);
}

void CheckSettings(const v1::FeedSettings& settings, status::FieldViolations& bad) {
  if (!settings.time_zone().empty() && !IsTimeZone(settings.time_zone())) {
    bad.Add("settings.time_zone", "must name an IANA time zone");
  }
  if (settings.language().size() > 35) {
    bad.Add("settings.language", "must be a BCP 47 tag of at most 35 characters");
  }
  if (settings.digest_hour() < 0 || settings.digest_hour() > 24) {
    bad.Add("settings.digest_hour", "must be 0 to 24");
  }
  if (settings.exploration_percent() < 0 || settings.exploration_percent() > kMaxExploration) {
    bad.Add("settings.exploration_percent", "must be 0 to 30");
  }
  if (settings.muted_words_size() > kMostMutedWords) {
    bad.Add("settings.muted_words", "must be at most 100");
  }
  const WordReader reader;
  for (int i = 0; i < settings.muted_words_size(); ++i) {
    const std::string& word = settings.muted_words(i);
    if (text::Characters(word) > kMaxMutedWord || reader.Read(word).size() != 1) {
      bad.Add(absl::StrCat("settings.muted_words[", i, "]"),
              "must be one word of 3 to 64 letters that is not among the commonest, or a hashtag");
    }
  }
}

v1::FeedSettings SettingsOf(const store::Person& person) {
  v1::FeedSettings settings;
  settings.set_language(person.language);
  settings.set_time_zone(person.time_zone);
  settings.set_nudges_off(person.nudges_off);
  settings.set_digest_hour(static_cast<int32_t>(person.digest_hour));
  for (const std::string& word : person.muted_words) settings.add_muted_words(word);
  if (person.exploration.has_value()) {
    settings.set_exploration_percent(static_cast<int32_t>(*person.exploration));
  }
  return settings;
}

// What the model found, without the posts: by group, and by word where a word is known.
std::vector<v1::Reason> TastesOf(const Taste& taste, const std::vector<v1::Post>& liked) {
  const WordReader reader;
  std::set<std::string> seen;
  std::vector<v1::Reason> tastes;
  for (const v1::Post& post : liked) {
    for (const Word& word : reader.Read(post.text())) {
      const double mean = taste.Mean(WordIndex(word.stem));
      if (mean < 0.1 || !seen.insert(word.stem).second) continue;
      v1::Reason& reason = tastes.emplace_back();
      reason.set_kind(v1::REASON_KIND_WORDS);
      reason.set_contribution(mean);
      reason.add_words(word.surface);
    }
  }
  std::sort(tastes.begin(), tastes.end(), [](const v1::Reason& a, const v1::Reason& b) {
    if (a.contribution() != b.contribution()) return a.contribution() > b.contribution();
    return a.words(0) < b.words(0);
  });
  if (tastes.size() > kMostTastes) tastes.resize(kMostTastes);
  return tastes;
}

}  // namespace

absl::StatusOr<v1::RegisterUserResponse> FeedService::RegisterUser(
    const Call& call, const v1::RegisterUserRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.telegram_id(), "telegram_id");
  CheckLength("username", request.username(), kMaxUsername, bad);
  CheckLength("first_name", request.first_name(), kMaxName, bad);
  CheckLength("last_name", request.last_name(), kMaxName, bad);
  CheckLength("language", request.language(), 35, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::RegisterUserResponse> {
        bool is_new = false;
        ASSIGN_OR_RETURN(store::Person person, Enter(tx, request.telegram_id(), Now(), &is_new));
        person.username = request.username();
        person.first_name = request.first_name();
        person.last_name = request.last_name();
        if (person.language.empty()) person.language = request.language();
        store::SetNames(tx, person);
        ASSIGN_OR_RETURN(const int64_t bonus, store::CountBonusChannels(tx, person.user_id));
        v1::RegisterUserResponse response;
        response.set_id(person.user_id);
        response.set_telegram_id(person.user_id);
        response.set_username(person.username);
        response.set_status(person.status());
        response.set_is_trained(person.is_trained);
        response.set_bonus_channels_count(static_cast<int32_t>(bonus));
        response.set_is_new(is_new);
        return response;
      });
}

absl::StatusOr<v1::StartOnboardingResponse> FeedService::StartOnboarding(
    const Call& call, const v1::StartOnboardingRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::StartOnboardingResponse> {
        ASSIGN_OR_RETURN(store::Person person, Enter(tx, request.user_telegram_id(), Now()));
        RETURN_IF_ERROR(Bring(tx, person, v1::USER_STATUS_ONBOARDING, Now()));
        RETURN_IF_ERROR(WasSeen(tx, person, Now()));
        v1::StartOnboardingResponse response;
        response.set_status(person.status());
        return response;
      });
}

absl::StatusOr<v1::GetFeedUserResponse> FeedService::GetFeedUser(
    const Call& call, const v1::GetFeedUserRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Read(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::GetFeedUserResponse> {
        ASSIGN_OR_RETURN(const auto person, store::ReadPerson(tx, request.user_telegram_id()));
        if (!person.has_value()) {
          return status::Error(mesh::v1::ERROR_CODE_USER_NOT_FOUND,
                               "the feed knows no such person");
        }
        ASSIGN_OR_RETURN(const int64_t bonus, store::CountBonusChannels(tx, person->user_id));
        ASSIGN_OR_RETURN(const store::Model model, store::ReadModel(tx, person->user_id));
        v1::GetFeedUserResponse response;
        v1::FeedUser& user = *response.mutable_user();
        user.set_id(person->user_id);
        user.set_telegram_id(person->user_id);
        user.set_username(person->username);
        user.set_first_name(person->first_name);
        user.set_last_name(person->last_name);
        user.set_status(person->status());
        user.set_is_trained(person->is_trained);
        user.set_bonus_channels_count(static_cast<int32_t>(bonus));
        *user.mutable_created_at() = timestamps::ToProto(person->created_at);
        if (person->last_seen_at.has_value()) {
          *user.mutable_last_seen_at() = timestamps::ToProto(*person->last_seen_at);
        }
        response.set_rated_count(static_cast<int32_t>(model.rated_count));
        response.set_needed_for_training(static_cast<int32_t>(kNeededRatings));
        return response;
      });
}

absl::StatusOr<v1::RecordVisitResponse> FeedService::RecordVisit(
    const Call& call, const v1::RecordVisitRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::RecordVisitResponse> {
        ASSIGN_OR_RETURN(store::Person person, Enter(tx, request.user_telegram_id(), Now()));
        v1::RecordVisitResponse response;
        response.set_was_away(person.status() == v1::USER_STATUS_CHURNED);
        RETURN_IF_ERROR(OpenedFeed(tx, person, Now()));
        store::AddLog(tx, person.user_id, "feed.visited", "", Now());
        response.set_status(person.status());
        return response;
      });
}

absl::StatusOr<v1::GetFeedSettingsResponse> FeedService::GetFeedSettings(
    const Call& call, const v1::GetFeedSettingsRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Read(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::GetFeedSettingsResponse> {
        ASSIGN_OR_RETURN(const auto person, store::ReadPerson(tx, request.user_telegram_id()));
        v1::GetFeedSettingsResponse response;
        *response.mutable_settings() = SettingsOf(person.value_or(store::Person()));
        return response;
      });
}

absl::StatusOr<v1::UpdateFeedSettingsResponse> FeedService::UpdateFeedSettings(
    const Call& call, const v1::UpdateFeedSettingsRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  CheckSettings(request.settings(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::UpdateFeedSettingsResponse> {
        ASSIGN_OR_RETURN(store::Person person, Enter(tx, request.user_telegram_id(), Now()));
        const v1::FeedSettings& settings = request.settings();
        person.language = settings.language();
        person.time_zone = settings.time_zone();
        person.nudges_off = settings.nudges_off();
        person.digest_hour = settings.digest_hour();
        person.muted_words = {settings.muted_words().begin(), settings.muted_words().end()};
        person.muted_stems.clear();
        for (const std::string& word : person.muted_words) {
          for (Word& read : WordReader().Read(word)) {
            person.muted_stems.push_back(std::move(read.stem));
          }
        }
        person.exploration = settings.has_exploration_percent()
                                 ? std::optional<int64_t>(settings.exploration_percent())
                                 : std::nullopt;
        store::SetSettings(tx, person);
        store::AddLog(tx, person.user_id, "settings.changed", "", Now());
        v1::UpdateFeedSettingsResponse response;
        *response.mutable_settings() = SettingsOf(person);
        return response;
      });
}

absl::StatusOr<v1::GetStatisticsResponse> FeedService::GetStatistics(
    const Call& call, const v1::GetStatisticsRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  if (request.period_days() < 0 || request.period_days() > 365) {
    bad.Add("period_days", "must be 0 to 365");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const int days = request.period_days() == 0 ? 30 : request.period_days();
  return parts_.database.Read(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::GetStatisticsResponse> {
        const int64_t user_id = request.user_telegram_id();
        ASSIGN_OR_RETURN(const auto known, store::ReadPerson(tx, user_id));
        const store::Person person = known.value_or(store::Person{.user_id = user_id});
        const absl::Time since = Now() - days * absl::Hours(24);
        ASSIGN_OR_RETURN(const auto by_day,
                         store::CountByDay(tx, user_id, since, person.zone().name()));
        ASSIGN_OR_RETURN(const auto by_channel, store::CountByChannel(tx, user_id, since));
        ASSIGN_OR_RETURN(const store::LikeShares shares,
                         store::ReadLikeShares(tx, user_id, kWindow));
        ASSIGN_OR_RETURN(const store::Model model, store::ReadModel(tx, user_id));
        ASSIGN_OR_RETURN(const Taste taste, Taste::Decode(model.state));
        ASSIGN_OR_RETURN(const std::vector<int64_t> liked, store::ListLiked(tx, user_id, 50));
        ASSIGN_OR_RETURN(const std::vector<v1::Post> posts,
                         store::ReadPosts(tx, user_id, liked, Now()));
        v1::GetStatisticsResponse response;
        response.mutable_days()->Assign(by_day.begin(), by_day.end());
        response.mutable_channels()->Assign(by_channel.begin(), by_channel.end());
        response.set_like_share_before(shares.first);
        response.set_like_share_now(shares.last);
        response.set_saved_count(static_cast<int32_t>(shares.saved));
        response.set_rated_count(static_cast<int32_t>(model.rated_count));
        const std::vector<v1::Reason> tastes = TastesOf(taste, posts);
        response.mutable_tastes()->Assign(tastes.begin(), tastes.end());
        return response;
      });
}

absl::StatusOr<v1::ListUserLogResponse> FeedService::ListUserLog(
    const Call& call, const v1::ListUserLogRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kLogPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::UserLogEntry> entries,
                   parts_.database.Read(call, [&](Transaction& tx) {
                     return store::ListLog(tx, request.user_telegram_id(), before, page.limit());
                   }));
  v1::ListUserLogResponse response;
  response.set_next_page_token(page.Cut(entries, &v1::UserLogEntry::log_id));
  for (v1::UserLogEntry& entry : entries) *response.add_entries() = std::move(entry);
  return response;
}

}  // namespace selfology::feed
