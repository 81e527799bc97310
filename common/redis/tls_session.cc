#include "common/redis/tls_session.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace selfology::redis {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

// The last of OpenSSL's reasons, and none is left for whoever calls it next.
std::string Reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection broke" : reason;
}

int WriteToSocket(BIO* bio, const char* bytes, int size) {
  int fd = -1;
  BIO_get_fd(bio, &fd);
  BIO_clear_retry_flags(bio);
  // OpenSSL's own writes without the flag: a server that has gone would end the process.
  const ssize_t sent = send(fd, bytes, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

const BIO_METHOD* SocketMethod() {
  static const BIO_METHOD* const method = [] {
    const BIO_METHOD* const usual = BIO_s_socket();
    BIO_METHOD* const own = BIO_meth_new(BIO_TYPE_SOCKET, "redis");
    BIO_meth_set_write(own, &WriteToSocket);
    BIO_meth_set_read(own, BIO_meth_get_read(usual));
    BIO_meth_set_ctrl(own, BIO_meth_get_ctrl(usual));
    BIO_meth_set_create(own, BIO_meth_get_create(usual));
    BIO_meth_set_destroy(own, BIO_meth_get_destroy(usual));
    return own;
  }();
  return method;
}

absl::Status Load(SSL_CTX* context, const TlsFiles& files) {
  const auto bad = [](std::string_view what, const std::string& file) {
    return absl::UnavailableError(absl::StrCat(what, " ", file, ": ", Reason()));
  };
  if (files.authority.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) return bad("the system's", "authorities");
  } else if (SSL_CTX_load_verify_file(context, files.authority.c_str()) != 1) {
    return bad("authority", files.authority);
  }
  if (files.certificate.empty()) return absl::OkStatus();
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return bad("certificate", files.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return bad("key", files.key);
  }
  return absl::OkStatus();
}

bool IsAddress(const std::string& host) {
  std::array<char, sizeof(in6_addr)> address;
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

bool ExpectHost(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (IsAddress(host)) return X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsSession>> TlsSession::Open(int fd, const std::string& host,
                                                             const TlsFiles& files) {
  const Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (context == nullptr) return absl::UnavailableError("TLS: no memory");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  // Connection sends what is left of its bytes from wherever they then are.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (absl::Status loaded = Load(context.get(), files); !loaded.ok()) return loaded;
  SSL* const ssl = SSL_new(context.get());  // Keeps the context.
  BIO* const socket = BIO_new(SocketMethod());
  if (ssl == nullptr || socket == nullptr) return absl::UnavailableError("TLS: no memory");
  BIO_set_fd(socket, fd, BIO_NOCLOSE);
  SSL_set_bio(ssl, socket, socket);
  std::unique_ptr<TlsSession> session(new TlsSession(ssl));
  if (!ExpectHost(ssl, host)) return absl::UnavailableError("TLS: the host has no usable name");
  return session;
}

absl::Status TlsSession::Failed(std::string_view what, int result) const {
  const long verified = SSL_get_verify_result(ssl_.get());
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return absl::UnavailableError(absl::StrCat("TLS: the server's certificate is refused: ",
                                               X509_verify_cert_error_string(verified)));
  }
  const bool closed = SSL_get_error(ssl_.get(), result) == SSL_ERROR_ZERO_RETURN;
  return absl::UnavailableError(
      absl::StrCat("TLS: ", what, ": ", closed ? "closed by the server" : Reason()));
}

absl::StatusOr<int> TlsSession::Handshake() {
  ERR_clear_error();
  const int result = SSL_connect(ssl_.get());
  if (result == 1) return 0;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return POLLIN;
    case SSL_ERROR_WANT_WRITE:
      return POLLOUT;
    default:
      return Failed("handshake", result);
  }
}

absl::StatusOr<size_t> TlsSession::Send(std::string_view bytes) {
  ERR_clear_error();
  const int size = static_cast<int>(std::min<size_t>(bytes.size(), INT_MAX));
  const int result = SSL_write(ssl_.get(), bytes.data(), size);
  if (result > 0) return static_cast<size_t>(result);
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return 0;
  return Failed("cannot send", result);
}

absl::StatusOr<size_t> TlsSession::Receive(char* bytes, size_t size) {
  ERR_clear_error();
  const int result = SSL_read(ssl_.get(), bytes, static_cast<int>(std::min<size_t>(size, INT_MAX)));
  if (result > 0) return static_cast<size_t>(result);
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return 0;
  return Failed("cannot receive", result);
}

}  // namespace selfology::redis
