// The menus of commands of people whose dialogs say which commands fit now (DialogReaction.menu);
// all others have the common one.
//
//   const PersonMenu menu = MenuOf(focus, *directory);       // pure
//   if (menus.IsOutdated(focus, *directory)) menus.Show(user_id);
//
// The wanted menu is stored in bot_focus together with the reaction that changes it, and sent to
// Telegram right after, in parallel to other work. The menu that Telegram has is stored there, too.
// While the two differ, because Telegram refused it, or a dialog or a language has changed, the
// person's next update sends it again.
//
// Best effort: the commands work whatever the menu shows. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/executor/worker_pool.h"
#include "common/postgres/database.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/routing/dialogs.h"

namespace selfology::telegram_gateway {

using CommandMenus = std::map<std::string, std::vector<BotApi::MenuCommand>>;

// The common menu, by language; "" is that of all other languages.
CommandMenus CommonMenu(const Directory& dialogs);

struct PersonMenu {
  // In the one language that the gateway speaks to them, where that is known. Empty: the common
  // one.
  CommandMenus by_language = {};
  std::string fingerprint = {};  // Of all that is in it; empty: of the common one.
};
PersonMenu MenuOf(const store::Focus& focus, const Directory& dialogs);

class PersonMenus {
 public:
  // All outlive it.
  PersonMenus(BotApi& telegram, postgres::Database& database, const Dialogs& dialogs)
      : telegram_(telegram), database_(database), dialogs_(dialogs) {}

  static bool IsOutdated(const store::Focus& focus, const Directory& dialogs);

  // As it is kept. Returns at once.
  void Show(int64_t user_id);

 private:
  absl::Status ShowNow(int64_t user_id);

  BotApi& telegram_;
  postgres::Database& database_;
  const Dialogs& dialogs_;
  absl::Mutex mutex_;
  // People whose turn is still to come.
  absl::flat_hash_set<int64_t> waiting_ ABSL_GUARDED_BY(mutex_);
  executor::WorkerPool workers_{2};  // Last: its threads use the rest.
};

}  // namespace selfology::telegram_gateway
