#include "tools/ctl/backup/database_dump.h"

#include <libpq-fe.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/codec.h"
#include "common/status/status_macros.h"
#include "testing/servers/binaries.h"
#include "tools/ctl/backup/child.h"

namespace selfology::ctl {
namespace {

using postgres::Connection;
using postgres::internal::EncodeAll;
using postgres::internal::ReadOneRow;
using postgres::internal::ReadRows;

constexpr absl::Duration kTimeout = absl::Minutes(1);
constexpr char kName[] = "selfology_backup";

Call InTime() { return Call::Background(kTimeout); }

std::string Quoted(std::string_view identifier) {
  return absl::StrCat("\"", absl::StrReplaceAll(identifier, {{"\"", "\"\""}}), "\"");
}
std::string Literal(std::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

absl::StatusOr<std::unique_ptr<Connection>> Connect(const std::string& url) {
  return Connection::Open(InTime(), {.url = url, .application_name = kName});
}

template <typename... Columns>
absl::StatusOr<std::tuple<Columns...>> Ask(Connection& connection, std::string_view sql) {
  connection.Add(sql, EncodeAll());
  ASSIGN_OR_RETURN(const postgres::Result result, connection.RoundTrip(InTime()));
  ASSIGN_OR_RETURN(auto row, ReadOneRow<Columns...>(result));
  if (!row.has_value()) return absl::InternalError("a question without an answer");
  return *std::move(row);
}

// A connection for libpq's programs, in a file that only this user can read: arguments are everybody's to see.
class ServiceFile {
 public:
  static absl::StatusOr<ServiceFile> Of(const std::string& url) {
    char* error = nullptr;
    PQconninfoOption* const options = PQconninfoParse(url.c_str(), &error);
    if (options == nullptr) {
      PQfreemem(error);
      return absl::InvalidArgumentError("database_url: is no PostgreSQL URL");
    }
    std::string text = "[selfology]\n";
    for (const PQconninfoOption* each = options; each->keyword != nullptr; ++each) {
      if (each->val != nullptr) absl::StrAppend(&text, each->keyword, "=", each->val, "\n");
    }
    PQconninfoFree(options);
    ServiceFile file;
    ASSIGN_OR_RETURN(file.folder_, servers::ScratchFolder::Make());
    chmod(file.folder_.path().c_str(), S_IRWXU);
    std::ofstream(file.path()) << text;
    chmod(file.path().c_str(), S_IRUSR | S_IWUSR);
    return file;
  }

  std::vector<std::string> environment() const {
    return {absl::StrCat("PGSERVICEFILE=", path()), "PGSERVICE=selfology",
            absl::StrCat("PGAPPNAME=", kName)};
  }

 private:
  std::string path() const { return folder_.path() + "/service"; }

  servers::ScratchFolder folder_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<DatabaseDump>> DatabaseDump::Begin(const std::string& url) {
  ASSIGN_OR_RETURN(auto connection, Connect(url));
  std::unique_ptr<DatabaseDump> dump(new DatabaseDump(url, std::move(connection)));
  Connection& database = *dump->connection_;
  RETURN_IF_ERROR(database.Script(InTime(), "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
  Position& position = dump->position_;
  ASSIGN_OR_RETURN(std::tie(dump->snapshot_, position.wal, position.server_version),
                   (Ask<std::string, std::string, std::string>(
                       database,
                       "SELECT pg_export_snapshot(), pg_current_wal_lsn()::text,"
                       " current_setting('server_version')")));
  ASSIGN_OR_RETURN(const auto there,
                   Ask<bool>(database, "SELECT to_regclass('selfology.outbox') IS NOT NULL"));
  if (!std::get<0>(there)) {
    return absl::FailedPreconditionError("the database has nothing of Selfology's");
  }
  ASSIGN_OR_RETURN(
      std::tie(position.last_event, position.events),
      (Ask<std::string, int64_t>(
          database,
          "SELECT coalesce((SELECT id::text FROM selfology.outbox ORDER BY seq DESC LIMIT 1), ''),"
          " (SELECT count(*) FROM selfology.outbox)")));
  database.Add(
      "SELECT DISTINCT r.rolname::text FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid"
      " WHERE d.refclassid = 'pg_authid'::regclass AND NOT r.rolsuper AND d.dbid ="
      " (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1",
      EncodeAll());
  ASSIGN_OR_RETURN(const postgres::Result result, database.RoundTrip(InTime()));
  ASSIGN_OR_RETURN(const auto roles, ReadRows<std::string>(result));
  for (const auto& [role] : roles) position.roles.push_back(role);
  return dump;
}

absl::Status DatabaseDump::Write(Bytes take) {
  ASSIGN_OR_RETURN(const std::string program, servers::BinaryPath("pg_dump"));
  ASSIGN_OR_RETURN(const ServiceFile service, ServiceFile::Of(url_));
  return ReadFrom({.argv = {program, "--format=plain", "--schema=selfology", "--no-publications",
                            "--no-subscriptions", absl::StrCat("--snapshot=", snapshot_)},
                   .environment = service.environment()},
                  take);
}

absl::Status CheckTarget(const std::string& url, bool force) {
  ASSIGN_OR_RETURN(const auto connection, Connect(url));
  ASSIGN_OR_RETURN(
      const auto others,
      Ask<int64_t>(
          *connection,
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
          " AND pid <> pg_backend_pid() AND backend_type IN ('client backend', 'walsender')"));
  if (std::get<0>(others) > 0) {
    return absl::FailedPreconditionError(absl::StrCat("the database has ", std::get<0>(others),
                                                      " other connections: stop the mesh first"));
  }
  ASSIGN_OR_RETURN(const auto taken,
                   Ask<bool>(*connection, "SELECT to_regnamespace('selfology') IS NOT NULL"));
  if (std::get<0>(taken) && !force) {
    return absl::FailedPreconditionError(
        "the database is not empty: --force drops what it has and puts the backup in its place");
  }
  return absl::OkStatus();
}

absl::Status RestoreDatabase(const std::string& url, const Position& position,
                             absl::FunctionRef<absl::Status(Bytes write)> source) {
  ASSIGN_OR_RETURN(const std::string program, servers::BinaryPath("psql"));
  ASSIGN_OR_RETURN(const ServiceFile service, ServiceFile::Of(url));
  // A publication outlives the table that it publishes, and the relay takes one that is there for a whole one.
  std::string before =
      "CREATE TEMPORARY TABLE outbox_publications ON COMMIT DROP AS"
      " SELECT pubname FROM pg_publication p WHERE NOT puballtables AND (pubname = "
      "'selfology_outbox'"
      "  OR EXISTS (SELECT FROM pg_publication_tables t WHERE t.pubname = p.pubname"
      "   AND schemaname = 'selfology' AND tablename = 'outbox'));\n"
      "DROP SCHEMA IF EXISTS selfology CASCADE;\n";
  for (const std::string& role : position.roles) {
    absl::StrAppend(&before, "DO $$ BEGIN\n  IF to_regrole(", Literal(Quoted(role)),
                    ") IS NULL THEN\n    CREATE ROLE ", Quoted(role), " NOLOGIN;\n  END IF;\n",
                    "  IF NOT pg_has_role(", Literal(role), ", 'MEMBER') THEN\n    GRANT ",
                    Quoted(role), " TO CURRENT_USER;\n  END IF;\nEND $$;\n");
  }
  constexpr std::string_view kAfter =
      "UPDATE selfology.outbox SET xid = pg_current_xact_id();\n"
      "UPDATE selfology.redactions SET xid = pg_current_xact_id();\n"
      "UPDATE selfology.relay_progress SET published_snapshot = '1:1:', handled_snapshot = '1:1:',"
      " position = '0/0';\n"
      "DO $$ DECLARE name text; BEGIN\n"
      "  FOR name IN SELECT pubname FROM pg_temp.outbox_publications LOOP\n"
      "    EXECUTE format('ALTER PUBLICATION %I ADD TABLE selfology.outbox', name);\n"
      "  END LOOP;\nEND $$;\n"
      "ANALYZE;\n";
  return WriteTo({.argv = {program, "--no-psqlrc", "--quiet", "--single-transaction",
                           "--set=ON_ERROR_STOP=1", "--file=-"},
                  .environment = service.environment()},
                 [&](Bytes write) -> absl::Status {
                   RETURN_IF_ERROR(write(before));
                   RETURN_IF_ERROR(source(write));
                   return write(kAfter);
                 });
}

}  // namespace selfology::ctl
