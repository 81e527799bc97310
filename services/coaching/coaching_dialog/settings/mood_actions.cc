#include "services/coaching/coaching_dialog/settings/mood_actions.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "common/status/status_macros.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/settings/mood_chart.h"
#include "services/coaching/coaching_dialog/settings/panel.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

constexpr int kFewestInARow = 2;
constexpr int kLongestStreak = 100;  // Days that are looked at.

}  // namespace

Reaction MoodActions::Ask(const Turn& turn) {
  const absl::StatusOr<bool> may_keep = HasConsent(turn);
  if (!may_keep.ok()) return Reply(texts::Failure(turn.language, may_keep.status()));
  if (!*may_keep) return Reply(std::string(Phrase(turn.language, Wording::kMoodConsentFirst)));
  const absl::StatusOr<absl::CivilDay> today = moods_.Today(turn.call, turn.user_id);
  if (!today.ok()) return Reply(texts::Failure(turn.language, today.status()));
  v1::DialogMessage message = Panel(panel::kMood, CardKey(panel::kMood, turn),
                                    std::string(Phrase(turn.language, Wording::kMoodQuestion)));
  v1::ButtonRow& faces = AddRow(message);
  for (const coach::v1::Mood mood : kMoods) {
    AddButton(faces, FaceOf(mood),
              absl::StrCat(panel::kMood, ":", static_cast<int>(mood), ":",
                           absl::FormatCivilTime(*today)));
  }
  return Reply(std::move(message));
}

Reaction MoodActions::Press(const Turn& turn, std::string_view argument) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(argument, absl::MaxSplits(':', 1));
  const absl::StatusOr<absl::CivilDay> today = moods_.Today(turn.call, turn.user_id);
  if (!today.ok()) return Reply(texts::Failure(turn.language, today.status()));
  absl::CivilDay day;
  int number = 0;
  const bool is_button =
      absl::SimpleAtoi(parts.first, &number) && absl::ParseCivilTime(parts.second, &day);
  // "Today" under a question of yesterday's is not this day.
  if (!is_button || day != *today) return Stale(turn);

  const absl::StatusOr<bool> may_keep = HasConsent(turn);
  if (!may_keep.ok()) return Reply(texts::Failure(turn.language, may_keep.status()));
  if (!*may_keep) return Replace(Phrase(turn.language, Wording::kMoodConsentFirst));
  coach::v1::RecordMoodRequest record;
  record.set_user_id(turn.user_id);
  record.set_mood(static_cast<coach::v1::Mood>(number));
  record.set_day(parts.second);
  const auto recorded = moods_.RecordMood(turn.call, record);
  if (absl::IsInvalidArgument(recorded.status())) return Stale(turn);
  if (!recorded.ok()) return Reply(texts::Failure(turn.language, recorded.status()));

  std::string html = absl::Substitute(Phrase(turn.language, Wording::kMoodTaken),
                                      std::string(FaceOf(record.mood())));
  coach::v1::ListMoodsRequest list;
  list.set_user_id(turn.user_id);
  list.set_page_size(kLongestStreak);
  // Without the chart it is taken down nevertheless.
  if (const auto listed = moods_.ListMoods(turn.call, list); listed.ok()) {
    const std::vector<coach::v1::MoodRecord> records(listed->records().begin(),
                                                     listed->records().end());
    absl::StrAppend(&html, "\n", MoodChart(records, *today));
    if (const int streak = MoodStreak(records, *today); streak >= kFewestInARow) {
      absl::StrAppend(&html, "\n",
                      absl::Substitute(Phrase(turn.language, Wording::kMoodStreak),
                                       CountedDays(turn.language, streak)));
    }
  }
  return Replace(html);
}

absl::StatusOr<bool> MoodActions::HasConsent(const Turn& turn) {
  // Of who has come further it is known.
  const Goal goal = GoalOf(turn.conversation.state);
  if (goal != Goal::kConsent && goal != Goal::kUnknown) return true;
  session::v1::GetOnboardingRequest request;
  request.set_user_id(turn.user_id);
  ASSIGN_OR_RETURN(const auto response, Patiently(turn.call, [&](const Call& once) {
                     return peers_.session.GetOnboarding(once, request);
                   }));
  return response.onboarding().consent().granted();
}

}  // namespace selfology::coaching_dialog
