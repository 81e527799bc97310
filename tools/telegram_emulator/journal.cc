#include "tools/telegram_emulator/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <istream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

// What a restart needs; the rest is for those who watch.
bool IsLasting(std::string_view kind) { return kind != "action"; }

// How many bytes of the file are whole lines. One line at a time is in memory.
absl::StatusOr<size_t> RestoreLines(
    std::istream& file, const std::function<void(std::string_view, const Json&)>& restore) {
  size_t whole = 0;
  std::string line;
  // At the end of the file, what was read has no line end.
  for (int number = 1; std::getline(file, line) && !file.eof(); ++number) {
    const absl::StatusOr<Json> change = ParseJson(line);
    const Json* value = change.ok() ? Field(*change, "value") : nullptr;
    if (value == nullptr) return absl::DataLossError(absl::StrCat("line ", number, " is damaged"));
    restore(StringOr(*change, "kind"), *value);
    whole += line.size() + 1;
  }
  return whole;
}

absl::Status WriteAll(int file, std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = ::write(file, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::ErrnoToStatus(errno, "cannot write the journal");
    data.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(
    const std::string& path, const std::function<void(std::string_view, const Json&)>& restore) {
  std::ifstream old(path, std::ios::binary);
  ASSIGN_OR_RETURN(const size_t whole, RestoreLines(old, restore));
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return absl::UnavailableError(absl::StrCat("cannot open ", path));
  std::unique_ptr<Journal> journal(new Journal(file));
  if (::ftruncate(file, static_cast<off_t>(whole)) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot mend ", path));
  }
  return journal;
}

Journal::~Journal() { ::close(file_); }

absl::Status Journal::Append(const Change& change) {
  if (!IsLasting(change.kind)) return absl::OkStatus();
  return WriteAll(file_,
                  absl::StrCat(Dump({{"kind", change.kind}, {"value", change.value}}), "\n"));
}

}  // namespace selfology::telegram_emulator
