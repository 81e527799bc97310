#include "testing/servers/tcp_gate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace selfology::servers {
namespace {

// So much may wait for a slow receiver before its sender is made to wait.
constexpr size_t kMostWaiting = size_t{1} << 20;

struct Address {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  int family = AF_UNIX;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

absl::StatusOr<Address> Parse(std::string_view text) {
  Address address;
  if (constexpr std::string_view kUnix = "unix:"; text.starts_with(kUnix)) {
    text.remove_prefix(kUnix.size());
    auto* unix_address = reinterpret_cast<sockaddr_un*>(&address.storage);
    unix_address->sun_family = AF_UNIX;
    if (text.size() >= sizeof(unix_address->sun_path)) {
      return absl::InvalidArgumentError(absl::StrCat("too long for a socket: ", text));
    }
    std::memcpy(unix_address->sun_path, text.data(), text.size());
    address.size = sizeof(sockaddr_un);
    return address;
  }
  const size_t colon = text.rfind(':');
  int port = -1;
  auto* internet = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (colon == std::string_view::npos || !absl::SimpleAtoi(text.substr(colon + 1), &port) ||
      port < 0 || port > 65535 ||
      inet_pton(AF_INET, std::string(text.substr(0, colon)).c_str(), &internet->sin_addr) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("not an address: ", text));
  }
  internet->sin_family = AF_INET;
  internet->sin_port = htons(static_cast<uint16_t>(port));
  address.family = AF_INET;
  address.size = sizeof(sockaddr_in);
  return address;
}

absl::Status Failed(std::string_view what) {
  return absl::InternalError(absl::StrCat(what, ": ", strerrordesc_np(errno)));
}

struct Chunk {
  absl::Time due;
  std::string bytes;
};

// One end of a connection, and what waits to be written to it.
struct End {
  int fd = -1;
  std::deque<Chunk> waiting;
  size_t waiting_bytes = 0;
  bool closed = false;    // The other side will say nothing more.
  uint32_t interest = 0;  // What epoll was asked for.
};

struct Link {
  std::array<End, 2> ends;  // The client's and the server's.
  int64_t bytes_left = -1;  // Until it is cut; -1: never.
};

}  // namespace

class TcpGate::Loop {
 public:
  ~Loop();
  absl::Status Open(const std::string& listen, const std::string& target);

  const std::string& address() const { return address_; }
  absl::Status SetTarget(const std::string& target);
  template <typename F>
  void Change(F&& change) {
    {
      absl::MutexLock lock(&mutex_);
      std::forward<F>(change)();
    }
    Wake();
  }
  void Delay(absl::Duration delay) {
    absl::MutexLock lock(&mutex_);
    delay_ = delay;
  }
  void Cut(double probability, uint64_t seed);
  void Truncate(size_t bytes);
  void Shut(bool shut);
  size_t connections() const {
    absl::MutexLock lock(&mutex_);
    return links_.size();
  }

 private:
  void Wake() const {
    const uint64_t one = 1;
    if (write(wake_, &one, sizeof(one)) < 0) return;  // It is awake already.
  }
  void Run();
  void Accept() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // False: the link is at its end.
  bool Receive(Link& link, int from) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Send(Link& link, int to, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Watch(int64_t id, Link& link, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::map<int64_t, Link>::iterator Close(std::map<int64_t, Link>::iterator link)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Serve(int64_t id, uint32_t events, int end) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int SendDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::string address_;
  int listener_ = -1;
  int epoll_ = -1;
  int wake_ = -1;

  mutable absl::Mutex mutex_;
  Address target_ ABSL_GUARDED_BY(mutex_);
  absl::Duration delay_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
  bool shut_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<int64_t, Link> links_ ABSL_GUARDED_BY(mutex_);
  int64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  std::thread thread_;
};

TcpGate::Loop::~Loop() {
  if (thread_.joinable()) {
    Change([this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { stopped_ = true; });
    thread_.join();
  }
  absl::MutexLock lock(&mutex_);
  for (auto link = links_.begin(); link != links_.end();) link = Close(link);
  for (const int fd : {listener_, epoll_, wake_}) {
    if (fd >= 0) close(fd);
  }
}

absl::Status TcpGate::Loop::Open(const std::string& listen, const std::string& target) {
  ASSIGN_OR_RETURN(Address address, Parse(listen));
  RETURN_IF_ERROR(SetTarget(target));
  listener_ = socket(address.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener_ < 0 || bind(listener_, address.get(), address.size) != 0 ||
      ::listen(listener_, 128) != 0) {
    return Failed(absl::StrCat("cannot listen at ", listen));
  }
  address_ = listen;
  if (address.family == AF_INET) {
    sockaddr_in bound = {};
    socklen_t size = sizeof(bound);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &size);
    address_ = absl::StrCat("127.0.0.1:", ntohs(bound.sin_port));
  }
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (epoll_ < 0 || wake_ < 0) return Failed("epoll");
  // Links are numbered from 1, and twice that is the tag of their client's end.
  for (const auto& [fd, tag] : {std::pair(listener_, 0), std::pair(wake_, 1)}) {
    epoll_event event = {.events = EPOLLIN, .data = {.u64 = static_cast<uint64_t>(tag)}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) return Failed("epoll_ctl");
  }
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

absl::Status TcpGate::Loop::SetTarget(const std::string& target) {
  ASSIGN_OR_RETURN(const Address address, Parse(target));
  absl::MutexLock lock(&mutex_);
  target_ = address;
  return absl::OkStatus();
}

void TcpGate::Loop::Cut(double probability, uint64_t seed) {
  std::mt19937_64 random(seed);
  absl::MutexLock lock(&mutex_);
  for (auto link = links_.begin(); link != links_.end();) {
    const bool chosen = std::uniform_real_distribution<>(0, 1)(random) < probability;
    link = chosen ? Close(link) : std::next(link);
  }
}

void TcpGate::Loop::Truncate(size_t bytes) {
  absl::MutexLock lock(&mutex_);
  for (auto& [id, link] : links_) link.bytes_left = static_cast<int64_t>(bytes);
}

void TcpGate::Loop::Shut(bool shut) {
  absl::MutexLock lock(&mutex_);
  shut_ = shut;
  if (!shut) return;
  for (auto link = links_.begin(); link != links_.end();) link = Close(link);
}

void TcpGate::Loop::Run() {
  std::array<epoll_event, 64> events;
  int timeout_ms = -1;
  while (true) {
    const int count = epoll_wait(epoll_, events.data(), events.size(), timeout_ms);
    absl::MutexLock lock(&mutex_);
    if (stopped_) return;
    for (int i = 0; i < count; ++i) {
      const uint64_t tag = events[i].data.u64;
      if (tag == 0) {
        Accept();
      } else if (tag == 1) {
        uint64_t ignored = 0;
        while (read(wake_, &ignored, sizeof(ignored)) > 0) {
        }
      } else {
        Serve(static_cast<int64_t>(tag / 2), events[i].events, static_cast<int>(tag % 2));
      }
    }
    timeout_ms = SendDue();
  }
}

void TcpGate::Loop::Accept() {
  while (true) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    const int server = shut_ ? -1 : socket(target_.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0 || connect(server, target_.get(), target_.size) != 0) {
      close(client);
      if (server >= 0) close(server);
      continue;
    }
    fcntl(server, F_SETFL, O_NONBLOCK);
    const int64_t id = next_id_++;
    Link& link = links_[id];
    link.ends[0].fd = client;
    link.ends[1].fd = server;
    for (int end = 0; end < 2; ++end) {
      const int on = 1;
      setsockopt(link.ends[end].fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      epoll_event event = {.events = EPOLLIN, .data = {.u64 = static_cast<uint64_t>(id * 2 + end)}};
      link.ends[end].interest = EPOLLIN;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, link.ends[end].fd, &event);
    }
  }
}

std::map<int64_t, Link>::iterator TcpGate::Loop::Close(std::map<int64_t, Link>::iterator link) {
  for (const End& end : link->second.ends) close(end.fd);
  return links_.erase(link);
}

bool TcpGate::Loop::Receive(Link& link, int from) {
  End& to = link.ends[1 - from];
  char buffer[65536];
  const ssize_t size = read(link.ends[from].fd, buffer, sizeof(buffer));
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0) {
    to.closed = true;
    return !to.waiting.empty();
  }
  size_t passed = static_cast<size_t>(size);
  if (link.bytes_left >= 0) {
    passed = std::min(passed, static_cast<size_t>(link.bytes_left));
    link.bytes_left -= static_cast<int64_t>(passed);
    if (link.bytes_left == 0) to.closed = true;
  }
  to.waiting.push_back({absl::Now() + delay_, std::string(buffer, passed)});
  to.waiting_bytes += passed;
  return true;
}

bool TcpGate::Loop::Send(Link& link, int to, absl::Time now) {
  End& end = link.ends[to];
  while (!end.waiting.empty() && end.waiting.front().due <= now) {
    std::string& bytes = end.waiting.front().bytes;
    const ssize_t sent = send(end.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    end.waiting_bytes -= static_cast<size_t>(sent);
    if (static_cast<size_t>(sent) < bytes.size()) {
      bytes.erase(0, static_cast<size_t>(sent));
      return true;
    }
    end.waiting.pop_front();
  }
  return !(end.closed && end.waiting.empty());
}

void TcpGate::Loop::Watch(int64_t id, Link& link, absl::Time now) {
  for (int i = 0; i < 2; ++i) {
    End& end = link.ends[i];
    const End& other = link.ends[1 - i];
    uint32_t interest = 0;
    if (!other.closed && other.waiting_bytes < kMostWaiting) interest |= EPOLLIN;
    if (!end.waiting.empty() && end.waiting.front().due <= now) interest |= EPOLLOUT;
    if (interest == end.interest) continue;
    end.interest = interest;
    epoll_event event = {.events = interest, .data = {.u64 = static_cast<uint64_t>(id * 2 + i)}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, end.fd, &event);
  }
}

void TcpGate::Loop::Serve(int64_t id, uint32_t events, int end) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;  // Cut meanwhile.
  Link& link = found->second;
  bool alive = true;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !link.ends[1 - end].closed) {
    alive = Receive(link, end);
  } else if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    alive = false;  // It cannot be written to either.
  }
  const absl::Time now = absl::Now();
  for (int to = 0; to < 2 && alive; ++to) alive = Send(link, to, now);
  if (alive) {
    Watch(id, link, now);
  } else {
    Close(found);
  }
}

// What was delayed; gives for how many milliseconds there is nothing more to do.
int TcpGate::Loop::SendDue() {
  const absl::Time now = absl::Now();
  absl::Time next = absl::InfiniteFuture();
  for (auto link = links_.begin(); link != links_.end();) {
    bool alive = true;
    for (int to = 0; to < 2 && alive; ++to) {
      End& end = link->second.ends[to];
      if (end.waiting.empty()) continue;
      alive = Send(link->second, to, now);
      if (alive && !end.waiting.empty() && end.waiting.front().due > now) {
        next = std::min(next, end.waiting.front().due);
      }
    }
    if (!alive) {
      link = Close(link);
      continue;
    }
    Watch(link->first, link->second, now);
    ++link;
  }
  if (next == absl::InfiniteFuture()) return -1;
  return static_cast<int>(absl::ToInt64Milliseconds(next - now)) + 1;
}

absl::StatusOr<std::unique_ptr<TcpGate>> TcpGate::Start(const std::string& listen,
                                                        const std::string& target) {
  auto loop = std::make_unique<Loop>();
  RETURN_IF_ERROR(loop->Open(listen, target));
  return std::unique_ptr<TcpGate>(new TcpGate(std::move(loop)));
}

TcpGate::TcpGate(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
TcpGate::~TcpGate() = default;

const std::string& TcpGate::address() const { return loop_->address(); }
void TcpGate::SetTarget(const std::string& target) { loop_->SetTarget(target).IgnoreError(); }
void TcpGate::Delay(absl::Duration delay) { loop_->Delay(delay); }
void TcpGate::Cut(double probability, uint64_t seed) { loop_->Cut(probability, seed); }
void TcpGate::Truncate(size_t bytes) { loop_->Truncate(bytes); }
void TcpGate::Shut(bool shut) { loop_->Shut(shut); }
size_t TcpGate::connections() const { return loop_->connections(); }

}  // namespace selfology::servers
