#include "tests/chaos/errands_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/events/catalogue.h"
#include "common/postgres/database.h"
#include "common/postgres/types.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/options.pb.h"

namespace selfology::chaos {
namespace {

using journey::Mesh;
using postgres::Transaction;

constexpr int kCompleted = queue::v1::JOB_STATUS_COMPLETED;
constexpr absl::Duration kLook = absl::Milliseconds(300);
constexpr int kPending = webhook::v1::DELIVERY_STATE_PENDING;
constexpr int kDelivered = webhook::v1::DELIVERY_STATE_DELIVERED;

std::set<int64_t> AsSet(const std::vector<int64_t>& ids) { return {ids.begin(), ids.end()}; }

struct JobRow {
  int64_t id = 0;
  int state = 0;
  std::string ordering_key;
};

// Of jobs that wait for each other each was begun when the one before was done.
void CheckJobOrder(const ErrandsLedger& ledger, const std::vector<JobRow>& finished,
                   Report& report) {
  std::map<std::string, int64_t> before;  // By key.
  for (const JobRow& job : finished) {
    if (job.ordering_key.empty()) continue;
    const auto [last, is_first] = before.emplace(job.ordering_key, job.id);
    if (is_first) continue;
    const auto done = ledger.completing.find(last->second);
    const auto begun = ledger.leased.find(job.id);
    if (done != ledger.completing.end() && begun != ledger.leased.end() &&
        begun->second < done->second) {
      report.Say(Harm::kOutOfOrder, absl::StrCat("job ", job.id, " was begun before job ",
                                                 last->second, " of its key was done"));
    }
    last->second = job.id;
  }
}

absl::Status CheckJobs(Transaction& tx, const ErrandsLedger& ledger, Findings& findings) {
  Report report(0, findings);
  ASSIGN_OR_RETURN(const std::vector<JobRow> finished,
                   tx.Query<JobRow>("SELECT id, state::integer, coalesce(ordering_key, '')"
                                    " FROM selfology.queue_finished WHERE queue = $1 ORDER BY id",
                                    kErrandsQueue));
  ASSIGN_OR_RETURN(const auto unfinished, (tx.Query<int64_t, int, std::string>(
                                              "SELECT id, state::integer, coalesce(last_error, '')"
                                              " FROM selfology.queue_jobs WHERE queue = $1",
                                              kErrandsQueue)));
  for (const auto& [id, state, error] : unfinished) {
    report.Say(state == queue::v1::JOB_STATUS_DEAD ? Harm::kParked : Harm::kStuck,
               absl::StrCat("job ", id, " is in state ", state, ": ", error));
  }
  std::set<int64_t> there;
  for (const auto& [id, state, error] : unfinished) there.insert(id);
  for (const JobRow& job : finished) {
    there.insert(job.id);
    if (job.state != kCompleted) {
      report.Say(Harm::kWrong, absl::StrCat("job ", job.id, " ended in state ", job.state));
    }
  }
  std::set<int64_t> promised;
  for (const Promised& of : ledger.promised) promised.insert(of.jobs.begin(), of.jobs.end());
  for (const int64_t id : promised) {
    if (!there.contains(id)) report.Say(Harm::kLost, absl::StrCat("job ", id));
    const auto completed = ledger.completed.find(id);
    report.Expect(completed == ledger.completed.end() ? 0 : completed->second, 1,
                  absl::StrCat("completions of job ", id));
  }
  for (const int64_t id : there) {
    if (!promised.contains(id)) {
      report.Say(Harm::kTwice, absl::StrCat("job ", id, ", which nobody was promised"));
    }
  }
  CheckJobOrder(ledger, finished, report);
  return absl::OkStatus();
}

// What a person's devices were told: the number of unread ones, each time one more.
absl::Status CheckTold(Transaction& tx, int64_t user_id, Report& report) {
  ASSIGN_OR_RETURN(
      const auto added,
      tx.Query<postgres::Bytes>("SELECT payload FROM selfology.outbox WHERE type ="
                                " 'notification.added' AND partition_key = $1 ORDER BY seq",
                                user_id));
  int64_t last = 0;
  for (const auto& [payload] : added) {
    events::v1::NotificationAdded event;
    if (!event.ParseFromString(payload.value)) report.Say(Harm::kWrong, "an event is no event");
    report.ExpectNext(event.unread(), last, "number of unread notifications that devices are told");
  }
  return absl::OkStatus();
}

absl::Status CheckNotifications(Transaction& tx, const Promised& promised, Findings& findings) {
  Report report(promised.user_id, findings);
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT notification_id FROM selfology.notifications"
                                     " WHERE user_id = $1",
                                     promised.user_id));
  const std::set<int64_t> wanted = AsSet(promised.notifications);
  const auto count = static_cast<int64_t>(wanted.size());
  report.Expect(static_cast<int64_t>(promised.notifications.size()), count,
                "keys of notifications that got one id");
  report.Expect(static_cast<int64_t>(rows.size()), count, "notifications");
  for (const auto& [id] : rows) {
    if (!wanted.contains(id)) report.Say(Harm::kWrong, absl::StrCat("notification ", id));
  }
  ASSIGN_OR_RETURN(const auto person, (tx.QueryOne<int64_t, int64_t>(
                                          "SELECT unread, version FROM"
                                          " selfology.notification_people WHERE user_id = $1",
                                          promised.user_id)));
  report.Expect(person.has_value() ? std::get<0>(*person) : 0, count, "unread notifications");
  report.Expect(person.has_value() ? std::get<1>(*person) : 0, count, "versions of the inbox");
  RETURN_IF_ERROR(CheckTold(tx, promised.user_id, report));

  ASSIGN_OR_RETURN(
      const auto deliveries,
      (tx.Query<std::string, std::string, int64_t, int64_t>(
          "SELECT d.channel, d.status, count(*),"
          " count(*) FILTER (WHERE EXISTS (SELECT FROM selfology.notification_local_messages m"
          "  WHERE m.stable_id = d.stable_id))"
          " FROM selfology.notification_deliveries d"
          " WHERE d.user_id = $1 AND d.notification_id IS NOT NULL GROUP BY 1, 2",
          promised.user_id)));
  std::map<std::string, int64_t> sent;
  for (const auto& [channel, status, number, arrived] : deliveries) {
    if (status != "SENT") {
      report.Say(Harm::kNotSent, absl::StrCat(number, " deliveries by ", channel, ": ", status));
    }
    sent[channel] += number;
    report.Expect(arrived, number, absl::StrCat("deliveries by ", channel, " that came"));
  }
  for (const char* channel : {"PUSH", "SMS"}) {
    report.Expect(sent[channel], count, absl::StrCat("deliveries by ", channel));
  }
  ASSIGN_OR_RETURN(const auto forgotten,
                   tx.QueryOne<int64_t>(
                       "SELECT count(*) FROM selfology.notification_deliveries d"
                       " WHERE d.user_id = $1 AND d.attempts <> (SELECT count(*) FROM"
                       "  selfology.notification_attempts a WHERE a.delivery_id = d.delivery_id)",
                       promised.user_id));
  report.Expect(std::get<0>(*forgotten), 0, "deliveries whose attempts are not all written down");
  return absl::OkStatus();
}

// What an endpoint was to get, in its order, and what its server took.
absl::StatusOr<std::vector<std::string>> CheckEndpoint(Transaction& tx,
                                                       const std::string& endpoint_id,
                                                       const std::vector<std::string>& taken,
                                                       Report& report) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<int64_t, std::string, int>(
                       "SELECT delivery_id, message_id, state FROM selfology.webhook_deliveries"
                       " WHERE endpoint_id = $1 ORDER BY delivery_id",
                       endpoint_id)));
  std::map<std::string, size_t> places;
  std::vector<std::string> messages;
  for (const auto& [id, message, state] : rows) {
    places[message] = messages.size();
    messages.push_back(message);
    if (state != kDelivered) {
      report.Say(Harm::kNotSent, absl::StrCat("webhook delivery ", id, " is in state ", state));
    }
  }
  std::set<std::string> seen;
  size_t next = 0;
  for (const std::string& message : taken) {
    const auto place = places.find(message);
    if (place == places.end()) {
      report.Say(Harm::kWrong, absl::StrCat("webhook ", message, ", which is no delivery"));
    } else if (seen.insert(message).second) {
      if (place->second != next) {
        report.Say(Harm::kOutOfOrder, absl::StrCat("webhook ", place->second, " came when ", next,
                                                   " was next at ", endpoint_id));
      }
      next = place->second + 1;
    } else {
      ++report.findings().sent_twice;
    }
  }
  report.Expect(static_cast<int64_t>(seen.size()), static_cast<int64_t>(rows.size()),
                absl::StrCat("webhooks that came of those for ", endpoint_id));
  return messages;
}

std::vector<std::string> TypesForWebhooks() {
  std::vector<std::string> types;
  for (const auto& [type, descriptor] : events::Catalogue()) {
    const auto& audience = descriptor->options().GetExtension(events::v1::event).audience();
    const bool is_for_them = absl::c_linear_search(audience, events::v1::AUDIENCE_WEBHOOKS);
    if (is_for_them && type != "user.data.erased") types.emplace_back(type);
  }
  return types;
}

// The installation's endpoint gets each event that webhooks may see, one person's in their order.
absl::Status CheckAllEvents(Transaction& tx, const ErrandsLedger& ledger, Findings& findings) {
  Report report(0, findings);
  const auto taken = ledger.taken.find(kAllEventsPath);
  ASSIGN_OR_RETURN(
      const std::vector<std::string> messages,
      CheckEndpoint(tx, ledger.all_events_endpoint,
                    taken == ledger.taken.end() ? std::vector<std::string>() : taken->second,
                    report));
  ASSIGN_OR_RETURN(const auto events,
                   tx.Query<std::string>(
                       "SELECT 'msg_' || o.id::text FROM selfology.outbox o WHERE o.type = ANY($1)"
                       " AND o.occurred_at > (SELECT created_at FROM selfology.webhook_endpoints"
                       "  WHERE endpoint_id = $2)",
                       TypesForWebhooks(), ledger.all_events_endpoint));
  const std::set<std::string> made(messages.begin(), messages.end());
  for (const auto& [event] : events) {
    if (!made.contains(event)) report.Say(Harm::kLost, absl::StrCat("webhook for ", event));
  }
  ASSIGN_OR_RETURN(const auto disorder,
                   tx.QueryOne<int64_t>(
                       "SELECT count(*) FROM (SELECT d.delivery_id, lag(d.delivery_id) OVER"
                       "  (PARTITION BY o.partition_key ORDER BY o.seq) AS before"
                       " FROM selfology.webhook_deliveries d JOIN selfology.outbox o"
                       "  ON d.message_id = 'msg_' || o.id::text WHERE d.endpoint_id = $1) AS pairs"
                       " WHERE before > delivery_id",
                       ledger.all_events_endpoint));
  if (std::get<0>(*disorder) > 0) {
    report.Say(Harm::kOutOfOrder, absl::StrCat(std::get<0>(*disorder), " webhooks of one person"));
  }
  return absl::OkStatus();
}

// Unfinished jobs, deliveries of notifications and of webhooks.
absl::StatusOr<int64_t> CountUnderWay(Mesh& mesh) {
  return mesh.database().Read(Mesh::Deadline(), [](Transaction& tx) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(
        const auto row,
        tx.QueryOne<int64_t>(
            "SELECT (SELECT count(*) FROM selfology.queue_jobs WHERE queue = $1 AND state <> 8)"
            " + (SELECT count(*) FROM selfology.notification_deliveries"
            "  WHERE status IN ('WAITING', 'SENDING'))"
            " + (SELECT count(*) FROM selfology.webhook_deliveries WHERE state = $2)",
            kErrandsQueue, kPending));
    return std::get<0>(*row);
  });
}

}  // namespace

absl::StatusOr<bool> SettleErrands(Mesh& mesh, const Errands& errands, absl::Duration patience) {
  int64_t before = -1;
  absl::Time moved = absl::Now();
  while (absl::Now() < moved + patience) {
    ASSIGN_OR_RETURN(const int64_t under_way, CountUnderWay(mesh));
    if (under_way == 0 && errands.done()) return true;
    if (under_way != before) moved = absl::Now();
    before = under_way;
    absl::SleepFor(kLook);
  }
  return false;
}

absl::Status CheckErrands(Mesh& mesh, const ErrandsLedger& ledger, Findings& findings) {
  return mesh.database().Read(Mesh::Deadline(), [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(CheckJobs(tx, ledger, findings));
    for (const Promised& promised : ledger.promised) {
      RETURN_IF_ERROR(CheckNotifications(tx, promised, findings));
      Report report(promised.user_id, findings);
      const auto taken = ledger.taken.find(promised.path);
      ASSIGN_OR_RETURN(
          const std::vector<std::string> messages,
          CheckEndpoint(tx, promised.endpoint_id,
                        taken == ledger.taken.end() ? std::vector<std::string>() : taken->second,
                        report));
      report.Expect(static_cast<int64_t>(messages.size()),
                    static_cast<int64_t>(promised.deliveries.size()),
                    "webhooks that were asked for");
    }
    return CheckAllEvents(tx, ledger, findings);
  });
}

}  // namespace selfology::chaos
