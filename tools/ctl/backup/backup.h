// Everything that the product keeps, in one folder, and back: docs/kubernetes.md, "Backups".
//
//   ASSIGN_OR_RETURN(const Manifest made, Backup({.folder = "/backups/monday", .database_url = url, .keys = keys}));
//   ASSIGN_OR_RETURN(const Manifest restored, Restore({.folder = "/backups/monday", ...}));
//
//   manifest.json           what is in it: times, position, each part's size and SHA-256; signed with the key
//   database.sealed         the database as SQL (database_dump.h)
//   files.sealed            --file_folder as a tar, if given; telegram_media.sealed likewise
//
// The database comes first and the folders after it: each file that the database knows of was there at its moment. What was
// deleted between the two is missing, as it would be a moment later. Redis is not part of it: all it holds can be made again
// from the outbox. Vectors in Qdrant are made again from profiles.
//
// A backup that was broken off is no backup: its folder ends with ".unfinished".
// Errors: INVALID_ARGUMENT names a flag; DATA_LOSS when a part is not as it was written or the key is another;
// FAILED_PRECONDITION when the target is not empty; those of databases and files. Threads: one at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/ctl/backup/database_dump.h"
#include "tools/ctl/backup/sealed_file.h"
#include "tools/ctl/seal_keys.h"

namespace selfology::ctl {

struct BackupOptions {
  std::string folder = {};  // Of the backup.
  SealKeys keys = {};
  std::string database_url = {};
  std::string file_folder = {};   // The file service's; empty: none is kept in a folder.
  std::string media_folder = {};  // The Telegram gateway's; empty: it is left out.
  // Of restoring:
  std::string redis_url = {};  // Emptied; empty: somebody else does.
  bool force = false;          // Takes the place of what is there.
};

struct Manifest {
  std::string id = {};  // Random.
  absl::Time made_at = absl::InfinitePast();
  absl::Duration took = absl::ZeroDuration();
  Position position = {};
  std::map<std::string, Stored> parts = {};  // By file name.
};

absl::StatusOr<Manifest> Backup(const BackupOptions& options);
absl::StatusOr<Manifest> Restore(const BackupOptions& options);

// What is in it, once every part has been looked at: DATA_LOSS when one is not as it was written.
absl::StatusOr<Manifest> Verify(const std::string& folder, const SealKeys& keys);

std::string Describe(const Manifest& manifest);

}  // namespace selfology::ctl
