// The receiving half of another gateway, on the database of the one that a test has started:
// updates can be given to it, and what is held is tried again by it as well.
//
//   Start();
//   OtherGateway other({.database = OfGateway(), .redis = redis(), .garden = Peer("garden"),
//                       .api_base = telegram().base_url(), .clock = Clock()});
//   other.intake.HandleSurely(update, taken);
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/http/client.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/rpc/channel.h"
#include "common/service/stop_signal.h"
#include "services/edge/telegram_gateway/bot_api/bot_api.h"
#include "services/edge/telegram_gateway/delivery/delivery.h"
#include "services/edge/telegram_gateway/delivery/typing.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"
#include "services/edge/telegram_gateway/media/media_store.h"
#include "services/edge/telegram_gateway/receiving/held_updates.h"
#include "services/edge/telegram_gateway/receiving/intake.h"
#include "services/edge/telegram_gateway/routing/dialogs.h"
#include "services/edge/telegram_gateway/routing/menus.h"
#include "services/edge/telegram_gateway/routing/update_handler.h"

namespace selfology::telegram_gateway {

class OtherGateway {
 public:
  // All of it outlives this. Its only dialog is the garden.
  struct Around {
    postgres::Database& database;
    redis::Client& redis;
    std::shared_ptr<rpc::Channel> garden;
    std::string api_base;
    std::function<absl::Time()> clock;
  };

  explicit OtherGateway(const Around& around)
      : http_({}),
        telegram_({.base = around.api_base, .token = kToken}, &http_, &metrics_),
        dialogs_({{"garden", v1::DialogServiceClient(around.garden)}}, around.database,
                 around.clock, absl::Milliseconds(200)),
        media_(around.database, {&telegram_}, ::testing::TempDir() + "other_gateway_media",
               around.clock),
        delivery_(around.database, telegram_, media_, around.clock, metrics_, {}),
        typing_(telegram_, around.database, around.clock),
        menus_(telegram_, around.database, dialogs_),
        handler_({.database = around.database,
                  .redis = around.redis,
                  .metrics = metrics_,
                  .dialogs = dialogs_,
                  .telegram = telegram_,
                  .delivery = delivery_,
                  .typing = typing_,
                  .media = media_,
                  .menus = menus_,
                  .clock = around.clock,
                  .patience = {}}),
        held({.database = around.database,
              .metrics = metrics_,
              .dialogs = dialogs_,
              .telegram = telegram_,
              .delivery = delivery_,
              .clock = around.clock}),
        intake(handler_, held, telegram_, metrics_) {
    threads_.emplace_back([this] { dialogs_.Run(stop_); });
    threads_.emplace_back([this] {
      if (dialogs_.AwaitFirst(stop_)) intake.RunHeld(stop_);
    });
  }

  ~OtherGateway() {
    stop_.Request();
    for (std::thread& thread : threads_) thread.join();
    intake.Stop();
  }

 private:
  observe::Metrics metrics_;
  http::Client http_;
  BotApi telegram_;
  Dialogs dialogs_;
  MediaStore media_;
  Delivery delivery_;
  Typing typing_;
  PersonMenus menus_;
  UpdateHandler handler_;

 public:
  HeldUpdates held;
  Intake intake;

 private:
  service::StopSignal stop_;
  std::vector<std::thread> threads_;
};

}  // namespace selfology::telegram_gateway
