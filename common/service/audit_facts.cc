#include "common/service/audit_facts.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/security.pb.h"

namespace selfology::service {
namespace {

// "trait" for "selfology.trait.v1.TraitService/ListTraitHistory".
std::string ServiceOf(const std::string& method) {
  const std::vector<std::string> words = absl::StrSplit(method, '.');
  return words.size() > 1 ? words[1] : method;
}

}  // namespace

void AuditFacts::Note(rpc::AccessControl::Fact fact) {
  absl::MutexLock lock(&mutex_);
  if (facts_.size() < kMaxFacts) facts_.insert(std::move(fact));
}

absl::Status AuditFacts::Publish(const Call& call, postgres::Database& database) {
  Facts taken;
  {
    absl::MutexLock lock(&mutex_);
    taken.swap(facts_);
  }
  if (taken.empty()) return absl::OkStatus();
  const absl::Status published =
      database.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
        for (const rpc::AccessControl::Fact& fact : taken) {
          events::v1::AuditFactNoted event;
          event.set_service(ServiceOf(fact.method));
          event.set_actor_id(fact.actor_id);
          event.set_action(fact.action);
          event.set_subject_id(fact.subject_id);
          event.set_outcome(fact.outcome);
          event.set_method(fact.method);
          RETURN_IF_ERROR(events::Publish(tx, event));
        }
        return absl::OkStatus();
      });
  if (!published.ok()) {
    for (const rpc::AccessControl::Fact& fact : taken) Note(fact);
  }
  return published;
}

}  // namespace selfology::service
