#include "tools/ctl/state_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "nlohmann/json.hpp"

namespace selfology::ctl {
namespace {

constexpr char kEndpoints[] = "endpoints.json";
constexpr char kAddresses[] = "addresses.json";

absl::StatusOr<std::string> Read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.good()) return absl::NotFoundError("nothing runs here; start it with tools/up");
  return text.str();
}

// The file appears whole or not at all.
absl::Status Write(const std::string& path, const std::string& text) {
  const std::string unfinished = path + ".new";
  std::ofstream file(unfinished);
  file << text;
  file.close();
  if (file.good() && std::rename(unfinished.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot write ", path));
}

}  // namespace

std::string FormatTable(const AddressTable& table) {
  size_t width = 0;
  for (const auto& [name, address] : table) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, address] : table) {
    absl::StrAppend(&text, "  ", name, std::string(width - name.size() + 2, ' '), address, "\n");
  }
  return text;
}

StateFolder::~StateFolder() {
  if (lock_ >= 0) close(lock_);
}

absl::Status StateFolder::Lock() {
  std::error_code error;
  std::filesystem::create_directories(File("logs"), error);
  // Also one that an earlier version made open to all.
  std::filesystem::permissions(path_, std::filesystem::perms::owner_all, error);
  lock_ = open(File("lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) {
    return absl::UnavailableError(absl::StrCat("cannot use ", path_, ": ", strerrordesc_np(errno)));
  }
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    close(std::exchange(lock_, -1));
    return absl::AlreadyExistsError("it runs already");
  }
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(lock_, 0) != 0 || write(lock_, pid.data(), pid.size()) < 0) {
    return absl::UnavailableError(absl::StrCat("cannot write ", File("lock")));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> StateFolder::Holder() const {
  const int file = open(File("lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::NotFoundError("nothing runs here");
  const bool is_free = flock(file, LOCK_EX | LOCK_NB) == 0;
  close(file);
  if (is_free) return absl::NotFoundError("nothing runs here");
  ASSIGN_OR_RETURN(const std::string text, Read(File("lock")));
  int pid = 0;
  if (!absl::SimpleAtoi(text, &pid)) return absl::InternalError("the lock names no process");
  return pid;
}

absl::Status StateFolder::AwaitUnlocked(absl::Time deadline) const {
  const int file = open(File("lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::OkStatus();
  absl::Status status = absl::DeadlineExceededError("it still runs");
  while (absl::Now() < deadline) {
    if (flock(file, LOCK_EX | LOCK_NB) == 0) {
      status = absl::OkStatus();
      break;
    }
    absl::SleepFor(absl::Milliseconds(50));  // flock has no deadline of its own.
  }
  close(file);
  return status;
}

absl::Status StateFolder::Announce(const std::string& endpoints_json, const AddressTable& table) {
  nlohmann::json addresses = nlohmann::json::array();
  for (const auto& [name, address] : table) addresses.push_back({name, address});
  RETURN_IF_ERROR(Write(File(kAddresses), addresses.dump()));
  return Write(File(kEndpoints), endpoints_json);
}

void StateFolder::Withdraw() {
  std::error_code ignored;
  std::filesystem::remove(File(kEndpoints), ignored);
  std::filesystem::remove(File(kAddresses), ignored);
}

absl::StatusOr<std::string> StateFolder::EndpointsJson() const {
  RETURN_IF_ERROR(Holder().status());
  return Read(File(kEndpoints));
}

absl::StatusOr<AddressTable> StateFolder::Addresses() const {
  RETURN_IF_ERROR(Holder().status());
  ASSIGN_OR_RETURN(const std::string text, Read(File(kAddresses)));
  const nlohmann::json rows = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  AddressTable table;
  for (const nlohmann::json& row : rows) {
    if (row.is_array() && row.size() == 2 && row[0].is_string() && row[1].is_string()) {
      table.emplace_back(row[0].get<std::string>(), row[1].get<std::string>());
    }
  }
  return table;
}

}  // namespace selfology::ctl
