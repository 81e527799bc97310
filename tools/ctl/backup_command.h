// selfologyctl backup, verify-backup and restore. Without a database's URL it is the mesh of the state folder: a backup while
// it runs or not, a restore while it does not.
//
//   RETURN_IF_ERROR(RunBackup(state, "/backups/monday", {.key_file = "backup.key"}));
//
// Errors: backup/backup.h's; FAILED_PRECONDITION when the local mesh runs and must not. Threads: one at a time.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "tools/ctl/state_folder.h"

namespace selfology::ctl {

struct BackupArguments {
  std::string key_file = {};
  std::string database_url = {};  // Empty: $DATABASE_URL, else the local mesh's.
  std::string redis_url = {};
  std::string file_folder = {};
  std::string media_folder = {};
  bool force = false;
};

absl::Status RunBackup(StateFolder& state, const std::string& folder, BackupArguments arguments);
absl::Status RunRestore(StateFolder& state, const std::string& folder, BackupArguments arguments);
absl::Status RunVerifyBackup(const std::string& folder, const BackupArguments& arguments);

}  // namespace selfology::ctl
