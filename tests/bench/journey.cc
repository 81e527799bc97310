#include "tests/bench/journey.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/events/envelope.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/rpc/channel.h"
#include "common/service/host.h"
#include "common/status/status_macros.h"
#include "selfology/coach/v1/coach_service_client.h"
#include "selfology/profile/v1/profile_service_client.h"
#include "selfology/session/v1/session_service_client.h"
#include "services/modules.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"
#include "tests/bench/report.h"

namespace selfology::bench {
namespace {

constexpr int kPartitions = 16;
constexpr int kPeopleOfAChannel = 50;
constexpr int64_t kFirstUser = 1'000;
constexpr char kConsent[] = "2025-10-01";
constexpr absl::Duration kPatience = absl::Seconds(60);
// Nobody answers sooner than this after a question came.
constexpr absl::Duration kReading = absl::Milliseconds(50);
// Everybody begins at the same instant; what that sets off is no part of what is paced after it.
constexpr absl::Duration kSettling = absl::Seconds(1);
// An answer may still come before the session service has noted its question: a person tries again.
constexpr absl::Duration kTooSoon = absl::Milliseconds(5);

// Arrivals of events in the streams, by user and type.
class Arrivals {
 public:
  Arrivals(redis::Client& redis, int people)
      : connection_(redis.Connect()), people_(static_cast<size_t>(people)) {
    thread_ = std::thread([this] { Read(); });
  }
  ~Arrivals() {
    stopped_ = true;
    connection_->Interrupt();
    thread_.join();
  }

  // When the `count`th event of the type came for the user; InfiniteFuture if it did not in time.
  absl::Time Await(const std::string& type, int64_t user, size_t count) {
    Person& person = people_[static_cast<size_t>(user - kFirstUser)];
    const absl::Time deadline = absl::Now() + kPatience;
    absl::MutexLock lock(&person.mutex);
    while (person.times[type].size() < count) {
      if (person.changed.WaitWithDeadline(&person.mutex, deadline)) return absl::InfiniteFuture();
    }
    return person.times[type][count - 1];
  }

 private:
  struct Person {
    absl::Mutex mutex;
    absl::CondVar changed;
    std::map<std::string, std::vector<absl::Time>> times ABSL_GUARDED_BY(mutex);
  };

  void Read() {
    std::vector<std::string> cursors(kPartitions, "0");
    while (!stopped_) {
      redis::Args read{"XREAD", "BLOCK", 200, "STREAMS"};
      for (int p = 0; p < kPartitions; ++p) read.Add(events::StreamName(p, kPartitions));
      for (const std::string& cursor : cursors) read.Add(cursor);
      const auto reply = connection_->Command(Call::Background(absl::Seconds(5)), read);
      if (!reply.ok() || reply->is_nil()) continue;
      Note(*reply, cursors);
    }
  }

  void Note(const redis::Reply& reply, std::vector<std::string>& cursors) {
    const absl::Time now = absl::Now();
    const auto streams = reply.Array();
    for (const redis::Reply& stream : *streams) {
      const absl::Span<const redis::Reply> pair = *stream.Array();
      const absl::Span<const redis::Reply> entries = *pair[1].Array();
      for (const redis::Reply& entry : entries) {
        const absl::Span<const redis::Reply> parts = *entry.Array();
        const absl::Span<const redis::Reply> values = *parts[1].Array();
        std::vector<std::string> fields;
        for (const redis::Reply& value : values) fields.emplace_back(*value.String());
        const auto envelope = events::DecodeEntry(fields);
        if (!envelope.ok()) continue;
        const auto p =
            static_cast<size_t>(events::PartitionOf(envelope->partition_key, kPartitions));
        cursors[p] = std::string(*parts[0].String());
        const auto place = static_cast<size_t>(envelope->partition_key - kFirstUser);
        if (place >= people_.size()) continue;
        absl::MutexLock lock(&people_[place].mutex);
        people_[place].times[envelope->type].push_back(now);
        people_[place].changed.SignalAll();
      }
    }
  }

  std::unique_ptr<redis::Connection> connection_;
  std::vector<Person> people_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

struct Cpu {
  absl::Duration mesh, postgres, redis;
};

// What one run's people share.
struct World {
  World(const JourneyOptions& options, Arrivals& arrivals, int postgres_pid, int redis_pid)
      : options(options), arrivals(arrivals), postgres_pid(postgres_pid), redis_pid(redis_pid) {}

  const JourneyOptions& options;
  Arrivals& arrivals;
  const int postgres_pid, redis_pid;
  absl::Mutex mutex;
  Journey journey ABSL_GUARDED_BY(mutex);
  int ready ABSL_GUARDED_BY(mutex) = 0;     // People who have their first question.
  int finished ABSL_GUARDED_BY(mutex) = 0;  // People whose last answer has changed their profile.
  Cpu spent ABSL_GUARDED_BY(mutex);         // Before the first answer; then until the last person.
  absl::Time first_answer ABSL_GUARDED_BY(mutex) = absl::InfiniteFuture();
  absl::Time last_question ABSL_GUARDED_BY(mutex) = absl::InfinitePast();
  absl::Time last_learnt ABSL_GUARDED_BY(mutex) = absl::InfinitePast();

  void Add(const char* what, absl::Duration took) {
    absl::MutexLock lock(&mutex);
    journey.milliseconds[what].push_back(absl::ToDoubleMilliseconds(took));
  }
  // Everybody has a first question.
  absl::Time AwaitBeginning() {
    const auto all = [this]()
                         ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return ready >= options.people; };
    absl::MutexLock lock(&mutex);
    ++ready;
    mutex.AwaitWithTimeout(absl::Condition(&all), kPatience);
    if (first_answer == absl::InfiniteFuture()) {
      first_answer = absl::Now() + (options.rate > 0 ? kSettling : absl::ZeroDuration());
      spent = SpentSoFar();
    }
    return first_answer;
  }
  // All effects of everybody's answers are there: what comes next is not to burden them.
  void AwaitEnd() {
    const auto all = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
      return finished >= options.people;
    };
    absl::MutexLock lock(&mutex);
    if (++finished == options.people) {
      const Cpu now = SpentSoFar();
      journey.cpu = now.mesh - spent.mesh;
      journey.postgres_cpu = now.postgres - spent.postgres;
      journey.redis_cpu = now.redis - spent.redis;
    }
    mutex.AwaitWithTimeout(absl::Condition(&all), kPatience);
  }
  Cpu SpentSoFar() const {
    return {.mesh = OwnCpu(), .postgres = CpuOfTree(postgres_pid), .redis = CpuOf(redis_pid)};
  }
};

absl::Status Answer(const session::v1::SessionServiceClient& sessions, int64_t user, int n) {
  session::v1::SubmitAnswerRequest answer;
  answer.set_user_id(user);
  answer.set_idempotency_key(absl::StrCat("answer-", n));
  answer.set_answer_text(absl::StrCat("For the ", n,
                                      "th time: I feel most alive when I paint with my"
                                      " friends, though I am often anxious before I begin."));
  const absl::Time start = absl::Now();
  for (absl::Duration pause = kTooSoon;; pause *= 2) {
    const absl::Status submitted =
        sessions.SubmitAnswer(Call::Background(kPatience), answer).status();
    if (!absl::IsFailedPrecondition(submitted) || absl::Now() > start + kPatience) {
      return submitted;
    }
    absl::SleepFor(pause);
  }
}

absl::Status LiveOne(World& world, int64_t user, const std::shared_ptr<rpc::Channel>& channel) {
  const session::v1::SessionServiceClient sessions(channel);
  const profile::v1::ProfileServiceClient profiles(channel);
  const coach::v1::CoachServiceClient coach(channel);
  const auto call = [] { return Call::Background(kPatience); };
  Arrivals& arrivals = world.arrivals;

  session::v1::RecordConsentRequest consent;
  consent.set_user_id(user);
  consent.set_policy_version(kConsent);
  consent.set_granted(true);
  RETURN_IF_ERROR(sessions.RecordConsent(call(), consent));
  arrivals.Await("question.selected", user, 1);
  const absl::Time beginning = world.AwaitBeginning();
  std::vector<absl::Time> starts;
  for (int n = 1; n <= world.options.answers; ++n) {
    if (world.options.rate > 0) {
      const auto place =
          static_cast<double>(int64_t{n - 1} * world.options.people + (user - kFirstUser));
      const absl::Duration early =
          beginning + absl::Seconds(place / world.options.rate) - absl::Now();
      if (early > absl::ZeroDuration()) absl::SleepFor(early);
    }
    absl::SleepFor(kReading);
    const absl::Time start = absl::Now();
    RETURN_IF_ERROR(Answer(sessions, user, n));
    const auto count = static_cast<size_t>(n);
    world.Add(kInstant, arrivals.Await("answer.analyzed.instant", user, count) - start);
    const absl::Time next = arrivals.Await("question.selected", user, count + 1);
    world.Add(kNext, next - start);
    starts.push_back(start);
    absl::MutexLock lock(&world.mutex);
    world.last_question = std::max(world.last_question, next);
  }
  // Nobody waits for it to answer.
  for (size_t n = 0; n < starts.size(); ++n) {
    const absl::Time learnt = n == 0 ? arrivals.Await("profile.created", user, 1)
                                     : arrivals.Await("profile.updated", user, n);
    world.Add(kLearnt, learnt - starts[n]);
    absl::MutexLock lock(&world.mutex);
    world.last_learnt = std::max(world.last_learnt, learnt);
  }
  world.AwaitEnd();
  profile::v1::GetProfileRequest profile;
  profile.set_user_id(user);
  absl::Time start = absl::Now();
  RETURN_IF_ERROR(profiles.GetProfile(call(), profile));
  world.Add(kProfile, absl::Now() - start);
  coach::v1::SendMessageRequest message;
  message.set_user_id(user);
  message.set_idempotency_key("message");
  message.set_message_text("I feel stuck at work. What could I do?");
  start = absl::Now();
  RETURN_IF_ERROR(coach.SendMessage(call(), message));
  world.Add(kChat, arrivals.Await("coach.message.ready", user, 1) - start);
  return absl::OkStatus();
}

// Of the busiest tables: a change that could not stay on its row's page went into all indexes.
absl::Status AddTables(postgres::Transaction& tx, std::vector<std::string>& lines) {
  const auto rows = tx.Query<std::string, int64_t, int64_t, int64_t, std::string>(
      "SELECT relname::text, n_tup_ins, n_tup_upd, n_tup_upd - n_tup_hot_upd,"
      " coalesce((SELECT string_agg(indexrelname::text, ', ' ORDER BY 1)"
      "   FROM pg_stat_user_indexes i WHERE i.relid = t.relid AND idx_scan = 0), '')"
      " FROM pg_stat_user_tables t ORDER BY n_tup_ins + n_tup_upd DESC LIMIT 20");
  RETURN_IF_ERROR(rows);
  for (const auto& [table, inserted, changed, moved, unread] : *rows) {
    lines.push_back(absl::StrFormat("%6d inserted %6d changed %6d of them in all indexes  %s%s",
                                    inserted, changed, moved, table,
                                    unread.empty() ? "" : absl::StrCat("; not read: ", unread)));
  }
  return absl::OkStatus();
}

// Events that could share transactions, and how many they took.
absl::Status AddTransactions(postgres::Transaction& tx, std::vector<std::string>& lines) {
  const auto rows = tx.Query<std::string, std::string, int64_t, int64_t>(
      "SELECT i.consumer_group, o.type, count(*), count(DISTINCT i.xmin::text)"
      " FROM selfology.inbox i JOIN selfology.outbox o ON o.id = i.event_id"
      " GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2");
  RETURN_IF_ERROR(rows);
  for (const auto& [group, type, events, transactions] : *rows) {
    lines.push_back(
        absl::StrFormat("%6d events %6d transactions  %s %s", events, transactions, group, type));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Statements(const std::string& url) {
  ASSIGN_OR_RETURN(const auto database, postgres::Database::Open({.url = url}));
  const Call call = Call::Background(kPatience);
  RETURN_IF_ERROR(database->Write(call, [](postgres::Transaction& tx) {
    tx.Queue("CREATE EXTENSION pg_stat_statements SCHEMA public");
    return absl::OkStatus();
  }));
  std::vector<std::string> statements;
  RETURN_IF_ERROR(database->Read(call, [&](postgres::Transaction& tx) -> absl::Status {
    const auto rows = tx.Query<double, double, int64_t, int64_t, std::string>(
        "SELECT sum(total_plan_time), sum(total_exec_time), sum(plans)::bigint,"
        " sum(calls)::bigint,"
        " left(regexp_replace(query, '\\s+', ' ', 'g'), 150)"
        " FROM public.pg_stat_statements GROUP BY 5 ORDER BY sum(total_plan_time +"
        " total_exec_time) DESC LIMIT 40");
    RETURN_IF_ERROR(rows);
    for (const auto& [planning, running, plans, calls, query] : *rows) {
      statements.push_back(absl::StrFormat("%8.0f ms %7d calls, planning %6.0f ms %6d times  %s",
                                           running, calls, planning, plans, query));
    }
    RETURN_IF_ERROR(AddTables(tx, statements));
    return AddTransactions(tx, statements);
  }));
  return statements;
}

}  // namespace

double Journey::Milliseconds(const std::string& what, double quantile) {
  return Quantile(milliseconds[what], quantile);
}

absl::StatusOr<Journey> Live(const JourneyOptions& options) {
  servers::PostgresOptions database{.durable = true};
  if (options.statements) {
    database.settings = {{"shared_preload_libraries", "pg_stat_statements"},
                         {"pg_stat_statements.track", "all"},
                         {"pg_stat_statements.track_planning", "on"}};
  }
  ASSIGN_OR_RETURN(const auto postgres, servers::PostgresServer::Start(database));
  ASSIGN_OR_RETURN(const auto redis_server, servers::RedisServer::Start({}));
  service::Settings settings;
  settings.database_url = postgres->url();
  settings.redis_url = redis_server->url();
  settings.event_partitions = kPartitions;
  std::vector<std::unique_ptr<service::Module>> modules;
  for (const service::LinkedModule& module : LinkedModules()) {
    // People are played by this program, which calls the services itself.
    if (module.name != "telegram_gateway") modules.push_back(module.make());
  }
  ASSIGN_OR_RETURN(const auto host, service::Host::Start(settings, std::move(modules)));
  ASSIGN_OR_RETURN(const auto redis, redis::Client::Open(redis_server->url()));
  observe::Requests requests(nullptr, "rpc_client");
  Arrivals arrivals(*redis, options.people);
  World world(options, arrivals, postgres->pid(), redis_server->pid());

  std::vector<std::shared_ptr<rpc::Channel>> channels;
  std::vector<std::thread> threads;
  std::vector<absl::Status> results(static_cast<size_t>(options.people));
  for (int i = 0; i < options.people; ++i) {
    if (i % kPeopleOfAChannel == 0) {
      channels.push_back(rpc::Channel::Connect("mesh", host->grpc_address(), requests));
    }
    threads.emplace_back([&, i, channel = channels.back()] {
      results[static_cast<size_t>(i)] = LiveOne(world, kFirstUser + i, channel);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& result : results) RETURN_IF_ERROR(result);
  absl::MutexLock lock(&world.mutex);
  if (options.statements) {
    ASSIGN_OR_RETURN(world.journey.statements, Statements(postgres->url()));
  }
  const auto pace = [&](absl::Time end) {
    return options.people * options.answers / absl::ToDoubleSeconds(end - world.first_answer);
  };
  world.journey.answers_per_second = pace(world.last_question);
  world.journey.done_per_second = pace(world.last_learnt);
  return std::move(world.journey);
}

}  // namespace selfology::bench
