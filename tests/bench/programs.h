// Starts programs of this build with the locked loader, out of the bench's runfiles.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "testing/servers/process.h"

namespace selfology::bench {

// `program`: "tests/bench/echo_server". Returns once its output has contained `ready`.
absl::StatusOr<std::unique_ptr<servers::Process>> StartProgram(
    const std::string& program, const std::vector<std::string>& arguments,
    const std::vector<std::string>& environment, std::string_view ready);

// Binds all of a process's threads to the first `cores` cores; all of them when there are fewer.
void Confine(int pid, int cores);

}  // namespace selfology::bench
