#include "tests/bench/doors_mesh.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "testing/servers/free_port.h"
#include "tests/bench/programs.h"

namespace selfology::bench {

absl::StatusOr<DoorsMesh> StartDoorsMesh(const std::string& modules) {
  DoorsMesh running;
  ASSIGN_OR_RETURN(running.ground, Ground::Make());
  running.grpc = absl::StrCat("127.0.0.1:", servers::FreePort());
  running.devices_port = servers::FreePort();
  ASSIGN_OR_RETURN(
      running.mesh,
      StartProgram("services/selfology",
                   {absl::StrCat("--modules=", modules),
                    absl::StrCat("--grpc_address=", running.grpc), "--http_address=127.0.0.1:0",
                    absl::StrCat("--realtime_listen=127.0.0.1:", running.devices_port)},
                   {absl::StrCat("DATABASE_URL=", running.ground->postgres->url()),
                    absl::StrCat("REDIS_URL=", running.ground->redis_server->url())},
                   "\"serving\""));
  return running;
}

}  // namespace selfology::bench
