#include "tests/chaos/facts.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/events/catalogue.h"
#include "common/postgres/types.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/options.pb.h"

namespace selfology::chaos {

using journey::Mesh;
using postgres::Transaction;

namespace {

// Which consumer group handles which event. Written here and not read from the modules, so that a
// handler that is no longer registered counts as a lost event.
constexpr std::pair<std::string_view, std::string_view> kHandlers[] = {
    {"user.onboarding.initiated", "session_management"},
    {"question.selected", "session_management"},
    {"question.selected", "telegram_gateway"},
    {"session.created", "question_selection"},
    {"session.completed", "question_selection"},
    {"session.completed", "telegram_gateway"},
    {"session.timeout", "question_selection"},
    {"session.timeout", "telegram_gateway"},
    {"user.answer.submitted", "question_selection"},
    {"user.answer.submitted", "analysis_worker"},
    {"user.answer.submitted", "analysis_worker.deep"},
    {"user.answer.submitted", "coach_interaction.knowledge"},
    {"answer.analyzed.instant", "telegram_gateway"},
    {"answer.analyzed.deep", "coach_interaction.knowledge"},
    {"trait.extracted", "profile_storage"},
    {"trait.extracted", "trait_evolution"},
    {"profile.created", "profile_storage.cache"},
    {"profile.created", "coach_interaction.knowledge"},
    {"profile.created", "question_selection"},
    {"profile.updated", "profile_storage.cache"},
    {"profile.updated", "coach_interaction.knowledge"},
    {"profile.updated", "question_selection"},
    {"insight.generated", "coach_interaction.knowledge"},
    {"insight.ready_for_user", "telegram_gateway"},
    {"user.message.received", "coach_interaction"},
    {"coach.message.ready", "telegram_gateway"},
    {"message.send.requested", "telegram_gateway"},
    {"session.paused", "telegram_gateway"},
    {"session.resumed", "telegram_gateway"},
    {"consent.declined", "telegram_gateway"},
    {"statement.rated", "profile_storage"},
    {"preferences.changed", "coach_interaction.knowledge"},
    {"preferences.changed", "coaching_dialog"},
    {"email.verification.requested", "notification"},
    {"notification.requested", "notification"},
    {"password.recovery.requested", "notification"},
    {"payment.failed", "notification"},
    {"user.onboarding.initiated", "notification"},
    {"user.registered", "notification"},
    {"job.requested", "job_queue"},
    {"badge.awarded", "growth_dialog"},
    {"challenge.completed", "growth_dialog"},
    {"level.changed", "growth_dialog"},
    {"streak.extended", "growth_dialog"},
    {"task.assigned", "growth_dialog"},
    {"channel.owner.changed", "telegram_gateway"},
    {"feed.digest.ready", "telegram_gateway"},
    {"feed.nudge.due", "telegram_gateway"},
    {"feed.training.ready", "telegram_gateway"},
    {"password.changed", "user_accounts"},
    {"payment.agreed", "user_accounts"},
    {"payment.received", "user_accounts"},
    {"payment.failed", "user_accounts"},
    {"payment.cancelled", "user_accounts"},
    {"login.attempted", "security_monitoring"},
    {"rate.limit.exceeded", "security_monitoring"},
    {"audit.fact.noted", "security_monitoring"},
    {"file.rejected", "security_monitoring"},
    {"user.accounts.linked", "telegram_gateway"},
    {"user.accounts.linked", "notification"},
    {"team.created", "security_monitoring"},
    {"team.member.joined", "security_monitoring"},
    {"team.member.left", "security_monitoring"},
    {"team.role.changed", "security_monitoring"},
    {"team.deleted", "security_monitoring"},
    {"team.deleted", "content_planning"},
    {"team.deleted", "social_publishing"},
    {"team.deleted", "integration"},
    {"content.publication.requested", "social_publishing"},
    {"webhook.received", "social_publishing"},
    {"social.post.measured", "content_planning"},
    {"social.post.published", "content_planning"},
    {"social.post.refused", "content_planning"},
    {"social.post.removed", "content_planning"},
    {"social.thread.stopped", "content_planning"},
    {"task.completed", "challenge_progress"},
    {"task.reopened", "challenge_progress"},
    {"task.deleted", "challenge_progress"},
    {"insight.ready_for_user", "challenge_progress"},
    {"preferences.changed", "gamification_rules"},
    {"preferences.changed", "tasks"},
};

// The groups that handle every event of an audience.
constexpr std::pair<events::v1::Audience, std::string_view> kAudiences[] = {
    {events::v1::AUDIENCE_SUBJECT, "realtime"},
    {events::v1::AUDIENCE_WEBHOOKS, "webhook"},
    {events::v1::AUDIENCE_ANALYTICS, "analytics_counting"},
};

// Rules may count what analytics may see of a person, but not what rules give.
bool RulesMayCount(std::string_view type, const google::protobuf::Descriptor& event) {
  return type != "currency.moved" && type != "rating.changed" &&
         event.FindFieldByName("user_id") != nullptr;
}

// kHandlers, and what the events' audiences say: pairs of a type and a group.
const std::set<std::pair<std::string_view, std::string_view>>& Handlers() {
  static const auto& handlers = *new std::set([] {
    std::set<std::pair<std::string_view, std::string_view>> all(std::begin(kHandlers),
                                                                std::end(kHandlers));
    for (const auto& [type, descriptor] : events::Catalogue()) {
      const auto& audience = descriptor->options().GetExtension(events::v1::event).audience();
      for (const auto& [wanted, group] : kAudiences) {
        if (absl::c_linear_search(audience, wanted)) all.emplace(type, group);
      }
      if (all.contains({type, "analytics_counting"}) && RulesMayCount(type, *descriptor)) {
        all.emplace(type, "gamification_rules");
      }
    }
    all.erase({"user.data.erased", "realtime"});  // It erases instead.
    return all;
  }());
  return handlers;
}

std::string HandlersAsRows() {
  return absl::StrJoin(Handlers(), ",", [](std::string* out, const auto& handler) {
    absl::StrAppend(out, "('", handler.first, "','", handler.second, "')");
  });
}

absl::Status ReadEvents(Transaction& tx, int64_t user, Facts& facts) {
  ASSIGN_OR_RETURN(auto rows, (tx.Query<int64_t, std::string, std::string, postgres::Bytes>(
                                  "SELECT seq, id::text, type, payload FROM selfology.outbox"
                                  " WHERE partition_key = $1 ORDER BY seq",
                                  user)));
  std::map<int64_t, size_t> by_seq;
  for (auto& [seq, id, type, payload] : rows) {
    by_seq[seq] = facts.events.size();
    facts.events.push_back({.seq = seq, .id = id, .type = type, .payload = payload.value});
  }
  ASSIGN_OR_RETURN(auto handled,
                   (tx.Query<int64_t, std::string, absl::Time>(
                       "SELECT o.seq, i.consumer_group, i.handled_at FROM selfology.outbox o"
                       " JOIN selfology.inbox i ON i.event_id = o.id WHERE o.partition_key = $1",
                       user)));
  for (const auto& [seq, group, at] : handled) {
    facts.events[by_seq.at(seq)].handled.emplace(group, at);
  }
  return absl::OkStatus();
}

absl::Status ReadAnswers(Transaction& tx, int64_t user, Facts& facts) {
  ASSIGN_OR_RETURN(auto rows,
                   (tx.Query<int64_t, int, std::string, int, int64_t>(
                       "SELECT a.id, a.answer_number, a.answer_text, coalesce(d.revision, 0),"
                       " (SELECT count(*) FROM selfology.trait_history t WHERE t.user_id = $1"
                       "  AND t.answer_id = a.id AND t.new_word IS NULL)"
                       " FROM selfology.user_answers_new a"
                       " LEFT JOIN selfology.answer_analyses d ON d.answer_id = a.id"
                       " WHERE a.user_id = $1 ORDER BY a.id",
                       user)));
  for (auto& [id, number, text, revision, trait_rows] : rows) {
    facts.answers.push_back(
        {.id = id, .number = number, .text = text, .revision = revision, .trait_rows = trait_rows});
  }
  return absl::OkStatus();
}

absl::Status ReadTurns(Transaction& tx, int64_t user, Facts& facts) {
  ASSIGN_OR_RETURN(auto rows, (tx.Query<int64_t, std::string, std::string, int64_t, std::string>(
                                  "SELECT id, role, content, coalesce(in_reply_to, 0), reply_status"
                                  " FROM selfology.conversations WHERE user_id = $1 ORDER BY id",
                                  user)));
  for (auto& [id, role, text, in_reply_to, reply_status] : rows) {
    facts.turns.push_back({.id = id,
                           .of_person = role == "USER",
                           .text = text,
                           .in_reply_to = in_reply_to,
                           .reply_status = reply_status});
  }
  return absl::OkStatus();
}

absl::Status ReadOutgoing(Transaction& tx, int64_t user, Facts& facts) {
  ASSIGN_OR_RETURN(auto rows,
                   (tx.Query<std::string, std::string, std::string, std::vector<int64_t>>(
                       "SELECT key, kind, status, message_ids FROM selfology.outgoing_messages"
                       " WHERE user_id = $1",
                       user)));
  for (auto& [key, kind, status, message_ids] : rows) {
    facts.outgoing[key] = {.kind = kind, .status = status, .message_ids = message_ids};
  }
  return absl::OkStatus();
}

absl::Status ReadRest(Transaction& tx, int64_t user, Facts& facts) {
  ASSIGN_OR_RETURN(
      const auto version,
      tx.QueryOne<int64_t>("SELECT version FROM selfology.personality_profiles WHERE user_id = $1",
                           user));
  if (version.has_value()) facts.profile_version = std::get<0>(*version);
  ASSIGN_OR_RETURN(const auto traits,
                   (tx.QueryOne<int64_t, int64_t>(
                       "SELECT count(*), count(*) FILTER (WHERE old_value IS DISTINCT FROM before)"
                       " FROM (SELECT old_value, lag(new_value) OVER (PARTITION BY trait_category,"
                       " trait_name ORDER BY timestamp, id) AS before FROM selfology.trait_history"
                       " WHERE user_id = $1 AND new_word IS NULL) AS rows",
                       user)));
  std::tie(facts.trait_rows, facts.broken_traits) = traits.value();
  return absl::OkStatus();
}

}  // namespace

std::vector<const Event*> Facts::OfType(std::string_view type) const {
  std::vector<const Event*> found;
  for (const Event& event : events) {
    if (event.type == type) found.push_back(&event);
  }
  return found;
}

std::vector<std::string_view> GroupsOf(std::string_view type) {
  std::vector<std::string_view> groups;
  for (const auto& [handled, group] : Handlers()) {
    if (handled == type) groups.push_back(group);
  }
  return groups;
}

absl::StatusOr<int64_t> CountUnfinished(Mesh& mesh) {
  const auto keyboards = mesh.telegram().PressedKeyboards();
  const int64_t there = std::count_if(keyboards.begin(), keyboards.end(),
                                      [](const auto& keyboard) { return keyboard.is_there(); });
  ASSIGN_OR_RETURN(const int64_t under_way, CountUnderWay(mesh));
  return under_way + there;
}

absl::StatusOr<int64_t> CountUnderWay(Mesh& mesh) {
  return mesh.database().Read(Mesh::Deadline(), [](Transaction& tx) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(
        const auto row,
        tx.QueryOne<int64_t>(absl::StrCat(
            "SELECT (SELECT count(*) FROM selfology.outbox o JOIN (VALUES ", HandlersAsRows(),
            ") AS h(type, consumer_group) USING (type) WHERE NOT EXISTS (SELECT FROM"
            " selfology.inbox i WHERE i.event_id = o.id AND"
            " i.consumer_group = h.consumer_group) AND NOT EXISTS (SELECT FROM"
            " selfology.dead_letters d WHERE d.event_id = o.id AND"
            " d.consumer_group = h.consumer_group)) + (SELECT count(*) FROM"
            " selfology.outgoing_messages WHERE status IN ('waiting', 'sending'))"
            " + (SELECT count(*) FROM selfology.held_updates WHERE NOT parked)")));
    return std::get<0>(row.value());
  });
}

absl::Status IndexForReading(Mesh& mesh) {
  return mesh.database().Write(Mesh::Deadline(), [](Transaction& tx) {
    tx.Queue("CREATE INDEX IF NOT EXISTS outbox_of_person ON selfology.outbox (partition_key)");
    tx.Queue("CREATE INDEX IF NOT EXISTS inbox_of_event ON selfology.inbox (event_id)");
    return absl::OkStatus();
  });
}

absl::StatusOr<Facts> ReadFacts(Mesh& mesh, int64_t user_id) {
  Facts facts;
  RETURN_IF_ERROR(mesh.database().Read(Mesh::Deadline(), [&](Transaction& tx) -> absl::Status {
    facts = {};
    RETURN_IF_ERROR(ReadEvents(tx, user_id, facts));
    RETURN_IF_ERROR(ReadAnswers(tx, user_id, facts));
    RETURN_IF_ERROR(ReadTurns(tx, user_id, facts));
    RETURN_IF_ERROR(ReadOutgoing(tx, user_id, facts));
    return ReadRest(tx, user_id, facts);
  }));
  for (telegram_emulator::Message& message : mesh.telegram().Messages(user_id)) {
    const int64_t id = message.id;
    facts.chat.emplace(id, std::move(message));
  }
  facts.pressed_keyboards = mesh.telegram().PressedKeyboards(user_id);
  facts.read_at = absl::Now();
  return facts;
}

}  // namespace selfology::chaos
