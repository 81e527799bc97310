// Which bots a gateway serves, and which dialogs each has.
//
//   --telegram_bot_token=42:secret --telegram_more_bots=43:secret=garden_dialog+news_dialog,44:...
//
//   ASSIGN_OR_RETURN(const std::vector<BotSettings> bots, BotsOf(settings));    // the first is first
//
// Every dialog is of one bot: of the one that lists it, else of the first. Only a guard may be
// listed for several (routing/dialogs.h sees to that, once it is known which are); an entry with the
// first bot's number, "42=lighthouse", lists what that one has although others list it, too.
//
// Errors: INVALID_ARGUMENT, which names the flag, the bot by its number, and the dialog; never a
// token. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/edge/telegram_gateway/settings.h"

namespace selfology::telegram_gateway {

struct BotSettings {
  int64_t id = 0;                         // Telegram's; 0: there is no token.
  std::string token = {};                 // Secret.
  std::vector<std::string> dialogs = {};  // In the order of their menu.
};

absl::StatusOr<std::vector<BotSettings>> BotsOf(const GatewaySettings& settings);

// Whether several of the bots have it.
bool IsOfSeveral(const std::vector<BotSettings>& bots, const std::string& dialog);

}  // namespace selfology::telegram_gateway
