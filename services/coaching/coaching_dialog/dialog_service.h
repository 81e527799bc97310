// The coaching dialog's RPCs, which the Telegram gateway calls when people write to the bot and
// when an event may be of interest to them.
//
//   mesh.Serve(std::shared_ptr<DialogService>(parts, &parts->service));
//
// Errors: as dialog_service.proto says for each RPC; what fails at other services is told to the
// person instead. Threads: thread-safe; of one person's updates the gateway brings one at a time.
#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "google/protobuf/message.h"
#include "selfology/telegram/v1/dialog_service_endpoints.h"
#include "services/coaching/coaching_dialog/conversations.h"
#include "services/coaching/coaching_dialog/event_words.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/reactions.h"
#include "services/coaching/coaching_dialog/settings/settings_reactions.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

// The dialog's name: the service's.
inline constexpr std::string_view kDialog = "coaching_dialog";

class DialogService final : public v1::DialogServiceEndpoints {
 public:
  // What it works with; all of it outlives the service.
  struct Parts {
    postgres::Database& database;
    const Peers& peers;
    Conversations& conversations;
    Reactions& reactions;
    SettingsReactions& settings;
    EventWords& words;
    std::function<absl::Time()> clock;
    absl::Duration gather;  // See DialogDescription.gather.
  };

  explicit DialogService(Parts parts) : parts_(std::move(parts)) {}

  // By the dialog that it names.
  bool Serves(const google::protobuf::Message& request) const override;

  absl::StatusOr<v1::DescribeDialogResponse> DescribeDialog(
      const Call& call, const v1::DescribeDialogRequest& request) override;
  absl::StatusOr<v1::ReactResponse> React(const Call& call,
                                          const v1::ReactRequest& request) override;
  absl::StatusOr<v1::RenderEventResponse> RenderEvent(
      const Call& call, const v1::RenderEventRequest& request) override;
  absl::StatusOr<v1::TakeChannelUpdateResponse> TakeChannelUpdate(
      const Call& call, const v1::TakeChannelUpdateRequest& request) override;
  absl::StatusOr<v1::GetDialogStateResponse> GetDialogState(
      const Call& call, const v1::GetDialogStateRequest& request) override;
  absl::StatusOr<v1::SetDialogStateResponse> SetDialogState(
      const Call& call, const v1::SetDialogStateRequest& request) override;

  // A timer: forgets what is older than a day.
  absl::Status ForgetOld(const Call& call);

 private:
  // Of somebody in danger; nobody is taken to be while that cannot be asked.
  bool IsInCrisis(const Call& call, int64_t user_id) const;
  Turn Begin(const Call& call, const v1::ReactRequest& request);
  absl::StatusOr<v1::ReactResponse> React(const Turn& turn, const v1::ReactRequest& request);
  // Remembers a conversation's new trace or language.
  void KeepJourney(const Call& call, const Conversation& conversation);

  const Parts parts_;
  absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::coaching_dialog
