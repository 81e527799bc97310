#include "tools/ctl/backup/backup.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/call/call.h"
#include "common/crypto/crypto.h"
#include "common/redis/client.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"
#include "tools/ctl/backup/child.h"

namespace selfology::ctl {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kFormat = 1;
constexpr char kManifest[] = "manifest.json";
constexpr char kDatabase[] = "database.sealed";
constexpr char kFiles[] = "files.sealed";
constexpr char kMedia[] = "telegram_media.sealed";
constexpr absl::Duration kRedisTimeout = absl::Seconds(30);

std::string PurposeOf(const std::string& id, std::string_view part) {
  return absl::StrCat("backup ", id, " ", part);
}

absl::Status CannotWrite(const std::string& path, const std::error_code& error) {
  return absl::UnavailableError(absl::StrCat("cannot write ", path, ": ", error.message()));
}

json ToJson(const Manifest& manifest) {
  json parts = json::object();
  for (const auto& [name, part] : manifest.parts) {
    parts[name] = {
        {"bytes", part.bytes}, {"stored_bytes", part.stored_bytes}, {"sha256", part.sha256}};
  }
  return {{"format", kFormat},
          {"id", manifest.id},
          {"made_at", absl::FormatTime(absl::RFC3339_full, manifest.made_at, absl::UTCTimeZone())},
          {"seconds", absl::ToDoubleSeconds(manifest.took)},
          {"server_version", manifest.position.server_version},
          {"wal_position", manifest.position.wal},
          {"last_event", manifest.position.last_event},
          {"events", manifest.position.events},
          {"roles", manifest.position.roles},
          {"parts", std::move(parts)}};
}

std::string SignatureOf(const json& body, const crypto::Sealer& sealer) {
  return absl::BytesToHexString(sealer.Derive("backup manifest", body.dump()));
}

absl::StatusOr<Manifest> FromJson(const json& body) try {
  if (body.at("format").get<int>() != kFormat) {
    return absl::FailedPreconditionError("the backup is of another version of this program");
  }
  Manifest manifest;
  manifest.id = body.at("id");
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, body.at("made_at").get<std::string>(), &manifest.made_at,
                       &error)) {
    return absl::DataLossError("manifest.json: made_at is no time");
  }
  manifest.took = absl::Seconds(body.at("seconds").get<double>());
  manifest.position = {.server_version = body.at("server_version"),
                       .wal = body.at("wal_position"),
                       .last_event = body.at("last_event"),
                       .events = body.at("events"),
                       .roles = body.at("roles").get<std::vector<std::string>>()};
  for (const auto& [name, part] : body.at("parts").items()) {
    manifest.parts[name] = {.bytes = part.at("bytes"),
                            .stored_bytes = part.at("stored_bytes"),
                            .sha256 = part.at("sha256")};
  }
  return manifest;
} catch (const json::exception&) {
  return absl::DataLossError("manifest.json is not as it was written");
}

// The keys of the file one by one: a backup is older than the newest.
absl::StatusOr<std::pair<Manifest, crypto::Sealer>> ReadManifest(const std::string& folder,
                                                                 const SealKeys& keys) {
  const std::string path = absl::StrCat(folder, "/", kManifest);
  std::ifstream file(path);
  if (!file.is_open()) return absl::NotFoundError(absl::StrCat("no backup: cannot read ", path));
  json whole = json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!whole.is_object() || !whole.contains("signature") || !whole["signature"].is_string()) {
    return absl::DataLossError("manifest.json is not as it was written");
  }
  const std::string signature = whole["signature"];
  whole.erase("signature");
  for (const std::string& key : keys) {
    ASSIGN_OR_RETURN(crypto::Sealer sealer, crypto::Sealer::Of(key));
    if (!crypto::SameBytes(SignatureOf(whole, sealer), signature)) continue;
    ASSIGN_OR_RETURN(Manifest manifest, FromJson(whole));
    return std::make_pair(std::move(manifest), std::move(sealer));
  }
  return absl::DataLossError("manifest.json was changed, or made with another key");
}

absl::Status CheckParts(const std::string& folder, const Manifest& manifest) {
  for (const auto& [name, part] : manifest.parts) {
    ASSIGN_OR_RETURN(const std::string sha256, Sha256OfFile(absl::StrCat(folder, "/", name)));
    if (sha256 != part.sha256) {
      return absl::DataLossError(absl::StrCat(name, " is not as it was written"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<crypto::Sealer> SealerOf(const BackupOptions& options) {
  if (options.keys.empty()) {
    return absl::InvalidArgumentError(
        "key_file: a backup is always encrypted; `selfologyctl seal new FILE` makes a key");
  }
  return crypto::Sealer::Of(options.keys.front());
}

// The files of a folder; a file that goes meanwhile is left out, which tar tells by an exit code of 1.
absl::StatusOr<Stored> PackFolder(const std::string& folder, const std::string& path,
                                  const crypto::Sealer& sealer, std::string purpose) {
  ASSIGN_OR_RETURN(const auto file, SealedWriter::Create(path, sealer, std::move(purpose)));
  RETURN_IF_ERROR(
      ReadFrom({.argv = {"tar", "--create", "--file=-", "--directory", folder, "--sort=name",
                         "--warning=no-file-removed", "--warning=no-file-changed", "."},
                .environment = {"LC_ALL=C"},
                .also_good = 1},
               [&](std::string_view bytes) { return file->Write(bytes); }));
  return file->Finish();
}

absl::Status UnpackFolder(const std::string& folder, const std::string& path,
                          const crypto::Sealer& sealer, const std::string& purpose) {
  std::error_code error;
  fs::remove_all(folder, error);
  fs::create_directories(folder, error);
  if (error) return CannotWrite(folder, error);
  chmod(folder.c_str(), S_IRWXU);
  return WriteTo(
      {.argv = {"tar", "--extract", "--file=-", "--directory", folder, "--no-same-owner"},
       .environment = {"LC_ALL=C"}},
      [&](Bytes write) { return ReadSealed(path, sealer, purpose, write); });
}

bool HasFiles(const std::string& folder) {
  std::error_code error;
  return fs::exists(folder, error) && !fs::is_empty(folder, error);
}

absl::Status EmptyRedis(const std::string& url) {
  ASSIGN_OR_RETURN(const auto redis, redis::Client::Open(url));
  return redis->Command(Call::Background(kRedisTimeout), {"FLUSHDB"}).status();
}

absl::Status Write(const Manifest& manifest, const crypto::Sealer& sealer,
                   const std::string& folder) {
  json whole = ToJson(manifest);
  whole["signature"] = SignatureOf(whole, sealer);
  const std::string path = absl::StrCat(folder, "/", kManifest);
  std::ofstream file(path);
  file << whole.dump(2) << "\n";
  file.close();
  if (!file.fail()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot write ", path));
}

}  // namespace

absl::StatusOr<Manifest> Backup(const BackupOptions& options) {
  ASSIGN_OR_RETURN(const crypto::Sealer sealer, SealerOf(options));
  if (HasFiles(options.folder)) {
    return absl::FailedPreconditionError(absl::StrCat(options.folder, " is not empty"));
  }
  const std::string folder = absl::StrCat(options.folder, ".unfinished");
  std::error_code error;
  for (const std::string& source : {options.file_folder, options.media_folder}) {
    if (source.empty() || fs::is_directory(source, error)) continue;
    return absl::NotFoundError(absl::StrCat("cannot read the folder ", source));
  }
  fs::remove_all(folder, error);
  fs::create_directories(folder, error);
  if (error) return CannotWrite(folder, error);
  chmod(folder.c_str(), S_IRWXU);

  Manifest manifest;
  manifest.id = absl::BytesToHexString(crypto::RandomBytes(16));
  ASSIGN_OR_RETURN(const auto dump, DatabaseDump::Begin(options.database_url));
  manifest.made_at = absl::Now();
  manifest.position = dump->position();
  {
    ASSIGN_OR_RETURN(const auto file,
                     SealedWriter::Create(absl::StrCat(folder, "/", kDatabase), sealer,
                                          PurposeOf(manifest.id, kDatabase)));
    RETURN_IF_ERROR(dump->Write([&](std::string_view sql) { return file->Write(sql); }));
    ASSIGN_OR_RETURN(manifest.parts[kDatabase], file->Finish());
  }
  for (const auto& [name, source] :
       {std::pair(kFiles, options.file_folder), std::pair(kMedia, options.media_folder)}) {
    if (source.empty()) continue;
    ASSIGN_OR_RETURN(manifest.parts[name], PackFolder(source, absl::StrCat(folder, "/", name),
                                                      sealer, PurposeOf(manifest.id, name)));
  }
  manifest.took = absl::Now() - manifest.made_at;
  RETURN_IF_ERROR(Write(manifest, sealer, folder));
  fs::remove(options.folder, error);  // Empty, or not there.
  fs::rename(folder, options.folder, error);
  if (error) return CannotWrite(options.folder, error);
  return manifest;
}

absl::StatusOr<Manifest> Restore(const BackupOptions& options) {
  RETURN_IF_ERROR(SealerOf(options).status());
  ASSIGN_OR_RETURN(auto read, ReadManifest(options.folder, options.keys));
  const auto& [manifest, sealer] = read;
  RETURN_IF_ERROR(CheckParts(options.folder, manifest));
  const std::pair<const char*, std::string> folders[] = {{kFiles, options.file_folder},
                                                         {kMedia, options.media_folder}};
  // All that may be refused, before anything is changed.
  for (const auto& [name, target] : folders) {
    if (!manifest.parts.contains(name)) continue;
    if (target.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the backup has ", name, ": say into which folder"));
    }
    if (HasFiles(target) && !options.force) {
      return absl::FailedPreconditionError(
          absl::StrCat(target, " is not empty: --force puts the backup in its place"));
    }
  }
  RETURN_IF_ERROR(CheckTarget(options.database_url, options.force));
  if (!options.redis_url.empty()) RETURN_IF_ERROR(EmptyRedis(options.redis_url));
  RETURN_IF_ERROR(RestoreDatabase(options.database_url, manifest.position, [&](Bytes write) {
    return ReadSealed(absl::StrCat(options.folder, "/", kDatabase), sealer,
                      PurposeOf(manifest.id, kDatabase), write);
  }));
  for (const auto& [name, target] : folders) {
    if (!manifest.parts.contains(name)) continue;
    RETURN_IF_ERROR(UnpackFolder(target, absl::StrCat(options.folder, "/", name), sealer,
                                 PurposeOf(manifest.id, name)));
  }
  return manifest;
}

absl::StatusOr<Manifest> Verify(const std::string& folder, const SealKeys& keys) {
  ASSIGN_OR_RETURN(auto read, ReadManifest(folder, keys));
  const auto& [manifest, sealer] = read;
  RETURN_IF_ERROR(CheckParts(folder, manifest));
  for (const auto& [name, part] : manifest.parts) {
    int64_t bytes = 0;
    RETURN_IF_ERROR(ReadSealed(absl::StrCat(folder, "/", name), sealer,
                               PurposeOf(manifest.id, name), [&](std::string_view some) {
                                 bytes += static_cast<int64_t>(some.size());
                                 return absl::OkStatus();
                               }));
    if (bytes != part.bytes) return absl::DataLossError(absl::StrCat(name, " is not whole"));
  }
  return manifest;
}

std::string Describe(const Manifest& manifest) {
  std::string text = absl::StrFormat(
      "made %s in %.1f s, PostgreSQL %s\n"
      "holds all that was committed before %s of the write-ahead log: %d events, the last %s\n",
      absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", manifest.made_at, absl::UTCTimeZone()),
      absl::ToDoubleSeconds(manifest.took), manifest.position.server_version, manifest.position.wal,
      manifest.position.events,
      manifest.position.last_event.empty() ? "none" : manifest.position.last_event);
  for (const auto& [name, part] : manifest.parts) {
    absl::StrAppendFormat(&text, "%-24s %10.1f MB, %10.1f MB stored\n", name, part.bytes / 1e6,
                          part.stored_bytes / 1e6);
  }
  return text;
}

}  // namespace selfology::ctl
