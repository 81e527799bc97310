// One exchange at a time over libcurl, on connections that it keeps. Internal to this folder.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/http/client.h"

namespace selfology::http {

// Before anything else of libcurl's.
void InitialiseCurlOnce();

// A line to one host: curl's handles with the connection they hold open. Not thread-safe.
class Transfer {
 public:
  // Null when libcurl has no memory to give.
  static std::unique_ptr<Transfer> Make(const Client::Options& options, CURLSH* share);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  absl::StatusOr<ClientResponse> Run(const Call& call, const ClientRequest& request,
                                     std::string_view traceparent);

 private:
  Transfer(const Client::Options& options, CURLSH* share, CURLM* multi, CURL* easy);

  static size_t OnRead(char* data, size_t size, size_t count, void* self);
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int RefuseSeek(void* self, curl_off_t offset, int origin);
  static size_t OnHeader(char* data, size_t size, size_t count, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* self);

  absl::Status Prepare(const Call& call, std::string_view traceparent);
  absl::Status AddHeader(std::string_view name, std::string_view value);
  void SetBody();
  absl::Status Perform(const Call& call);
  absl::Status ToStatus(CURLcode code) const;
  absl::Status TakeHeader(std::string_view line);
  absl::Status TakeBody(std::string_view data);

  const Client::Options& options_;
  CURLSH* const share_;
  CURLM* const multi_;
  CURL* const easy_;
  curl_slist* headers_ = nullptr;

  // The exchange at hand.
  const ClientRequest* request_ = nullptr;
  ClientResponse response_;
  size_t header_bytes_ = 0;
  bool header_ended_ = false;
  size_t body_bytes_ = 0;
  size_t body_bytes_read_ = 0;  // Of the request.
  bool address_refused_ = false;
  absl::Status refused_;  // Why we ended the transfer, if we did.
};

}  // namespace selfology::http
