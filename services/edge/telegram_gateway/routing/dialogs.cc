#include "services/edge/telegram_gateway/routing/dialogs.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/dialogs_list.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;

// The contract gives a description less.
constexpr absl::Duration kDescribe = absl::Seconds(10);
constexpr absl::Duration kDatabase = absl::Seconds(5);
// Between attempts while some have not answered.
constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(5);
constexpr absl::Duration kLook = absl::Milliseconds(20);
// So long after the start it is no fault that something is not known yet.
constexpr absl::Duration kFirstMoments = absl::Seconds(10);

}  // namespace

Dialogs::Dialogs(std::vector<Peer> peers, postgres::Database& database, Clock clock,
                 absl::Duration period, int most_calls, observe::Metrics* metrics)
    : peers_(std::move(peers)),
      database_(database),
      clock_(std::move(clock)),
      period_(period),
      began_at_(clock_()) {
  for (const Peer& peer : peers_) {
    gates_[peer.name] = std::make_unique<DialogGate>(peer.gate.empty() ? peer.name : peer.gate,
                                                     most_calls, clock_, metrics);
  }
}

void Dialogs::Run(service::StopSignal& stop) {
  absl::Duration pause = kFirstPause;
  absl::Duration wait;
  do {
    const bool load_again = Load();
    // What was known holds until a dialog says otherwise, and also if they disagree then.
    Publish();
    const bool ask_again = AskAll(stop);
    Publish();
    wait = load_again || ask_again ? std::min(pause, period_) : period_;
    pause = load_again || ask_again ? std::min(2 * pause, kLongestPause) : kFirstPause;
  } while (!stop.WaitFor(wait));
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
}

std::shared_ptr<const Directory> Dialogs::now() const {
  absl::MutexLock lock(&mutex_);
  return directory_;
}

absl::StatusOr<std::shared_ptr<const Directory>> Dialogs::Await(const Call& call) const {
  absl::MutexLock lock(&mutex_);
  const auto decided = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return directory_ != nullptr || !problem_.ok() || stopped_;
  };
  mutex_.AwaitWithDeadline(absl::Condition(&decided), call.deadline());
  if (directory_ != nullptr) return directory_;
  return absl::UnavailableError(problem_.ok() ? Unheard().message() : problem_.message());
}

absl::Status Dialogs::Unheard() const {
  return absl::UnavailableError(
      unheard_.empty() ? std::string("the dialogs are not known yet")
                       : absl::StrCat("never heard of: ", absl::StrJoin(unheard_, ", ")));
}

bool Dialogs::AwaitFirst(const service::StopSignal& stop) const {
  while (now() == nullptr) {
    if (stop.WaitFor(kLook)) return false;
  }
  return true;
}

std::shared_ptr<const Directory::EventTypes> Dialogs::event_types() const {
  const std::shared_ptr<const Directory> directory = now();
  if (directory == nullptr) return nullptr;
  return {directory, &directory->event_types()};
}

const v1::DialogServiceClient& Dialogs::client(std::string_view dialog) const {
  return std::find_if(peers_.begin(), peers_.end(),
                      [dialog](const Peer& peer) { return peer.name == dialog; })
      ->client;
}

DialogGate& Dialogs::gate(std::string_view dialog) const { return *gates_.find(dialog)->second; }

bool Dialogs::IsAway(std::string_view dialog) const {
  const auto gate = gates_.find(dialog);
  return gate != gates_.end() && gate->second->away();
}

absl::Status Dialogs::blocked() const {
  absl::MutexLock lock(&mutex_);
  if (directory_ != nullptr) return absl::OkStatus();
  for (const auto& [name, asked] : asked_) {
    // It answered, and what it says cannot be used.
    if (!asked.ok() && !status::IsRetryable(asked)) return status::Annotate(asked, name);
  }
  if (!problem_.ok() || clock_() <= began_at_ + kFirstMoments) return problem_;
  for (const std::string& name : unheard_) {
    const auto asked = asked_.find(name);
    if (asked != asked_.end() && !asked->second.ok()) return status::Annotate(asked->second, name);
  }
  return Unheard();
}

absl::Status Dialogs::impaired() const {
  absl::MutexLock lock(&mutex_);
  if (directory_ != nullptr && !problem_.ok()) return problem_;
  for (const Peer& peer : peers_) {
    const auto asked = asked_.find(peer.name);
    if (asked != asked_.end() && !asked->second.ok() && clock_() > began_at_ + kFirstMoments) {
      return status::Annotate(asked->second, peer.name);
    }
  }
  return absl::OkStatus();
}

bool Dialogs::Load() {
  if (loaded_) return false;
  absl::StatusOr<std::map<std::string, std::string>> stored =
      database_.Read(Call::Background(kDatabase),
                     [](Transaction& tx) { return store::ReadDialogs(tx); }, {.newest = true});
  if (!stored.ok()) {
    observe::Warning("stored dialog descriptions could not be read", {{"status", stored.status()}});
    return true;
  }
  loaded_ = true;
  stored_ = *std::move(stored);
  for (const auto& [name, bytes] : stored_) {
    v1::DialogDescription description;
    if (description.ParseFromString(bytes) && CheckDescription(name, description).ok()) {
      known_.try_emplace(name, std::move(description));
    }
  }
  return false;
}

bool Dialogs::AskAll(const service::StopSignal& stop) {
  bool again = false;
  for (const Peer& peer : peers_) {
    if (stop.requested()) return false;
    const absl::Status status = Ask(peer);
    again = again || !status.ok();
    Note(peer.name, status);
  }
  return again;
}

absl::Status Dialogs::Ask(const Peer& peer) {
  v1::DescribeDialogRequest request;
  request.set_dialog(peer.name);
  ASSIGN_OR_RETURN(
      v1::DescribeDialogResponse response,
      peer.client.DescribeDialog(Call::Background(kDescribe).BoundedByContracts(), request));
  RETURN_IF_ERROR(CheckDescription(peer.name, response.description()));
  known_[peer.name] = std::move(*response.mutable_description());
  return absl::OkStatus();
}

void Dialogs::Note(const std::string& name, const absl::Status& status) {
  bool is_new = false;
  {
    absl::MutexLock lock(&mutex_);
    const auto [asked, first] = asked_.try_emplace(name, status);
    is_new = first || asked->second != status;
    asked->second = status;
  }
  if (status.ok() || !is_new) return;
  // One that is away may come back; one that says nonsense has to be corrected.
  if (status::IsRetryable(status)) {
    observe::Warning("dialog description unavailable", {{"dialog", name}, {"status", status}});
  } else {
    observe::Error("dialog description invalid", {{"dialog", name}, {"status", status}});
  }
}

void Dialogs::Publish() {
  std::vector<v1::DialogDescription> descriptions;
  std::vector<std::string> unheard;
  for (const Peer& peer : peers_) {
    const auto known = known_.find(peer.name);
    if (known == known_.end()) {
      unheard.push_back(peer.name);
    } else {
      descriptions.push_back(known->second);
    }
  }
  const bool all = unheard.empty();
  {
    absl::MutexLock lock(&mutex_);
    unheard_ = std::move(unheard);
  }
  if (!all) return;
  if (const absl::Status shared = CheckShared(descriptions); !shared.ok()) return Refuse(shared);
  absl::StatusOr<Directory> directory = Directory::Of(std::move(descriptions), kFirstDialog);
  if (!directory.ok()) return Refuse(directory.status());
  {
    absl::MutexLock lock(&mutex_);
    problem_ = absl::OkStatus();
    const auto same = [](const v1::DialogDescription& a, const v1::DialogDescription& b) {
      return a.SerializeAsString() == b.SerializeAsString();
    };
    // Whoever looks at the pointer sees that something has changed.
    if (directory_ == nullptr ||
        !std::equal(directory->all().begin(), directory->all().end(), directory_->all().begin(),
                    directory_->all().end(), same)) {
      directory_ = std::make_shared<const Directory>(*std::move(directory));
    }
  }
  Save();
}

absl::Status Dialogs::CheckShared(const std::vector<v1::DialogDescription>& descriptions) const {
  for (size_t i = 0; i < peers_.size(); ++i) {
    if (peers_[i].of_several_bots && !descriptions[i].has_guard()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the dialog \"", peers_[i].name, "\" is listed for several bots, and no guard"));
    }
  }
  return absl::OkStatus();
}

void Dialogs::Refuse(const absl::Status& problem) {
  bool is_new = false;
  {
    absl::MutexLock lock(&mutex_);
    is_new = problem_ != problem;
    problem_ = problem;
  }
  if (is_new) observe::Error("dialogs conflict; bot stopped", {{"status", problem}});
}

void Dialogs::Save() {
  std::map<std::string, std::string> changed;
  for (const Peer& peer : peers_) {
    std::string bytes = known_.find(peer.name)->second.SerializeAsString();
    const auto stored = stored_.find(peer.name);
    if (stored == stored_.end() || stored->second != bytes) changed[peer.name] = std::move(bytes);
  }
  if (changed.empty()) return;
  const absl::Status saved =
      database_.Write(Call::Background(kDatabase), [&](Transaction& tx) -> absl::Status {
        for (const auto& [name, bytes] : changed) store::SaveDialog(tx, name, bytes, clock_());
        return absl::OkStatus();
      });
  if (!saved.ok()) {
    // The next round tries again.
    observe::Warning("dialog descriptions not stored", {{"status", saved}});
    return;
  }
  for (auto& [name, bytes] : changed) stored_[name] = std::move(bytes);
}

}  // namespace selfology::telegram_gateway
