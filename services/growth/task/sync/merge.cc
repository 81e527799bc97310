#include "services/growth/task/sync/merge.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace selfology::task {
namespace {

constexpr size_t kMaxLabels = 20;  // Of a task.

using Labels = std::vector<std::string>;

bool Has(const Labels& labels, const std::string& label) {
  return std::binary_search(labels.begin(), labels.end(), label);
}

// Each label as `is_there` says.
template <typename Rule>
Labels Choose(const Labels& a, const Labels& b, const Labels& c, const Rule& is_there) {
  std::set<std::string> all(a.begin(), a.end());
  all.insert(b.begin(), b.end());
  all.insert(c.begin(), c.end());
  Labels chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), is_there);
  return chosen;
}

class Chooser {
 public:
  explicit Chooser(absl::Time theirs_at) : theirs_at_(Second(theirs_at)) {}

  template <typename Value>
  Value Pick(std::string_view field, const Value& agreed, const Value& ours, absl::Time ours_at,
             const Value& theirs) {
    if (ours == theirs || theirs == agreed) return ours;
    if (ours == agreed) return theirs;
    conflicts_.push_back(field);
    return Second(ours_at) > theirs_at_ ? ours : theirs;
  }
  void Note(std::string_view field) { conflicts_.push_back(field); }
  std::vector<std::string_view> conflicts() && { return std::move(conflicts_); }

 private:
  // Theirs are told by the second.
  static int64_t Second(absl::Time time) { return absl::ToUnixSeconds(time); }

  const int64_t theirs_at_;
  std::vector<std::string_view> conflicts_;
};

template <typename Value>
Value Settled(const Value& agreed, const Value& merged, const Value& theirs) {
  return merged == theirs ? merged : agreed;
}

}  // namespace

Merged Merge(const SyncFields& agreed, const SyncFields& ours, const ChangeTimes& ours_at,
             const SyncFields& theirs, absl::Time theirs_at) {
  Chooser chooser(theirs_at);
  Merged merged;
  merged.fields.title =
      chooser.Pick("title", agreed.title, ours.title, ours_at.title, theirs.title);
  merged.fields.notes =
      chooser.Pick("notes", agreed.notes, ours.notes, ours_at.notes, theirs.notes);
  merged.fields.status =
      chooser.Pick("status", agreed.status, ours.status, ours_at.status, theirs.status);
  // There or not: a label that both have changed was changed alike.
  merged.fields.labels = Choose(agreed.labels, ours.labels, theirs.labels, [&](const auto& label) {
    const bool in_ours = Has(ours.labels, label);
    const bool in_agreed = Has(agreed.labels, label);
    return in_ours == in_agreed ? Has(theirs.labels, label) : in_ours;
  });
  if (merged.fields.labels.size() > kMaxLabels) {
    chooser.Note("labels");
    merged.fields.labels = theirs.labels;
  }
  merged.conflicts = std::move(chooser).conflicts();
  return merged;
}

SyncFields Agreed(const SyncFields& agreed, const SyncFields& merged, const SyncFields& theirs) {
  return {
      .title = Settled(agreed.title, merged.title, theirs.title),
      .notes = Settled(agreed.notes, merged.notes, theirs.notes),
      .labels = Choose(agreed.labels, merged.labels, theirs.labels,
                       [&](const auto& label) {
                         const bool in_merged = Has(merged.labels, label);
                         return in_merged == Has(theirs.labels, label) ? in_merged
                                                                       : Has(agreed.labels, label);
                       }),
      .status = Settled(agreed.status, merged.status, theirs.status),
  };
}

}  // namespace selfology::task
