#include <atomic>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/connection.h"
#include "testing/servers/postgres_test.h"

namespace selfology::servers {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << "no test database: " << result.status() << std::endl;
    abort();
  }
  return *std::move(result);
}

}  // namespace

PostgresServer& TestPostgres() {
  static const std::unique_ptr<PostgresServer> server = OrDie(PostgresServer::Start({}));
  return *server;
}

std::string FreshDatabase(std::string_view like) {
  static std::atomic<int> count = 0;
  const std::string name = absl::StrCat("test_", ++count);
  const Call call = Call::Background(absl::Seconds(60));
  postgres::ConnectionOptions options;
  options.url = TestPostgres().url();
  auto connection = OrDie(postgres::Connection::Open(call, options));
  const absl::Status created =
      connection->Script(call, absl::StrCat("CREATE DATABASE ", name, " TEMPLATE ", like));
  if (!created.ok()) OrDie(absl::StatusOr<int>(created));
  return TestPostgres().url(name);
}

}  // namespace selfology::servers
