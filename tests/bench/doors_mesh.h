// A mesh of one process for the doors' rows, on PostgreSQL and Redis of its own.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "testing/servers/process.h"
#include "tests/bench/ground.h"

namespace selfology::bench {

struct DoorsMesh {
  std::unique_ptr<Ground> ground;
  std::unique_ptr<servers::Process> mesh;
  std::string grpc;
  int devices_port = 0;
};

// modules: "realtime,outbox_relay".
absl::StatusOr<DoorsMesh> StartDoorsMesh(const std::string& modules);

}  // namespace selfology::bench
