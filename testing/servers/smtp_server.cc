#include "testing/servers/smtp_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace selfology::servers {
namespace {

constexpr std::string_view kNewLine = "\r\n";

// Reads lines off a socket.
class Lines {
 public:
  explicit Lines(int socket) : socket_(socket) {}

  // Without its end; nullopt: the other side has gone.
  std::optional<std::string> Next() {
    for (;;) {
      if (const size_t end = buffer_.find(kNewLine); end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + kNewLine.size());
        return line;
      }
      char bytes[4096];
      const ssize_t count = recv(socket_, bytes, sizeof bytes, 0);
      if (count <= 0) return std::nullopt;
      buffer_.append(bytes, static_cast<size_t>(count));
    }
  }

 private:
  const int socket_;
  std::string buffer_;
};

// "MAIL FROM:<ann@example.org> SIZE=7" -> "ann@example.org"
std::string AddressIn(std::string_view line) {
  const size_t open = line.find('<');
  const size_t close = line.find('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return "";
  return std::string(line.substr(open + 1, close - open - 1));
}

void Say(int socket, std::string_view line) {
  const std::string bytes = absl::StrCat(line, kNewLine);
  (void)!send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SmtpServer>> SmtpServer::Start() {
  std::unique_ptr<SmtpServer> server(new SmtpServer());
  server->listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (server->listener_ < 0 || bind(server->listener_, generic, size) != 0 ||
      getsockname(server->listener_, generic, &size) != 0 || listen(server->listener_, 64) != 0) {
    return absl::InternalError("cannot listen");
  }
  server->port_ = ntohs(address.sin_port);
  server->thread_ = std::thread([server = server.get()] { server->Run(); });
  return server;
}

SmtpServer::~SmtpServer() {
  std::vector<std::thread> conversations;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
  {
    absl::MutexLock lock(&mutex_);
    conversations.swap(conversations_);
  }
  for (std::thread& conversation : conversations) conversation.join();
  close(listener_);
}

std::string SmtpServer::url() const { return absl::StrCat("smtp://127.0.0.1:", port_); }

std::vector<SmtpServer::Mail> SmtpServer::mails() const {
  absl::MutexLock lock(&mutex_);
  return mails_;
}

int SmtpServer::connections() const {
  absl::MutexLock lock(&mutex_);
  return connections_;
}

void SmtpServer::Reply(const std::string& step, const std::string& line) {
  absl::MutexLock lock(&mutex_);
  replies_[step] = line;
}

void SmtpServer::HangUpAfter(const std::string& step) {
  absl::MutexLock lock(&mutex_);
  hang_up_after_ = step;
}

void SmtpServer::Run() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    absl::MutexLock lock(&mutex_);
    if (stopped_) {
      close(socket);
      return;
    }
    ++connections_;
    sockets_.insert(socket);
    conversations_.emplace_back([this, socket] { Serve(socket); });
  }
}

bool SmtpServer::Answer(int socket, const std::string& step, const std::string& usual) {
  std::string line = usual;
  {
    absl::MutexLock lock(&mutex_);
    if (hang_up_after_ == step) return false;
    if (const auto found = replies_.find(step); found != replies_.end() && !found->second.empty()) {
      line = found->second;
    }
  }
  Say(socket, line);
  return true;
}

void SmtpServer::Serve(int socket) {
  Say(socket, "220 test ESMTP");
  Lines lines(socket);
  Mail mail;
  while (const std::optional<std::string> line = lines.Next()) {
    const std::string verb = absl::AsciiStrToUpper(line->substr(0, 4));
    bool stays = true;
    if (verb == "EHLO") {
      Say(socket, "250-test");
      stays = Answer(socket, "EHLO", "250 SMTPUTF8");
    } else if (verb == "MAIL") {
      mail = {.from = AddressIn(*line)};
      stays = Answer(socket, "MAIL", "250 2.1.0 fine");
    } else if (verb == "RCPT") {
      mail.to = AddressIn(*line);
      stays = Answer(socket, "RCPT", "250 2.1.5 fine");
    } else if (verb == "DATA") {
      stays = Answer(socket, "DATA", "354 go on");
      std::optional<std::string> text;
      while (stays && (text = lines.Next()).has_value() && *text != ".") {
        absl::StrAppend(&mail.message, absl::StartsWith(*text, ".") ? text->substr(1) : *text,
                        kNewLine);
      }
      if (!stays || !text.has_value()) break;
      {
        absl::MutexLock lock(&mutex_);
        const auto refusal = replies_.find("DATA.");
        if (refusal == replies_.end() || refusal->second.empty()) mails_.push_back(mail);
      }
      stays = Answer(socket, "DATA.", "250 2.0.0 taken");
    } else if (verb == "QUIT") {
      Say(socket, "221 bye");
      break;
    } else {
      Say(socket, "250 fine");
    }
    if (!stays) break;
  }
  absl::MutexLock lock(&mutex_);
  sockets_.erase(socket);
  close(socket);
}

}  // namespace selfology::servers
