#include "services/growth/growth_dialog/notices.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/gateway.pb.h"
#include "services/growth/growth_dialog/cards.h"
#include "services/growth/growth_dialog/growth_dialog_store.h"
#include "services/growth/growth_dialog/notice_rules.h"
#include "services/growth/growth_dialog/texts.h"

namespace selfology::growth_dialog {
namespace {

using postgres::Transaction;

void Note(events::Handling& handling, int64_t user_id, NoticeKind kind, int64_t number,
          std::string word = "") {
  store::AddNotice(handling.tx(), handling.envelope().id.ToString(), user_id,
                   {.kind = std::string(NameOf(kind)),
                    .number = number,
                    .word = std::move(word),
                    .created_at = handling.envelope().occurred_at});
}

struct Rhythm {
  absl::TimeZone zone = absl::UTCTimeZone();
  Quiet quiet = {};
};

// When a person may be written to. Without an answer: the defaults, so that news wait for nobody.
Rhythm ReadRhythm(const Call& call, const Peers& peers, int64_t user_id) {
  Rhythm rhythm;
  notification::v1::GetPreferencesRequest request;
  request.set_user_id(user_id);
  const auto response = peers.preferences.GetPreferences(call, request);
  if (!response.ok()) return rhythm;
  const notification::v1::Preferences& preferences = response->preferences();
  absl::LoadTimeZone(preferences.time_zone(), &rhythm.zone);
  rhythm.quiet = {preferences.quiet_from_minute(), preferences.quiet_until_minute()};
  return rhythm;
}

// What badges are called, by their ids; those that are not known keep their ids.
std::map<std::string, std::string> BadgeNames(const Call& call, const Peers& peers,
                                              Language language) {
  gamification::v1::ListBadgesRequest request;
  request.set_language(std::string(TagOf(language)));
  request.set_page_size(200);
  std::map<std::string, std::string> names;
  const auto response = peers.badges.ListBadges(call, request);
  if (!response.ok()) return names;
  for (const auto& badge : response->badges()) names[badge.badge_id()] = badge.called();
  return names;
}

using Names = std::map<Language, std::map<std::string, std::string>>;

absl::Status Tell(const Call& call, postgres::Database& database, const Peers& peers,
                  const Names& names, const store::Waiting& waiting, absl::Time now) {
  // Asked before the transaction, which waits for nobody.
  const Rhythm rhythm = ReadRhythm(call, peers, waiting.user_id);
  return database.Write(call, [&](Transaction& tx) -> absl::Status {
    store::LockPerson(tx, waiting.user_id);
    ASSIGN_OR_RETURN(const std::vector<absl::Time> told,
                     store::ReadTold(tx, waiting.user_id, now - absl::Hours(48)));
    const absl::Time at = TellAt(waiting.first_created, told, rhythm.zone, rhythm.quiet, now);
    if (at > now) {
      store::SetWait(tx, waiting.user_id, at);
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const std::string tag, store::ReadLanguage(tx, waiting.user_id));
    const Language language = language::LanguageOf(tag);
    ASSIGN_OR_RETURN(std::vector<Notice> notices, store::TakeNotices(tx, waiting.user_id));
    std::erase_if(notices, [&](const Notice& notice) { return notice.created_at < now - kStale; });
    for (Notice& notice : notices) {
      const auto name = names.at(language).find(notice.word);
      if (name != names.at(language).end()) notice.word = name->second;
    }
    const std::string html = Join(notices, language);
    if (html.empty()) return absl::OkStatus();
    events::v1::MessageSendRequested event;
    event.set_user_id(waiting.user_id);
    event.set_message_text(html);
    event.set_text_format(telegram::TEXT_FORMAT_HTML);
    AddButton(*event.add_button_rows(), In(language, "My progress", "Мой прогресс"),
              absl::StrCat(kGrowthAction, ":progress"));
    event.set_dedup_key(absl::StrCat("growth-", absl::ToUnixMicros(waiting.first_created)));
    store::AddTold(tx, waiting.user_id, now);
    return events::Publish(tx, event);
  });
}

}  // namespace

absl::Status NoteLevel(const events::v1::LevelChanged& event, events::Handling& handling) {
  // That a level was lost is seen in /progress, and is no news to send.
  if (event.level() > event.level_before()) {
    Note(handling, event.user_id(), NoticeKind::kLevel, event.level());
  }
  return absl::OkStatus();
}

absl::Status NoteBadge(const events::v1::BadgeAwarded& event, events::Handling& handling) {
  Note(handling, event.user_id(), NoticeKind::kBadge, 0, event.badge_id());
  return absl::OkStatus();
}

absl::Status NoteStreak(const events::v1::StreakExtended& event, events::Handling& handling) {
  if (IsMilestone(event.days())) {
    Note(handling, event.user_id(), NoticeKind::kStreak, event.days());
  }
  return absl::OkStatus();
}

absl::Status NoteChallenge(const events::v1::ChallengeCompleted& event,
                           events::Handling& handling) {
  // Who answered a quiz saw it in the answer.
  if (event.kind() == challenge::v1::CHALLENGE_KIND_DEED || event.winner()) {
    Note(handling, event.user_id(), NoticeKind::kChallenge, event.winner() ? event.prize() : 0);
  }
  return absl::OkStatus();
}

absl::Status NoteAssignment(const events::v1::TaskAssigned& event, events::Handling& handling) {
  Note(handling, event.user_id(), NoticeKind::kAssigned, 1);
  return absl::OkStatus();
}

absl::Status TellNotices(const Call& call, postgres::Database& database, const Peers& peers,
                         absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<store::Waiting> waiting,
                   database.Read(call, [&](Transaction& tx) {
                     return store::ListWaiting(tx, now - kGather, now);
                   }));
  if (waiting.empty()) return absl::OkStatus();
  Names names;
  for (const Language language : language::kLanguages) {
    names[language] = BadgeNames(call, peers, language);
  }
  for (const store::Waiting& one : waiting) {
    const absl::Status status = Tell(call, database, peers, names, one, now);
    if (status.ok()) continue;
    if (status::IsRetryable(status)) return status;
    observe::Warning("notices not told", {{"status", status}});
  }
  return absl::OkStatus();
}

}  // namespace selfology::growth_dialog
