// Mails to a mail server, by SMTP.
//
//   http::SmtpClient client({.url = "smtps://name:password@mail.example.org", .metrics = &metrics});
//   ASSIGN_OR_RETURN(http::SmtpReply reply,
//                    client.Send(call, {.from = "bot@example.org",
//                                       .to = "ann@example.org",
//                                       .message = mail}));
//   if (reply.code / 100 == 2) ...     // 4xx and 5xx are no errors of Send
//
// Errors of Send, with status::Reason:
//   UNAVAILABLE          CONNECT_FAILED: the server was not reached, or went before it had the mail
//                        CONNECTION_LOST: it had the mail and gave no answer; it may have taken it
//   DEADLINE_EXCEEDED    the call's deadline passed, with reason CONNECTION_LOST once it had the mail
//   CANCELLED            the call was cancelled
//   INVALID_ARGUMENT     an address or the URL is malformed
//   FAILED_PRECONDITION  TLS_NOT_TRUSTED, and LOGIN_REFUSED for the name and password in the URL
// Nothing is tried again. With "smtp://" TLS is used where the server offers it (STARTTLS), and
// required with a name and password in the URL unless the host is this machine; "smtps://" is TLS
// from the start. Addresses and mails are never logged.
// Metrics: request_duration_seconds{kind="smtp_client", operation="send"}.
// Threads: thread-safe; Send blocks.
// Sources: RFC 5321, RFC 3463 (status codes), RFC 3207, by libcurl.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"

namespace selfology::http {

struct SmtpMessage {
  std::string from = {};     // The envelope's: where it goes when it bounces.
  std::string to = {};       // One address.
  std::string message = {};  // RFC 5322, lines ended by CR LF.
};

// What the server said last.
struct SmtpReply {
  int code = 0;             // 250: it has taken the mail; 4xx: not now; 5xx: never.
  std::string status = {};  // RFC 3463, such as "5.1.1"; empty: it gave none.
};

// The status code that a reply's text begins with, as in "550 5.1.1 no such user". Pure.
SmtpReply ParseSmtpReply(std::string_view line);

class SmtpClient {
 public:
  struct Options {
    std::string url = {};                                // "smtp[s]://[name:password@]host[:port]"
    absl::Duration connect_timeout = absl::Seconds(10);  // Never past the call's deadline.
    int max_idle_connections = 8;
    std::string ca_file = {};             // PEM; empty: the system's.
    observe::Metrics* metrics = nullptr;  // May be null.
  };

  explicit SmtpClient(Options options);
  ~SmtpClient();  // No Send may be running.
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  absl::StatusOr<SmtpReply> Send(const Call& call, const SmtpMessage& message);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace selfology::http
