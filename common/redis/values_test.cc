#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "common/redis/args.h"
#include "common/redis/connection.h"
#include "common/redis/reply.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::redis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ArgsTest, AreWrittenAsBytesWithLengths) {
  const std::string binary("a\r\n\0b", 5);
  const Args args{"SET", binary, 42, -7, "ключ"};
  EXPECT_EQ(args.size(), 5u);
  EXPECT_EQ(Batch().Add(args).wire(),
            "*5\r\n$3\r\nSET\r\n$5\r\n" + binary + "\r\n$2\r\n42\r\n$2\r\n-7\r\n$8\r\nключ\r\n");
}

TEST(ArgsTest, NumbersReadBackExactly) {
  for (const double number : {0.1, 1e300, -2.5, 1.0 / 3, 1759312800123456.0}) {
    const Arg arg(number);
    EXPECT_EQ(std::stod(std::string(arg.text())), number);
  }
  EXPECT_EQ(Arg(std::numeric_limits<int64_t>::min()).text(), "-9223372036854775808");
  EXPECT_EQ(Arg(std::numeric_limits<uint64_t>::max()).text(), "18446744073709551615");
  EXPECT_EQ(Arg(INFINITY).text(), "inf");  // As Redis spells it in scores.
}

TEST(ArgsTest, GrowByOneOrByMany) {
  Args args{"MGET"};
  for (const std::string& key : std::vector<std::string>{"a", "b"}) args.Add(key);
  args.Append({"c", "d"});
  EXPECT_EQ(args.size(), 5u);
  EXPECT_EQ(Batch().Add(args).wire(), Batch().Add({"MGET", "a", "b", "c", "d"}).wire());
}

TEST(ArgsTest, NameIsTheFirstArgument) {
  EXPECT_EQ(Args({"XREAD", "COUNT", 1}).name(), "XREAD");
  EXPECT_EQ(Args({"", "x"}).name(), "");
  EXPECT_EQ(Args().name(), "");
}

TEST(BatchTest, ClearEmpties) {
  Batch batch;
  batch.Add({"PING"}).Add({"PING"});
  EXPECT_EQ(batch.size(), 2u);
  batch.Clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.wire(), "");
}

TEST(ReplyTest, AccessorsRefuseOtherKinds) {
  EXPECT_EQ(Reply::OfInteger(5).Integer().value(), 5);
  EXPECT_EQ(Reply::OfString("x").String().value(), "x");
  EXPECT_EQ(Reply::OfArray({Reply(), Reply::OfInteger(1)}).Array().value().size(), 2u);
  EXPECT_EQ(Reply::OfString("moved").TakeString().value(), "moved");

  EXPECT_EQ(Reply::OfString("5").Integer().status().message(),
            "redis replied a string instead of an integer");
  EXPECT_EQ(Reply().String().status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Reply::OfInteger(1).Array().status().code(), absl::StatusCode::kInternal);
  // An error inside an array says what it is, whatever was expected.
  EXPECT_EQ(ErrorKind(Reply::OfError("WRONGTYPE Operation").Integer().status()), "WRONGTYPE");
}

TEST(ReplyTest, DebugStringShowsTheTree) {
  EXPECT_EQ(Reply::OfArray({Reply::OfInteger(1), Reply::OfString("a\n"), Reply(),
                            Reply::OfArray({}), Reply::OfError("ERR no")})
                .DebugString(),
            "[1, \"a\\n\", nil, [], error(ERR no)]");
}

TEST(ErrorStatusTest, TheFirstWordDecides) {
  const std::vector<std::pair<std::string, absl::StatusCode>> cases = {
      {"LOADING Redis is loading the dataset in memory", absl::StatusCode::kUnavailable},
      {"READONLY You can't write against a read only replica.", absl::StatusCode::kUnavailable},
      {"OOM command not allowed when used memory > 'maxmemory'.", absl::StatusCode::kUnavailable},
      {"MASTERDOWN Link with MASTER is down", absl::StatusCode::kUnavailable},
      {"CLUSTERDOWN The cluster is down", absl::StatusCode::kUnavailable},
      {"TRYAGAIN Multiple keys request during rehashing of slot", absl::StatusCode::kUnavailable},
      {"BUSY Redis is busy running a script.", absl::StatusCode::kUnavailable},
      {"NOREPLICAS Not enough good replicas to write.", absl::StatusCode::kUnavailable},
      {"MISCONF Redis is configured to save RDB snapshots", absl::StatusCode::kUnavailable},
      {"NOAUTH Authentication required.", absl::StatusCode::kUnauthenticated},
      {"WRONGPASS invalid username-password pair", absl::StatusCode::kUnauthenticated},
      {"NOPERM this user has no permissions", absl::StatusCode::kPermissionDenied},
      {"NOSCRIPT No matching script.", absl::StatusCode::kNotFound},
      {"BUSYGROUP Consumer Group name already exists", absl::StatusCode::kAlreadyExists},
      {"BUSYKEY Target key name already exists.", absl::StatusCode::kAlreadyExists},
      {"WRONGTYPE Operation against a key", absl::StatusCode::kFailedPrecondition},
      {"NOGROUP No such key or consumer group", absl::StatusCode::kFailedPrecondition},
      {"EXECABORT Transaction discarded", absl::StatusCode::kFailedPrecondition},
      {"MOVED 3999 127.0.0.1:6381", absl::StatusCode::kFailedPrecondition},
      {"UNBLOCKED the stream key no longer exists", absl::StatusCode::kAborted},
      {"ERR syntax error", absl::StatusCode::kInternal},
      {"NEWKIND of a later version", absl::StatusCode::kInternal},
      {"", absl::StatusCode::kInternal},
  };
  for (const auto& [message, code] : cases) {
    const absl::Status status = ErrorStatus(message);
    EXPECT_EQ(status.code(), code) << message;
    EXPECT_EQ(ErrorKind(status), message.substr(0, message.find(' ')));
  }
}

TEST(ErrorStatusTest, AnOldStreamIdIsTheOneErrKnownByItsText) {
  EXPECT_EQ(ErrorStatus("ERR The ID specified in XADD is equal or smaller than the target stream "
                        "top item")
                .code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ErrorStatus("ERR The ID specified in XADD must be greater than 0-0").code(),
            absl::StatusCode::kInternal);
}

TEST(ErrorStatusTest, ArgumentsAreNotRepeated) {
  const absl::Status status =
      ErrorStatus("ERR unknown command 'GTE', with args beginning with: 'secret' ");
  EXPECT_EQ(status.message(), "redis: ERR unknown command 'GTE'");
}

TEST(ErrorKindTest, IsEmptyForOtherStatuses) {
  EXPECT_EQ(ErrorKind(absl::OkStatus()), "");
  EXPECT_EQ(ErrorKind(absl::UnavailableError("redis x: connection refused")), "");
}

TEST(AddressTest, ParsesTcp) {
  const Address plain = Address::Parse("redis://localhost").value();
  EXPECT_EQ(plain.host, "localhost");
  EXPECT_EQ(plain.port, 6379);
  EXPECT_EQ(plain.db, 0);
  EXPECT_EQ(plain.target, "localhost:6379/0");

  const Address full = Address::Parse("redis://us%40er:p%3Aa%2Fss%25:x@10.0.0.7:6380/5").value();
  EXPECT_EQ(full.user, "us@er");
  EXPECT_EQ(full.password, "p:a/ss%:x");
  EXPECT_EQ(full.host, "10.0.0.7");
  EXPECT_EQ(full.port, 6380);
  EXPECT_EQ(full.db, 5);
  EXPECT_EQ(full.target, "10.0.0.7:6380/5");

  const Address ipv6 = Address::Parse("redis://:pw@[::1]:6400/").value();
  EXPECT_EQ(ipv6.host, "::1");
  EXPECT_EQ(ipv6.port, 6400);
  EXPECT_EQ(ipv6.user, "");
  EXPECT_EQ(ipv6.password, "pw");
  EXPECT_EQ(ipv6.target, "[::1]:6400/0");
}

TEST(AddressTest, ParsesTls) {
  const Address plain = Address::Parse("rediss://:pw@redis.example.com/2").value();
  EXPECT_TRUE(plain.tls);
  EXPECT_EQ(plain.host, "redis.example.com");
  EXPECT_EQ(plain.password, "pw");
  EXPECT_EQ(plain.target, "redis.example.com:6379/2");
  EXPECT_EQ(plain.tls_files.authority, "");
  const Address full = Address::Parse("rediss://h?ca=/a%20b&cert=/c&key=/k").value();
  EXPECT_EQ(full.tls_files.authority, "/a b");
  EXPECT_EQ(full.tls_files.certificate, "/c");
  EXPECT_EQ(full.tls_files.key, "/k");
  EXPECT_FALSE(Address::Parse("redis://h").value().tls);
}

TEST(AddressTest, ParsesUnix) {
  const Address plain = Address::Parse("unix:///run/redis.sock").value();
  EXPECT_EQ(plain.host, "");
  EXPECT_EQ(plain.socket_path, "/run/redis.sock");
  const Address full = Address::Parse("unix:///run/a%20b?db=2&user=u&password=p%26q").value();
  EXPECT_EQ(full.socket_path, "/run/a b");
  EXPECT_EQ(full.db, 2);
  EXPECT_EQ(full.user, "u");
  EXPECT_EQ(full.password, "p&q");
  EXPECT_EQ(full.target, "/run/a b/2");
}

TEST(AddressTest, RefusesWhatItDoesNotUnderstandWithoutRepeatingIt) {
  for (const std::string url : {"",
                                "localhost:6379",
                                "http://secret",
                                "redis://",
                                "redis://:secret@",
                                "redis://host:0",
                                "redis://host:65536",
                                "redis://host:secret",
                                "redis://host/secret",
                                "redis://host/-1",
                                "redis://secret%zz@host",
                                "redis://:secret%2@host",
                                "redis://secret@host",
                                "redis://[::1",
                                "redis://[::1]secret",
                                "unix://relative/secret",
                                "unix:///s?secret=1",
                                "unix:///s?db=secret",
                                "rediss://",
                                "rediss://h?secret=1",
                                "rediss://h?cert=/secret",
                                "redis://h?ca=/secret"}) {
    const absl::Status status = Address::Parse(url).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_THAT(status.message(), Not(HasSubstr("secret"))) << url;
  }
}

}  // namespace
}  // namespace selfology::redis
