// For tests that need PostgreSQL: one server per test binary, a new database per test.
//
//   class SessionStoreTest : public servers::PostgresTest {};
//   TEST_F(SessionStoreTest, ...) { auto database = postgres::Database::Open({.url = url()}); ... }
//
// A test whose server cannot start fails. Roles belong to the server, so tests of one binary share
// them.
#pragma once

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "testing/servers/postgres_server.h"

namespace selfology::servers {

// The binary's server, started when first asked for. Aborts when it cannot start.
PostgresServer& TestPostgres();

// A new database on TestPostgres(), empty, or a copy of the one of that name, to which nobody may be
// connected; its url.
std::string FreshDatabase(std::string_view like = "template1");

class PostgresTest : public ::testing::Test {
 protected:
  PostgresServer& server() { return TestPostgres(); }
  const std::string& url() {
    if (url_.empty()) url_ = FreshDatabase();
    return url_;
  }
  // Before url(), if it has not been called yet: the database begins as a copy of that one.
  void BeginAs(std::string_view database) {
    if (url_.empty()) url_ = FreshDatabase(database);
  }

 private:
  std::string url_;
};

}  // namespace selfology::servers
