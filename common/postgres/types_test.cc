#include "common/postgres/types.h"

#include <cmath>
#include <limits>
#include <memory>
#include <random>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "common/postgres/database.h"
#include "common/uuid/uuid.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_test.h"

namespace selfology::postgres {
namespace {

using ::testing::HasSubstr;
using uuid::Uuid;

class TypesTest : public servers::PostgresTest {
 protected:
  void SetUp() override { database_ = Database::Open({.url = TestUrl()}).value(); }

  // One database for all of these tests: they change nothing.
  static const std::string& TestUrl() {
    static const std::string url = servers::FreshDatabase();
    return url;
  }

  // What comes back when value is sent as $1 and cast to type.
  template <typename Out, typename In>
  absl::StatusOr<Out> Convert(std::string_view type, const In& value) {
    const std::string sql = absl::StrCat("SELECT $1::", type, " AS v");
    return database_->Read(call_, [&](Transaction& tx) -> absl::StatusOr<Out> {
      auto row = tx.QueryOne<Out>(sql, value);
      if (!row.ok()) return row.status();
      return std::get<0>(**std::move(row));
    });
  }

  // What PostgreSQL itself makes of value.
  template <typename In>
  std::string Text(std::string_view type, const In& value) {
    auto text = Convert<std::string>(absl::StrCat(type, "::text"), value);
    return text.ok() ? *text : text.status().ToString();
  }

  template <typename T>
  void ExpectSame(std::string_view type, const T& value) {
    auto back = Convert<T>(type, value);
    ASSERT_TRUE(back.ok()) << type << ": " << back.status();
    EXPECT_EQ(*back, value) << type;
    auto optional = Convert<std::optional<T>>(type, std::optional<T>(value));
    ASSERT_TRUE(optional.ok()) << type << ": " << optional.status();
    EXPECT_EQ(*optional, std::optional<T>(value)) << type;
    auto null = Convert<std::optional<T>>(type, std::optional<T>());
    ASSERT_TRUE(null.ok()) << type << ": " << null.status();
    EXPECT_EQ(*null, std::nullopt) << type;
  }

  // Arrays of what values hold: all, none, and with NULLs between.
  template <typename T>
  void ExpectSameArrays(std::string_view type, const std::vector<T>& values) {
    const std::string array = absl::StrCat(type, "[]");
    ExpectSame(array, values);
    ExpectSame(array, std::vector<T>());
    std::vector<std::optional<T>> with_nulls = {std::nullopt};
    for (const T& value : values) {
      with_nulls.push_back(value);
      with_nulls.push_back(std::nullopt);
    }
    ExpectSame(array, with_nulls);
    for (const T& value : values) ExpectSame(type, value);
  }

  const Call call_ = Call::Background(absl::Minutes(1));
  std::unique_ptr<Database> database_;
};

constexpr int64_t kMin64 = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax64 = std::numeric_limits<int64_t>::max();
constexpr int32_t kMin32 = std::numeric_limits<int32_t>::min();
constexpr int32_t kMax32 = std::numeric_limits<int32_t>::max();

TEST_F(TypesTest, Booleans) {
  ExpectSame("boolean", true);
  ExpectSame("boolean", false);
  ExpectSame("boolean[]", std::vector<bool>{true, false, true});
  ExpectSame("boolean[]", std::vector<std::optional<bool>>{true, std::nullopt, false});
  EXPECT_EQ(Text("boolean", true), "true");
}

TEST_F(TypesTest, Integers) {
  ExpectSameArrays<int64_t>("bigint", {kMin64, -1, 0, 1, 1'234'567'890'123, kMax64});
  ExpectSameArrays<int32_t>("integer", {kMin32, -1, 0, 1, kMax32});
  EXPECT_EQ(Text("bigint", kMin64), "-9223372036854775808");
  EXPECT_EQ(Text("integer", kMax32), "2147483647");
}

TEST_F(TypesTest, NarrowColumnsAreReadIntoWiderTypes) {
  EXPECT_EQ((Convert<int64_t>("integer", -5)).value(), -5);
  EXPECT_EQ((Convert<int64_t>("smallint", -5)).value(), -5);
  EXPECT_EQ((Convert<int32_t>("smallint", -5)).value(), -5);
  EXPECT_EQ((Convert<double>("real", 0.5)).value(), 0.5);
  EXPECT_EQ((Convert<std::vector<int64_t>>("smallint[]", std::vector<int64_t>{-5, 5})).value(),
            (std::vector<int64_t>{-5, 5}));
}

TEST_F(TypesTest, Doubles) {
  using Limits = std::numeric_limits<double>;
  ExpectSameArrays<double>("double precision",
                           {0.0, 0.1, -1e300, Limits::min(), Limits::denorm_min(), Limits::max(),
                            Limits::lowest(), Limits::infinity(), -Limits::infinity()});
  EXPECT_TRUE(std::isnan(Convert<double>("double precision", std::nan("")).value()));
  EXPECT_TRUE(std::signbit(Convert<double>("double precision", -0.0).value()));
  EXPECT_EQ(Text("double precision", 0.1), "0.1");
}

TEST_F(TypesTest, Text) {
  const std::string every_length(100'000, 'x');
  ExpectSameArrays<std::string>(
      "text", {"", "a", "NULL", "'; DROP TABLE t; --", "back\\slash \"quoted\" {braces}, comma",
               "Ёжик в тумане 🦔", "\x01\n\t", every_length});
  EXPECT_EQ(Convert<std::string>("text", "literal").value(), "literal");
  EXPECT_EQ(Convert<std::string>("varchar", std::string_view("view")).value(), "view");
  EXPECT_EQ(Convert<std::string>("char(3)", "c").value(), "c  ");
  const char* pointer = "pointer";
  EXPECT_EQ(Convert<std::string>("name", pointer).value(), "pointer");
}

TEST_F(TypesTest, TextThatIsNoTextIsRefusedAndNotRepeated) {
  for (const std::string& secret : {std::string("sec\0ret", 7), std::string("secret \xff")}) {
    const absl::Status status = Convert<std::string>("text", secret).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(status.ToString(), ::testing::Not(HasSubstr("sec")));
  }
}

TEST_F(TypesTest, BinaryData) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  ExpectSameArrays<Bytes>("bytea", {Bytes{}, Bytes{all}, Bytes{std::string(1, '\0')}});
  EXPECT_EQ(Convert<Bytes>("bytea", BytesView{all}).value().value, all);
  EXPECT_EQ(Text("bytea", Bytes{"\x01\xff"}), "\\x01ff");
}

TEST_F(TypesTest, JsonDocuments) {
  ExpectSameArrays<Json>("jsonb", {Json{"{}"}, Json{R"({"a": [1, null, "é"]})"}, Json{"null"}});
  EXPECT_EQ(Convert<Json>("json", JsonView{R"({"b":1,"a":2})"}).value().value,
            R"({"a": 2, "b": 1})");
  EXPECT_TRUE(absl::IsInvalidArgument(Convert<Json>("jsonb", Json{"{"}).status()));
}

TEST_F(TypesTest, Uuids) {
  std::mt19937_64 random(1);
  const Uuid id = uuid::V7(absl::FromUnixSeconds(1'700'000'000), random);
  ExpectSameArrays<Uuid>("uuid", {Uuid(), id});
  EXPECT_EQ(Text("uuid", id), id.ToString());
}

TEST_F(TypesTest, Times) {
  const absl::Time time = absl::FromUnixMicros(1'700'000'000'123'456);
  ExpectSameArrays<absl::Time>(
      "timestamptz", {absl::UnixEpoch(), time, absl::InfiniteFuture(), absl::InfinitePast(),
                      absl::FromCivil(absl::CivilSecond(1, 1, 1), absl::UTCTimeZone()),
                      absl::FromCivil(absl::CivilSecond(9999, 12, 31), absl::UTCTimeZone())});
  EXPECT_EQ(Text("timestamptz", time), "2023-11-14 22:13:20.123456+00");
  EXPECT_EQ(Text("timestamptz", absl::InfiniteFuture()), "infinity");
  EXPECT_EQ(Text("timestamptz", absl::InfinitePast()), "-infinity");
}

TEST_F(TypesTest, TimesAreCutToMicrosecondsTowardsThePast) {
  for (const absl::Time time : {absl::FromUnixMicros(5), absl::FromUnixMicros(-5)}) {
    for (const absl::Duration more : {absl::Nanoseconds(1), absl::Nanoseconds(999)}) {
      EXPECT_EQ(Convert<absl::Time>("timestamptz", time + more).value(), time);
    }
  }
}

TEST_F(TypesTest, TimesTooFarAwayAreRefused) {
  for (const absl::Time time :
       {absl::FromUnixSeconds(kMax64 / 2), absl::FromUnixSeconds(kMin64 / 2)}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Convert<absl::Time>("timestamptz", time).status()));
  }
}

TEST_F(TypesTest, Dates) {
  ExpectSameArrays<absl::CivilDay>("date", {absl::CivilDay(2000, 1, 1), absl::CivilDay(1969, 7, 20),
                                            absl::CivilDay(9999, 12, 31)});
  EXPECT_EQ(Text("date", absl::CivilDay(2024, 2, 29)), "2024-02-29");
}

TEST_F(TypesTest, UntypedNullAndSpans) {
  EXPECT_EQ((Convert<std::optional<int64_t>>("bigint", std::nullopt)).value(), std::nullopt);
  const std::vector<std::string> words = {"a", "b"};
  EXPECT_EQ(Convert<std::vector<std::string>>("text[]", absl::MakeConstSpan(words)).value(), words);
  const std::vector<std::string_view> views = {"c"};
  EXPECT_EQ(Convert<std::vector<std::string>>("text[]", views).value(),
            std::vector<std::string>{"c"});
}

TEST_F(TypesTest, RandomValuesComeBack) {
  std::mt19937_64 random(20240229);
  const auto any64 = [&] {
    return absl::Uniform<int64_t>(absl::IntervalClosed, random, kMin64, kMax64);
  };
  absl::Status status = database_->Read(call_, [&](Transaction& tx) -> absl::Status {
    for (int i = 0; i < 300; ++i) {
      std::vector<int64_t> integers(absl::Uniform(random, 0, 20));
      for (int64_t& integer : integers) integer = any64() >> absl::Uniform(random, 0, 64);
      std::string bytes(absl::Uniform(random, 0, 200), ' ');
      for (char& byte : bytes) byte = static_cast<char>(absl::Uniform(random, 0, 256));
      const double number = std::bit_cast<double>(any64());
      const absl::Time time = absl::FromUnixMicros(
          absl::Uniform<int64_t>(random, -62'000'000'000'000'000, 250'000'000'000'000'000));
      auto row = tx.QueryOne<std::vector<int64_t>, Bytes, double, absl::Time>(
          "SELECT $1, $2, $3, $4", integers, Bytes{bytes}, number, time);
      if (!row.ok()) return row.status();
      const auto& [integers_back, bytes_back, number_back, time_back] = **row;
      EXPECT_EQ(integers_back, integers);
      EXPECT_EQ(bytes_back.value, bytes);
      if (!std::isnan(number)) EXPECT_EQ(number_back, number);
      EXPECT_EQ(time_back, time);
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(TypesTest, MistakesNameTheColumn) {
  const absl::Status null = Convert<int64_t>("bigint", std::optional<int64_t>()).status();
  EXPECT_TRUE(absl::IsInternal(null));
  EXPECT_THAT(null.message(), HasSubstr("column 1 \"v\" is NULL"));
  const absl::Status type = Convert<int64_t>("text", "5").status();
  EXPECT_TRUE(absl::IsInternal(type));
  EXPECT_THAT(type.message(), HasSubstr("column 1 \"v\" has type 25"));
  EXPECT_TRUE(absl::IsInternal(Convert<int32_t>("bigint", 5).status())) << "may not fit";
  EXPECT_TRUE(absl::IsInternal(Convert<double>("numeric", 5.0).status()));
  EXPECT_TRUE(absl::IsInternal(
      Convert<std::vector<int64_t>>("bigint[]", std::vector<std::optional<int64_t>>{std::nullopt})
          .status()));
  EXPECT_TRUE(
      absl::IsInternal(Convert<std::vector<int64_t>>("text::bigint[]", "{{1,2},{3,4}}").status()))
      << "two dimensions";
}

TEST_F(TypesTest, ShapeOfTheResult) {
  const auto read = [&](auto query) { return database_->Read(call_, query); };
  EXPECT_THAT(
      read([](Transaction& tx) { return tx.Query<int32_t>("SELECT 1, 2").status(); }).message(),
      HasSubstr("2 columns where the program reads 1"));
  EXPECT_THAT(read([](Transaction& tx) {
                return tx.QueryOne<int32_t>("SELECT generate_series(1, 2)").status();
              }).message(),
              HasSubstr("2 rows"));
  auto none = read([](Transaction& tx) { return tx.QueryOne<int32_t>("SELECT 1 WHERE false"); });
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(*none, std::nullopt);
  auto many = read([](Transaction& tx) {
    return tx.Query<int32_t, std::string>("SELECT n, n::text FROM generate_series(1, 1000) n");
  });
  ASSERT_TRUE(many.ok()) << many.status();
  EXPECT_EQ(many->size(), 1000u);
  EXPECT_EQ(many->back(), std::make_tuple(1000, std::string("1000")));
}

struct Step {
  int64_t id = 0;
  std::string title;
  std::optional<absl::Time> done_at;
  std::vector<std::string> tags;
  Bytes payload;
  friend bool operator==(const Step&, const Step&) = default;
};

TEST_F(TypesTest, StructsAreRowsOfTheirMembers) {
  constexpr std::string_view kSteps =
      "SELECT n::bigint, 'step ' || n, CASE n WHEN 2 THEN 'epoch'::timestamptz END,"
      " ARRAY['a', n::text], '\\x01ff'::bytea FROM generate_series(1, 2) n ORDER BY n";
  const std::vector<Step> steps = {
      {1, "step 1", std::nullopt, {"a", "1"}, {"\x01\xff"}},
      {2, "step 2", absl::UnixEpoch(), {"a", "2"}, {"\x01\xff"}},
  };
  const auto read = [&](auto query) { return database_->Read(call_, query); };
  const auto all = read([&](Transaction& tx) { return tx.Query<Step>(kSteps); });
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(*all, steps);
  const auto one = read([&](Transaction& tx) {
    return tx.QueryOne<Step>(absl::StrCat("SELECT * FROM (", kSteps, " LIMIT 1) AS first"));
  });
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(*one, steps[0]);
  const auto asked = read([&](Transaction& tx) {
    auto later = tx.Ask<Step>(kSteps);
    auto count = tx.Ask<int64_t>("SELECT count(*) FROM generate_series(1, 3)");
    EXPECT_EQ(std::get<0>(**count.One()), 3);
    return later.All();
  });
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(*asked, steps);
}

TEST_F(TypesTest, MistakesInStructsNameTheColumn) {
  const auto read = [&](std::string_view sql) {
    return std::string(
        database_->Read(call_, [&](Transaction& tx) { return tx.QueryOne<Step>(sql).status(); })
            .message());
  };
  EXPECT_THAT(read("SELECT 1::bigint, 'x'"), HasSubstr("2 columns where the program reads 5"));
  EXPECT_THAT(read("SELECT 1::bigint, 2 AS title, now(), ARRAY['a'], ''::bytea"),
              HasSubstr("column 2 \"title\" has type 23"));
  EXPECT_THAT(read("SELECT 1::bigint, NULL::text AS title, now(), ARRAY['a'], ''::bytea"),
              HasSubstr("column 2 \"title\" is NULL"));
}

TEST_F(TypesTest, EnumsAreReadAsTextAndWrittenWithACast) {
  absl::Status status = database_->Write(call_, [&](Transaction& tx) -> absl::Status {
    tx.Queue("CREATE TYPE pg_temp.mood AS ENUM ('calm', 'wild')");
    auto row = tx.QueryOne<std::string, std::vector<std::string>>(
        "SELECT $1::text::pg_temp.mood, ARRAY[$1::text::pg_temp.mood]", "wild");
    if (!row.ok()) return row.status();
    EXPECT_EQ(std::get<0>(**row), "wild");
    EXPECT_EQ(std::get<1>(**row), std::vector<std::string>{"wild"});
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace selfology::postgres
