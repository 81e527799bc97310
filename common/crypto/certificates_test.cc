#include "common/crypto/certificates.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::crypto {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kYear = absl::Hours(24 * 365);

Authority MakeAuthority() { return Authority::Make("Test", kNow, kNow + kYear).value(); }

TEST(CertificatesTest, ACertificateSaysWhatWasAskedFor) {
  const KeyedCertificate issued = MakeAuthority()
                                      .Issue({.uris = {"spiffe://selfology/session"},
                                              .dns_names = {"session"},
                                              .ip_addresses = {"127.0.0.1", "::1"},
                                              .not_before = kNow,
                                              .not_after = kNow + absl::Hours(1)})
                                      .value();
  const CertificateFacts facts = ReadCertificate(issued.certificate).value();
  EXPECT_THAT(facts.uris, ElementsAre("spiffe://selfology/session"));
  EXPECT_EQ(facts.not_before, kNow);
  EXPECT_EQ(facts.not_after, kNow + absl::Hours(1));
  EXPECT_TRUE(CheckKey(issued).ok());
}

TEST(CertificatesTest, AnotherKeyIsNoticed) {
  const CertificateRequest request{
      .dns_names = {"a"}, .not_before = kNow, .not_after = kNow + kYear};
  const Authority authority = MakeAuthority();
  const KeyedCertificate one = authority.Issue(request).value();
  const KeyedCertificate other = authority.Issue(request).value();
  EXPECT_EQ(CheckKey({.certificate = one.certificate, .key = other.key}).message(),
            "the key is not the certificate's");
}

TEST(CertificatesTest, AnAuthorityGoesOnFromItsFiles) {
  const Authority first = MakeAuthority();
  const Authority again = Authority::Of(first.own()).value();
  const CertificateRequest request{
      .dns_names = {"a"}, .not_before = kNow, .not_after = kNow + kYear};
  const KeyedCertificate issued = again.Issue(request).value();
  EXPECT_TRUE(CheckKey(issued).ok());
  EXPECT_THAT(Authority::Of(issued).status().message(), HasSubstr("no authority's"));
}

TEST(CertificatesTest, WhatCannotBeIsRefused) {
  const Authority authority = MakeAuthority();
  EXPECT_THAT(authority.Issue({.not_before = kNow, .not_after = kNow + kYear}).status().message(),
              HasSubstr("needs a name"));
  EXPECT_THAT(
      authority
          .Issue({.ip_addresses = {"no address"}, .not_before = kNow, .not_after = kNow + kYear})
          .status()
          .message(),
      HasSubstr("no address"));
  EXPECT_THAT(authority.Issue({.dns_names = {"a"}, .not_before = kNow, .not_after = kNow})
                  .status()
                  .message(),
              HasSubstr("end after it begins"));
  EXPECT_THAT(ReadCertificate("nonsense").status().message(), HasSubstr("no certificate"));
  EXPECT_THAT(CheckKey({.certificate = authority.own().certificate, .key = "nonsense"}).message(),
              HasSubstr("no private key"));
}

}  // namespace
}  // namespace selfology::crypto
