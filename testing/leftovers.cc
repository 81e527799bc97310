#include "testing/leftovers.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "gtest/gtest.h"

namespace selfology::testing {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

template <typename... Columns>
std::vector<std::tuple<Columns...>> Rows(postgres::Database& database, const std::string& sql) {
  const auto rows = database.Read(Call::Background(kPatience), [&](postgres::Transaction& tx) {
    return tx.Query<Columns...>(sql);
  });
  EXPECT_TRUE(rows.ok()) << rows.status() << sql;
  return rows.ok() ? *rows : std::vector<std::tuple<Columns...>>();
}

redis::Reply Ask(redis::Client& redis, const redis::Args& args) {
  auto reply = redis.Command(Call::Background(kPatience), args);
  EXPECT_TRUE(reply.ok()) << reply.status();
  return reply.ok() ? *std::move(reply) : redis::Reply();
}

redis::Args ReadingAll(const std::string& key, std::string_view type) {
  if (type == "string") return {"GET", key};
  if (type == "hash") return {"HGETALL", key};
  if (type == "list") return {"LRANGE", key, 0, -1};
  if (type == "set") return {"SMEMBERS", key};
  if (type == "zset") return {"ZRANGE", key, 0, -1};
  if (type == "stream") return {"XRANGE", key, "-", "+"};
  return {"EXISTS", key};
}

}  // namespace

Leftovers::Leftovers(std::vector<std::string> words) : words_(std::move(words)) {
  for (std::string& word : words_) absl::AsciiStrToLower(&word);
}

bool Leftovers::In(std::string_view text) const {
  const std::string lower = absl::AsciiStrToLower(text);
  return std::any_of(words_.begin(), words_.end(),
                     [&](const std::string& word) { return absl::StrContains(lower, word); });
}

std::set<std::string> Leftovers::Tables(postgres::Database& database) const {
  std::vector<std::string> patterns;
  for (const std::string& word : words_) {
    patterns.push_back(absl::StrCat("%", word, "%"));
    // Bytes are shown in hexadecimal: as it is written, and with its first letter large.
    std::string large = word;
    large[0] = absl::ascii_toupper(static_cast<unsigned char>(large[0]));
    for (const std::string& each : {word, large}) {
      patterns.push_back(absl::StrCat("%", absl::BytesToHexString(each), "%"));
    }
  }
  const std::string any = absl::StrCat("'{", absl::StrJoin(patterns, ","), "}'");
  std::set<std::string> tables;
  for (const auto& [table] : Rows<std::string>(
           database,
           "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
           " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('information_schema',"
           " 'pg_catalog')")) {
    const auto found =
        Rows<bool>(database, absl::StrCat("SELECT true FROM ", table,
                                          " AS t WHERE t::text ILIKE ANY (", any, ") LIMIT 1"));
    if (!found.empty()) tables.insert(table);
  }
  return tables;
}

std::set<std::string> Leftovers::Keys(redis::Client& redis) const {
  std::set<std::string> keys;
  const redis::Reply all = Ask(redis, {"KEYS", "*"});
  const absl::Span<const redis::Reply> names = *all.Array();
  for (const redis::Reply& name : names) {
    const std::string key(*name.String());
    const redis::Reply type = Ask(redis, {"TYPE", key});
    if (In(key) || In(Ask(redis, ReadingAll(key, *type.String())).DebugString())) keys.insert(key);
  }
  return keys;
}

std::set<std::string> Leftovers::Files(const std::string& folder) const {
  std::set<std::string> files;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  EXPECT_FALSE(error) << folder << ": " << error.message();
  for (const std::filesystem::recursive_directory_iterator end; entry != end;
       entry.increment(error)) {
    if (!entry->is_regular_file(error)) continue;
    std::ifstream file(entry->path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    if (In(bytes.str())) files.insert(entry->path().string());
  }
  return files;
}

}  // namespace selfology::testing
