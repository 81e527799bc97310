#include "services/edge/telegram_gateway/bot_settings.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/routing/directory.h"

namespace selfology::telegram_gateway {
namespace {

using Names = std::vector<std::string>;

bool IsIn(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::Status Wrong(std::string_view flag, int64_t bot_id, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(flag, ": bot ", bot_id, ": ", what));
}

absl::Status CheckDialogs(const Names& dialogs) {
  if (dialogs.empty()) return absl::InvalidArgumentError("telegram_dialogs: there must be one");
  std::set<std::string_view> seen;
  for (const std::string& dialog : dialogs) {
    RETURN_IF_ERROR(
        status::Annotate(CheckName(dialog), absl::StrCat("telegram_dialogs: \"", dialog, "\"")));
    if (!seen.insert(dialog).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("telegram_dialogs: \"", dialog, "\" is there twice"));
    }
  }
  return absl::OkStatus();
}

// "43:secret=garden_dialog+news_dialog", the entry of that place, counted from 1.
absl::StatusOr<BotSettings> ParseEntry(std::string_view entry, int place, int64_t first_id) {
  constexpr std::string_view kFlag = "telegram_more_bots";
  const std::pair<std::string_view, std::string_view> halves =
      absl::StrSplit(entry, absl::MaxSplits('=', 1));
  BotSettings bot{.id = BotIdOf(halves.first), .token = std::string(halves.first)};
  const size_t colon = bot.token.find(':');
  const bool has_secret = colon != std::string::npos && colon + 1 < bot.token.size();
  if (bot.id <= 0 || (!has_secret && bot.id != first_id)) {
    return absl::InvalidArgumentError(
        absl::StrCat(kFlag, ": entry ", place, " must begin with a token, <number>:<letters>"));
  }
  if (!halves.second.empty()) bot.dialogs = absl::StrSplit(halves.second, '+');
  if (bot.dialogs.empty()) return Wrong(kFlag, bot.id, "must have dialogs, TOKEN=one+another");
  return bot;
}

// The listed ones are dialogs of the mesh, each once.
absl::Status CheckListed(const BotSettings& bot, const Names& all) {
  std::set<std::string_view> seen;
  for (const std::string& dialog : bot.dialogs) {
    if (!IsIn(all, dialog)) {
      return Wrong("telegram_more_bots", bot.id,
                   absl::StrCat("\"", dialog, "\" is no dialog of the mesh"));
    }
    if (!seen.insert(dialog).second) {
      return Wrong("telegram_more_bots", bot.id, absl::StrCat("\"", dialog, "\" is there twice"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<BotSettings>> BotsOf(const GatewaySettings& settings) {
  RETURN_IF_ERROR(CheckDialogs(settings.dialogs));
  std::vector<BotSettings> bots = {{.id = BotIdOf(settings.token), .token = settings.token}};
  Names of_first;  // Although others list them.
  Names of_others;
  int place = 0;
  for (const std::string_view entry :
       absl::StrSplit(settings.more_bots, ',', absl::SkipWhitespace())) {
    if (bots[0].id == 0) {
      return absl::InvalidArgumentError("telegram_more_bots: needs telegram_bot_token");
    }
    ASSIGN_OR_RETURN(BotSettings bot,
                     ParseEntry(absl::StripAsciiWhitespace(entry), ++place, bots[0].id));
    RETURN_IF_ERROR(CheckListed(bot, settings.dialogs));
    const bool is_first = bot.id == bots[0].id;
    const bool is_known = is_first
                              ? !of_first.empty()
                              : std::any_of(bots.begin(), bots.end(),
                                            [&](const BotSettings& b) { return b.id == bot.id; });
    if (is_known) return Wrong("telegram_more_bots", bot.id, "is there twice");
    if (is_first) {
      of_first = std::move(bot.dialogs);
      continue;
    }
    of_others.insert(of_others.end(), bot.dialogs.begin(), bot.dialogs.end());
    bots.push_back(std::move(bot));
  }
  for (const std::string& dialog : settings.dialogs) {
    if (!IsIn(of_others, dialog) || IsIn(of_first, dialog)) bots[0].dialogs.push_back(dialog);
  }
  if (bots[0].dialogs.empty()) {
    return Wrong("telegram_bot_token", bots[0].id, "no dialog is left for it");
  }
  return bots;
}

bool IsOfSeveral(const std::vector<BotSettings>& bots, const std::string& dialog) {
  return std::count_if(bots.begin(), bots.end(),
                       [&](const BotSettings& bot) { return IsIn(bot.dialogs, dialog); }) > 1;
}

}  // namespace selfology::telegram_gateway
