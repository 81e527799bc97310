// The folder in which a running mesh keeps its data and says where it is: .selfology/ in the
// checkout.
//
//   postgres/ redis/ chats.jsonl     data; survives restarts
//   telegram_media/                  files in messages, for a day
//   postgres.password                the superuser's, in libpq's passfile format: clients find it
//                                    by the URL that `up` prints
//   logs/                            one file a process, that of the last run
//   endpoints.json                   where each service listens, while it runs:
//                                    {"session":{"grpc":"127.0.0.1:PORT","http":"127.0.0.1:PORT"}}
//   addresses.json                   the table that `up` prints, while it runs
//   lock                             held by the running `up`; holds its process id
//
// The folder is open to its owner only. Threads: one at a time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::ctl {

// What `up` tells people: a name and an address, in order.
using AddressTable = std::vector<std::pair<std::string, std::string>>;
std::string FormatTable(const AddressTable& table);

class StateFolder {
 public:
  explicit StateFolder(std::string path) : path_(std::move(path)) {}
  ~StateFolder();
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;

  std::string File(std::string_view name) const { return path_ + "/" + std::string(name); }

  // Makes the folder and takes its lock until this object goes. ALREADY_EXISTS when another `up`
  // holds it.
  absl::Status Lock();
  // The process that holds the lock; NOT_FOUND when none does.
  absl::StatusOr<int> Holder() const;
  // Waits until nobody holds the lock.
  absl::Status AwaitUnlocked(absl::Time deadline) const;

  absl::Status Announce(const std::string& endpoints_json, const AddressTable& table);
  void Withdraw();
  // NOT_FOUND when nothing runs.
  absl::StatusOr<std::string> EndpointsJson() const;
  absl::StatusOr<AddressTable> Addresses() const;

 private:
  const std::string path_;
  int lock_ = -1;
};

}  // namespace selfology::ctl
