// What people are told: decisions, deliveries and choices.
#include "services/platform/notification/module.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/jobs/worker.h"
#include "common/service/mesh.h"
#include "common/service/settings.h"
#include "common/status/status_macros.h"
#include "selfology/user/v1/account_service_client.h"
#include "services/platform/notification/decisions/decision_maker.h"
#include "services/platform/notification/decisions/texts.h"
#include "services/platform/notification/deliveries/delivery_jobs.h"
#include "services/platform/notification/deliveries/delivery_runner.h"
#include "services/platform/notification/deliveries/keys.h"
#include "services/platform/notification/devices/device_service.h"
#include "services/platform/notification/digests/digest_closer.h"
#include "services/platform/notification/local/local_message_service.h"
#include "services/platform/notification/mail/mail_sender.h"
#include "services/platform/notification/migrations.h"
#include "services/platform/notification/notification_events.h"
#include "services/platform/notification/notification_service.h"
#include "services/platform/notification/notification_store.h"
#include "services/platform/notification/preferences/preferences_service.h"
#include "services/platform/notification/settings.h"
#include "services/platform/notification/subscriptions/subscription_service.h"

ABSL_FLAG(std::string, notification_base_url, "",
          "URL of the product, without a slash at its end: where links in notifications and the "
          "unsubscribe links of mails lead; empty: mails have no links");
ABSL_FLAG(selfology::service::Secret, notification_smtp_url, {},
          "Mail server, smtp[s]://[name:password@]host[:port]; empty: no mail is sent");
ABSL_FLAG(std::string, notification_mail_from, "selfology@localhost", "Mail address of the sender");
ABSL_FLAG(std::string, notification_mail_name, "Selfology", "Name of the sender; may be empty");
ABSL_FLAG(selfology::service::Secret, notification_sms_url, {},
          "SMS API in the manner of Twilio's, https://account:token@host; empty: no SMS are sent");
ABSL_FLAG(std::string, notification_sms_from, "", "Number or name that SMS come from");
ABSL_FLAG(selfology::service::Secret, notification_fcm_account, {},
          "Key file of a Firebase service account, JSON; empty: nothing goes to FCM devices");
ABSL_FLAG(std::string, notification_fcm_url, "https://fcm.googleapis.com", "Base URL of FCM");
ABSL_FLAG(selfology::service::Secret, notification_apns_key, {},
          "APNs authentication key, PEM (.p8); empty: nothing goes to Apple devices");
ABSL_FLAG(std::string, notification_apns_key_id, "", "Id of that key, 10 characters");
ABSL_FLAG(std::string, notification_apns_team_id, "", "Team that the key belongs to");
ABSL_FLAG(std::string, notification_apns_topic, "", "Bundle id of the app");
ABSL_FLAG(std::string, notification_apns_url, "https://api.push.apple.com", "Base URL of APNs");
ABSL_FLAG(
    std::string, notification_web_push_contact, "",
    "Whom push services of browsers may write to, mailto: or https://; empty: nothing goes to "
    "browsers");
ABSL_FLAG(bool, notification_local_messages, false,
          "Store what channels without an account would send, codes included, so that "
          "/api/v1/mesh/mailbox and /api/v1/mesh/pushes show it; for development only");
ABSL_FLAG(int, notification_threads, 4, "Deliveries at once, 1 to 64");

namespace selfology::notification {
namespace {

constexpr char kJobQueue[] = "notification_delivery_queue";
constexpr absl::Duration kDigests = absl::Seconds(1);
constexpr absl::Duration kTidy = absl::Minutes(10);
constexpr absl::Duration kAskUser = absl::Seconds(3);

// The address that a person has shown to be theirs; empty: none.
absl::StatusOr<std::string> MailAddress(const user::v1::AccountServiceClient& users,
                                        const Call& call, int64_t user_id) {
  user::v1::GetUserRequest request;
  request.set_user_id(user_id);
  const auto response = users.GetUser(call.WithTimeout(kAskUser), request);
  if (absl::IsNotFound(response.status())) return std::string();
  if (!response.ok()) return response.status();
  return response->user().email_verified() ? response->user().email() : std::string();
}

// What the module's parts share; they refer to each other, so they live and go together.
struct Parts {
  Parts(service::Mesh& mesh, const Settings& settings)
      : keys(mesh.database()),
        users(mesh.Peer("user")),
        composer(texts, keys, mesh.clock(),
                 {.from = settings.mail_from,
                  .from_name = settings.mail_name,
                  .base_url = settings.base_url}),
        maker(texts, mesh.clock(),
              [this] {
                if (runner != nullptr) runner->Wake();
              }),
        closer(mesh.database(), maker, mesh.clock()),
        events(maker),
        jobs(mesh.database(), maker),
        worker(mesh.Peer("queue"), {.queue = kJobQueue, .worker = "notification", .threads = 1}) {
    const auto by = [this](v1::Channel channel) {
      return [this, channel](const Call& call, selfology::jobs::Job& job) {
        return jobs.Send(call, job, channel);
      };
    };
    worker.On("email_notification", by(v1::CHANNEL_EMAIL));
    worker.On("push_notification", by(v1::CHANNEL_PUSH));
    worker.On("sms_notification", by(v1::CHANNEL_SMS));
  }

  const Texts texts;
  Keys keys;
  const user::v1::AccountServiceClient users;
  const MailComposer composer;
  std::unique_ptr<DeliveryRunner> runner;
  const DecisionMaker maker;
  DigestCloser closer;
  NotificationEvents events;
  DeliveryJobs jobs;
  selfology::jobs::Worker worker;
};

class NotificationModule final : public service::Module {
 public:
  explicit NotificationModule(Settings settings) : settings_(std::move(settings)) {}

  service::ModuleInfo info() const override {
    return {.name = "notification", .group = "notification", .migrations = Migrations()};
  }

  absl::Status Start(service::Mesh& mesh) override {
    RETURN_IF_ERROR(CheckSettings(settings_));
    postgres::Database& database = mesh.database();
    const auto clock = mesh.clock();
    const auto parts = std::make_shared<Parts>(mesh, settings_);
    ASSIGN_OR_RETURN(auto senders, MakeSenders(settings_, {.database = database,
                                                           .http = mesh.http(),
                                                           .metrics = mesh.metrics(),
                                                           .clock = clock,
                                                           .keys = parts->keys,
                                                           .composer = parts->composer}));
    parts->runner = std::make_unique<DeliveryRunner>(DeliveryRunner::Parts{
        .database = database,
        .clock = clock,
        .senders = std::move(senders),
        .mail_address = [&users = parts->users](
                            const Call& call,
                            int64_t user_id) { return MailAddress(users, call, user_id); },
        .base_url = settings_.base_url});

    mesh.Serve(std::make_shared<PreferencesService>(database, clock));
    Serve<NotificationService>(mesh, parts, database, parts->maker, clock);
    Serve<SubscriptionService>(mesh, parts, database, parts->keys, parts->texts, clock);
    Serve<DeviceService>(mesh, parts, database, parts->keys, clock);
    mesh.Serve(std::make_shared<LocalMessageService>(database, settings_.local_messages));
    mesh.OnErase(&store::DeleteUser);

    const std::shared_ptr<NotificationEvents> events(parts, &parts->events);
    mesh.On(events, &NotificationEvents::Decide);
    mesh.On(events, &NotificationEvents::SendVerification);
    mesh.On(events, &NotificationEvents::SendRecovery);
    mesh.On(events, &NotificationEvents::TellMissedPayment);
    mesh.On(events, &NotificationEvents::LearnLanguage);
    mesh.On(events, &NotificationEvents::LearnLanguageOfOnboarding);
    mesh.On(events, &NotificationEvents::LearnChat);

    for (int i = 0; i < settings_.threads; ++i) {
      mesh.Run(absl::StrCat("ntf_deliver_", i),
               [parts](service::StopSignal& stop) { parts->runner->Run(stop); });
    }
    mesh.Run("ntf_jobs", [parts](service::StopSignal& stop) { parts->worker.Run(stop); });
    mesh.Every(kDigests, "digests",
               [parts](const Call& call) { return parts->closer.CloseDue(call); });
    mesh.Every(kTidy, "tidy", [&database, clock](const Call& call) {
      return database.Write(
          call, [&](postgres::Transaction& tx) { return store::ForgetOld(tx, clock()); });
    });
    return absl::OkStatus();
  }

 private:
  // One that refers to the parts, and keeps them.
  template <typename Service, typename... Arguments>
  static void Serve(service::Mesh& mesh, const std::shared_ptr<Parts>& parts,
                    Arguments&&... arguments) {
    struct Kept {
      std::shared_ptr<Parts> parts;
      Service service;
    };
    const std::shared_ptr<Kept> kept(
        new Kept{parts, Service(std::forward<Arguments>(arguments)...)});
    mesh.Serve(std::shared_ptr<Service>(kept, &kept->service));
  }

  const Settings settings_;
};

}  // namespace

std::unique_ptr<service::Module> MakeModule() {
  return std::make_unique<NotificationModule>(
      Settings{.base_url = absl::GetFlag(FLAGS_notification_base_url),
               .smtp_url = absl::GetFlag(FLAGS_notification_smtp_url).value,
               .mail_from = absl::GetFlag(FLAGS_notification_mail_from),
               .mail_name = absl::GetFlag(FLAGS_notification_mail_name),
               .sms_url = absl::GetFlag(FLAGS_notification_sms_url).value,
               .sms_from = absl::GetFlag(FLAGS_notification_sms_from),
               .fcm_account = absl::GetFlag(FLAGS_notification_fcm_account).value,
               .fcm_url = absl::GetFlag(FLAGS_notification_fcm_url),
               .apns_key = absl::GetFlag(FLAGS_notification_apns_key).value,
               .apns_key_id = absl::GetFlag(FLAGS_notification_apns_key_id),
               .apns_team_id = absl::GetFlag(FLAGS_notification_apns_team_id),
               .apns_topic = absl::GetFlag(FLAGS_notification_apns_topic),
               .apns_url = absl::GetFlag(FLAGS_notification_apns_url),
               .web_push_contact = absl::GetFlag(FLAGS_notification_web_push_contact),
               .local_messages = absl::GetFlag(FLAGS_notification_local_messages),
               .threads = absl::GetFlag(FLAGS_notification_threads)});
}

}  // namespace selfology::notification
