#include "services/platform/file/storage/sigv4.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/file/digest.h"

namespace selfology::file {
namespace {

using ::testing::EndsWith;

// The examples of "Authenticating Requests: Using the Authorization Header" and "Using Query
// Parameters" of Amazon's S3 reference.
const SigningKeys kKeys = {.access_key = "AKIAIOSFODNN7EXAMPLE",
                           .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                           .region = "us-east-1"};
const absl::Time kNow = absl::FromCivil(absl::CivilDay(2013, 5, 24), absl::UTCTimeZone());

S3Request Example() {
  return {.host = "examplebucket.s3.amazonaws.com", .payload_sha256 = ToHex(Sha256::Of(""))};
}

TEST(SigV4Test, SignsAGetWithARange) {
  S3Request request = Example();
  request.path = "/test.txt";
  request.headers = {{"range", "bytes=0-9"}};
  EXPECT_EQ(Sign(kKeys, request, kNow)[0].second,
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4Test, SignsAPutWithItsContent) {
  S3Request request = Example();
  request.method = "PUT";
  request.path = "/test$file.text";
  request.headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  request.payload_sha256 = ToHex(Sha256::Of("Welcome to Amazon S3."));
  EXPECT_THAT(
      Sign(kKeys, request, kNow)[0].second,
      EndsWith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(SigV4Test, SignsAQuery) {
  S3Request request = Example();
  request.query = {{"lifecycle", ""}};
  EXPECT_THAT(
      Sign(kKeys, request, kNow)[0].second,
      EndsWith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
  request.query = {{"prefix", "J"}, {"max-keys", "2"}};
  EXPECT_THAT(
      Sign(kKeys, request, kNow)[0].second,
      EndsWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(SigV4Test, PresignsAnAddress) {
  S3Request request = Example();
  request.path = "/test.txt";
  EXPECT_EQ(Presign(kKeys, request, kNow, absl::Seconds(86400)),
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&"
            "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"
            "X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
            "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(SigV4Test, EncodesWhatIsNotUnreserved) {
  EXPECT_EQ(UriEncode("/a b+c~ж", true), "/a%20b%2Bc~%D0%B6");
  EXPECT_EQ(UriEncode("a/b", false), "a%2Fb");
  EXPECT_EQ(CanonicalQuery({{"b", "1"}, {"a", "2/3"}}), "a=2%2F3&b=1");
}

}  // namespace
}  // namespace selfology::file
