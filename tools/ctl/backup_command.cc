#include "tools/ctl/backup_command.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "tools/ctl/backup/backup.h"
#include "tools/ctl/local_database.h"
#include "tools/ctl/seal_keys.h"

namespace selfology::ctl {
namespace {

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Where the running local mesh has its PostgreSQL; empty: elsewhere.
std::string AddressOf(const AddressTable& table, std::string_view name) {
  for (const auto& [each, address] : table) {
    if (each == name) return address;
  }
  return "";
}

absl::StatusOr<BackupOptions> OptionsOf(const std::string& folder, const BackupArguments& given) {
  BackupOptions options{
      .folder = folder,
      .database_url = given.database_url.empty() ? Environment("DATABASE_URL") : given.database_url,
      .file_folder = given.file_folder,
      .media_folder = given.media_folder,
      .redis_url = given.redis_url.empty() ? Environment("REDIS_URL") : given.redis_url,
      .force = given.force};
  while (options.folder.size() > 1 && options.folder.ends_with('/')) options.folder.pop_back();
  ASSIGN_OR_RETURN(options.keys, ReadSealKeys(given.key_file, "key_file"));
  return options;
}

void UseLocalFolders(const StateFolder& state, BackupOptions& options) {
  if (options.file_folder.empty()) options.file_folder = state.File("files");
  if (options.media_folder.empty()) options.media_folder = state.File("telegram_media");
}

}  // namespace

absl::Status RunBackup(StateFolder& state, const std::string& folder, BackupArguments arguments) {
  ASSIGN_OR_RETURN(BackupOptions options, OptionsOf(folder, arguments));
  std::unique_ptr<servers::PostgresServer> server;
  if (options.database_url.empty()) {
    UseLocalFolders(state, options);
    // A mesh that never had a file has no folder of them.
    std::error_code error;
    for (const auto& [given, folder] :
         {std::pair(&arguments.file_folder, &options.file_folder),
          std::pair(&arguments.media_folder, &options.media_folder)}) {
      if (given->empty() && !std::filesystem::exists(*folder, error)) folder->clear();
    }
    if (state.Holder().ok()) {
      ASSIGN_OR_RETURN(const AddressTable table, state.Addresses());
      options.database_url = AddressOf(table, "PostgreSQL");
    } else {
      RETURN_IF_ERROR(state.Lock());
      ASSIGN_OR_RETURN(server, StartLocalDatabase(state, /*port=*/0));
      options.database_url = server->url(kLocalDatabase);
    }
  }
  if (options.database_url.empty()) {
    return absl::InvalidArgumentError("database_url: the local mesh has its database elsewhere");
  }
  ASSIGN_OR_RETURN(const Manifest manifest, Backup(options));
  std::printf("%s", Describe(manifest).c_str());
  return absl::OkStatus();
}

absl::Status RunRestore(StateFolder& state, const std::string& folder, BackupArguments arguments) {
  ASSIGN_OR_RETURN(BackupOptions options, OptionsOf(folder, arguments));
  std::unique_ptr<servers::PostgresServer> server;
  const bool local = options.database_url.empty();
  if (local) {
    if (const absl::Status alone = state.Lock(); !alone.ok()) {
      return absl::FailedPreconditionError("the local mesh runs: stop it with tools/down first");
    }
    UseLocalFolders(state, options);
    ASSIGN_OR_RETURN(server, StartLocalDatabase(state, /*port=*/0));
    options.database_url = server->url(kLocalDatabase);
    options.redis_url.clear();
  }
  ASSIGN_OR_RETURN(const Manifest manifest, Restore(options));
  std::error_code error;
  if (local) std::filesystem::remove_all(state.File("redis"), error);
  std::printf("%s", Describe(manifest).c_str());
  if (!local && options.redis_url.empty()) {
    std::printf("Empty Redis before the mesh starts: it holds what came after the backup.\n");
  }
  return absl::OkStatus();
}

absl::Status RunVerifyBackup(const std::string& folder, const BackupArguments& arguments) {
  ASSIGN_OR_RETURN(const BackupOptions options, OptionsOf(folder, arguments));
  ASSIGN_OR_RETURN(const Manifest manifest, Verify(options.folder, options.keys));
  std::printf("%severything is as it was written\n", Describe(manifest).c_str());
  return absl::OkStatus();
}

}  // namespace selfology::ctl
