// The contracts keep their rules (rules/contract_rules.h), but for the exceptions below.

#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include "gtest/gtest.h"
#include "proto/rules/contract_rules.h"

namespace selfology::contracts {
namespace {

using ::google::protobuf::DescriptorPool;
using ::google::protobuf::FileDescriptor;

// All that are linked in.
Files Contracts() {
  // Descriptors are built when first asked for; only the database knows the names of all files.
  std::vector<std::string> names;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  Files files;
  for (const std::string& name : names) {
    if (absl::StartsWith(name, "selfology/")) {
      files.push_back(DescriptorPool::generated_pool()->FindFileByName(name));
    }
  }
  return files;
}

// As BUILD.bazel reads them from services/services.bzl.
Domains DomainsOfServices() {
  const char* const domains = std::getenv("DOMAINS");
  EXPECT_NE(domains, nullptr);
  Domains by_package;
  for (const std::string_view entry : absl::StrSplit(domains == nullptr ? "" : domains, ',')) {
    by_package.insert(absl::StrSplit(entry, absl::MaxSplits('=', 1)));
  }
  return by_package;
}

const Exceptions& Allowed() {
  static const auto& allowed = *new Exceptions{
      .unpaged =
          {
              {"selfology.security.v1.AccessService.ListRoles", "There are six."},
              {"selfology.security.v1.VerificationService.ListRevocations",
               "Those of the last hour, which a verifier needs all at once."},
              {"selfology.question.v1.QuestionService.ListDomains", "A dozen areas of life."},
              {"selfology.ai.v1.AiService.ListModels", "The few models of the chain."},
              {"selfology.profile.v1.ProfileService.ListEvidence", "The weightiest of each trait."},
              {"selfology.feed.v1.FeedService.ListFeed",
               "Goes on by its session, and ranks anew for each page."},
              {"selfology.realtime.v1.RealtimeService.ListEvents",
               "Goes on from a position, and has no last page."},
          },
      .unrouted =
          {
              {"selfology.realtime.v1.RealtimeService.GetDevicesAddress",
               "The REST gateway's to call."},
              {"selfology.security.v1.AuditService.LocateAddress", "The user service's to call."},
              {"selfology.security.v1.TokenService.IssueTokens", "The user service's to call."},
              {"selfology.security.v1.VerificationService.ListRevocations",
               "The kernel's to call."},
              {"selfology.security.v1.VerificationService.VerifyApiKey", "The kernel's to call."},
              {"selfology.ai.v1.LocalModelService.CompleteLocally", "AiService.Complete has one."},
              {"selfology.ai.v1.LocalModelService.StreamCompleteLocally",
               "AiService.StreamComplete has one."},
              {"selfology.ai.v1.LocalModelService.EmbedLocally", "AiService.Embed has one."},
              {"selfology.mesh.v1.ErasureService.BeginErasure", "A phase of EraseUser."},
              {"selfology.mesh.v1.ErasureService.EraseData", "A phase of EraseUser."},
              {"selfology.mesh.v1.ErasureService.FinishErasure", "A phase of EraseUser."},
              {"selfology.telegram.v1.DialogService.DescribeDialog", "The gateway's to call."},
              {"selfology.telegram.v1.DialogService.React", "TelegramGatewayService.HandleUpdate."},
              {"selfology.telegram.v1.DialogService.RenderEvent", "The gateway's to call."},
              {"selfology.telegram.v1.DialogService.TakeChannelUpdate", "The gateway's to call."},
              {"selfology.telegram.v1.DialogService.GetDialogState",
               "TelegramGatewayService.GetConversationState has one."},
              {"selfology.telegram.v1.DialogService.SetDialogState",
               "TelegramGatewayService.SetConversationState has one."},
              {"selfology.user.v1.LinkingService.ResolveTelegramId", "Telegram's doors' to call."},
          },
      .not_erasing =
          {
              {"selfology.analytics.v1.ReportService",
               "AnalyticsService erases for the whole room."},
              {"selfology.content.v1.AssistantService",
               "ContentService erases for the whole room."},
              {"selfology.notification.v1.DeviceService",
               "PreferencesService erases for the whole room."},
              {"selfology.notification.v1.LocalMessageService",
               "PreferencesService erases for the whole room."},
              {"selfology.notification.v1.NotificationService",
               "PreferencesService erases for the whole room."},
              {"selfology.notification.v1.SubscriptionService",
               "PreferencesService erases for the whole room."},
              {"selfology.gamification.v1.BadgeService",
               "ProgressService erases for the whole room."},
              {"selfology.gamification.v1.LeaderboardService",
               "ProgressService erases for the whole room."},
              {"selfology.gamification.v1.LedgerService",
               "ProgressService erases for the whole room."},
              {"selfology.gamification.v1.RatingService",
               "ProgressService erases for the whole room."},
              {"selfology.social.v1.CommentService", "SocialService erases for the whole room."},
              {"selfology.task.v1.DependencyService", "TaskService erases for the whole room."},
              {"selfology.task.v1.TaskSyncService", "TaskService erases for the whole room."},
              {"selfology.task.v1.TaskTemplateService", "TaskService erases for the whole room."},
              {"selfology.task.v1.TaskUnderstandingService", "Stores nothing."},
              {"selfology.user.v1.ForeignLoginService",
               "AccountService erases for the whole room."},
              {"selfology.user.v1.LinkingService", "AccountService erases for the whole room."},
              {"selfology.user.v1.SecondFactorService",
               "AccountService erases for the whole room."},
              {"selfology.user.v1.SkillTreeService", "AccountService erases for the whole room."},
              {"selfology.user.v1.SocialService", "AccountService erases for the whole room."},
              {"selfology.user.v1.SubscriptionService",
               "AccountService erases for the whole room."},
              {"selfology.user.v1.TeamService", "AccountService erases for the whole room."},
              {"selfology.security.v1.AccessService", "TokenService erases for the whole room."},
              {"selfology.security.v1.ApiKeyService", "TokenService erases for the whole room."},
              {"selfology.security.v1.AuditService", "TokenService erases for the whole room."},
              {"selfology.security.v1.OAuthService", "TokenService erases for the whole room."},
              {"selfology.security.v1.VerificationService",
               "TokenService erases for the whole room."},
              {"selfology.queue.v1.QueueAdminService", "QueueService erases for the whole room."},
              {"selfology.queue.v1.ScheduleService", "QueueService erases for the whole room."},
              {"selfology.queue.v1.WorkerService", "QueueService erases for the whole room."},
              {"selfology.integration.v1.ProxyService",
               "ConnectionService erases for the whole room."},
              {"selfology.ai.v1.AiService", "Stores nothing."},
              {"selfology.ai.v1.LocalModelService", "Stores nothing."},
              {"selfology.telegram.v1.DialogService", "Each dialog's service says what it erases."},
              {"selfology.relay.v1.OutboxRelayService",
               "Shows what the outbox and the streams hold; the kernel erases there."},
              {"selfology.mesh.v1.DeadLetterService", "The kernel erases dead letters."},
              {"selfology.mesh.v1.ErasureService", "Erases what all others keep."},
              {"selfology.mesh.v1.ExportService", "Gives what all others keep."},
          },
      .not_exporting =
          {
              {"selfology.question.v1.QuestionService",
               "Which questions were asked; session exports them with their answers."},
              {"selfology.realtime.v1.RealtimeService",
               "Events on their way; what they tell is exported by who keeps it."},
              {"selfology.telegram.v1.TelegramGatewayService",
               "Messages on their way; what was said is exported by who keeps it."},
          },
      .not_personal =
          {
              {"selfology.analytics.v1.ChurnFactor.name", "A factor's, such as days_active."},
              {"selfology.feed.v1.TrainResponse.message", "The product's words."},
              {"selfology.gamification.v1.BadgeGrant.description", "A badge's."},
              {"selfology.gamification.v1.BadgeGrant.title", "A badge's."},
              {"selfology.mesh.v1.HttpHeader.name", "A header field's."},
              {"selfology.mesh.v1.HttpResponse.body", "A page or a protocol's answer."},
              {"selfology.mesh.v1.RestExample.answer", "An example in a contract."},
              {"selfology.realtime.v1.GetDevicesAddressResponse.address", "A server's."},
              {"selfology.security.v1.AuthorizeRequest.prompt", "OpenID Connect's, such as none."},
              {"selfology.security.v1.RegisterClientRequest.client_name", "An app's."},
              {"question_text", "The words of a question of the bank."},
              {"statement_text", "The words of a statement of the questionnaire."},
              {"trait_name", "Which trait; how it shows is personal."},
              {"trait_names", "Which traits; how they show is personal."},
              {"selfology.mesh.v1.DeadLetter.message", "An error's, which holds no personal data."},
              {"selfology.mesh.v1.Error.message", "Holds no personal data."},
              {"selfology.trait.v1.Statement.text", "A statement of the questionnaire."},
              {"selfology.telegram.v1.Button.text", "A label in the product's words."},
              {"selfology.telegram.v1.LocalizedText.text", "The product's words."},
              {"selfology.telegram.v1.DialogCommand.name", "A command's."},
              {"selfology.telegram.v1.GivenCommand.name", "A command's."},
              {"selfology.telegram.v1.GetBotInfoResponse.username", "The bot's."},
          },
  };
  return allowed;
}

TEST(ContractsTest, KeepTheRules) {
  EXPECT_THAT(Faults(Contracts(), DomainsOfServices(), Allowed()), ::testing::IsEmpty());
}

// Otherwise nothing would be held to anything.
TEST(ContractsTest, AreLinkedIn) {
  std::set<std::string> packages;
  for (const FileDescriptor* file : Contracts()) packages.insert(file->package());
  EXPECT_TRUE(packages.contains(kEventPackage));
  for (const auto& [package, domain] : DomainsOfServices()) {
    EXPECT_TRUE(packages.contains(package)) << package;
  }
}

}  // namespace
}  // namespace selfology::contracts
