// A program whose output is read, or whose input is written, as it comes; what it says on standard error is for its failure.
//
//   RETURN_IF_ERROR(ReadFrom({.argv = {pg_dump, ...}}, [&](std::string_view bytes) { return file->Write(bytes); }));
//   RETURN_IF_ERROR(WriteTo({.argv = {psql, ...}}, [&](Bytes write) { return ReadSealed(path, ..., write); }));
//
// Errors: FAILED_PRECONDITION with the last words of a program that exits with another code than 0 and those allowed;
// otherwise what `take` or `source` returned. The program has ended when they return. This process ignores SIGPIPE from
// then on. Threads: thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "tools/ctl/backup/sealed_file.h"

namespace selfology::ctl {

struct Program {
  std::vector<std::string> argv = {};         // argv[0]: a path, or a name in PATH.
  std::vector<std::string> environment = {};  // "NAME=value", beside ours.
  int also_good = 0;                          // Another exit code that is no failure.
};

absl::Status ReadFrom(const Program& program, Bytes take);
absl::Status WriteTo(const Program& program, absl::FunctionRef<absl::Status(Bytes write)> source);

}  // namespace selfology::ctl
