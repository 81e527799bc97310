// Jobs of the queue that send a notification by one more channel: email_notification,
// push_notification and sms_notification.
//
//   worker->On("email_notification", [work](const Call& call, jobs::Job& job) {
//     return work->Send(call, job, v1::CHANNEL_EMAIL);
//   });
//
// A job is done once its deliveries are written; they are carried out as all others are. One that
// comes again adds none. Errors: NOT_FOUND, for which it is a dead letter; the database's. Threads:
// thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/jobs/worker.h"
#include "common/postgres/database.h"
#include "services/platform/notification/decisions/decision_maker.h"

namespace selfology::notification {

class DeliveryJobs {
 public:
  // The references outlive it.
  DeliveryJobs(postgres::Database& database, const DecisionMaker& maker)
      : database_(database), maker_(maker) {}

  absl::StatusOr<jobs::Result> Send(const Call& call, jobs::Job& job, v1::Channel channel) const;

 private:
  postgres::Database& database_;
  const DecisionMaker& maker_;
};

}  // namespace selfology::notification
