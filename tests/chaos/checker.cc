#include "tests/chaos/checker.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/status/status_macros.h"
#include "tests/chaos/chat_check.h"

namespace selfology::chaos {

using journey::Mesh;

namespace {

absl::Status CheckDeadLetters(Mesh& mesh, Findings& findings) {
  ASSIGN_OR_RETURN(const auto rows,
                   (mesh.database().Read(Mesh::Deadline(), [](postgres::Transaction& tx) {
                     return tx.Query<int64_t, std::string, std::string, std::string>(
                         "SELECT partition_key, type, consumer_group, message"
                         " FROM selfology.dead_letters ORDER BY position");
                   })));
  for (const auto& [user, type, group, message] : rows) {
    findings.violations.push_back(
        {.harm = Harm::kParked,
         .user_id = user,
         .what = absl::StrCat(type, " is a dead letter of ", group, ": ", message)});
  }
  return absl::OkStatus();
}

// Every update of Telegram's took effect, once, but for those forgotten.
absl::Status CheckUpdates(Mesh& mesh, const std::set<int64_t>& forgotten, Findings& findings) {
  ASSIGN_OR_RETURN(const std::set<int64_t> handled, HandledUpdates(mesh));
  if (handled.empty()) return absl::OkStatus();
  int64_t expected = 0;
  for (int64_t id = *handled.begin(); id <= *handled.rbegin(); ++id) {
    if (handled.contains(id) || !forgotten.contains(id)) ++expected;
  }
  Report(0, findings)
      .Expect(static_cast<int64_t>(handled.size()), expected, "updates of Telegram handled");
  return absl::OkStatus();
}

// Nobody handled what was never committed, or is not there any more.
absl::Status CheckInbox(Mesh& mesh, Findings& findings) {
  ASSIGN_OR_RETURN(const auto rows,
                   (mesh.database().Read(Mesh::Deadline(), [](postgres::Transaction& tx) {
                     return tx.Query<std::string, std::string>(
                         "SELECT i.event_id::text, i.consumer_group FROM selfology.inbox i"
                         " WHERE NOT EXISTS (SELECT FROM selfology.outbox o"
                         "  WHERE o.id = i.event_id)");
                   })));
  for (const auto& [event, group] : rows) {
    Report(0, findings)
        .Say(Harm::kWrong, absl::StrCat(group, " handled ", event, ", which is no event"));
  }
  return absl::OkStatus();
}

}  // namespace

void CheckPerson(const Ledger& ledger, const Facts& facts, const Expected& expected,
                 Findings& findings) {
  Report report(ledger.user_id, findings);
  CheckJourney(facts, expected, report);
  CheckChat(ledger, facts, report);
  findings.events += static_cast<int64_t>(facts.events.size());
}

std::string Describe(const Ledger& ledger, const Facts& facts) {
  std::string text = absl::StrCat("user ", ledger.user_id, ledger.done ? " is done\n" : " waits\n");
  for (const Said& said : ledger.said) {
    absl::StrAppend(&text, "said ", said.message_id, ": ", said.text, "\n");
  }
  for (const auto& [id, message] : facts.chat) {
    absl::StrAppend(&text, "chat ", id, " ", message.from_bot ? "bot" : "person", ": ",
                    message.text.substr(0, 100), "\n");
  }
  for (const Event& event : facts.events) {
    absl::StrAppend(&text, "event ", event.seq, " ", event.id, " ", event.type);
    for (const auto& [group, at] : event.handled) {
      absl::StrAppend(&text, " ", group, "@",
                      absl::FormatTime("%H:%M:%E3S", at, absl::UTCTimeZone()));
    }
    absl::StrAppend(&text, "\n");
  }
  for (const Answer& answer : facts.answers) {
    absl::StrAppend(&text, "answer ", answer.id, " number ", answer.number, ": ", answer.text,
                    "\n");
  }
  for (const Turn& turn : facts.turns) {
    absl::StrAppend(&text, "turn ", turn.id, " to ", turn.in_reply_to, " ", turn.reply_status, ": ",
                    turn.text.substr(0, 100), "\n");
  }
  for (const auto& [key, sent] : facts.outgoing) {
    absl::StrAppend(&text, "outgoing ", key, " ", sent.kind, " ", sent.status, " ",
                    absl::StrJoin(sent.message_ids, ","), "\n");
  }
  return text;
}

absl::StatusOr<std::set<int64_t>> HandledUpdates(Mesh& mesh) {
  ASSIGN_OR_RETURN(const auto rows,
                   (mesh.database().Read(Mesh::Deadline(), [](postgres::Transaction& tx) {
                     return tx.Query<int64_t>("SELECT update_id FROM selfology.handled_updates");
                   })));
  std::set<int64_t> handled;
  for (const auto& [update_id] : rows) handled.insert(update_id);
  return handled;
}

absl::StatusOr<Findings> Check(Mesh& mesh, const std::vector<Ledger>& ledgers,
                               const Expected& expected, const std::string& folder,
                               const std::set<int64_t>& forgotten) {
  Findings findings;
  RETURN_IF_ERROR(CheckDeadLetters(mesh, findings));
  RETURN_IF_ERROR(CheckUpdates(mesh, forgotten, findings));
  RETURN_IF_ERROR(CheckInbox(mesh, findings));
  for (const Ledger& ledger : ledgers) {
    ASSIGN_OR_RETURN(const Facts facts, ReadFacts(mesh, ledger.user_id));
    const size_t before = findings.violations.size();
    CheckPerson(ledger, facts, expected, findings);
    if (findings.violations.size() > before) {
      std::ofstream file(absl::StrCat(folder, "/user-", ledger.user_id, ".txt"));
      file << Describe(ledger, facts);
    }
  }
  return findings;
}

}  // namespace selfology::chaos
