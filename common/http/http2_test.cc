// HTTP/2 as far as a client of one request at a time needs it, over TLS: the server here reads
// frames and answers each request with 200 and the bytes that it got.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "common/status/status.h"
#include "gtest/gtest.h"

namespace selfology::http {
namespace {

struct Freeing {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
template <typename T>
using Owned = std::unique_ptr<T, Freeing>;

// Of RFC 9113.
constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr size_t kFrameHeader = 9;
constexpr char kData = 0, kHeaders = 1, kSettings = 4, kPing = 6;
constexpr char kEndStream = 1, kEndHeaders = 4, kAck = 1;

class Http2Server {
 public:
  explicit Http2Server(bool speaks_http2) : speaks_http2_(speaks_http2) {
    key_.reset(EVP_EC_gen("P-256"));
    certificate_.reset(X509_new());
    X509_set_version(certificate_.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 3600);
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_NAME* const name = X509_get_subject_name(certificate_.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate_.get(), name);
    X509_EXTENSION* const address =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate_.get(), address, -1);
    X509_EXTENSION_free(address);
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    ca_file_ = absl::StrCat(::testing::TempDir(), "/http2_ca_", getpid(), ".pem");
    FILE* const file = std::fopen(ca_file_.c_str(), "w");
    PEM_write_X509(file, certificate_.get());
    std::fclose(file);

    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context_.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
    SSL_CTX_set_alpn_select_cb(context_.get(), &Http2Server::Select, this);

    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in where = {};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&where), size), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&where), &size);
    port_ = ntohs(where.sin_port);
    listen(listener_, 4);
    thread_ = std::thread([this] { Run(); });
  }
  ~Http2Server() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    std::remove(ca_file_.c_str());
  }

  std::string url() const { return absl::StrCat("https://127.0.0.1:", port_, "/3/device/x"); }
  const std::string& ca_file() const { return ca_file_; }

 private:
  static int Select(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned int in_size, void* self) {
    const std::string_view wanted =
        static_cast<Http2Server*>(self)->speaks_http2_ ? "h2" : "http/1.1";
    for (unsigned int i = 0; i < in_size; i += 1u + in[i]) {
      if (std::string_view(reinterpret_cast<const char*>(in + i + 1), in[i]) == wanted) {
        *out = in + i + 1;
        *out_size = in[i];
        return SSL_TLSEXT_ERR_OK;
      }
    }
    return SSL_TLSEXT_ERR_NOACK;
  }

  void Run() {
    for (;;) {
      const int socket = accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      const Owned<SSL> ssl(SSL_new(context_.get()));
      SSL_set_fd(ssl.get(), socket);
      if (SSL_accept(ssl.get()) == 1) Converse(*ssl);
      close(socket);
    }
  }

  static bool Read(SSL& ssl, std::string& bytes) {
    size_t got = 0;
    while (got < bytes.size()) {
      const int count = SSL_read(&ssl, bytes.data() + got, static_cast<int>(bytes.size() - got));
      if (count <= 0) return false;
      got += static_cast<size_t>(count);
    }
    return true;
  }
  static void Write(SSL& ssl, const std::string& bytes) {
    SSL_write(&ssl, bytes.data(), static_cast<int>(bytes.size()));
  }
  static std::string Frame(char type, char flags, uint32_t stream, const std::string& payload) {
    const auto size = static_cast<uint32_t>(payload.size());
    std::string frame;
    for (const int shift : {16, 8, 0}) frame += static_cast<char>(size >> shift);
    frame += type;
    frame += flags;
    for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
    return frame + payload;
  }

  void Converse(SSL& ssl) const {
    if (!speaks_http2_) {
      // All of it: closing with bytes unread resets the connection.
      std::string request;
      for (std::string byte(1, '\0'); !absl::EndsWith(request, "\r\n\r\nx");) {
        if (!Read(ssl, byte)) return;
        request += byte;
      }
      Write(ssl, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\none");
      return;
    }
    std::string preface(kPreface.size(), '\0');
    if (!Read(ssl, preface) || preface != kPreface) return;
    Write(ssl, Frame(kSettings, 0, 0, ""));
    std::map<uint32_t, std::string> bodies;
    for (std::string header(kFrameHeader, '\0'); Read(ssl, header);) {
      const auto byte = [&](size_t i) {
        return static_cast<uint32_t>(static_cast<unsigned char>(header[i]));
      };
      std::string payload(byte(0) << 16 | byte(1) << 8 | byte(2), '\0');
      if (!payload.empty() && !Read(ssl, payload)) return;
      const uint32_t stream = byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8);
      const char type = header[3], flags = header[4];
      if (type == kSettings && (flags & kAck) == 0) Write(ssl, Frame(kSettings, kAck, 0, ""));
      if (type == kPing && (flags & kAck) == 0) Write(ssl, Frame(kPing, kAck, 0, payload));
      if (type == kData) bodies[stream] += payload;
      if ((type == kData || type == kHeaders) && (flags & kEndStream) != 0) {
        // 0x88: the static table's ":status: 200" (RFC 7541).
        Write(ssl, Frame(kHeaders, kEndHeaders, stream, "\x88") +
                       Frame(kData, kEndStream, stream, absl::StrCat("two ", bodies[stream])));
      }
    }
  }

  const bool speaks_http2_;
  Owned<EVP_PKEY> key_;
  Owned<X509> certificate_;
  Owned<SSL_CTX> context_;
  std::string ca_file_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::thread thread_;
};

absl::StatusOr<ClientResponse> Post(Client& client, const std::string& url, bool http2,
                                    const std::string& body) {
  return client.Send(
      Call::Background(absl::Seconds(20)),
      {.method = "POST", .url = url, .headers = {{"X-Test", "1"}}, .body = body, .http2 = http2});
}

TEST(Http2Test, SpeaksItWhereAskedAndOffered) {
  Http2Server server(/*speaks_http2=*/true);
  Client client({.ca_file = server.ca_file()});
  for (const std::string body : {"one", "again, on the same connection"}) {
    const auto response = Post(client, server.url(), /*http2=*/true, body);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, absl::StrCat("two ", body));
  }
}

TEST(Http2Test, FallsBackWhereTheServerDoesNot) {
  Http2Server server(/*speaks_http2=*/false);
  Client client({.ca_file = server.ca_file()});
  const auto response = Post(client, server.url(), /*http2=*/true, "x");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "one");
}

TEST(Http2Test, TrustsNobodyElse) {
  Http2Server server(/*speaks_http2=*/true);
  Client client({});
  EXPECT_EQ(status::Reason(Post(client, server.url(), /*http2=*/true, "x").status()),
            "TLS_NOT_TRUSTED");
}

}  // namespace
}  // namespace selfology::http
