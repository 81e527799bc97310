#include "common/identity/roles.h"

#include <algorithm>

#include "common/identity/caller.h"

namespace selfology::identity {
namespace {

constexpr RoleGrant kGrants[] = {
    // A person's own data. Not here: what doors and dialogs do in a person's name (edge.…), what
    // carries out an erasure (….erase), what others decide (subscriptions, points, roles), and what
    // is about all people.
    {kUserRole, "coaching.analyses.read"},
    {kUserRole, "coaching.analyses.write"},
    {kUserRole, "coaching.answers.read"},
    {kUserRole, "coaching.answers.write"},
    {kUserRole, "coaching.consents.write"},
    {kUserRole, "coaching.conversations.read"},
    {kUserRole, "coaching.conversations.write"},
    {kUserRole, "coaching.insights.read"},
    {kUserRole, "coaching.memory.read"},
    {kUserRole, "coaching.memory.write"},
    {kUserRole, "coaching.messages.read"},
    {kUserRole, "coaching.messages.write"},
    {kUserRole, "coaching.moods.read"},
    {kUserRole, "coaching.moods.write"},
    {kUserRole, "coaching.onboarding.read"},
    {kUserRole, "coaching.onboarding.write"},
    {kUserRole, "coaching.profiles.read"},
    {kUserRole, "coaching.profiles.write"},
    {kUserRole, "coaching.questions.read"},
    {kUserRole, "coaching.safety.read"},
    {kUserRole, "coaching.selections.write"},
    {kUserRole, "coaching.sessions.read"},
    {kUserRole, "coaching.sessions.write"},
    {kUserRole, "coaching.statements.read"},
    {kUserRole, "coaching.statements.write"},
    {kUserRole, "coaching.traits.read"},
    {kUserRole, "edge.events.read"},
    {kUserRole, "edge.webhooks.read"},
    {kUserRole, "edge.webhooks.write"},
    {kUserRole, "feed.interactions.read"},
    {kUserRole, "feed.interactions.write"},
    {kUserRole, "feed.launches.read"},
    {kUserRole, "feed.links.write"},
    {kUserRole, "feed.logs.read"},
    {kUserRole, "feed.posts.read"},
    {kUserRole, "feed.posts.show"},
    {kUserRole, "feed.settings.read"},
    {kUserRole, "feed.settings.write"},
    {kUserRole, "feed.statistics.read"},
    {kUserRole, "feed.trainings.write"},
    {kUserRole, "feed.user_channels.read"},
    {kUserRole, "feed.user_channels.write"},
    {kUserRole, "feed.users.read"},
    {kUserRole, "feed.users.write"},
    {kUserRole, "growth.badges.read"},
    {kUserRole, "growth.challenges.read"},
    {kUserRole, "growth.challenges.write"},
    {kUserRole, "growth.currency.read"},
    {kUserRole, "growth.leaderboards.read"},
    {kUserRole, "growth.progress.read"},
    {kUserRole, "growth.progress.write"},
    {kUserRole, "growth.ratings.read"},
    {kUserRole, "growth.standings.read"},
    {kUserRole, "growth.standings.write"},
    {kUserRole, "growth.tasks.read"},
    {kUserRole, "growth.tasks.write"},
    {kUserRole, "feed.channel_scopes.write"},
    {kUserRole, "feed.followed_channels.read"},
    {kUserRole, "feed.followed_channels.write"},
    {kUserRole, "platform.api_keys.read"},
    {kUserRole, "platform.api_keys.write"},
    {kUserRole, "platform.connections.call"},
    {kUserRole, "platform.connections.read"},
    {kUserRole, "platform.connections.write"},
    {kUserRole, "platform.exports.read"},
    {kUserRole, "platform.exports.write"},
    {kUserRole, "platform.jobs.cancel"},
    {kUserRole, "platform.jobs.read"},
    {kUserRole, "platform.files.read"},
    {kUserRole, "platform.files.write"},
    {kUserRole, "platform.links.read"},
    {kUserRole, "platform.links.write"},
    {kUserRole, "platform.models.read"},
    {kUserRole, "platform.notifications.read"},
    {kUserRole, "platform.notifications.write"},
    {kUserRole, "platform.own_analytics.read"},
    {kUserRole, "platform.passwords.write"},
    {kUserRole, "platform.permissions.read"},
    {kUserRole, "platform.preferences.read"},
    {kUserRole, "platform.preferences.write"},
    {kUserRole, "platform.reports.read"},
    {kUserRole, "platform.reports.write"},
    {kUserRole, "platform.roles.read"},
    {kUserRole, "platform.second_factors.read"},
    {kUserRole, "platform.second_factors.write"},
    {kUserRole, "platform.sessions.read"},
    {kUserRole, "platform.sessions.write"},
    {kUserRole, "platform.skills.read"},
    {kUserRole, "platform.skills.write"},
    {kUserRole, "platform.social.read"},
    {kUserRole, "platform.social.write"},
    {kUserRole, "platform.subscriptions.read"},
    {kUserRole, "platform.teams.read"},
    {kUserRole, "platform.teams.write"},
    {kUserRole, "platform.tracked_events.write"},
    {kUserRole, "platform.users.delete"},
    {kUserRole, "platform.users.read"},
    {kUserRole, "platform.users.write"},
    {kUserRole, "studio.accounts.read"},
    {kUserRole, "studio.accounts.write"},
    {kUserRole, "studio.posts.read"},
    {kUserRole, "studio.posts.write"},

    {"viewer", "studio.calendars.read"},
    {"viewer", "studio.posts.read"},
    {"viewer", "studio.media.read"},

    {"editor", "coaching.questions.*"},
    {"editor", "studio.calendars.*"},
    {"editor", "studio.media.*"},
    {"editor", "studio.posts.*"},

    {"manager", "coaching.questions.*"},
    {"manager", "edge.bots.read"},
    {"manager", "platform.analytics.*"},
    {"manager", "platform.teams.*"},
    {"manager", "studio.*"},

    // Keeps the mesh going, without people's data.
    {"developer", "edge.bots.read"},
    {"developer", "mesh.dead_letters.*"},
    {"developer", "mesh.events.replay"},
    {"developer", "mesh.held_updates.*"},
    {"developer", "mesh.relay.read"},
    {"developer", "platform.completions.create"},
    {"developer", "platform.embeddings.create"},
    {"developer", "platform.models.read"},
    {"developer", "platform.queues.*"},

    {"admin", "*"},
};

constexpr RoleGrant kTeamGrants[] = {
    {"viewer", "platform.connections.read"},
    {"viewer", "studio.accounts.read"},
    {"viewer", "studio.posts.read"},

    // Writes, and publishes what was approved.
    {"member", "platform.connections.read"},
    {"member", "studio.accounts.read"},
    {"member", "studio.posts.*"},

    // Approves what others write, too.
    {"editor", "platform.connections.call"},
    {"editor", "platform.connections.read"},
    {"editor", "studio.accounts.read"},
    {"editor", "studio.posts.*"},
    {"editor", "studio.reviews.*"},

    {"admin", "platform.connections.*"},
    {"admin", "studio.*"},

    {"owner", "platform.connections.*"},
    {"owner", "studio.*"},
};

bool RowAllows(const RoleGrant& row, std::string_view permission) {
  return Covers(row.pattern, permission);
}

}  // namespace

absl::Span<const RoleGrant> RoleGrants() { return kGrants; }

std::vector<std::string> PatternsOf(absl::Span<const std::string> roles) {
  std::vector<std::string> patterns;
  for (const RoleGrant& row : kGrants) {
    if (row.role == kUserRole || std::find(roles.begin(), roles.end(), row.role) != roles.end()) {
      patterns.emplace_back(row.pattern);
    }
  }
  return patterns;
}

bool StaffAllows(absl::Span<const std::string> roles, std::string_view permission) {
  return std::any_of(std::begin(kGrants), std::end(kGrants), [&](const RoleGrant& row) {
    return row.role != kUserRole && RowAllows(row, permission) &&
           std::find(roles.begin(), roles.end(), row.role) != roles.end();
  });
}

bool UserAllows(std::string_view permission) {
  return std::any_of(std::begin(kGrants), std::end(kGrants), [&](const RoleGrant& row) {
    return row.role == kUserRole && RowAllows(row, permission);
  });
}

absl::Span<const RoleGrant> TeamRoleGrants() { return kTeamGrants; }

bool TeamAllows(std::string_view team_role, std::string_view permission) {
  return std::any_of(std::begin(kTeamGrants), std::end(kTeamGrants), [&](const RoleGrant& row) {
    return row.role == team_role && RowAllows(row, permission);
  });
}

std::vector<std::string> Intersection(absl::Span<const std::string> one,
                                      absl::Span<const std::string> other) {
  std::vector<std::string> both;
  for (const std::string& a : one) {
    for (const std::string& b : other) {
      const std::string* narrower = Covers(a, b) ? &b : Covers(b, a) ? &a : nullptr;
      if (narrower != nullptr && std::find(both.begin(), both.end(), *narrower) == both.end()) {
        both.push_back(*narrower);
      }
    }
  }
  return both;
}

}  // namespace selfology::identity
