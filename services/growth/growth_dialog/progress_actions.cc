#include "services/growth/growth_dialog/progress_actions.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/growth_dialog/pictures.h"

namespace selfology::growth_dialog {
namespace {

constexpr size_t kPiece = size_t{1} << 20;  // AppendMediaRequest.data
constexpr int kPages = 5;                   // Of 200 tasks a week, for the chart.
constexpr int kTop = 10;

telegram::DialogMessage Panel(std::string_view kind, std::string html) {
  telegram::DialogMessage message = TextMessage(kind, std::move(html));
  message.set_lifecycle(telegram::MESSAGE_LIFECYCLE_SYSTEM);
  message.set_tag("growth_progress");
  message.set_keep_buttons(true);
  return message;
}

std::string StreakText(const gamification::v1::Streak& streak, Language language) {
  std::string text = absl::StrCat("🔥 ", CountedDays(streak.current_days(), language),
                                  In(language, " in a row", " подряд"));
  if (streak.state() == gamification::v1::STREAK_STATE_AT_RISK) {
    absl::StrAppend(&text, In(language, " — complete something today to keep it",
                              " — сделайте что-нибудь сегодня, чтобы не потерять"));
  }
  absl::StrAppend(&text, "\n", In(language, "Longest: ", "Рекорд: "),
                  CountedDays(streak.longest_days(), language));
  if (streak.freezes_held() > 0) {
    absl::StrAppend(&text, "\n🧊 ", In(language, "Freezes: ", "Заморозок: "),
                    streak.freezes_held());
  }
  return text;
}

std::string Bar(int64_t value, int64_t from, int64_t to) {
  const int64_t span = std::max<int64_t>(to - from, 1);
  const auto full = static_cast<int>(std::clamp<int64_t>((value - from) * 10 / span, 0, 10));
  std::string bar;
  for (int i = 0; i < 10; ++i) bar += i < full ? "▰" : "▱";
  return bar;
}

int64_t CoinsOf(const gamification::v1::GetProgressResponse& progress) {
  for (const gamification::v1::Balance& balance : progress.balances()) {
    if (balance.account().currency() == "coins") return balance.balance();
  }
  return 0;
}

}  // namespace

absl::StatusOr<std::string> ProgressActions::Upload(const Turn& turn, std::string_view name,
                                                    const std::string& png) const {
  telegram::CreateMediaRequest create;
  create.set_user_id(turn.user_id);
  create.set_idempotency_key(turn.Key(name));
  create.set_kind(telegram::CONTENT_KIND_PHOTO);
  create.set_file_name(absl::StrCat(name, ".png"));
  create.set_mime_type("image/png");
  create.set_size(static_cast<int64_t>(png.size()));
  ASSIGN_OR_RETURN(const telegram::CreateMediaResponse created,
                   peers_.gateway.CreateMedia(turn.call, create));
  for (size_t offset = 0; offset < png.size(); offset += kPiece) {
    telegram::AppendMediaRequest append;
    append.set_media_id(created.media().media_id());
    append.set_offset(static_cast<int64_t>(offset));
    append.set_data(png.substr(offset, kPiece));
    RETURN_IF_ERROR(peers_.gateway.AppendMedia(turn.call, append).status());
  }
  return created.media().media_id();
}

absl::StatusOr<telegram::DialogReaction> ProgressActions::Week(const Turn& turn) const {
  const absl::CivilDay today = absl::ToCivilDay(turn.reader.now, turn.reader.zone);
  struct Week week = {.first = today - 6};
  task::v1::ListTasksRequest request;
  request.set_user_id(turn.user_id);
  request.set_filter("is:completed closed>=-6d");
  request.set_sort("closed");
  request.set_time_zone(turn.reader.zone.name());
  request.set_page_size(200);
  int total = 0;
  for (int page = 0; page < kPages; ++page) {
    ASSIGN_OR_RETURN(const task::v1::ListTasksResponse listed,
                     peers_.tasks.ListTasks(turn.call, request));
    total = listed.total_count();
    for (const task::v1::Task& task : listed.tasks()) {
      const int64_t day =
          absl::ToCivilDay(timestamps::FromProto(task.closed_at()), turn.reader.zone) - week.first;
      if (day >= 0 && day < 7) ++week.done[static_cast<size_t>(day)];
    }
    request.set_page_token(listed.next_page_token());
    if (request.page_token().empty()) break;
  }
  gamification::v1::GetProgressRequest ask;
  ask.set_user_id(turn.user_id);
  // Without it the picture says less, and still something.
  if (const auto progress = peers_.progress.GetProgress(turn.call, ask); progress.ok()) {
    week.streak_days = progress->streak().current_days();
    week.level = progress->level();
  }
  ASSIGN_OR_RETURN(const std::string png, DrawWeek(week, turn.language()));
  ASSIGN_OR_RETURN(const std::string media_id, Upload(turn, "week", png));
  telegram::DialogMessage message = TextMessage(
      "task_week", absl::StrCat(In(turn.language(), "Done in 7 days: ", "Сделано за 7 дней: "),
                                CountedTasks(total, turn.language())));
  message.add_media_ids(media_id);
  return Answer(std::move(message));
}

absl::StatusOr<telegram::DialogReaction> ProgressActions::Progress(const Turn& turn) const {
  const Language language = turn.language();
  gamification::v1::GetProgressRequest request;
  request.set_user_id(turn.user_id);
  ASSIGN_OR_RETURN(const gamification::v1::GetProgressResponse progress,
                   peers_.progress.GetProgress(turn.call, request));
  std::string html = absl::StrCat(
      "<b>", In(language, "Level ", "Уровень "), progress.level(), "</b>  ",
      Bar(progress.xp(), progress.level_begins_at(), progress.next_level_at()), "\n", progress.xp(),
      " / ", progress.next_level_at(), " XP\n\n", StreakText(progress.streak(), language));
  if (progress.badges() > 0) {
    absl::StrAppend(&html, "\n🏅 ", In(language, "Badges: ", "Значков: "), progress.badges());
  }
  const int64_t coins = CoinsOf(progress);
  if (coins > 0) absl::StrAppend(&html, "\n🪙 ", In(language, "Coins: ", "Монет: "), coins);
  telegram::DialogMessage message = Panel("progress", std::move(html));
  telegram::ButtonRow& row = *message.add_button_rows();
  AddButton(row, In(language, "📊 Week", "📊 Неделя"), absl::StrCat(kGrowthAction, ":week"));
  if (progress.badges() > 0) {
    AddButton(row, In(language, "🏅 Badge", "🏅 Значок"), absl::StrCat(kGrowthAction, ":badge"));
  }
  AddButton(row, In(language, "🏆 Top", "🏆 Рейтинг"), absl::StrCat(kGrowthAction, ":top"));
  // What cannot be paid is not offered.
  if (progress.streak().current_days() > 0 && progress.streak().freezes_held() < 3 &&
      coins >= progress.freeze_price()) {
    telegram::ButtonRow& freeze = *message.add_button_rows();
    AddButton(freeze,
              absl::StrCat(In(language, "🧊 Freeze for ", "🧊 Заморозка за "),
                           progress.freeze_price(), In(language, " coins", " монет")),
              absl::StrCat(kGrowthAction, ":freeze"));
  }
  return Answer(std::move(message));
}

absl::StatusOr<telegram::DialogReaction> ProgressActions::BuyFreeze(const Turn& turn) const {
  const Language language = turn.language();
  gamification::v1::BuyFreezeRequest request;
  request.set_user_id(turn.user_id);
  request.set_idempotency_key(turn.Key("freeze"));
  const auto bought = peers_.progress.BuyFreeze(turn.call, request);
  std::string notice;
  if (absl::IsFailedPrecondition(bought.status())) {
    notice = std::string(In(language, "Not enough coins, or three freezes are held already.",
                            "Не хватает монет, или уже есть три заморозки."));
  } else {
    RETURN_IF_ERROR(bought.status());
    notice = absl::StrCat("🧊 ", In(language, "Freezes: ", "Заморозок: "), bought->freezes_held());
  }
  ASSIGN_OR_RETURN(telegram::DialogReaction reaction, Progress(turn));
  reaction.set_notice(std::move(notice));
  return reaction;
}

absl::StatusOr<telegram::DialogReaction> ProgressActions::Top(const Turn& turn) const {
  const Language language = turn.language();
  gamification::v1::BoardRef board;
  board.set_board("xp");
  board.set_period(gamification::v1::BOARD_PERIOD_WEEK);
  gamification::v1::GetLeaderboardRequest request;
  *request.mutable_board() = board;
  request.set_count(kTop);
  ASSIGN_OR_RETURN(const gamification::v1::GetLeaderboardResponse top,
                   peers_.boards.GetLeaderboard(turn.call, request));
  gamification::v1::GetStandingRequest own;
  own.set_user_id(turn.user_id);
  *own.mutable_board() = board;
  ASSIGN_OR_RETURN(const gamification::v1::GetStandingResponse standing,
                   peers_.boards.GetStanding(turn.call, own));
  std::string html = absl::StrCat("<b>", In(language, "This week", "Эта неделя"), "</b>");
  const auto add = [&](const gamification::v1::Standing& one) {
    static constexpr std::string_view kMedals[] = {"🥇", "🥈", "🥉"};
    const std::string place = one.rank() >= 1 && one.rank() <= 3
                                  ? std::string(kMedals[one.rank() - 1])
                                  : absl::StrCat(one.rank(), ".");
    // Names are nobody's to see here: people stand under the last figures of their number.
    const bool is_own = one.member_id() == turn.user_id;
    const std::string who = is_own ? absl::StrCat("<b>", In(language, "you", "вы"), "</b>")
                                   : absl::StrFormat("%s %04d", In(language, "player", "игрок"),
                                                     one.member_id() % 10'000);
    absl::StrAppend(&html, "\n", place, " ", who, " — ", one.score(), " XP");
  };
  bool is_shown = false;
  for (const gamification::v1::Standing& one : top.standings()) {
    add(one);
    is_shown |= one.member_id() == turn.user_id;
  }
  if (top.standings().empty()) {
    absl::StrAppend(&html, "\n",
                    In(language, "Nobody has points yet. Complete a task!",
                       "Очков пока ни у кого нет. Выполните задачу!"));
  } else if (!is_shown && standing.standing().rank() > 0) {
    absl::StrAppend(&html, "\n…");
    for (const gamification::v1::Standing& one : standing.around()) {
      if (one.rank() > kTop) add(one);
    }
    absl::StrAppend(&html, "\n", In(language, "of ", "из "), standing.members());
  }
  telegram::DialogMessage message = Panel("leaderboard", std::move(html));
  if (is_shown || standing.standing().rank() > 0) {
    AddButton(*message.add_button_rows(), In(language, "🙈 Hide me here", "🙈 Не показывать меня"),
              absl::StrCat(kGrowthAction, ":hide"));
  } else if (standing.hidden()) {
    AddButton(*message.add_button_rows(), In(language, "👀 Show me here", "👀 Показывать меня"),
              absl::StrCat(kGrowthAction, ":unhide"));
  }
  return Answer(std::move(message));
}

absl::StatusOr<telegram::DialogReaction> ProgressActions::Hide(const Turn& turn,
                                                               bool hidden) const {
  const Language language = turn.language();
  gamification::v1::SetVisibilityRequest request;
  request.set_user_id(turn.user_id);
  request.set_hidden(hidden);
  RETURN_IF_ERROR(peers_.boards.SetVisibility(turn.call, request).status());
  telegram::DialogMessage message =
      Panel("leaderboard",
            std::string(hidden ? In(language, "🙈 Nobody sees you in the ranking from now on.",
                                    "🙈 Теперь в рейтинге вас никто не видит.")
                               : In(language, "👀 You are in the ranking again.",
                                    "👀 Вы снова в рейтинге.")));
  AddButton(*message.add_button_rows(), In(language, "🏆 Top", "🏆 Рейтинг"),
            absl::StrCat(kGrowthAction, ":top"));
  return Answer(std::move(message));
}

absl::StatusOr<telegram::DialogReaction> ProgressActions::Badge(const Turn& turn) const {
  const Language language = turn.language();
  gamification::v1::ListAwardsRequest request;
  request.set_user_id(turn.user_id);
  ASSIGN_OR_RETURN(const gamification::v1::ListAwardsResponse awards,
                   peers_.badges.ListAwards(turn.call, request));
  const gamification::v1::Award* last = nullptr;
  for (const gamification::v1::Award& award : awards.awards()) {
    if (!award.has_revoked_at() &&
        (last == nullptr ||
         timestamps::FromProto(award.awarded_at()) > timestamps::FromProto(last->awarded_at()))) {
      last = &award;
    }
  }
  if (last == nullptr) {
    telegram::DialogReaction reaction;
    reaction.set_notice(std::string(In(language, "You have no badge yet.", "Значков пока нет.")));
    return reaction;
  }
  BadgePicture picture = {.called = last->badge_id()};
  gamification::v1::ListBadgesRequest list;
  list.set_language(std::string(TagOf(language)));
  list.set_page_size(200);
  ASSIGN_OR_RETURN(const gamification::v1::ListBadgesResponse badges,
                   peers_.badges.ListBadges(turn.call, list));
  for (const gamification::v1::Badge& badge : badges.badges()) {
    if (badge.badge_id() != last->badge_id()) continue;
    picture.called = badge.called();
    picture.criteria = badge.criteria();
  }
  picture.day =
      DayText(absl::ToCivilDay(timestamps::FromProto(last->awarded_at()), turn.reader.zone),
              absl::ToCivilDay(turn.reader.now, turn.reader.zone), language);
  ASSIGN_OR_RETURN(const std::string png, DrawBadge(picture, language));
  ASSIGN_OR_RETURN(const std::string media_id, Upload(turn, "badge", png));
  telegram::DialogMessage message =
      TextMessage("badge", absl::StrCat("🏅 <b>", text::EscapeHtml(picture.called), "</b>"));
  message.add_media_ids(media_id);
  return Answer(std::move(message));
}

}  // namespace selfology::growth_dialog
