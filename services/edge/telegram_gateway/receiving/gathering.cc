#include "services/edge/telegram_gateway/receiving/gathering.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/time/time.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/held_store.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;

constexpr size_t kMostMessages = 20;
constexpr int kLongestText = 4096;   // https://core.telegram.org/bots/api#message
constexpr size_t kMostInAlbum = 10;  // https://core.telegram.org/bots/api#sendmediagroup
// Telegram's dates are rounded down.
constexpr absl::Duration kDateStep = absl::Seconds(1);

bool IsFull(const Update& gathered) {
  return gathered.gathered.size() >=
         (gathered.media_group_id.empty() ? kMostMessages : kMostInAlbum);
}

}  // namespace

std::optional<GatherRequest> GatherRequestOf(const Update& update, const Act& act,
                                             const v1::DialogDescription* dialog) {
  if (!update.gathered.empty()) return std::nullopt;
  GatherRequest request;
  if (dialog != nullptr) request.dialog = dialog->dialog();
  if (std::holds_alternative<NotText>(act) && !update.media_group_id.empty()) {
    request.within = kAlbumWait;
    return request;
  }
  if (!std::holds_alternative<Words>(act) || dialog == nullptr) return std::nullopt;
  request.within =
      absl::Seconds(dialog->gather().seconds()) + absl::Nanoseconds(dialog->gather().nanos());
  if (request.within <= absl::ZeroDuration()) return std::nullopt;
  return request;
}

bool Joins(const Update& gathered, const Update& next, const GatherRequest& request) {
  if (gathered.media_group_id != next.media_group_id || IsFull(gathered)) return false;
  if (!next.media_group_id.empty()) return true;
  if (gathered.gathered_for != request.dialog) return false;
  // What one message may hold every dialog can take.
  if (text::Characters(gathered.text) + 1 + text::Characters(next.text) > kLongestText) {
    return false;
  }
  // Words that reply to something begin anew.
  if (next.replied_to.has_value()) return false;
  if (next.sent_at == absl::InfiniteFuture() || gathered.sent_at == absl::InfiniteFuture()) {
    return true;
  }
  return next.sent_at - gathered.sent_at <= request.within + kDateStep;
}

absl::Duration WaitFor(const Update& gathered, const GatherRequest& request) {
  return IsFull(gathered) ? absl::ZeroDuration() : request.within;
}

absl::StatusOr<Gathering> GatherInto(Transaction& tx, int64_t bot_id, const Update& update,
                                     const GatherRequest& request, absl::Time now) {
  store::LockOrder(tx, update.user_id);
  ASSIGN_OR_RETURN(const store::KnownUpdate known,
                   store::FindKnown(tx, bot_id, update.user_id, update.update_id));
  ASSIGN_OR_RETURN(const std::optional<store::HeldUpdate> open,
                   store::FindGathering(tx, bot_id, update.user_id));
  Gathering gathering;
  gathering.was_handled = known.handled;
  gathering.was_known = known.held;
  if (gathering.was_handled || gathering.was_known) return gathering;

  absl::StatusOr<Update> before = absl::NotFoundError("");
  if (open.has_value()) before = ParseKeptUpdate(open->json);
  bool joins = before.ok() && Joins(*before, update, request);
  if (joins) {
    // What comes after a question may be its answer, and what came before is not.
    ASSIGN_OR_RETURN(
        const bool asked_between,
        store::HasMarkBetween(tx, bot_id, update.user_id, before->message_id, update.message_id));
    joins = !asked_between;
  }
  ASSIGN_OR_RETURN(const Update now_gathered, joins ? Gather(*before, update, request.dialog)
                                                    : Gather(update, request.dialog));
  gathering.ended_another = open.has_value() && !joins;
  if (gathering.ended_another) store::EndGathering(tx, bot_id, update.user_id, now);
  gathering.wait = WaitFor(now_gathered, request);
  store::LetGather(tx, joins ? open->update_id : 0,
                   {.bot_id = bot_id,
                    .update_id = update.update_id,
                    .user_id = update.user_id,
                    .json = now_gathered.json,
                    .dialog = request.dialog,
                    .due_at = now + gathering.wait,
                    .held_at = now},
                   now_gathered.gathered);
  return gathering;
}

}  // namespace selfology::telegram_gateway
