// What is kept about people, and giving it to them: /privacy and /export. As
// ../onboarding_actions.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/service/mesh.h"
#include "services/coaching/coaching_dialog/account_actions.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/settings/export_document.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

class ExportActions {
 public:
  using Clock = std::function<absl::Time()>;
  // Mesh::ExportUser.
  using ExportFunction =
      std::function<absl::Status(const Call&, int64_t user_id, service::ModuleExport::Take)>;

  // The references outlive it.
  ExportActions(const Peers& peers, postgres::Database& database, AccountActions& account,
                ExportFunction export_user, Clock clock)
      : peers_(peers),
        database_(database),
        account_(account),
        export_(std::move(export_user)),
        clock_(std::move(clock)) {}

  Reaction ShowPrivacy(const Turn& turn);
  // A button of it: "export" or "erase".
  Reaction Press(const Turn& turn, std::string_view argument);
  // Everything as two files, once in ten minutes at most.
  Reaction Export(const Turn& turn);

 private:
  absl::StatusOr<v1::DialogMessage> Collect(const Turn& turn);

  const Peers& peers_;
  postgres::Database& database_;
  AccountActions& account_;
  const ExportFunction export_;
  const Clock clock_;
};

}  // namespace selfology::coaching_dialog
