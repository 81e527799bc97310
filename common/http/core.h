// What the connections of one server share. Internal to this folder: it brings Boost.Asio along.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/executor/worker_pool.h"
#include "common/http/router.h"
#include "common/http/server.h"
#include "common/observe/metrics.h"

namespace selfology::http {

// A connection as the server sees it.
class Session {
 public:
  virtual ~Session() = default;
  // Both on the I/O thread. Drain: end once what is in flight has ended. Abort: end now.
  virtual void Drain() = 0;
  virtual void Abort() = 0;
};

struct Core {
  Core(Server::Options given_options, Router given_router)
      : options(std::move(given_options)),
        router(std::move(given_router)),
        requests(options.metrics, "http_server"),
        workers(options.worker_threads),
        long_pollers(options.long_poll_threads) {}

  // Sessions count from Add until their destructor calls Remove; Core outlives them. Thread-safe.
  void Add(const std::shared_ptr<Session>& session);
  void Remove(const Session* session);
  size_t CountSessions() const;
  std::vector<std::shared_ptr<Session>> Sessions() const;
  bool AwaitNoSessions(absl::Time deadline) const;  // False: there still are some.

  // Runs work where it may block, in the request's trace. False: no thread to be had.
  static bool Run(executor::WorkerPool& pool, const observe::TraceContext& trace,
                  std::function<void()> work);
  // The same on this thread, for work that does not block.
  static void RunHere(const observe::TraceContext& trace, const std::function<void()>& work);

  const Server::Options options;
  const Router router;
  observe::Requests requests;
  // Requests that outlive the server may still ask.
  const std::shared_ptr<std::atomic<bool>> draining = std::make_shared<std::atomic<bool>>(false);
  absl::BitGen random;  // The I/O thread's.
  executor::WorkerPool workers;
  executor::WorkerPool long_pollers;

 private:
  mutable absl::Mutex mutex_;
  std::map<const Session*, std::weak_ptr<Session>> sessions_ ABSL_GUARDED_BY(mutex_);

 public:
  // Last, so that it goes first: what it still holds are sessions.
  boost::asio::io_context io;
};

// Calls what users wrote; logs what it throws and gives it as INTERNAL.
absl::Status CatchAll(const std::function<absl::Status()>& function);

}  // namespace selfology::http
