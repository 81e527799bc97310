#include "common/postgres/migrations.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/observe/log.h"
#include "common/postgres/connection.h"
#include "common/postgres/error.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::postgres {
namespace {

using internal::EncodeAll;
using status::Annotate;

// Any number will do, as long as nothing else locks it: "selfmigr" in ASCII.
constexpr int64_t kLock = 0x73656c666d696772;

std::string Quoted(std::string_view identifier) {
  return absl::StrCat("\"", absl::StrReplaceAll(identifier, {{"\"", "\"\""}}), "\"");
}

// One service's migrations on one connection, statement by statement.
class Migrator {
 public:
  Migrator(const Call& call, Connection& connection, std::string_view service,
           std::string_view role)
      : call_(call), connection_(connection), service_(service), role_(role) {}

  absl::Status Run(absl::Span<const Migration> migrations) {
    RETURN_IF_ERROR(Query("SELECT pg_advisory_lock($1)", kLock));
    RETURN_IF_ERROR(Annotate(PrepareSchema(), "schema selfology"));
    RETURN_IF_ERROR(Annotate(PrepareRole(), absl::StrCat("role ", role_)));
    ASSIGN_OR_RETURN(const int applied, Applied(migrations));
    for (const Migration& migration : migrations) {
      if (migration.version <= applied) continue;
      RETURN_IF_ERROR(Annotate(Apply(migration), migration.name));
      observe::Info("database migration applied",
                    {{"service", service_}, {"migration", migration.name}});
    }
    return absl::OkStatus();  // The lock ends with the connection.
  }

 private:
  template <typename... Parameters>
  absl::StatusOr<Result> Query(std::string_view sql, const Parameters&... parameters) {
    connection_.Add(sql, EncodeAll(parameters...));
    return connection_.RoundTrip(call_);
  }

  template <typename... Parameters>
  absl::StatusOr<bool> Ask(std::string_view sql, const Parameters&... parameters) {
    ASSIGN_OR_RETURN(const Result result, Query(sql, parameters...));
    ASSIGN_OR_RETURN(auto row, internal::ReadOneRow<bool>(result));
    return row.has_value() && std::get<0>(*row);
  }

  absl::Status PrepareSchema() {
    ASSIGN_OR_RETURN(const bool has_schema, Ask("SELECT to_regnamespace('selfology') IS NOT NULL"));
    if (!has_schema) RETURN_IF_ERROR(Query("CREATE SCHEMA selfology"));
    ASSIGN_OR_RETURN(const bool has_table,
                     Ask("SELECT to_regclass('selfology.schema_migrations') IS NOT NULL"));
    if (has_table) return absl::OkStatus();
    return Query(
               "CREATE TABLE selfology.schema_migrations ("
               " service text NOT NULL, version integer NOT NULL, name text NOT NULL,"
               " sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),"
               " PRIMARY KEY (service, version))")
        .status();
  }

  // Roles belong to all databases of the server, and the lock to one only: others may be at the
  // same role right now, so what they did first is no error.
  absl::Status PrepareRole() {
    constexpr int kAttempts = 10;
    absl::Status status;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      status = TryPrepareRole();
      const std::string sqlstate = SqlState(status);
      const bool lost_a_race = sqlstate == "42710" || sqlstate == "23505" || sqlstate == "XX000";
      if (!lost_a_race) return status;
    }
    return status;
  }

  absl::Status TryPrepareRole() {
    const std::string role = Quoted(role_);
    ASSIGN_OR_RETURN(const bool exists,
                     Ask("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role_));
    if (!exists) RETURN_IF_ERROR(Query(absl::StrCat("CREATE ROLE ", role, " NOLOGIN")));

    // A role that was made for us comes with its grants, which we may lack the right to repeat.
    ASSIGN_OR_RETURN(const bool may_act, Ask("SELECT pg_has_role($1::text, 'MEMBER')", role_));
    if (!may_act) {
      RETURN_IF_ERROR(Query(absl::StrCat("GRANT ", role, " TO CURRENT_USER")));
    }
    ASSIGN_OR_RETURN(const bool may_create,
                     Ask("SELECT has_schema_privilege($1::text, 'selfology', 'USAGE') AND"
                         " has_schema_privilege($1::text, 'selfology', 'CREATE')",
                         role_));
    if (may_create) return absl::OkStatus();
    return Query(absl::StrCat("GRANT USAGE, CREATE ON SCHEMA selfology TO ", role)).status();
  }

  // How many of the migrations have been applied, all of them unchanged.
  absl::StatusOr<int> Applied(absl::Span<const Migration> migrations) {
    std::vector<int32_t> versions;
    std::vector<std::string_view> names;
    std::vector<BytesView> texts;
    for (const Migration& migration : migrations) {
      versions.push_back(migration.version);
      names.push_back(migration.name);
      texts.push_back({migration.sql});
    }
    ASSIGN_OR_RETURN(
        const Result result,
        Query("SELECT a.version, a.name,"
              " m.version IS NULL OR (m.name = a.name AND m.sha256 = a.sha256)"
              " FROM selfology.schema_migrations a LEFT JOIN"
              " (SELECT version, name, encode(sha256(sql), 'hex') AS sha256"
              "  FROM unnest($2::integer[], $3::text[], $4::bytea[]) AS _(version, name, sql)) m"
              " ON m.version = a.version WHERE a.service = $1 ORDER BY a.version",
              service_, versions, names, texts));
    ASSIGN_OR_RETURN(auto rows, internal::ReadRows<int32_t, std::string, bool>(result));
    int applied = 0;
    for (const auto& [version, name, unchanged] : rows) {
      if (!unchanged) {
        return absl::FailedPreconditionError(
            absl::StrCat("migration ", name, " of ", service_, " (version ", version,
                         ") was applied and has changed since: add a new one instead"));
      }
      if (version != ++applied) {
        return absl::FailedPreconditionError(absl::StrCat(
            "migration ", applied, " of ", service_, " is missing though later ones were applied"));
      }
    }
    if (applied > static_cast<int>(migrations.size())) {
      observe::Warning("database schema is newer than this program",
                       {{"service", service_}, {"version", applied}});
    }
    return applied;
  }

  absl::Status Apply(const Migration& migration) {
    absl::Status status = TryApply(migration);
    if (!status.ok() && connection_.usable() && connection_.in_transaction()) {
      // The error that matters is the first.
      connection_.Script(call_, "ROLLBACK").IgnoreError();
    }
    return status;
  }

  absl::Status TryApply(const Migration& migration) {
    RETURN_IF_ERROR(
        connection_.Script(call_, absl::StrCat("BEGIN; SET LOCAL ROLE ", Quoted(role_),
                                               "; SET LOCAL search_path = selfology, public")));
    ASSIGN_OR_RETURN(const Result before, Query("SELECT txid_current()"));
    RETURN_IF_ERROR(connection_.Script(call_, std::string(migration.sql)));
    ASSIGN_OR_RETURN(const Result after, Query("SELECT txid_current()"));
    if (before.cell(0, 0) != after.cell(0, 0)) {
      return absl::FailedPreconditionError("a migration must not end its transaction");
    }
    RETURN_IF_ERROR(connection_.Script(call_, "RESET ROLE"));
    RETURN_IF_ERROR(
        Query("INSERT INTO selfology.schema_migrations (service, version, name, sha256)"
              " VALUES ($1, $2, $3, encode(sha256($4), 'hex'))",
              service_, migration.version, migration.name, BytesView{migration.sql}));
    return connection_.Script(call_, "COMMIT");
  }

  const Call& call_;
  Connection& connection_;
  const std::string_view service_;
  const std::string_view role_;
};

}  // namespace

absl::Status Migrate(const Call& call, std::string_view url, std::string_view service,
                     absl::Span<const Migration> migrations, std::string_view role) {
  for (size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].version == static_cast<int>(i) + 1) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("migrations of ", service, " must count 1, 2, 3, ...: ", migrations[i].name,
                     " stands at ", i + 1, " and has version ", migrations[i].version));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                   Connection::Open(call, {.url = std::string(url),
                                           .application_name = absl::StrCat("migrate ", service)}));
  return Annotate(Migrator(call, *connection, service, role).Run(migrations),
                  absl::StrCat("migrating ", service));
}

}  // namespace selfology::postgres
