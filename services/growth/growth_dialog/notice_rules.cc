#include "services/growth/growth_dialog/notice_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/text/html.h"

namespace selfology::growth_dialog {
namespace {

bool IsQuiet(int minute, const Quiet& quiet) {
  if (quiet.from_minute == quiet.until_minute) return false;
  if (quiet.from_minute < quiet.until_minute) {
    return minute >= quiet.from_minute && minute < quiet.until_minute;
  }
  return minute >= quiet.from_minute || minute < quiet.until_minute;
}

}  // namespace

std::string_view NameOf(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::kStreak:
      return "streak";
    case NoticeKind::kBadge:
      return "badge";
    case NoticeKind::kLevel:
      return "level";
    case NoticeKind::kAssigned:
      return "assigned";
    case NoticeKind::kChallenge:
      return "challenge";
  }
  return "";
}

bool IsMilestone(int64_t days) {
  static const std::set<int64_t>& first = *new std::set<int64_t>{3, 7, 14, 21, 30, 50, 75};
  return first.contains(days) || (days >= 100 && days % 50 == 0);
}

std::string Join(const std::vector<Notice>& notices, Language language) {
  int64_t streak = 0, level = 0, assigned = 0, challenges = 0, prize = 0;
  std::vector<std::string> badges;
  for (const Notice& notice : notices) {
    if (notice.kind == NameOf(NoticeKind::kStreak)) streak = std::max(streak, notice.number);
    if (notice.kind == NameOf(NoticeKind::kLevel)) level = std::max(level, notice.number);
    if (notice.kind == NameOf(NoticeKind::kAssigned)) ++assigned;
    if (notice.kind == NameOf(NoticeKind::kChallenge)) {
      ++challenges;
      prize += notice.number;
    }
    if (notice.kind == NameOf(NoticeKind::kBadge) &&
        std::find(badges.begin(), badges.end(), notice.word) == badges.end()) {
      badges.push_back(notice.word);
    }
  }
  std::string html;
  const auto add = [&](const std::string& line) {
    absl::StrAppend(&html, html.empty() ? "" : "\n", line);
  };
  if (level > 0) {
    add(absl::StrCat("⬆️ ", In(language, "You have reached level ", "Вы достигли уровня "), level));
  }
  for (const std::string& badge : badges) {
    add(absl::StrCat("🏅 ", In(language, "New badge: ", "Новый значок: "), "<b>",
                     text::EscapeHtml(badge), "</b>"));
  }
  if (challenges > 0) {
    add(absl::StrCat("🎯 ",
                     challenges == 1 ? In(language, "Challenge done!", "Вызов выполнен!")
                                     : In(language, "Challenges done!", "Вызовы выполнены!"),
                     prize > 0 ? absl::StrCat(" 🪙 ", prize) : ""));
  }
  if (streak > 0) {
    add(absl::StrCat("🔥 ", CountedDays(streak, language), In(language, " in a row", " подряд")));
  }
  if (assigned > 0) {
    add(absl::StrCat("📌 ", In(language, "Assigned to you: ", "Вам поручено: "),
                     CountedTasks(assigned, language)));
  }
  return html;
}

absl::Time TellAt(absl::Time first_created, const std::vector<absl::Time>& told,
                  absl::TimeZone zone, const Quiet& quiet, absl::Time now) {
  absl::Time at = std::max(first_created + kGather, now);
  // Each round moves to the end of the quiet hours or to the next day; two days are always enough.
  for (int round = 0; round < 8; ++round) {
    const absl::CivilMinute local = absl::ToCivilMinute(at, zone);
    const absl::CivilDay day(local);
    const auto on_day = std::count_if(told.begin(), told.end(), [&](absl::Time time) {
      return absl::ToCivilDay(time, zone) == day;
    });
    if (on_day >= kMostADay) {
      at = absl::FromCivil(day + 1, zone);
      continue;
    }
    const int minute = local.hour() * 60 + local.minute();
    if (!IsQuiet(minute, quiet)) return at;
    absl::CivilMinute end = absl::CivilMinute(day) + quiet.until_minute;
    if (end <= local) end = absl::CivilMinute(day + 1) + quiet.until_minute;
    at = absl::FromCivil(end, zone);
  }
  return at;
}

}  // namespace selfology::growth_dialog
