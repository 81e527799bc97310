#include "services/growth/gamification/gamification_events.h"

#include <utility>

#include "common/events/catalogue.h"
#include "common/status/status_macros.h"
#include "services/growth/gamification/ledger/requests.h"
#include "services/growth/gamification/rules/effects.h"
#include "services/growth/gamification/rules/fact_store.h"
#include "services/growth/gamification/rules/facts.h"

namespace selfology::gamification {
namespace {

std::shared_ptr<const events::EventTypes> CountedTypes() {
  events::EventTypes types;
  for (const auto& [type, descriptor] : events::Catalogue()) {
    if (MayCount(type)) types.insert(type);
  }
  return std::make_shared<const events::EventTypes>(std::move(types));
}

}  // namespace

GamificationEvents::GamificationEvents(std::shared_ptr<LiveRules> rules, Clock clock)
    : rules_(std::move(rules)), clock_(std::move(clock)), types_(CountedTypes()) {}

absl::Status GamificationEvents::Take(std::string_view type, const std::string& payload,
                                      events::Handling& handling) {
  const events::Envelope& envelope = handling.envelope();
  const int64_t user_id = envelope.person();
  if (user_id <= 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto event, events::NewEvent(type));
  if (!event->ParseFromString(payload)) {
    return absl::InvalidArgumentError("the event does not parse");
  }
  postgres::Transaction& tx = handling.tx();
  store::LockUser(tx, user_id);
  ASSIGN_OR_RETURN(const LiveRules::Rules rules, rules_->Get(tx));
  ASSIGN_OR_RETURN(const store::Person person, store::ReadPerson(tx, user_id));
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(person.time_zone, &zone)) zone = absl::UTCTimeZone();
  const FactOf fact = {.event_id = envelope.id,
                       .type = std::string(type),
                       .occurred_at = envelope.occurred_at,
                       .day = absl::ToCivilDay(envelope.occurred_at, zone),
                       .hour = absl::ToCivilHour(envelope.occurred_at, zone).hour(),
                       .fields = FieldsOf(*event)};
  return TakeFact(
      {tx, user_id, clock_(), ReadTrace(handling.call().trace().trace_id.view()), *rules}, fact);
}

absl::Status GamificationEvents::NoteTimeZone(const events::v1::PreferencesChanged& event,
                                              events::Handling& handling) {
  store::SaveTimeZone(handling.tx(), event.user_id(), event.preferences().time_zone());
  return absl::OkStatus();
}

}  // namespace selfology::gamification
