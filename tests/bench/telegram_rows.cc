// What a person's update costs on its way through the gateway and back, with a dialog that does
// nothing itself and serves from the bench's own process, as the emulator of Telegram does; the
// mesh is a process of its own.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/service/host.h"
#include "common/status/status_macros.h"
#include "selfology/telegram/v1/dialog_service_endpoints.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"
#include "testing/serving_module.h"
#include "tests/bench/programs.h"
#include "tests/bench/rows.h"
#include "tools/telegram_emulator/emulator.h"

namespace selfology::bench {
namespace {

namespace v1 = telegram::v1;

constexpr char kToken[] = "42:bench";
constexpr std::string_view kDialog = "bench";
// Fewer of each than a person may send in a minute.
constexpr int kPeople = 200;
constexpr int kUpdatesOfEach = 10;
constexpr absl::Duration kPatience = absl::Minutes(2);

// Answers each command with one message.
class QuickDialog final : public v1::DialogServiceEndpoints {
 public:
  absl::StatusOr<v1::DescribeDialogResponse> DescribeDialog(
      const Call&, const v1::DescribeDialogRequest&) override {
    v1::DescribeDialogResponse response;
    v1::DialogDescription& description = *response.mutable_description();
    description.set_dialog(std::string(kDialog));
    v1::LocalizedText& title = *description.add_titles();
    title.set_language("en");
    title.set_text("Bench");
    description.add_commands()->set_name(std::string(kDialog));
    return response;
  }
  absl::StatusOr<v1::ReactResponse> React(const Call&, const v1::ReactRequest&) override {
    v1::ReactResponse response;
    v1::DialogMessage& message = *response.mutable_reaction()->add_messages();
    message.set_kind("reply");
    message.set_message_text("I say as much as a dialog usually says when it is given a command.");
    return response;
  }
  absl::StatusOr<v1::RenderEventResponse> RenderEvent(const Call&,
                                                      const v1::RenderEventRequest&) override {
    return v1::RenderEventResponse();
  }
  absl::StatusOr<v1::TakeChannelUpdateResponse> TakeChannelUpdate(
      const Call&, const v1::TakeChannelUpdateRequest&) override {
    return v1::TakeChannelUpdateResponse();
  }
  absl::StatusOr<v1::GetDialogStateResponse> GetDialogState(
      const Call&, const v1::GetDialogStateRequest&) override {
    return v1::GetDialogStateResponse();
  }
  absl::StatusOr<v1::SetDialogStateResponse> SetDialogState(
      const Call&, const v1::SetDialogStateRequest&) override {
    return absl::UnimplementedError("it has no states");
  }
};

struct Spent {
  absl::Duration mesh, postgres, redis;
};

// New people give the command `count` times each, and are answered once each time.
absl::Status Chat(telegram_emulator::Emulator& telegram, const std::string& command, int count) {
  std::vector<int64_t> people;
  for (int i = 0; i < kPeople; ++i) {
    ASSIGN_OR_RETURN(people.emplace_back(),
                     telegram.AddUser({.first_name = "Ann", .language_code = "en"}));
  }
  for (int n = 0; n < count; ++n) {
    for (const int64_t user : people) RETURN_IF_ERROR(telegram.SendText(user, command).status());
  }
  const absl::Time deadline = absl::Now() + kPatience;
  const auto messages = static_cast<size_t>(2 * count);
  for (const int64_t user : people) {
    const bool answered = telegram.exchange().Await(
        [&](const telegram_emulator::World& world) {
          return world.chats.Chat(user).size() >= messages;
        },
        deadline);
    if (!answered) return absl::DeadlineExceededError(absl::StrCat(command, " is not answered"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status TelegramRows(const Scale&, const Wanted& wanted, Report& report) {
  ASSIGN_OR_RETURN(const auto postgres, servers::PostgresServer::Start({.durable = true}));
  ASSIGN_OR_RETURN(const auto redis, servers::RedisServer::Start({}));
  ASSIGN_OR_RETURN(const auto telegram, telegram_emulator::Emulator::Start({.token = kToken}));
  service::Settings settings;
  settings.database_url = postgres->url();
  settings.redis_url = redis->url();
  std::vector<std::unique_ptr<service::Module>> modules;
  modules.push_back(testing::ServingModule(std::string(kDialog), std::make_shared<QuickDialog>()));
  ASSIGN_OR_RETURN(const auto dialog, service::Host::Start(settings, std::move(modules)));
  ASSIGN_OR_RETURN(
      const auto mesh,
      StartProgram(
          "services/selfology",
          {"--grpc_address=127.0.0.1:0", "--http_address=127.0.0.1:0",
           absl::StrCat("--telegram_dialogs=", kDialog),
           absl::StrCat("--peers=", kDialog, "=", dialog->grpc_address()),
           // Telegram's limits would make everybody wait.
           "--telegram_messages_per_second=100000", "--telegram_chat_messages_per_second=1000"},
          {absl::StrCat("DATABASE_URL=", postgres->url()), absl::StrCat("REDIS_URL=", redis->url()),
           absl::StrCat("TELEGRAM_BOT_TOKEN=", kToken),
           absl::StrCat("TELEGRAM_API_BASE=", telegram->base_url())},
          "\"serving\""));
  const auto spent = [&]() -> Spent {
    return {.mesh = CpuOf(mesh->pid()),
            .postgres = CpuOfTree(postgres->pid()),
            .redis = CpuOf(redis->pid())};
  };
  const auto measure = [&](const std::string& name, const std::string& what,
                           const std::string& command) -> absl::Status {
    if (!wanted(name)) return absl::OkStatus();
    RETURN_IF_ERROR(Chat(*telegram, command, 1));  // Warms up.
    const Spent before = spent();
    RETURN_IF_ERROR(Chat(*telegram, command, kUpdatesOfEach));
    const Spent after = spent();
    const auto each = [](absl::Duration cpu) {
      return absl::ToDoubleMilliseconds(cpu) / (kPeople * kUpdatesOfEach);
    };
    const absl::Duration postgres_cpu = after.postgres - before.postgres;
    report.Add({.name = name,
                .what = what,
                .unit = "ms/update",
                .ours = each(after.mesh - before.mesh + postgres_cpu + after.redis - before.redis),
                .reference = each(postgres_cpu),
                .peer = "PostgreSQL's part of it"});
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(measure("telegram.dialog", "update through gateway and dialog, CPU",
                          absl::StrCat("/", kDialog)));
  return measure("telegram.gateway", "update that the gateway answers itself, CPU", "/help");
}

}  // namespace selfology::bench
