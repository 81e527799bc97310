// What has to have happened for the contracts' examples to be true: an example that reads, changes or ends something
// comes after another one, which made it.
//
//   for (const Story& story : kStories) ...    // those without a story are true by themselves
#pragma once

#include <string_view>
#include <vector>

namespace selfology {

// An example of another method, made before; of its answer, a value that the example writes in its own way.
struct Earlier {
  std::string_view
      method;  // "WebhookService.CreateEndpoint"; the story's own: known once it is answered.
  std::string_view pointer =
      {};  // RFC 6901: "/endpoint/endpoint_id". Empty: nothing of it is written.
  std::string_view written = {};  // "ep_9fQ2yqkT1mJ0b7HcVxW3sA"
};

struct Story {
  std::string_view method;
  std::vector<Earlier> earlier;
};

// Examples that are made once, since another one is refused: by its name, or for coming too often.
inline bool IsMadeOnce(std::string_view method) {
  return method == "AccountService.Register" || method == "TaskService.CreateTaskList";
}

// Of ExamplesTest: a webhook that came in, as ListReceived has it.
inline constexpr std::string_view kReceivedWebhook = "a webhook that came in";

inline const std::vector<Story>& Stories() {
  static constexpr std::string_view kEndpoint = "ep_9fQ2yqkT1mJ0b7HcVxW3sA";
  static constexpr std::string_view kSource = "src_4kTq0LzX8vYb1nRr7mWc2D";
  static constexpr std::string_view kJob = "40217";
  static const Earlier endpoint = {"WebhookService.CreateEndpoint", "/endpoint/endpoint_id",
                                   kEndpoint};
  static const Earlier delivery = {"WebhookService.TriggerWebhook", "/delivery_ids/0", "60341"};
  static const Earlier source = {"WebhookService.CreateSource", "/source/endpoint_id", kSource};
  static const Earlier received = {kReceivedWebhook, "/received_id", "70125"};
  static const Earlier job = {"QueueService.EnqueueJob", "/job/job_id", kJob};
  static const Earlier lease = {"WorkerService.LeaseJobs", "/jobs/0/lease/job_id", kJob};
  static const Earlier token = {"WorkerService.LeaseJobs", "/jobs/0/lease/fencing_token", "9001"};
  static const Earlier dead = {"WorkerService.FailJobs", "/dead_job_ids/0", kJob};
  static const Earlier schedule = {"ScheduleService.PutSchedule"};
  static const Earlier device = {"DeviceService.RegisterDevice", "/device/device_id", "7219"};
  static const Earlier notification = {"NotificationService.SendNotification",
                                       "/notification/notification_id", "51803"};
  static constexpr std::string_view kPerson = "4503599627370499";
  static constexpr std::string_view kRefreshToken = "Y2hhbmdlZCBhdCBlYWNoIHVzZQ";
  static const Earlier person = {"AccountService.Register", "/user_id", kPerson};
  static const Earlier login = {"AccountService.Login", "/user_id", kPerson};
  static const Earlier refresh = {"AccountService.Login", "/tokens/refresh_token", kRefreshToken};
  static const Earlier access = {"AccountService.Login", "/tokens/access_token",
                                 "eyJhbGciOiJFUzI1NiJ9.claims.signature"};
  static const Earlier grant = {"AccessService.GrantAccess", "/grant/grant_id", "9143"};
  static const Earlier follow = {"SocialService.Follow"};
  static const Earlier block = {"SocialService.Block"};
  static const Earlier team = {"TeamService.CreateTeam", "/team/team_id", "5123"};
  static const Earlier tree = {"SkillTreeService.CreateSkillTree", "/tree/tree_id", "611"};
  static const Earlier task = {"TaskService.CreateTask", "/task/task_id", "30411"};
  static const Earlier post = {"ContentService.CreatePost", "/post/post_id", "20977"};
  static const auto* const stories = new std::vector<Story>{
      {"WebhookService.GetEndpoint", {endpoint}},
      {"WebhookService.ListEndpoints", {endpoint}},
      {"WebhookService.UpdateEndpoint", {endpoint}},
      {"WebhookService.EnableEndpoint", {endpoint}},
      {"WebhookService.DisableEndpoint", {endpoint}},
      {"WebhookService.DeleteEndpoint", {endpoint}},
      {"WebhookService.RotateEndpointSecret", {endpoint}},
      {"WebhookService.RetryFailedDeliveries", {endpoint}},
      {"WebhookService.TriggerWebhook", {endpoint, delivery}},
      {"WebhookService.ListDeliveries", {delivery}},
      {"WebhookService.GetDelivery", {delivery}},
      {"WebhookService.RetryDelivery", {delivery}},
      {"WebhookService.GetSource", {source}},
      {"WebhookService.ListSources", {source}},
      {"WebhookService.UpdateSource", {source}},
      {"WebhookService.DeleteSource", {source}},
      {"WebhookService.TryRule", {source}},
      {"WebhookService.ListReceived", {received}},
      {"WebhookService.GetReceived", {received}},
      {"WebhookService.RouteReceived", {received}},
      {"QueueService.GetJob", {job}},
      {"QueueService.ListJobs", {job}},
      {"QueueService.CancelJob", {job}},
      {"QueueAdminService.ListQueues", {job}},
      {"QueueAdminService.ListQueueJobs", {job}},
      {"QueueAdminService.ListDeadJobs", {dead}},
      {"QueueAdminService.ReplayDeadJob", {dead}},
      {"QueueAdminService.DiscardDeadJob", {dead}},
      {"ScheduleService.ListSchedules", {schedule}},
      {"WorkerService.LeaseJobs", {job}},
      {"WorkerService.ExtendLeases", {lease, token}},
      {"WorkerService.CompleteJobs", {lease, token}},
      {"WorkerService.FailJobs", {lease, token}},
      {"WorkerService.ReportProgress", {lease, token}},
      {"NotificationService.ListNotifications", {notification}},
      {"NotificationService.MarkRead", {notification}},
      {"NotificationService.ReportBounce", {{"SubscriptionService.SetPhone"}}},
      {"NotificationService.ListDeliveries", {device, notification}},
      {"LocalMessageService.ListLocalMessages", {device, notification}},
      {"SubscriptionService.ListSubscriptions", {{"SubscriptionService.Subscribe"}}},
      {"SubscriptionService.ListAddresses", {{"SubscriptionService.SetPhone"}}},
      {"DeviceService.ListDevices", {device}},
      {"DeviceService.RemoveDevice", {device}},
      {"AccountService.Register", {person}},
      {"AccountService.Login", {person}},
      {"AccountService.GetUser", {person}},
      {"AccountService.PatchUser", {person}},
      {"AccountService.UpdateUser", {person}},
      {"AccountService.RequestVerification", {person}},
      {"AccountService.ExportUser", {person}},
      {"TokenService.RefreshTokens", {refresh}},
      {"TokenService.Logout", {refresh}},
      {"TokenService.ListSessions", {login}},
      {"TokenService.RevokeSessions", {login}},
      {"TokenService.IntrospectToken", {login, access}},
      {"AccessService.ListGrants", {grant}},
      {"AccessService.RevokeAccess", {grant}},
      {"ApiKeyService.ListApiKeys", {{"ApiKeyService.CreateApiKey"}}},
      {"SocialService.ListFollowing", {follow}},
      {"SocialService.ListFollowers", {follow}},
      {"SocialService.GetRelation", {follow}},
      {"SocialService.ListBlocked", {block}},
      {"TeamService.CreateTeam", {person}},
      {"TeamService.GetTeam", {person, team}},
      {"TeamService.ListTeams", {person, team}},
      {"SubscriptionService.GetSubscription", {person}},
      {"SkillTreeService.GetSkillTree", {tree}},
      {"SkillTreeService.ListSkillTrees", {tree}},
      {"SkillTreeService.GrantSkillPoints", {tree}},
      {"TaskService.GetTask", {task}},
      {"TaskService.ListTasks", {task}},
      {"TaskService.UpdateTask", {task}},
      {"TaskService.CompleteTask", {task}},
      {"TaskService.ReopenTask", {task}},
      {"TaskService.SnoozeTask", {task}},
      {"TaskService.DeleteTask", {task}},
      {"TaskService.AddTaskComment", {task}},
      {"TaskService.ListTaskComments", {task}},
      {"TaskService.ListTaskVersions", {task}},
      {"TaskService.ListTaskLists", {{"TaskService.CreateTaskList"}}},
      {"ContentService.GetPost", {post}},
      {"ContentService.ListPosts", {post}},
      {"ContentService.UpdatePost", {post}},
      {"ContentService.DeletePost", {post}},
      {"ContentService.GetRevisions", {post}},
      {"FileService.ListFiles", {{"FileService.StoreFile"}}},
  };
  return *stories;
}

}  // namespace selfology
