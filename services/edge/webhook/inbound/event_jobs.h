// Jobs of the queue that are about incoming webhooks: external_event and callback_processing, whose payload names a
// stored request. Working one through applies its source's rules of now.
//
//   AddEventJobs(worker, sources);
//
// A delivery that is gone, or was refused, makes the job a dead letter.
#pragma once

#include "common/call/call.h"
#include "common/jobs/worker.h"
#include "services/edge/webhook/inbound/source_methods.h"

namespace selfology::webhook {

// sources outlives the worker.
void AddEventJobs(jobs::Worker& worker, SourceMethods& sources);

absl::StatusOr<jobs::Result> WorkEventJob(const Call& call, const jobs::Job& job,
                                          SourceMethods& sources);

}  // namespace selfology::webhook
