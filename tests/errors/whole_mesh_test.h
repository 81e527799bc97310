// The whole mesh in this process, with PostgreSQL behind a gate and everything outside played by
// servers of the test's own.
//
//   class ErrorsTest : public WholeMeshTest {};
//   TEST_F(ErrorsTest, ...) {
//     profile::v1::ProfileServiceClient profiles(Peer());
//     postgres_gate().Shut(true);
//     ...
//   }
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "common/service/host.h"
#include "common/service/settings.h"
#include "gtest/gtest.h"
#include "services/modules.h"
#include "testing/eventually.h"
#include "testing/servers/binaries.h"
#include "testing/servers/postgres_test.h"
#include "testing/servers/redis_test.h"
#include "testing/servers/tcp_gate.h"
#include "tests/errors/models_test.h"
#include "tools/telegram_emulator/emulator.h"

ABSL_DECLARE_FLAG(std::string, openai_base_url);
ABSL_DECLARE_FLAG(std::string, outbox_relay_mode);
ABSL_DECLARE_FLAG(std::string, telegram_api_base);
ABSL_DECLARE_FLAG(selfology::service::Secret, telegram_bot_token);

namespace selfology {

inline constexpr absl::Duration kPatience = absl::Seconds(30);

class WholeMeshTest : public servers::PostgresTest {
 protected:
  void SetUp() override {
    scratch_ = *servers::ScratchFolder::Make();
    telegram_ = *telegram_emulator::Emulator::Start({});
    absl::SetFlag(&FLAGS_telegram_api_base, telegram_->base_url());
    absl::SetFlag(&FLAGS_telegram_bot_token, service::Secret{"42:a-token"});
    absl::SetFlag(&FLAGS_openai_base_url, models_.url());
    // Needs no replication slot.
    absl::SetFlag(&FLAGS_outbox_relay_mode, "snapshot");

    // The socket's name is the one that PostgreSQL's clients look for in a folder.
    constexpr char kSocket[] = "/.s.PGSQL.5432";
    const std::string direct = url();
    const size_t folder = direct.rfind('=') + 1;
    auto gate = servers::TcpGate::Start(absl::StrCat("unix:", scratch_.path(), kSocket),
                                        absl::StrCat("unix:", direct.substr(folder), kSocket));
    ASSERT_TRUE(gate.ok()) << gate.status();
    gate_ = *std::move(gate);
    database_ = *postgres::Database::Open({.url = direct});

    service::Settings settings;
    settings.database_url = absl::StrCat(direct.substr(0, folder), scratch_.path());
    settings.redis_url = servers::TestRedis().url();
    settings.event_partitions = 4;
    settings.drain_timeout = absl::Seconds(5);
    Adjust(settings);
    std::vector<std::unique_ptr<service::Module>> modules;
    for (const service::LinkedModule& linked : LinkedModules()) modules.push_back(linked.make());
    auto host = service::Host::Start(std::move(settings), std::move(modules));
    ASSERT_TRUE(host.ok()) << host.status();
    host_ = *std::move(host);
    channel_ = std::make_shared<rpc::Channel>("mesh", calls_);
    channel_->Bind(host_->InProcessChannel());
  }
  void TearDown() override { host_.reset(); }

  // Before the mesh starts.
  virtual void Adjust(service::Settings&) {}

  // For generated clients of every service; whoever calls by it is nobody.
  std::shared_ptr<rpc::Channel> Peer() { return channel_; }
  static Call Deadline() { return Call::Background(kPatience); }
  // Too short for anything to be tried again.
  static Call Hurried() { return Call::Background(absl::Milliseconds(900)); }

  Models& models() { return models_; }
  telegram_emulator::Emulator& telegram() { return *telegram_; }
  servers::TcpGate& postgres_gate() { return *gate_; }

  // As the superuser.
  void Execute(std::string_view sql) {
    const absl::Status status =
        database_->Write(Deadline(), [&](postgres::Transaction& tx) { return tx.Execute(sql); })
            .status();
    EXPECT_TRUE(status.ok()) << sql << ": " << status;
  }

  void Await(std::string_view what, const std::function<bool()>& condition) {
    ASSERT_TRUE(testing::Eventually(condition, kPatience)) << "gave up waiting for " << what;
  }

 private:
  const absl::FlagSaver flags_;
  servers::ScratchFolder scratch_;
  Models models_;
  observe::Metrics metrics_;
  observe::Requests calls_{&metrics_, "test_client"};
  std::unique_ptr<telegram_emulator::Emulator> telegram_;
  std::unique_ptr<servers::TcpGate> gate_;
  std::unique_ptr<postgres::Database> database_;
  std::unique_ptr<service::Host> host_;
  std::shared_ptr<rpc::Channel> channel_;
};

}  // namespace selfology
