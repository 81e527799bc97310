#include "services/coaching/coaching_dialog/settings/export_actions.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/settings/media_upload.h"
#include "services/coaching/coaching_dialog/settings/panel.h"
#include "services/coaching/coaching_dialog/settings/settings_store.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {
namespace {

using postgres::Transaction;

constexpr absl::Duration kApart = absl::Minutes(10);
// Of the update's time: to send the files off, and to say what came of it.
constexpr absl::Duration kToUpload = absl::Seconds(3);
constexpr absl::Duration kToAnswer = absl::Seconds(1);

}  // namespace

Reaction ExportActions::ShowPrivacy(const Turn& turn) {
  v1::DialogMessage message = Panel(panel::kPrivacy, CardKey(panel::kPrivacy, turn),
                                    std::string(Phrase(turn.language, Wording::kPrivacy)));
  v1::ButtonRow& row = AddRow(message);
  AddButton(row, Phrase(turn.language, Wording::kButtonExport), "privacy:export");
  AddButton(row, Phrase(turn.language, Wording::kButtonErase), "privacy:erase");
  return Reply(std::move(message));
}

Reaction ExportActions::Press(const Turn& turn, std::string_view argument) {
  if (argument == "export") return Export(turn);
  if (argument == "erase") return account_.WarnBeforeDelete(turn);
  return Stale(turn);
}

Reaction ExportActions::Export(const Turn& turn) {
  const absl::Time now = clock_();
  const absl::StatusOr<std::optional<absl::Time>> last = database_.Write(
      turn.call,
      [&](Transaction& tx) { return store::TakeExport(tx, turn.user_id, turn.key, now, kApart); });
  if (!last.ok()) return Reply(texts::Failure(turn.language, last.status()));
  if (last->has_value()) {
    const absl::Duration wait = **last + kApart - now;
    const int minutes = static_cast<int>(absl::ToInt64Minutes(absl::Ceil(wait, absl::Minutes(1))));
    return Reply(absl::Substitute(Phrase(turn.language, Wording::kExportTooSoon),
                                  CountedMinutes(turn.language, std::max(1, minutes))));
  }
  absl::StatusOr<v1::DialogMessage> files = Collect(turn);
  if (files.ok()) return Reply(*std::move(files));
  observe::Warning("export failed", {{"status", files.status()}});
  // They need not wait for the next one.
  const absl::Status forgotten = database_.Write(turn.call, [&](Transaction& tx) {
    store::ForgetExport(tx, turn.user_id);
    return absl::OkStatus();
  });
  if (!forgotten.ok())
    observe::Warning("failed export still counts against the limit", {{"status", forgotten}});
  return Reply(std::string(Phrase(turn.language, Wording::kExportFailed)));
}

absl::StatusOr<v1::DialogMessage> ExportActions::Collect(const Turn& turn) {
  ExportDocument document;
  absl::Status added;
  const Call collecting = turn.call.WithTimeout(turn.call.Remaining() - kToUpload - kToAnswer);
  const absl::Status exported =
      export_(collecting, turn.user_id, [&](const mesh::v1::ExportUserResponse& page) {
        added = document.Add(page);
        return added.ok();
      });
  RETURN_IF_ERROR(added);
  RETURN_IF_ERROR(exported);

  const absl::Time now = clock_();
  const std::string day = absl::FormatTime("%Y-%m-%d", now, absl::UTCTimeZone());
  const MadeFile files[] = {{.name = absl::StrCat("selfology-", day, ".html"),
                             .mime_type = "text/html",
                             .bytes = document.Html(turn.language, now)},
                            {.name = absl::StrCat("selfology-", day, ".json"),
                             .mime_type = "application/json",
                             .bytes = document.Json(turn.user_id, now)}};
  v1::DialogMessage message =
      Html(kind::kReply, std::string(Phrase(turn.language, Wording::kExportCaption)));
  const Call uploading = turn.call.WithTimeout(turn.call.Remaining() - kToAnswer);
  for (const MadeFile& file : files) {
    // Of this attempt: what the next one collects may be something else.
    const std::string key =
        absl::StrCat("export:", turn.key, ":", absl::ToUnixNanos(absl::Now()), ":", file.mime_type);
    ASSIGN_OR_RETURN(*message.add_media_ids(),
                     UploadMedia(uploading, peers_, turn.user_id, key, file));
  }
  return message;
}

}  // namespace selfology::coaching_dialog
