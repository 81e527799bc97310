// A mail server for tests: takes mails by SMTP and shows them, or refuses them as it is told.
//
//   ASSIGN_OR_RETURN(auto server, SmtpServer::Start());
//   client({.url = server->url()}).Send(...);
//   EXPECT_EQ(server->mails()[0].to, "ann@example.org");
//   server->Reply("RCPT", "550 5.1.1 no such user");      // from now on; "" as usual again
//   server->Reply("DATA.", "");  server->HangUpAfter("DATA.");
//
// Steps are "EHLO", "MAIL", "RCPT", "DATA", and "DATA." for the mail itself.
// Errors: INTERNAL when it cannot listen. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace selfology::servers {

class SmtpServer {
 public:
  struct Mail {
    std::string from = {};
    std::string to = {};
    std::string message = {};  // As it was sent, without the dots that SMTP adds.
  };

  static absl::StatusOr<std::unique_ptr<SmtpServer>> Start();
  ~SmtpServer();
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  std::string url() const;  // "smtp://127.0.0.1:port"

  // Those it has taken, in their order.
  std::vector<Mail> mails() const;
  // Connections so far.
  int connections() const;

  // What it answers to a step, "550 5.1.1 no such user", say; empty: yes.
  void Reply(const std::string& step, const std::string& line);
  // It closes the connection where it would answer this step, having taken the mail if that is
  // "DATA."; empty: it does not.
  void HangUpAfter(const std::string& step);

 private:
  SmtpServer() = default;
  void Run();
  void Serve(int socket);
  // False: it hangs up.
  bool Answer(int socket, const std::string& step, const std::string& usual);

  int listener_ = -1;
  uint16_t port_ = 0;
  std::thread thread_;

  mutable absl::Mutex mutex_;
  std::vector<Mail> mails_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> replies_ ABSL_GUARDED_BY(mutex_);
  std::string hang_up_after_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> conversations_ ABSL_GUARDED_BY(mutex_);
  std::set<int> sockets_ ABSL_GUARDED_BY(mutex_);
  int connections_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace selfology::servers
