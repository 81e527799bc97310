// What a module is given by the kernel, and what it can plug in. See module.h for the usual course.
//
// Start is the time for Serve, On, OnEverywhere, Every, Run, OnErase, OnErased, Check, Report and ReportQueue; the
// rest may be used at any time, from any thread, until the process has drained. The kernel keeps everything that
// is plugged in alive until then, and outlives it.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/broadcast.h"
#include "common/events/consumer.h"
#include "common/http/client.h"
#include "common/identity/caller.h"
#include "common/observe/metrics.h"
#include "common/observe/span.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/rpc/channel.h"
#include "common/rpc/endpoints.h"
#include "common/service/health.h"
#include "common/service/module_erasure.h"
#include "common/service/module_export.h"
#include "common/service/settings.h"
#include "common/service/stop_signal.h"

namespace selfology::service {

class Mesh {
 public:
  using Clock = std::function<absl::Time()>;

  virtual ~Mesh() = default;

  virtual postgres::Database& database() = 0;  // Under the module's own role.
  virtual redis::Client& redis() = 0;
  virtual http::Client& http() = 0;
  virtual observe::Metrics& metrics() = 0;
  // Records the module's spans (observe/span.h); the kernel does so for RPCs, events, timers and what
  // they wait for. For work that comes into the module by another way, such as an http::Server of its
  // own. Outlives the module.
  virtual const observe::Tracer* tracer() const = 0;
  virtual const Settings& settings() const = 0;
  Clock clock() const { return settings().clock; }

  // The way to another service, by its module's name:
  //   profile::v1::ProfileServiceClient profiles(mesh.Peer("profile"));
  virtual std::shared_ptr<rpc::Channel> Peer(std::string_view service) = 0;

  // Whom a token or API key stands for: `authorization` is "Bearer <token>", and empty for nobody,
  // which is an anonymous caller. For doors, which pass a token on by Call::WithToken; who makes an
  // RPC is in its Call. UNAUTHENTICATED: refused. SERVICE_UNAVAILABLE: it cannot be checked now.
  virtual absl::StatusOr<std::shared_ptr<const identity::Caller>> Authenticate(
      const Call& call, std::string_view authorization) = 0;

  // Its DeleteUserData, if it has one, is served by what the module registers by OnErase.
  virtual void Serve(std::shared_ptr<rpc::Endpoints> endpoints) = 0;

  // Handles events of the type that the handler takes:
  //
  //   mesh.On(&RecordTraits);                       // absl::Status(const Event&, events::Handling&)
  //   mesh.On(events, &QuestionEvents::AskFirst);   // a method of a shared object
  //   mesh.On(events, &AnalysisEvents::AnalyzeDeeply, "deep");
  //
  // Handlers of one user's events run one after the other; a handler that takes long and must not
  // hold up the user's others goes into a lane (a consumer group) of its own, named after it:
  // "analysis_worker.deep".
  template <typename Event>
  void On(absl::Status (*handler)(const Event&, events::Handling&), std::string_view lane = "") {
    ConsumerFor(lane).On<Event>(handler);
  }
  template <typename Event, typename Object>
  void On(std::shared_ptr<Object> object,
          absl::Status (Object::*method)(const Event&, events::Handling&),
          std::string_view lane = "") {
    OnMethod<Event>(std::move(object), method, lane);
  }
  template <typename Event, typename Object>
  void On(std::shared_ptr<Object> object,
          absl::Status (Object::*method)(const Event&, events::Handling&) const,
          std::string_view lane = "") {
    OnMethod<Event>(std::move(object), method, lane);
  }
  // Any other function object must say the type: mesh.On<SessionCreated>([&](...) { ... }).
  template <typename Event, typename Handler>
    requires std::invocable<Handler&, const Event&, events::Handling&>
  void On(Handler handler, std::string_view lane = "") {
    ConsumerFor(lane).On<Event>(std::move(handler));
  }

  // Handles, besides, all types of events that `types` gives at the time, for what learns only while
  // it runs what it is to handle. Until `types` gives some, the lane reads nothing; it is called
  // often and must be quick. The person is handling.envelope().person().
  void OnTypes(events::Handlers::TypesNow types, events::Handlers::RunAny handler,
               std::string_view lane = "") {
    ConsumerFor(lane).OnTypes(std::move(types), std::move(handler));
  }

  // Says that nobody waits for what this lane does. Under load its events are collected for up to
  // 50 ms and share transactions, and its transactions yield the database's connections to others.
  void Background(std::string_view lane = "") { ConsumerFor(lane).Gather(absl::Milliseconds(50)); }

  // Sees events of the type in every process of the mesh that asks for them, from now on; for what each
  // holds in memory. Not exactly once: `missed` is called at the start and whenever some may have been
  // missed, to read that state again. Both are called on one thread, and may take their time; see
  // events/broadcast.h.
  //
  //   mesh.OnEverywhere<TokensRevoked>([=](const TokensRevoked& event) { held->Add(event); },
  //                                    [=] { held->ReadAll(); });
  template <typename Event>
  void OnEverywhere(std::function<void(const Event&)> handler, std::function<void()> missed) {
    Everywhere().On<Event>(std::move(handler), std::move(missed));
  }

  // Runs `tick` once a period in the whole mesh, on whichever replica's turn comes first.
  virtual void Every(absl::Duration period, std::string name,
                     std::function<absl::Status(const Call&)> tick) = 0;

  // A loop with a thread of its own, such as long polling; `name` is the thread's, as `top -H`
  // shows it (15 characters). It must return soon after `stop` is requested.
  virtual void Run(std::string name, std::function<void(StopSignal& stop)> loop) = 0;

  // What the module keeps about people, for erasing them: deletes one person's rows and gives how
  // many, in a transaction of the kernel's. It may run twice. A module whose tables name people
  // (user_id, chat_id, person_id) and that registers nothing is not started.
  virtual void OnErase(ModuleErasure::EraseFunction erase) = 0;
  // The same for what is kept elsewhere, in Redis, say: after each transaction of OnErase.
  virtual void OnErased(ModuleErasure::ErasedFunction erased) = 0;

  // Erases a person from every service of the mesh; gives the rows erased. SERVICE_UNAVAILABLE when
  // some service could not: the kernel resumes it by itself, and until then no event about the
  // person takes effect.
  virtual absl::StatusOr<int64_t> EraseUser(const Call& call, int64_t user_id) = 0;

  // Gives all that the services of the mesh keep about a person, as their contracts say it
  // (selfology.mesh.v1.exported), one response of theirs after the other. SERVICE_UNAVAILABLE when
  // some service could not.
  virtual absl::Status ExportUser(const Call& call, int64_t user_id, ModuleExport::Take take) = 0;

  // A dependency besides the database and Redis, shown by /health under `name`.
  virtual void Check(std::string name, Dependency kind,
                     std::function<absl::Status(const Call&)> check) = 0;

  // A number shown by /health, such as the relay's "published_total".
  virtual void Report(std::string name, std::function<double()> value) = 0;
  // The same for how much waits, such as "pending_events": /status draws it, and above 1000
  // /health/detailed is "degraded".
  virtual void ReportQueue(std::string name, std::function<double()> length) = 0;

 protected:
  virtual events::Consumer& ConsumerFor(std::string_view lane) = 0;
  virtual events::Broadcast& Everywhere() = 0;

 private:
  template <typename Event, typename Object, typename Method>
  void OnMethod(std::shared_ptr<Object> object, Method method, std::string_view lane) {
    ConsumerFor(lane).On<Event>(
        [object = std::move(object), method](const Event& event, events::Handling& handling) {
          return ((*object).*method)(event, handling);
        });
  }
};

}  // namespace selfology::service
