#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/file/digest.h"
#include "services/platform/file/files.h"
#include "services/platform/file/storage/folder_store.h"
#include "services/platform/file/storage/s3_store.h"

namespace selfology::file {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// As much of S3 as the store uses. Refuses what is not signed with the right key.
class FakeS3 {
 public:
  FakeS3() {
    std::vector<http::Route> routes;
    for (const char* path : {"/bucket", "/bucket/*"}) {
      for (const char* method : {"GET", "PUT", "HEAD", "DELETE"}) {
        routes.push_back({.method = method,
                          .path = path,
                          .handler = [this](const http::Request& request) { return Do(request); },
                          .max_body_bytes = 9 << 20});
      }
    }
    server_ = *http::Server::Start({}, std::move(routes));
  }
  std::string url() const { return absl::StrCat("http://", host(), "/bucket"); }
  static SigningKeys Keys() { return {.access_key = "AK", .secret_key = "SK", .region = "r1"}; }

 private:
  std::string host() const { return absl::StrCat("127.0.0.1:", server_->port()); }

  bool IsSigned(const http::Request& request) const {
    const std::string date(request.headers.Get("x-amz-date").value_or(""));
    absl::Time at;
    std::string error;
    if (!absl::ParseTime("%E4Y%m%dT%H%M%SZ", date, &at, &error)) return false;
    S3Request same = {.method = request.method,
                      .host = host(),
                      .path = request.path,
                      .payload_sha256 = ToHex(Sha256::Of(request.body))};
    for (const auto& [name, value] : request.query) same.query.emplace_back(name, value);
    if (const auto range = request.headers.Get("range")) same.headers["range"] = *range;
    return Sign(Keys(), same, at)[0].second == request.headers.Get("authorization").value_or("") &&
           request.headers.Get("x-amz-content-sha256") == same.payload_sha256;
  }

  http::Response List(const http::Request& request) {
    std::string xml = "<?xml version=\"1.0\"?><ListBucketResult>";
    int left = 1000;
    for (const auto& [key, bytes] : objects_) {
      if (!absl::StartsWith(key, request.Parameter("prefix").value_or("")) ||
          key <= request.Parameter("start-after").value_or("") || left-- == 0) {
        continue;
      }
      absl::StrAppend(&xml, "<Contents><Key>", key,
                      "</Key><LastModified>2024-01-02T03:04:05.000Z</LastModified></Contents>");
    }
    return http::Response::Text(xml + "</ListBucketResult>");
  }

  absl::StatusOr<http::Response> Do(const http::Request& request) {
    if (!IsSigned(request)) return http::Response::Text("SignatureDoesNotMatch", 403);
    absl::MutexLock lock(&mutex_);
    if (request.path == "/bucket") return List(request);
    const std::string key = request.path.substr(8);
    if (request.method == "PUT") {
      objects_[key] = request.body;
      return http::Response::Text("");
    }
    if (request.method == "DELETE") {
      objects_.erase(key);
      return http::Response{.status = 204};
    }
    const auto at = objects_.find(key);
    if (at == objects_.end()) return http::Response::Text("", 404);
    const ByteRange range = ReadRange(request.headers.Get("range").value_or(""),
                                      static_cast<int64_t>(at->second.size()));
    if (range.kind == ByteRange::Kind::kUnsatisfiable) return http::Response::Text("", 416);
    return http::Response::Text(at->second.substr(range.offset, range.length), 206);
  }

  absl::Mutex mutex_;
  std::map<std::string, std::string> objects_;
  std::unique_ptr<http::Server> server_;
};

Call Deadline() { return Call::Background(absl::Seconds(20)); }

// What both stores promise.
void KeepsWhatItIsGiven(ObjectStore& store) {
  ASSERT_TRUE(store.Healthy(Deadline()).ok()) << store.Healthy(Deadline());
  std::vector<std::string> keys = {NewKey(), NewKey(), NewKey()};
  std::sort(keys.begin(), keys.end());
  for (const std::string& key : keys) {
    EXPECT_EQ(store.Get(Deadline(), key, 0, 10).status().code(), absl::StatusCode::kNotFound);
    EXPECT_FALSE(*store.Exists(Deadline(), key));
    ASSERT_TRUE(store.Put(Deadline(), key, "hello" + key).ok());
  }
  const std::string big(3 << 20, 'x');
  ASSERT_TRUE(store.Put(Deadline(), keys[0], big).ok());
  EXPECT_TRUE(*store.Exists(Deadline(), keys[1]));
  EXPECT_EQ(*store.Get(Deadline(), keys[1], 0, 5), "hello");
  EXPECT_EQ(*store.Get(Deadline(), keys[1], 1, 3), "ell");
  EXPECT_EQ(*store.Get(Deadline(), keys[1], 5, 1000), keys[1]);
  EXPECT_EQ(*store.Get(Deadline(), keys[1], 5000, 10), "");
  EXPECT_EQ(*store.Get(Deadline(), keys[0], 0, 8 << 20), big);
  auto listed = store.List(Deadline(), "", 10);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_THAT(*listed, SizeIs(3));
  for (int i = 0; i < 3; ++i) EXPECT_EQ((*listed)[i].key, keys[i]);
  listed = store.List(Deadline(), keys[1], 10);
  ASSERT_THAT(*listed, SizeIs(1));
  EXPECT_EQ((*listed)[0].key, keys[2]);
  ASSERT_TRUE(store.Delete(Deadline(), keys[1]).ok());
  ASSERT_TRUE(store.Delete(Deadline(), keys[1]).ok());
  EXPECT_FALSE(*store.Exists(Deadline(), keys[1]));
}

TEST(ObjectStoresTest, AFolder) {
  std::string folder = absl::StrCat(::testing::TempDir(), "/folder_XXXXXX");
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  FolderStore store(folder + "/files");
  KeepsWhatItIsGiven(store);
  // Nothing half-written stays.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    EXPECT_NE(entry.path().extension(), ".part");
  }
  EXPECT_EQ(store.Presign(NewKey(), absl::Hours(1), "", ""), std::nullopt);
  // Whose writer was killed goes with its key, and counts until then.
  std::filesystem::create_directories(folder + "/files/ab");
  std::ofstream(folder + "/files/ab/half.part") << "half";
  EXPECT_TRUE(*store.Exists(Deadline(), "ab/half"));
  ASSERT_TRUE(store.Delete(Deadline(), "ab/half").ok());
  EXPECT_FALSE(*store.Exists(Deadline(), "ab/half"));
  EXPECT_FALSE(std::filesystem::exists(folder + "/files/ab/half.part"));
}

TEST(ObjectStoresTest, ABucket) {
  FakeS3 s3;
  http::Client client({});
  auto store = S3Store::Open({.url = s3.url(), .keys = FakeS3::Keys()}, client, &absl::Now);
  ASSERT_TRUE(store.ok()) << store.status();
  KeepsWhatItIsGiven(**store);
  const auto link = (*store)->Presign("ab/c", absl::Hours(1), "image/png", "inline");
  ASSERT_TRUE(link.has_value());
  EXPECT_THAT(*link, HasSubstr("/bucket/files/ab/c?X-Amz-Algorithm=AWS4-HMAC-SHA256&"));
  EXPECT_THAT(*link, HasSubstr("response-content-type=image%2Fpng"));
}

TEST(ObjectStoresTest, AWrongKeyIsTheOperatorsMatter) {
  FakeS3 s3;
  http::Client client({});
  SigningKeys keys = FakeS3::Keys();
  keys.secret_key = "wrong";
  auto store = S3Store::Open({.url = s3.url(), .keys = keys}, client, &absl::Now);
  ASSERT_TRUE(store.ok());
  EXPECT_EQ((*store)->Put(Deadline(), NewKey(), "a").code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE((*store)->Healthy(Deadline()).ok());
  EXPECT_FALSE(S3Store::Open({.url = "ftp://x"}, client, &absl::Now).ok());
  EXPECT_FALSE(S3Store::Open({.url = "https://"}, client, &absl::Now).ok());
}

TEST(ObjectStoresTest, Listings) {
  EXPECT_THAT(*ReadListing("<ListBucketResult/>", ""), IsEmpty());
  for (const char* bad :
       {"", "<a/>", "<ListBucketResult>", "{}",
        "<ListBucketResult><Contents><Key>x</Key></Contents></ListBucketResult>"}) {
    EXPECT_FALSE(ReadListing(bad, "files/").ok()) << bad;
  }
}

}  // namespace
}  // namespace selfology::file
