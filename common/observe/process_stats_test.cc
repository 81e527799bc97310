#include "common/observe/process_stats.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace selfology::observe {
namespace {

constexpr std::string_view kStat =
    "4711 (selfology) S 1 4711 4711 0 -1 4194560 90210 0 12 0 250 75 3 4 20 0 31 0 98765 "
    "734003200 20480 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 "
    "0\n";

TEST(ParseProcessStatTest, ReadsWhatTheMetricsNeed) {
  const auto stat = ParseProcessStat(kStat);
  ASSERT_TRUE(stat.ok()) << stat.status();
  EXPECT_EQ(stat->user_ticks, 250u);
  EXPECT_EQ(stat->system_ticks, 75u);
  EXPECT_EQ(stat->threads, 31u);
  EXPECT_EQ(stat->start_ticks, 98765u);
  EXPECT_EQ(stat->virtual_bytes, 734003200u);
  EXPECT_EQ(stat->resident_pages, 20480u);
}

TEST(ParseProcessStatTest, TheNameMayLookLikeFields) {
  std::string text(kStat);
  text.replace(text.find("selfology"), 9, "a) R 1 2 3 (b");
  const auto stat = ParseProcessStat(text);
  ASSERT_TRUE(stat.ok()) << stat.status();
  EXPECT_EQ(stat->user_ticks, 250u);
}

TEST(ParseProcessStatTest, RefusesWhatHasNotTheForm) {
  EXPECT_FALSE(ParseProcessStat("").ok());
  EXPECT_FALSE(ParseProcessStat("4711 selfology S 1").ok());
  EXPECT_FALSE(ParseProcessStat("4711 (selfology)").ok());
  EXPECT_FALSE(ParseProcessStat(kStat.substr(0, 90)).ok());
  std::string text(kStat);
  text.replace(text.find("250"), 3, "-25");
  EXPECT_EQ(ParseProcessStat(text).status().message(), "stat: field 14 must be a whole number");
}

TEST(ParseBootTimeTest, IsALineOfSeveral) {
  EXPECT_EQ(*ParseBootTime("cpu  1 2 3\nbtime 1760000000\nprocesses 9\n"), 1760000000u);
  EXPECT_FALSE(ParseBootTime("cpu  1 2 3\nbtimes 5\n").ok());
}

TEST(ParseLimitsTest, NoLimitIsNone) {
  EXPECT_EQ(ParseMemoryMax("134217728\n"), 134217728u);
  EXPECT_EQ(ParseMemoryMax("max\n"), std::nullopt);
  EXPECT_DOUBLE_EQ(*ParseCpuMax("150000 100000\n"), 1.5);
  EXPECT_EQ(ParseCpuMax("max 100000\n"), std::nullopt);
  EXPECT_EQ(ParseCpuMax("-1\n 100000\n"), std::nullopt);  // Version 1 says so.
  EXPECT_EQ(ParseCpuMax("100000 0"), std::nullopt);
}

TEST(ReadProcessUseTest, SeesThisProcess) {
  const auto before = ReadProcessUse();
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_GT(before->resident_bytes, 1u << 20);
  EXPECT_GE(before->virtual_bytes, before->resident_bytes);
  EXPECT_GE(before->threads, 1u);
  EXPECT_GT(before->max_files, before->open_files);
  EXPECT_LE(before->start_time, absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()) + 1);
  EXPECT_GT(before->start_time, absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()) - 3600);
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const auto after = ReadProcessUse();
  close(file);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->open_files, before->open_files + 1);
  EXPECT_GE(after->cpu_seconds, before->cpu_seconds);
}

TEST(ReadDiskSpaceTest, FreeIsAPartOfAll) {
  const auto disk = ReadDiskSpace("");
  ASSERT_TRUE(disk.ok()) << disk.status();
  EXPECT_GT(disk->total_bytes, 0u);
  EXPECT_LE(disk->free_bytes, disk->total_bytes);
  const absl::Status missing = ReadDiskSpace("/no/such/folder").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(absl::StrContains(missing.message(), "state_folder: /no/such/folder")) << missing;
}

TEST(ProcessMetricsTest, AreExposedByTheirStandardNames) {
  Metrics metrics;
  ProcessMetrics process(&metrics, "");
  process.Refresh();
  const std::string text = metrics.Expose();
  for (const std::string_view name :
       {"process_cpu_seconds_total", "process_resident_memory_bytes",
        "process_virtual_memory_bytes", "process_open_fds", "process_max_fds", "process_threads",
        "process_start_time_seconds", "process_memory_limit_bytes", "process_cpu_limit_cores",
        "state_disk_free_bytes", "state_disk_total_bytes"}) {
    EXPECT_TRUE(absl::StrContains(text, "\n" + std::string(name) + " ")) << name << "\n" << text;
  }
  EXPECT_TRUE(absl::StrContains(text, "# TYPE process_cpu_seconds_total counter"));
  EXPECT_TRUE(absl::StrContains(text, "# TYPE process_open_fds gauge"));
}

}  // namespace
}  // namespace selfology::observe
